"""Every estimator of code lengths against a loop over responses, and tables against their files."""

import json

import numpy as np
import pytest
import xarray as xr
from scipy import stats

from compression_sim import estimators
from compression_sim.estimators import TableError, noise, rates
from compression_sim.estimators.calibration import worlds
from compression_sim.estimators.tables import files

NAMES = ("pretraining", "alignment", "perturbation")


def rows(responses=40, checkpoints=("aligned", "tuned", "last"), seed=0, **extra):
    """Long-format rows with changes of both signs; extra columns: functions of (dataset, checkpoint)."""
    rng = np.random.default_rng(seed)
    shift = {"pretraining": -0.02, "alignment": 0.2, "perturbation": -0.4}
    for dataset in NAMES:
        tokens = rng.integers(5, 40, responses)
        base = tokens * rng.gamma(40.0, 0.1, responses)
        for number, checkpoint in enumerate(checkpoints):
            moved = base + number * tokens * shift[dataset] * rng.normal(1, 0.3, responses)
            for response in range(responses):
                yield {
                    "dataset": dataset, "checkpoint": checkpoint, "response": response,
                    "bits": float(moved[response]), "tokens": int(tokens[response]),
                    **{name: make(dataset, checkpoint) for name, make in extra.items()},
                }  # fmt: skip


def columns(found):
    found = list(found)
    return {name: [row[name] for row in found] for name in found[0]}


def table_of(found):
    return estimators.from_columns(columns(found))


def rate_by_hand(found, dataset, checkpoint):
    own = [row for row in found if (row["dataset"], row["checkpoint"]) == (dataset, checkpoint)]
    return sum(row["bits"] for row in own) / sum(row["tokens"] for row in own)


@pytest.fixture(scope="module")
def data():
    volume = {"pretraining": 50.0, "alignment": 2.0, "perturbation": 0.5}
    return list(rows(volume=lambda dataset, checkpoint: volume[dataset], leaves=lambda *_: 16.0))


def test_rates_changes_forces_and_residual_by_hand(data):
    table = table_of(data)
    by_hand = {(d, c): rate_by_hand(data, d, c) for d in NAMES for c in ("aligned", "tuned")}
    change = {d: by_hand[d, "tuned"] - by_hand[d, "aligned"] for d in NAMES}
    quick = {"resamples": 200}
    for d in NAMES:
        rate = rates.compression_rate(table, d, "tuned", **quick)
        assert rate.value == pytest.approx(by_hand[d, "tuned"])
        assert rates.normalized_rate(table, d, "tuned", **quick).value == pytest.approx(rate.value - 4)
        found = rates.rate_change(table, d, "aligned", "tuned", **quick)
        assert found.value == pytest.approx(change[d])
        force = rates.hooke_force(table, d, "aligned", "tuned", **quick)
        volume = {"pretraining": 50, "alignment": 2, "perturbation": 0.5}[d]
        assert force.interval.low == pytest.approx(volume * found.interval.low)
    k = rates.k_eff(table, "pretraining", "alignment", "aligned", "tuned")
    assert k.value == pytest.approx(-change["alignment"] / change["pretraining"])
    residual = rates.conservation_residual(table, "aligned", "tuned", **quick).value
    assert residual == pytest.approx(
        50 * change["pretraining"] + 2 * change["alignment"] + change["perturbation"] / 2
    )


def test_a_paired_change_is_far_narrower_than_the_rates(data):
    table = table_of(data)
    width = [
        e.interval.high - e.interval.low
        for e in (rates.rate_change(table, "alignment", "aligned", "tuned"),
                  rates.compression_rate(table, "alignment", "tuned"))
    ]  # fmt: skip
    assert width[0] < width[1] / 3


def test_toy_worlds_have_the_truth_of_the_closed_forms():
    table, mix = worlds.saturated_world(np.random.default_rng(0), responses=20000, chunks=1.0)
    import compression_sim as cs

    truth = cs.compression_rates(mix, worlds.DEPTH)
    for index, name in enumerate(NAMES[:2]):
        assert rates.compression_rate(table, name, "before", resamples=100).value == pytest.approx(
            truth[index], rel=0.02
        )
    excess = rates.excess_rate(table, "alignment", "before", resamples=100).value
    kl = cs.kl_divergence(mix.distributions[1], mix.joint) / worlds.DEPTH
    assert excess == pytest.approx(kl, rel=0.05)


def test_the_noise_floor_is_the_rms_of_repeated_scorings():
    found = [
        {**row, "bits": row["bits"] + shift * row["tokens"], "repeat": str(repeat)}
        for row in rows(responses=5)
        for repeat, shift in enumerate((0.0, 0.01, 0.05))
        if repeat < 2 or row["checkpoint"] == "tuned"
    ]
    table = table_of(found)
    single = table_of(row for row in found if row["repeat"] == "0")
    shifts = np.array([[0.005], [0.02], [0.005]])
    np.testing.assert_allclose(table.bits - single.bits, shifts * single.tokens.values)
    twice, thrice = np.var([0, 0.01]) * 2, np.var([0, 0.01, 0.05]) * 3
    expected = np.sqrt((2 * twice + thrice) / (1 + 2 + 1))
    assert noise.noise_floor(table, "alignment") == pytest.approx(expected)
    change = rates.rate_change(table, "alignment", "aligned", "tuned", resamples=100)
    assert change.noise_floor == pytest.approx(np.sqrt(2) * expected)
    assert noise.noise_floor(table_of(rows(responses=5)), "alignment") is None
    assert rates.rate_change(table, "pretraining", "aligned", "tuned").warnings[0] == (
        "the difference is within twice the noise of scoring"
    )
    assert "the change of pretraining is within twice the noise of scoring" in " ".join(
        rates.k_eff(table, "pretraining", "alignment", "aligned", "tuned").warnings
    )


@pytest.mark.parametrize(("factor", "warned"), [(1.98, True), (2.02, False)])
def test_the_noise_of_scoring_is_warned_of_up_to_twice_its_floor(factor, warned):
    """Two scorings half a step of 0.02 apart: a rate's floor is 0.01 sqrt(2), a change's 0.02."""
    level = np.random.default_rng(0).gamma(40.0, 0.1, 300)
    shifts = np.array([[-0.01, 0.01], [factor * 0.02 - 0.01, factor * 0.02 + 0.01]])[..., None]
    table = estimators.from_arrays((level + shifts).mean(axis=1), np.ones(300), ["x"] * 300, ("a", "b"))
    table["scorings"] = ("checkpoint", "repeat", "response"), level + shifts
    found = rates.rate_change(table, "x", "a", "b", resamples=100)
    assert found.noise_floor == pytest.approx(0.02)
    assert any("twice the noise of scoring" in text for text in found.warnings) == warned
    floor = noise.noise_interval(table, "x")
    ends = np.sqrt(2 * floor.value**2 / stats.chi2.ppf([0.975, 0.025], 2))
    assert (floor.value, floor.low, floor.high, floor.units) == pytest.approx((0.01 * 2**0.5, *ends, 2))


def test_warnings_come_where_calibration_says():
    few = rates.compression_rate(table_of(rows(responses=12)), "alignment", "tuned")
    assert few.warnings == ("12 independent units: this kind of interval is seen to hold from 50 on",)
    change = rates.rate_change(table_of(rows(responses=60)), "alignment", "aligned", "tuned")
    assert change.warnings == ("60 independent units: this kind of interval is seen to hold from 200 on",)
    found = list(rows(responses=200))
    assert not rates.rate_change(table_of(found), "alignment", "aligned", "tuned").warnings
    for row in found:
        if row["response"] == 7 and row["checkpoint"] == "tuned":
            row["bits"] += 300
    (warning,) = rates.rate_change(table_of(found), "alignment", "aligned", "tuned").warnings
    assert "few responses carry most of the variance (200 units count as 3)" in warning


def test_an_unbounded_ratio_says_so():
    found = list(rows(responses=40))
    for row in found:
        if row["dataset"] == "pretraining" and row["checkpoint"] == "tuned":
            row["bits"] = max(0.0, row["bits"] + 5 * (-1) ** row["response"])
    k = rates.k_eff(table_of(found), "pretraining", "alignment", "aligned", "tuned")
    assert not k.interval.bounded
    assert "the change of pretraining is within its noise: the data do not bound the ratio" in k.warnings


def test_everything_that_the_table_allows():
    amount = {"aligned": 0.0, "tuned": 10.0, "last": 30.0}
    found = list(
        rows(volume=lambda d, c: 1.0, leaves=lambda d, c: 8.0, entropy=lambda d, c: 1.0,
             bytes=lambda d, c: 10.0, amount=lambda d, c: amount[c],
             probe=lambda d, c: 1.0, cluster=lambda d, c: "x")
    )  # fmt: skip
    for row in found:
        row["cluster"] = f"c{row['response'] // 2}"
        row["probe"] = row["response"] - 12.0
    names = {found.name for found in estimators.estimate_table(table_of(found), eps=0.5, resamples=100)}
    assert names == {
        "rate", "normalised rate", "excess rate", "change", "k_eff", "Hooke force", "conservation residual",
        "first-order k_eff", "levelling ratio", "initial slope", "plateau", "lag", "crossing",
        "amount to return within 0.5",
    }  # fmt: skip
    plain = estimators.estimate_table(table_of(rows(checkpoints=("one",))), resamples=100)
    assert {found.name for found in plain} == {"rate"}


def test_roles_and_pairs_are_chosen_by_name(data):
    table = table_of(data)
    chosen = estimators.settings(
        table, pretraining="perturbation", alignment="alignment", perturbation="pretraining"
    )
    assert chosen.pairs == (("aligned", "tuned"), ("tuned", "last"))
    assert estimators.settings(table, before="aligned", after="last").pairs == (("aligned", "last"),)
    for given, message in (
        ({"alignment": "algnment"}, "unknown alignment dataset 'algnment'; did you mean 'alignment'?"),
        ({"alignment": "pretraining"}, "each role needs a dataset of its own"),
        ({"before": "aligned"}, "give both checkpoints to compare, or none"),
        ({"before": "tuned", "after": "tuned"}, "must be different checkpoints, got 'tuned' twice"),
        ({"per": "byte"}, "rates per byte need a column 'bytes', which the table lacks"),
    ):
        with pytest.raises(ValueError, match=message.replace("?", r"\?")):
            estimators.settings(table, **given)


def test_the_plan_is_what_it_takes():
    rng = np.random.default_rng(0)
    k, spread_a, spread_p = 20.0, 0.5, 0.1
    n = estimators.responses_needed(k, 1.0, spread_a, spread_p, power=0.9)
    bounded = 0
    for _ in range(400):
        top, bottom = rng.normal(1.0, spread_a, n), rng.normal(-1 / k, spread_p, n)
        bounded += estimators.first_order_k_eff(top, bottom).bounded
    assert bounded / 400 == pytest.approx(0.9, abs=0.05)
    large = estimators.responses_needed(100 * k, 1.0, spread_a, spread_p)
    assert estimators.responses_needed(200 * k, 1.0, spread_a, spread_p) == pytest.approx(4 * large, rel=1e-5)
    for few in (0.05, 0.2, 1.0, 3.0):  # the smallest n at which t's quantile and the power leave room
        n = estimators.responses_needed(1.0, 1.0, 0.0, few)
        enough = [
            (stats.t.ppf(0.975, m - 1) + stats.norm.ppf(0.9)) * few <= np.sqrt(m) for m in (n - 1, n) if m > 1
        ]
        assert enough == [False, True][-len(enough) :]
    with pytest.raises(ValueError, match="change must not be 0"):
        estimators.responses_needed(k, 0.0, 1.0, 1.0)


@pytest.mark.parametrize("kind", ["csv", "jsonl", "nc"])
def test_every_file_format_gives_the_same_table(tmp_path, data, kind):
    path, expected = tmp_path / f"t.{kind}", table_of(data)
    if kind == "csv":
        names = list(data[0])
        path.write_text("\n".join([",".join(names), *(",".join(str(row[n]) for n in names) for row in data)]))
    elif kind == "jsonl":
        path.write_text("\n".join(map(json.dumps, data)) + "\n\n")
    else:
        expected.to_netcdf(path, engine="h5netcdf")
    xr.testing.assert_allclose(files.read_table(path), expected)


def test_parquet(tmp_path, data):
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    parquet.write_table(pyarrow.table(columns(data)), tmp_path / "t.parquet")
    xr.testing.assert_allclose(files.read_table(tmp_path / "t.parquet"), table_of(data))


def test_a_wrong_row_of_several_files_is_named_with_its_file(tmp_path):
    for name, bits in (("one.csv", "1"), ("two.csv", "x")):
        (tmp_path / name).write_text(
            f"dataset,checkpoint,response,bits,tokens\na,{name},1,2,3\na,{name},2,{bits},3\n"
        )
    with pytest.raises(TableError, match=r"got 'x' in row 2 of .*two\.csv$"):
        files.read_table(tmp_path / "one.csv", tmp_path / "two.csv")


def put(name, where, value):
    return lambda table: table[name].__setitem__(where, value)


def add(name, value):
    return lambda table: table.update({name: [value] * len(table["bits"])})


def misspell(table):
    table["bit"] = table.pop("bits")


WRONG = [
    (misspell, r"bits: missing \('bit' looks like it\)"),
    (lambda table: table.pop("tokens"), "tokens: missing, and so is bytes; one of the two is needed"),
    (put("bits", 2, "x"), "bits: must be finite numbers of at least 0, got 'x' in row 3$"),
    (
        put("bits", slice(0, 3), [-1.0] * 3),
        "bits: must be finite numbers of at least 0, got -1.0 in row 1 and 2 more",
    ),
    (put("tokens", 0, 7e9), "tokens: must be one value per response, got another in row"),
    (put("dataset", 0, " "), "dataset: must not be empty, got nothing in row 1"),
    (put("response", 0, 1), "'1' of dataset 'pretraining' occurs 2 times at checkpoint 'aligned'"),
    (
        lambda table: table.update(volume=range(len(table["bits"]))),
        "volume: must be one value per dataset, got",
    ),
    (add("amount", 1.0), "amount: must ascend with the checkpoints"),
    (add("leaves", 0.5), "leaves: must be finite numbers of at least 1, got 0.5"),
    (add("tokens", 0), "tokens: must not be 0 for every response of a dataset"),
    (lambda table: [table.update({name: []}) for name in list(table)], "the table has no rows"),
]


@pytest.mark.parametrize(("edit", "message"), WRONG)
def test_a_wrong_table_is_answered_column_by_column(edit, message):
    wrong = columns(rows(responses=4))
    edit(wrong)
    with pytest.raises(TableError, match=message):
        estimators.from_columns(wrong)


def test_all_wrong_columns_are_named_at_once():
    wrong = columns(rows(responses=4))
    wrong["bits"][0], wrong["tokens"][5] = "nan", None
    del wrong["checkpoint"]
    with pytest.raises(TableError) as error:
        estimators.from_columns(wrong)
    assert [line.split(":")[0] for line in str(error.value).splitlines()] == ["bits", "checkpoint", "tokens"]


LACKING = {"volume": ("dataset", [1.0])}
WRONG_LAYOUTS = [
    (lambda t: t.drop_vars("bits"), "bits: missing; it must have dimensions"),
    (lambda t: t.drop_vars("tokens"), "tokens: missing; a table needs tokens or bytes"),
    (lambda t: t.assign(bits=t.bits.T), "bits: must have dimensions"),
    (lambda t: t.assign(tokens=t.tokens.astype(str)), "tokens: must be numbers, got"),
    (lambda t: t.assign(bits=-t.bits), "bits: must be finite and at least 0, got -"),
    (lambda t: t.drop_vars("checkpoint"), "checkpoint: must be a coordinate"),
    (lambda t: t.assign_coords(checkpoint=["a", "b", "a"]), r"checkpoint: must name each once, got \['a'"),
    (lambda t: t.assign(LACKING).assign_coords(dataset=["alignment"]), "volume: lacks the dataset"),
    (lambda t: t.isel(response=[]), "response: the table has no rows"),
]


def test_numbers_may_name_checkpoints():
    table = estimators.check_table(table_of(rows(responses=4)).assign_coords(checkpoint=[0, 10, 20]))
    assert estimators.settings(table, before="0", after="20").pairs == (("0", "20"),)
    with pytest.raises(ValueError, match="unknown checkpoint '1'; did you mean '10'"):
        estimators.settings(table, before="1", after="20")


@pytest.mark.parametrize(("edit", "message"), WRONG_LAYOUTS)
def test_a_wrong_netcdf_layout_is_named(edit, message):
    with pytest.raises(TableError, match=message):
        estimators.check_table(edit(table_of(rows(responses=4))))
