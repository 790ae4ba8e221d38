"""What the columns of probes give: first-order and sequential k_eff, the levelling ratio."""

import numpy as np
import pytest

from compression_sim import estimators
from compression_sim.estimators import noise
from compression_sim.estimators.statistics import probes

from .tables import QUICK, ROLES, by_name, columns


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
