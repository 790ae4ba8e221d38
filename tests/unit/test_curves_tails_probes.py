"""Curve readers, tails, scaling and probes against loops and exact cases."""

import numpy as np
import pytest
from scipy import optimize, special, stats

from compression_sim.estimators.statistics import curves, probes, scaling, tails
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
    found = curve.estimate(curves.plateau, resamples=200)
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


@pytest.mark.parametrize("discrete", [True, False])
def test_the_tail_index_is_where_the_likelihood_is_largest_and_its_interval_where_it_drops(discrete):
    rng = np.random.default_rng(0)
    x = rng.zipf(2.3, 400).astype(float) if discrete else 2.0 * (1 - rng.random(400)) ** (-1 / 1.3)
    x_min = 1.0 if discrete else 2.0
    found = tails.tail_index(x, x_min=x_min)

    def likelihood(alpha):
        if discrete:
            return -(alpha + 1) * np.log(x).sum() - len(x) * np.log(special.zeta(alpha + 1, x_min))
        return stats.pareto(alpha, scale=x_min).logpdf(x).sum()

    best = optimize.minimize_scalar(
        lambda a: -likelihood(a), bounds=(0.1, 9), method="bounded", options={"xatol": 1e-9}
    )
    assert found.discrete == discrete
    assert found.alpha.value == pytest.approx(best.x, rel=1e-6)
    for end in (found.alpha.low, found.alpha.high):
        assert 2 * (-best.fun - likelihood(end)) == pytest.approx(stats.chi2.ppf(0.95, 1), rel=1e-5)


def test_hill_by_hand_and_bad_tails():
    x = np.array([8.0, 4.0, 2.0, 1.0])
    assert tails.hill(x, 2).value == pytest.approx(1 / np.mean([np.log(4), np.log(2)]))
    for call, message in (
        (lambda: tails.tail_index([3.0] * 20), "at least 10 observations of two values"),
        (lambda: tails.tail_index(np.arange(1, 30), x_min=25), "5 of them at least x_min = 25"),
        (lambda: tails.hill([1.0, 1.0], 1), "at least 2 different values"),
    ):
        with pytest.raises(ValueError, match=message):
            call()


@pytest.mark.parametrize("counts", [[50, 30, 20], [10, 10, 10], [200, 40, 15, 10]])
def test_a_tail_of_one_value_however_often_is_no_candidate(counts):
    values = np.repeat(np.arange(1.0, len(counts) + 1), counts)
    found = tails.tail_index(values)
    assert found.x_min < len(counts)
    assert found.alpha.low < found.alpha.value < found.alpha.high < 10


@pytest.mark.parametrize("x_min", [1e2, 1e4, 1e8])
def test_the_interval_for_large_counts_is_that_of_continuous_values(x_min):
    """The zeta sum there is too small for a float at the indices that the search of the ends begins with."""
    rng = np.random.default_rng(0)
    x = np.floor(x_min * (1 - rng.random(300)) ** (-1 / 1.3))
    counts, values = (tails.tail_index(x, x_min=x_min, discrete=kind).alpha for kind in (True, False))
    assert [counts.low, counts.high] == pytest.approx([values.low, values.high], rel=2 / x_min)


def test_what_is_no_power_law_is_refused():
    for values, largest in ((np.linspace(1000, 1029, 30), 20), (1 + np.linspace(0, 1e-3, 100), 30)):
        with pytest.raises(ValueError, match=rf"no tail index from 0\.01 to {largest} fits values from 1"):
            tails.tail_index(values)


def test_the_scaling_exponent_is_a_least_squares_slope():
    volumes = np.array([1.0, 10.0, 100.0])
    rng = np.random.default_rng(0)
    changes = [-(v**-0.9) * rng.normal(1, 0.2, 50) for v in volumes]
    expected = np.polyfit(np.log(volumes), np.log([abs(c.mean()) for c in changes]), 1)[0]
    found = scaling.scaling_exponent(volumes, changes, resamples=200)
    assert found.value == pytest.approx(expected)
    assert found.low < -0.9 < found.high
    for bad, message in (
        ((volumes[:2], changes), "one array per volume"),
        (([1, 1, 1], changes), "two values"),
    ):
        with pytest.raises(ValueError, match=message):
            scaling.scaling_exponent(*bad)


def test_probes_on_a_quadratic_whose_answers_are_exact():
    """Losses |M (theta - c)|^2 / 2 with known gradients: the probes are what a small step does."""
    rng = np.random.default_rng(0)
    at, step, k = rng.normal(size=4), 1e-7, 30.0
    g_a, g_p = rng.normal(size=(200, 4)), rng.normal(size=(200, 4)) / k
    update = -step * at
    top, bottom = g_a @ update, g_p @ update
    found = probes.first_order_k_eff(top, bottom)
    assert found.value == pytest.approx(-(g_a.mean(0) @ update) / (g_p.mean(0) @ update))
    curvature = rng.normal(3.0, 0.5, 200)
    tau = 1e-3
    ratio = probes.sequential_k_eff(top, curvature, tau)
    assert ratio.value == pytest.approx(top.mean() / (tau * curvature.mean()))
    level = probes.levelling_ratio(top, 2 * top + 1e-9 * curvature)
    assert level.value == pytest.approx(top.mean() / (2 * top + 1e-9 * curvature).mean())
    assert probes.residual_share(top, curvature, tau) == pytest.approx(
        abs(top.mean()) / (tau * curvature.mean())
    )
    for call, message in (
        (lambda: probes.levelling_ratio(top, top[1:]), "the same responses, got 200 and 199"),
        (
            lambda: probes.first_order_k_eff([1.0], bottom),
            "alignment must hold at least 2 finite dot products",
        ),
    ):
        with pytest.raises(ValueError, match=message):
            call()


def test_pairing_of_the_levelling_ratio_counts():
    rng = np.random.default_rng(0)
    base = rng.normal(1, 0.5, 100)
    paired = probes.levelling_ratio(base, 2 * base)
    assert paired.high - paired.low < 1e-6
    shuffled = probes.levelling_ratio(base, 2 * rng.permutation(base))
    assert shuffled.high - shuffled.low > 0.05


def test_the_levelling_ratio_needs_no_lengths_and_leaves_what_it_was_given():
    rng = np.random.default_rng(0)
    base, aligned, lengths = rng.normal(1, 0.1, 40), rng.normal(2, 0.1, 40), rng.integers(5, 50, 40)
    given = [np.stack([dots, lengths], axis=1) for dots in (base, aligned)]
    kept = [each.copy() for each in given]
    assert probes.levelling_ratio(*given) == probes.levelling_ratio(base, aligned)
    np.testing.assert_array_equal(given, kept)
