"""The noise floor of repeated scorings, and its propagation."""

import numpy as np
import pytest
from scipy import stats

from compression_sim import estimators
from compression_sim.estimators import noise, rates
from compression_sim.estimators.statistics import curves

from .tables import FAST, rows, table_of


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
    change = rates.rate_change(table, "alignment", "aligned", "tuned", resampling=FAST)
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
    found = rates.rate_change(table, "x", "a", "b", resampling=FAST)
    assert found.noise_floor == pytest.approx(0.02)
    assert any("twice the noise of scoring" in text for text in found.warnings) == warned
    floor = noise.noise_interval(table, "x")
    ends = np.sqrt(2 * floor.value**2 / stats.chi2.ppf([0.975, 0.025], 2))
    assert (floor.value, floor.low, floor.high, floor.units) == pytest.approx((0.01 * 2**0.5, *ends, 2))


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
