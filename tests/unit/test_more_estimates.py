"""What `estimate` reaches beyond rates: runs of several volumes, probes, matched scores, floors."""

import numpy as np
import pytest

from compression_sim import estimators
from compression_sim.estimators import TableError, noise, rates
from compression_sim.estimators.statistics import curves, probes, scaling
from compression_sim.estimators.tables import files

QUICK = {"resamples": 200}
ROLES = ("pretraining", "alignment", "perturbation")


def columns(n=40, checkpoints=("a", "b"), seed=0, **more):
    """Long-format columns, each response's bits moving with the checkpoint; `more`: functions of both."""
    rng = np.random.default_rng(seed)
    move = {"pretraining": -0.02, "alignment": 0.2, "perturbation": -0.4}
    found = {name: [] for name in ("dataset", "checkpoint", "response", "bits", "tokens", *more)}
    for dataset in ROLES:
        tokens = rng.integers(5, 40, n)
        base, spread = tokens * rng.gamma(40, 0.1, n), rng.normal(1, 0.3, n)
        for index, checkpoint in enumerate(checkpoints):
            rows = {"dataset": [dataset] * n, "checkpoint": [checkpoint] * n, "response": range(n),
                    "bits": base + index * move[dataset] * tokens * spread, "tokens": tokens,
                    **{name: make(dataset, checkpoint) for name, make in more.items()}}  # fmt: skip
            for name, values in rows.items():
                found[name] += list(np.broadcast_to(values, n))
    return found


def by_name(found):
    return {one.name: one for one in found}


def shuffled(columns, seed=0):
    """The same rows in another order, checkpoints still in theirs."""
    order = np.random.default_rng(seed).permutation(len(columns["bits"]))
    order = order[np.argsort(np.array(columns["checkpoint"])[order], kind="stable")]
    return {name: [values[row] for row in order] for name, values in columns.items()}


def runs_of(exponent=-1.0, floors=False, rename=str, mix=dict):
    """Four runs whose pre-training changes fall as volume^exponent, exactly."""
    parts = []
    for volume in (1.0, 3.0, 10.0, 30.0):
        part = columns(volume=lambda d, c, v=volume: v if d == "pretraining" else 1.0)
        for row, checkpoint in enumerate(part["checkpoint"]):
            if checkpoint == "b":
                before = part["bits"][row - 40]
                part["bits"][row] = before + (part["bits"][row] - before) * volume**exponent
        part["run"] = [f"k{volume:g}"] * len(part["bits"])
        part["response"] = [rename(f"{r} {volume}") if rename is not str else r for r in part["response"]]
        parts.append(mix(part) if parts else part)
    joined = {name: [value for part in parts for value in part[name]] for name in parts[0]}
    if floors:
        joined = {name: values * 2 for name, values in joined.items()}
        half = len(joined["bits"]) // 2
        joined["repeat"] = ["one"] * half + ["two"] * half
        joined["bits"] = [b + (row >= half) * 1e-3 for row, b in enumerate(joined["bits"])]
    return files.runs_from_columns(joined)


def test_runs_of_several_volumes_give_the_scaling_exponent():
    runs = runs_of()
    assert list(runs) == ["k1", "k3", "k10", "k30"]
    found = [one for one in estimators.estimate_runs(runs, **QUICK) if one.name == "scaling exponent"]
    assert [one.of.split(",")[0] for one in found] == list(ROLES)
    for one in found:
        assert one.value == pytest.approx(-1, abs=1e-9)
        assert one.interval.high - one.interval.low < 1e-9  # the same responses in every run: paired
        assert one.noise_floor is None
    again = [one.interval for one in estimators.estimate_runs(runs_of(mix=shuffled), **QUICK)
             if one.name == "scaling exponent"]  # fmt: skip
    assert max(one.high - one.low for one in again) < 1e-9  # rows in another order: paired by name
    apart = estimators.estimate_runs(runs_of(rename=lambda name: name), **QUICK)
    wide = by_name(apart)["scaling exponent"].interval
    assert wide.low < -1.001 < -0.999 < wide.high
    assert {one.of for one in apart if one.name == "k_eff"} == {
        f"alignment / pretraining, a to b (run k{v})" for v in (1, 3, 10, 30)
    }


def test_the_floor_of_the_exponent_is_propagated():
    runs = runs_of(floors=True)
    one = by_name(estimators.estimate_runs(runs, **QUICK))["scaling exponent"]
    volumes = np.array([1.0, 3.0, 10.0, 30.0])
    changes = [rates.rate_change(t, "perturbation", "a", "b", **QUICK) for t in runs.values()]
    x = np.log(volumes) - np.log(volumes).mean()
    weights = x / (x @ x) / [c.value for c in changes]
    assert one.noise_floor == pytest.approx(
        np.sqrt(np.sum((weights * [c.noise_floor for c in changes]) ** 2)), rel=1e-3
    )


def test_runs_are_kept_apart_and_errors_name_them():
    wrong = columns(n=3)
    wrong = {name: list(values) * 2 for name, values in wrong.items()}
    wrong["run"] = ["x"] * 18 + ["y"] * 18
    wrong["bits"][20] = "?"
    with pytest.raises(TableError, match=r"run 'y': .*bits: must be finite numbers .* got '\?' in row 21"):
        files.runs_from_columns(wrong)
    wrong["run"][4] = " "
    with pytest.raises(TableError, match="run: must not be empty, got nothing in row 5"):
        files.runs_from_columns(wrong)


def test_a_scaling_exponent_of_one_volume_is_not_made_up():
    part = columns(volume=lambda d, c: 2.0)
    twice = {name: list(values) * 2 for name, values in part.items()}
    twice["run"] = ["x"] * len(part["bits"]) + ["y"] * len(part["bits"])
    runs = files.runs_from_columns(twice)
    assert "scaling exponent" not in by_name(estimators.estimate_runs(runs, **QUICK))


def test_paired_exponents_need_the_same_responses():
    with pytest.raises(ValueError, match=r"paired changes need the same responses, got \[3, 4\]"):
        scaling.scaling_exponent([1, 2], [np.ones(3), np.ones(4)], paired=True)
    with pytest.raises(ValueError, match=r"must be \(responses,\) or \(responses, 2\)"):
        scaling.scaling_exponent([1, 2], [np.ones((3, 3)), np.ones((3, 3))])


@pytest.fixture(scope="module")
def probed():
    """Probes at the base for all three, at the aligned model for the perturbation only; curvature for one."""
    rng = np.random.default_rng(3)
    mean = {("pretraining", "a"): -0.1, ("alignment", "a"): 0.8, ("perturbation", "a"): 0.3,
            ("perturbation", "b"): 1.5}  # fmt: skip
    return columns(
        probe=lambda d, c: rng.normal(mean[d, c], 0.2, 40) if (d, c) in mean else None,
        curvature=lambda d, c: rng.normal(2.0, 0.5, 40) if (d, c) == ("pretraining", "a") else "",
        tau=lambda d, c: 0.01 if c == "a" else None,
    )


def test_probes_reach_the_estimates(probed):
    table = estimators.from_columns(probed)
    found = by_name(estimators.estimate_table(table, **QUICK))
    names = np.array(probed["dataset"]), np.array(probed["checkpoint"])

    def column(name, dataset, checkpoint):
        own = (names[0] == dataset) & (names[1] == checkpoint)
        return np.array(probed[name], dtype=object)[own].astype(float)

    a, p = column("probe", "alignment", "a"), column("probe", "pretraining", "a")
    bent = column("curvature", "pretraining", "a")
    sizes = {d: column("tokens", d, "a") for d in ("alignment", "pretraining")}
    a, p, bent = (
        np.stack([values, sizes[d]], axis=1)
        for values, d in ((a, "alignment"), (p, "pretraining"), (bent, "pretraining"))
    )
    assert found["first-order k_eff"].interval == probes.first_order_k_eff(a, p)
    assert found["sequential k_eff"].interval == probes.sequential_k_eff(a, bent, 0.01)
    rate = [np.divide(*one.sum(axis=0)) for one in (a, bent)]
    assert found["sequential k_eff"].value == pytest.approx(rate[0] / (0.01 * rate[1]))
    assert found["levelling ratio"].interval == probes.levelling_ratio(
        column("probe", "perturbation", "a"), column("probe", "perturbation", "b")
    )


@pytest.mark.parametrize("clusters", [False, True])
def test_probes_count_as_the_bits_that_they_foretell(clusters):
    """Lengths of 40 and 10 tokens, clusters of 1 and 5: where bits move along `probe`, both k_eff are one."""
    rng = np.random.default_rng(5)
    n, part = 300, np.repeat(ROLES[:2], 300)
    tokens = np.where(part == "pretraining", 40, 10) + rng.integers(0, 9, 2 * n)
    dots = tokens * rng.normal(np.where(part == "pretraining", -0.1, 0.1), 0.05)
    level = rng.gamma(40.0, 0.1, 2 * n) * tokens + 100
    groups = np.arange(2 * n) // np.where(part == "alignment", 5, 1) if clusters else np.arange(2 * n)
    table = estimators.from_columns({
        "dataset": [*part] * 2, "checkpoint": ["a"] * 2 * n + ["b"] * 2 * n, "response": [*range(2 * n)] * 2,
        "bits": [*level, *(level + dots)], "tokens": [*tokens] * 2,
        "cluster": [*np.char.add(part, groups.astype(str))] * 2,
        "probe": [*dots, *[None] * 2 * n],
    })  # fmt: skip
    found = by_name(estimators.estimate_table(table, **QUICK))
    ends = [
        (one.value, one.low, one.high, one.units, one.effective)
        for one in (found[name].interval for name in ("k_eff", "first-order k_eff"))
    ]
    assert ends[0] == pytest.approx(ends[1])
    assert ends[0][0] == pytest.approx(1, rel=0.1)
    assert ends[0][3] == (60 if clusters else 300)


def test_a_ratio_of_probes_whose_denominator_is_within_noise_says_so():
    shift = 0.1
    found = columns(200, probe=lambda d, c: np.linspace(0.9, 1.1, 200) * {"pretraining": -0.01}.get(d, 1.0)
                    if c == "a" else None)  # fmt: skip
    size = len(found["bits"])
    twice = {name: list(values) * 2 for name, values in found.items()}
    twice["repeat"] = ["1"] * size + ["2"] * size
    quiet = by_name(estimators.estimate_table(estimators.from_columns(twice), **QUICK))["first-order k_eff"]
    twice["probe"] = [
        v if v is None else v + (shift if row >= size else 0.0) for row, v in enumerate(twice["probe"])
    ]
    noisy = by_name(estimators.estimate_table(estimators.from_columns(twice), **QUICK))["first-order k_eff"]
    assert noisy.interval.bounded
    text = "the denominator is within twice the noise of scoring"
    assert text in noisy.warnings
    assert text not in quiet.warnings


def test_repeated_probes_are_averaged_and_give_a_floor(probed):
    twice = {name: list(values) * 2 for name, values in probed.items()}
    size = len(probed["bits"])
    twice["repeat"] = ["1"] * size + ["2"] * size
    shift = 0.02
    twice["probe"] = [v if v is None or row < size else v + shift for row, v in enumerate(twice["probe"])]
    table, single = estimators.from_columns(twice), estimators.from_columns(probed)
    np.testing.assert_allclose(table.probe, single.probe + shift / 2)
    one = by_name(estimators.estimate_table(table, **QUICK))["first-order k_eff"]
    floor = noise.noise_floor(table, "alignment", name="probe")
    sizes = {d: table.tokens.values[table.dataset_of == d] for d in ROLES}
    assert floor == pytest.approx(40 * shift / np.sqrt(2) / sizes["alignment"].sum())

    def rate(name, dataset, checkpoint=0):
        own = table.dataset_of.values == dataset
        return table[name].values[checkpoint, own].sum() / sizes[dataset].sum()

    a, p = rate("probe", "alignment"), rate("probe", "pretraining")
    other = noise.noise_floor(table, "pretraining", name="probe")
    assert one.noise_floor == pytest.approx(np.hypot(floor / p, other * a / p**2), rel=1e-3)
    found = by_name(estimators.estimate_table(table, **QUICK))
    bent = rate("curvature", "pretraining")  # it was not scored anew
    assert found["sequential k_eff"].noise_floor == pytest.approx(floor / (0.01 * bent), rel=1e-3)
    base, after = (rate("probe", "perturbation", c) for c in (0, 1))
    floor = noise.noise_floor(table, "perturbation", name="probe")
    assert found["levelling ratio"].noise_floor == pytest.approx(
        floor * np.hypot(1 / after, base / after**2), rel=1e-3
    )


def test_partly_given_columns_are_refused(probed):
    wrong = {name: list(values) for name, values in probed.items()}
    wrong["probe"][3] = None
    wrong["curvature"][0] = "high"
    wrong["tau"][1] = 0.5
    with pytest.raises(TableError) as error:
        estimators.from_columns(wrong)
    assert str(error.value).splitlines() == [
        "curvature: must be finite numbers, got 'high' in row 1;",
        "probe: must be given for all responses of a dataset or none, 'pretraining' has some;",
        "tau: must be one value per checkpoint, got another in row 2",
    ]


AMOUNTS = {"a": 0.0, "b": 1.0, "c": 3.0}


def rebound(shift=0.0, repeats=1):
    amount = lambda d, c: AMOUNTS[c]  # noqa: E731
    entropy = lambda d, c: np.arange(40) * 0.1 if d == "perturbation" else np.nan  # noqa: E731
    found = columns(checkpoints=tuple(AMOUNTS), amount=amount, entropy=entropy)
    size = len(found["bits"])
    found = {name: list(values) * repeats for name, values in found.items()}
    if repeats > 1:
        found["repeat"] = [str(row // size) for row in range(size * repeats)]
        found["bits"] = [
            b + shift * t * (row // size)
            for row, (b, t) in enumerate(zip(found["bits"], found["tokens"], strict=True))
        ]
    return estimators.from_columns(found)


def test_the_fall_rate_at_a_matched_score_and_the_way_back():
    table = rebound()
    start, end = (rates.compression_rate(table, "perturbation", c, **QUICK).value for c in "ac")
    score = (start + end) / 2
    found = estimators.estimate_table(table, score=score, eps=3.9, **QUICK)
    (fall,) = [one for one in found if one.name.startswith("fall rate") and one.of == "perturbation"]
    middle = rates.compression_rate(table, "perturbation", "b", **QUICK).value
    expected = middle - start if middle <= score else (end - middle) / 2
    assert fall.value == pytest.approx(expected)
    back = [one.of for one in found if one.name == "amount to return within 3.9"]
    assert back == ["perturbation"]  # the only one whose entropy is known
    assert [one.of for one in found if one.name == "excess rate"] == [f"perturbation at {c}" for c in "abc"]


@pytest.mark.parametrize("mix", [dict, shuffled])
def test_two_runs_are_compared_where_their_curves_cross(mix):
    """The second run's perturbation starts higher and falls further: they cross between 0 and 1."""
    part = columns(checkpoints=tuple(AMOUNTS), amount=lambda d, c: AMOUNTS[c])
    joined = {name: list(values) * 2 for name, values in part.items()}
    size = len(part["bits"])
    joined["run"] = ["low"] * size + ["high"] * size
    lift = {"a": 0.1, "b": -0.3, "c": -0.4}
    joined["bits"] = [
        b + t * (row >= size) * lift[c]
        for row, (b, t, c) in enumerate(
            zip(joined["bits"], joined["tokens"], joined["checkpoint"], strict=True)
        )
    ]
    halves = [{name: values[own] for name, values in joined.items()} for own in np.s_[:size, size:]]
    joined = {name: halves[0][name] + mix(halves[1])[name] for name in joined}
    found = estimators.estimate_runs(files.runs_from_columns(joined), **QUICK)
    (one,) = [one for one in found if one.of == "perturbation, runs low and high"]
    assert one.value == pytest.approx(0.25)
    assert one.interval.high - one.interval.low < 1e-9  # the same responses, and a shift alike for all
    assert {one.of for one in found if one.name == "crossing"} >= {f"{d}, runs low and high" for d in ROLES}


def test_every_estimate_of_repeated_scorings_has_its_floor():
    shift = 0.01
    found = estimators.estimate_table(rebound(shift, repeats=2), eps=3.9, score=3.5, **QUICK)
    assert all(one.noise_floor is not None for one in found)
    floor = shift / np.sqrt(2)
    for one in found:
        if one.name == "rate":
            assert one.noise_floor == pytest.approx(floor)
        if one.name == "initial slope":
            assert one.noise_floor == pytest.approx(np.sqrt(2) * floor)
    k = next(one for one in found if one.name == "k_eff")
    table = rebound(shift, repeats=2)
    # the crossing moves by what either curve does at the two amounts around it, over the slope of the gap
    one = next(one for one in found if one.name == "crossing")
    a, t = (
        np.array([rates.compression_rate(table, d, c, **QUICK).value for c in "abc"])
        for d in ("alignment", "perturbation")
    )
    gap, amounts = t - a, np.array([0.0, 1.0, 3.0])
    i = int(np.argmax(gap <= 0)) - 1
    width, fall = amounts[i + 1] - amounts[i], gap[i] - gap[i + 1]
    pulls = np.array([-gap[i + 1], gap[i]]) * width / fall**2
    assert one.noise_floor == pytest.approx(floor * np.sqrt(2 * np.sum(pulls**2)), rel=0.02)
    a, p = (rates.rate_change(table, d, "a", "b", **QUICK).value for d in ("alignment", "pretraining"))
    e = np.sqrt(2) * floor
    assert k.noise_floor == pytest.approx(np.hypot(e / p, a * e / p**2))


@pytest.mark.parametrize(("shift", "warned"), [(0.0, False), (1.0, True)])
def test_what_rests_on_a_difference_within_the_noise_of_scoring_says_so(shift, warned):
    table = rebound(shift, repeats=2).assign_coords(dataset=list(ROLES))
    table["volume"] = "dataset", [1.0, 1.0, 1.0]
    runs = {"one": table, "two": table.assign(volume=("dataset", [3.0, 1.0, 1.0]))}
    score = rates.compression_rate(table, "perturbation", "b", **QUICK).value
    found = estimators.estimate_runs(runs, score=score, **QUICK)
    said = {}
    for one in found:
        said.setdefault(one.name.split(" at ")[0], set()).update(
            w for w in one.warnings if "noise of scoring" in w
        )
    text = " is within twice the noise of scoring"
    expected = {
        "conservation residual": ["the residual"], "initial slope": ["the slope"],
        "lag": ["the whole change"],
        "fall rate": ["the slope"],
        "crossing": ["the gap at the first amount"],
        "scaling exponent": ["the change at volume 1", "the change at volume 3"],
    }  # fmt: skip
    for name, what in expected.items():
        assert said[name] == ({one + text for one in what} if warned else set()), name


@pytest.mark.parametrize("floor", [1e-9, 1e-3, 0.1, 10.0])
def test_propagation_is_of_first_order_however_large_the_noise(floor):
    """Also past the pole of a ratio, and where the floor is a rounding error beside the values."""
    found = noise.propagated(lambda v: -v[0] / v[1], [1.0, -1e-3], [0.0, floor])
    assert found == pytest.approx(1e6 * floor, rel=1e-3)
    one = noise.propagated(lambda v: v[1] - v[0], [3.0, 3.1], [floor, floor])
    assert one == pytest.approx(np.sqrt(2) * floor, rel=1e-3)


def test_propagation_is_exact_for_linear_statistics_and_says_where_it_cannot_be():
    assert noise.propagated(lambda v: 2 * v[0] - v[1], [1, 5], [0.3, 0.8]) == pytest.approx(1.0)
    assert noise.propagated(lambda v: v[0], [1, 5], [0.3, None]) is None
    lost = noise.propagated(lambda v: curves.first_below(np.array([0, 1.0]), v, 0.5), [1, 0.5], [0.1, 0.1])
    assert lost == np.inf
