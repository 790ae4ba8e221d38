"""What is read off a curve, by hand."""

import numpy as np
import pytest

from compression_sim.estimators import Resampling
from compression_sim.estimators.statistics import curves
from compression_sim.estimators.statistics.curves import Curve

AMOUNTS = np.array([0.0, 1.0, 3.0, 4.0, 8.0])


MEAN = np.array([1.0, 0.8, 0.2, 0.1, 0.1])


def test_readers_on_a_curve_known_by_hand():
    assert curves.initial_slope(AMOUNTS, MEAN) == pytest.approx(-0.2)
    assert curves.plateau(AMOUNTS, MEAN) == pytest.approx(0.1)
    assert curves.first_below(AMOUNTS, MEAN, 0.5) == pytest.approx(2.0)
    assert curves.first_below(AMOUNTS, MEAN, 2.0) == 0
    assert curves.first_below(AMOUNTS, MEAN, 0.05) == np.inf
    assert curves.lag(AMOUNTS, MEAN) == pytest.approx(0.45)
    assert curves.fall_rate_at(0.5)(AMOUNTS, MEAN) == pytest.approx(-0.3)
    assert np.isnan(curves.fall_rate_at(0.05)(AMOUNTS, MEAN))
    # a curve that rises is read from the side on which it starts
    assert curves.lag(AMOUNTS, -MEAN) == pytest.approx(0.45)
    assert curves.fall_rate_at(-0.5)(AMOUNTS, -MEAN) == pytest.approx(0.3)
    assert np.isnan(curves.fall_rate_at(-1.5)(AMOUNTS, -MEAN))
    assert np.isnan(curves.lag(AMOUNTS, 0 * MEAN))


def test_first_below_is_interpolation_on_random_curves():
    rng = np.random.default_rng(0)
    many = rng.normal(size=(300, 5)).cumsum(axis=1)
    for mean, found in zip(many, curves.first_below(AMOUNTS, many, 0.3), strict=True):
        fine = np.linspace(0, 8, 80001)
        below = np.flatnonzero(np.interp(fine, AMOUNTS, mean) <= 0.3)
        expected = fine[below[0]] if below.size else np.inf
        assert found == pytest.approx(expected, abs=2e-4)


def test_a_curve_of_rates_is_sums_over_sums():
    rng = np.random.default_rng(1)
    lengths = rng.integers(1, 9, 50).astype(float)
    scores = lengths[:, None] * (MEAN + rng.normal(0, 0.1, (50, 5)))
    curve = Curve(AMOUNTS, scores, lengths)
    found = curve.estimate(curves.plateau, Resampling(resamples=200))
    assert found.value == pytest.approx(scores[:, -1].sum() / lengths.sum())
    assert found.units == 50


def test_crossing_apart_paired_and_never():
    rng = np.random.default_rng(2)
    noise = rng.normal(0, 0.05, (60, 5))
    level = rng.normal(0, 0.5, (60, 1))
    first, second = Curve(AMOUNTS, MEAN + level + noise), Curve(AMOUNTS, 0.4 + level - noise + 0 * MEAN)
    gap = first.mean - second.mean
    expected = AMOUNTS[1] + (AMOUNTS[2] - AMOUNTS[1]) * gap[1] / (gap[1] - gap[2])
    apart, paired = curves.crossing(first, second), curves.crossing(first, second, paired=True)
    assert apart.value == paired.value == pytest.approx(expected)
    assert curves.crossing(second, first, paired=True).value == pytest.approx(expected)
    assert paired.high - paired.low < (apart.high - apart.low) / 3
    assert curves.crossing(first, Curve(AMOUNTS, second.scores - 9)).value == np.inf
    for other, message in (
        (Curve(AMOUNTS + 1, noise), "same amounts"),
        (Curve(AMOUNTS, noise[1:]), "same prompts"),
    ):
        with pytest.raises(ValueError, match=message):
            curves.crossing(first, other, paired=True)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([0, 0], np.ones((3, 2))), "amounts must be at least 2 ascending numbers"),
        (([0, 1], np.ones((3, 3))), r"scores must be finite, \(responses, 2\)"),
        (([0, 1], np.ones((3, 2)), [0, 0, 0]), r"one number per response \(3\), not all 0"),
    ],
)
def test_bad_curves(arguments, message):
    with pytest.raises(ValueError, match=message):
        Curve(*arguments)
