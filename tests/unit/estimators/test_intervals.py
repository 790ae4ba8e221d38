"""Intervals against brute force: loops over resamples, a scan over ratios, textbook formulas."""

import numpy as np
import pytest
from scipy import stats

from compression_sim.estimators.statistics import intervals
from compression_sim.estimators.statistics.intervals import Interval, Moments, Resampling, bootstrap, fieller


@pytest.fixture
def columns():
    rng = np.random.default_rng(3)
    lengths = rng.geometric(0.1, 60).astype(float)
    return np.column_stack([lengths * rng.gamma(2.0, 1.0, 60), lengths])


def ratio(sums):
    return sums[..., 0] / sums[..., 1]


@pytest.mark.parametrize("width", [1, 2, 3, 5])
def test_resampled_sums_are_sums_of_rows_drawn_with_replacement(width):
    n = 7
    powers = np.column_stack([float(10 + column) ** np.arange(n) for column in range(width)])
    sums = intervals.resampled_sums(powers, 200, 0)
    counts = np.array([[int(total) // 10**j % 10 for j in range(n)] for total in sums[:, 0]])
    assert (counts.sum(axis=1) == n).all()
    np.testing.assert_allclose(sums, counts @ powers)
    assert abs(counts.mean(axis=0) - 1).max() < 0.3  # every row as often as the others
    assert 0.7 < counts.var() < 1.0  # binomial: 6/7


def test_moments_of_a_mean_are_the_textbook_ones():
    x = np.random.default_rng(4).normal(3.0, 2.0, 7)
    found = intervals.ratio_moments(np.column_stack([x, np.ones(7)]))
    assert (found.value, found.variance, found.units) == pytest.approx((x.mean(), x.var(ddof=1) / 7, 7))


def test_fieller_with_a_known_denominator_is_students_interval():
    x = np.random.default_rng(4).normal(3.0, 2.0, 7)
    found = fieller(Moments(x.mean(), x.var(ddof=1) / 7, 7), Moments(2.0, 0.0, 7))
    exact = stats.ttest_1samp(x, 0).confidence_interval()
    assert (2 * found.low, 2 * found.high) == pytest.approx((exact.low, exact.high))


@pytest.mark.parametrize("method", ["bca", "expanded bca"])
def test_bca_is_the_textbook_formula_on_the_same_resamples(columns, method):
    """Expanded: Student's quantile times sqrt(n/(n - 1)) for the normal one. 999 draws are read at i/1000."""
    found = bootstrap(columns, ratio, Resampling(method=method, resamples=999, seed=5))
    stream = np.random.default_rng(5).spawn(1)[0]
    draws = np.sort(ratio(intervals.resampled_sums(columns, 999, stream)))
    value = columns[:, 0].sum() / columns[:, 1].sum()
    left_out = [ratio(np.delete(columns, i, axis=0).sum(axis=0)) for i in range(len(columns))]
    d = np.mean(left_out) - np.array(left_out)
    a = np.sum(d**3) / (6 * np.sum(d**2) ** 1.5)
    z0 = stats.norm.ppf(np.mean(draws < value))
    normal, student = stats.norm.ppf([0.025, 0.975]), stats.t.ppf([0.025, 0.975], 59) * np.sqrt(60 / 59)
    ends = []
    for z in normal if method == "bca" else student:
        tail = stats.norm.cdf(z0 + (z0 + z) / (1 - a * (z0 + z)))
        ends.append(draws[round(tail * 1000) - 1])
    assert (found.value, found.low, found.high) == pytest.approx((value, *ends))
    assert (found.units, found.method) == (60, method)


def test_widened_quantiles_are_those_of_student_and_welch():
    """Normal data, a difference of two means: the bootstrap's spread times these is scipy's own interval."""
    rng = np.random.default_rng(2)
    one, two = rng.normal(0, 1, 6), rng.normal(0, 3, 11)
    pulls = [(x - x.mean()) * sign / len(x) for x, sign in ((one, 1), (two, -1))]
    spread = np.sqrt(sum(np.sum(pull**2) for pull in pulls))  # of the resampled difference
    z = stats.norm.ppf([0.05, 0.9])
    ends = one.mean() - two.mean() + spread * intervals.widened(z, pulls)
    exact = [stats.ttest_ind(one, two, equal_var=False).confidence_interval(level) for level in (0.9, 0.8)]
    np.testing.assert_allclose(ends, [exact[0].low, exact[1].high])
    np.testing.assert_allclose(
        intervals.widened(z, [np.zeros(9)]), stats.t.ppf([0.05, 0.9], 8) * np.sqrt(9 / 8)
    )


def test_the_acceleration_is_a_sixth_of_the_skewness_of_the_influence():
    d = np.random.default_rng(0).gamma(1.0, 1.0, 50)
    d -= d.mean()
    assert intervals.acceleration(d) == pytest.approx(stats.skew(d) / (6 * np.sqrt(50)))
    assert intervals.acceleration(np.zeros(4)) == 0


def test_two_samples_are_resampled_apart():
    rng = np.random.default_rng(0)
    one, two = rng.normal(5, 1, (80, 1)), rng.normal(3, 2, (120, 1))
    found = bootstrap([one, two], lambda a, b: a[..., 0] / 80 - b[..., 0] / 120, Resampling(seed=1))
    exact = stats.ttest_ind(one[:, 0], two[:, 0], equal_var=False).confidence_interval()
    assert (found.low, found.high) == pytest.approx(tuple(exact), abs=0.04)
    assert found.units == 80


def test_clusters_are_summed_and_resampled_whole(columns):
    labels = np.repeat(["c", "a", "b"], 20)
    sums = intervals.cluster_sums(columns, labels)
    np.testing.assert_allclose(sums, [columns[20:40].sum(0), columns[40:].sum(0), columns[:20].sum(0)])
    with pytest.raises(ValueError, match=r"one label per response \(60\), got \(2,\)"):
        intervals.cluster_sums(columns, ["a", "b"])


@pytest.mark.parametrize(
    ("numerator", "denominator", "covariance", "kind"),
    [
        ((2.0, 0.04), (1.0, 0.01), 0.0, "interval"),
        ((2.0, 0.04), (-1.0, 0.01), 0.005, "interval"),
        ((0.0, 0.04), (1.0, 0.01), 0.0, "interval"),
        ((2.0, 0.04), (0.1, 0.01), 0.0, "outside"),
        ((0.1, 0.04), (0.1, 0.01), 0.0, "everything"),
    ],
)
def test_fieller_is_the_set_of_ratios_that_a_t_test_does_not_reject(numerator, denominator, covariance, kind):
    units = 40
    top, bottom = Moments(*numerator, units), Moments(*denominator, units)
    found = fieller(top, bottom, covariance)
    q = stats.t.ppf(0.975, units - 1)
    for r in np.tan(np.linspace(-1.57, 1.57, 4001)):
        variance = top.variance - 2 * r * covariance + r**2 * bottom.variance
        distance = abs(top.value - r * bottom.value) - q * np.sqrt(variance)
        if abs(distance) > 1e-9 * (1 + abs(r)):
            assert (r in found) == (distance < 0), r
    assert found.bounded == (kind == "interval")
    assert found.disjoint == (kind == "outside")
    assert (found.low == -np.inf) == (kind == "everything")


def test_fieller_keeps_its_digits_at_large_ratios():
    found = fieller(Moments(1.0, 1e-4, 99), Moments(1e-9, 1e-22, 99))
    small = fieller(Moments(1.0, 1e-4, 99), Moments(1.0, 1e-4, 99))
    assert (found.low, found.high) == pytest.approx((small.low * 1e9, small.high * 1e9), rel=1e-12)


def test_ratio_moments_are_those_of_the_jackknife(columns):
    found = intervals.ratio_moments(columns)
    n = len(columns)
    left_out = np.array([ratio(np.delete(columns, i, axis=0).sum(axis=0)) for i in range(n)])
    assert found.value == pytest.approx(columns[:, 0].sum() / columns[:, 1].sum())
    assert found.variance == pytest.approx((n - 1) * left_out.var(), rel=0.1)


def test_effective_units_count_what_carries_the_variance():
    rng = np.random.default_rng(0)
    assert intervals.effective_units(rng.normal(size=20000)) == pytest.approx(20000, rel=0.05)
    assert intervals.effective_units([1e-200, 0, 0]) == pytest.approx(3)
    assert intervals.effective_units(np.zeros(5)) == 5
    assert intervals.effective_units(np.repeat([1.0, 0.0], [10, 990])) == pytest.approx(30)


def test_an_interval_without_spread_or_value():
    assert bootstrap(np.ones((5, 2)), ratio).low == bootstrap(np.ones((5, 2)), ratio).high == 1
    nothing = bootstrap(np.zeros((5, 2)), lambda s: s[..., 0] * np.nan)
    assert np.isnan(nothing.value)
    assert (nothing.low, nothing.high, nothing.bounded) == (-np.inf, np.inf, False)


def test_membership():
    inside = Interval(1.0, 0.0, 2.0, 0.95, "bca", 9)
    outside = Interval(5.0, 0.0, 2.0, 0.95, "fieller", 9, disjoint=True)
    assert 1 in inside
    assert 3 not in inside
    assert 1 not in outside
    assert 3 in outside
    assert inside.scaled(3.0).high == 6


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: bootstrap(np.ones((1, 1)), ratio), "needs at least 2 responses or clusters, got 1"),
        (
            lambda: bootstrap(np.ones((3, 1)), ratio, Resampling(method="bc")),
            "unknown method 'bc'; did you mean 'bca'",
        ),
        (lambda: Resampling(resamples=9), "resamples must be an integer of at least 100"),
        (
            lambda: bootstrap(np.ones((3, 1)), ratio, Resampling(confidence=1.5)),
            "confidence must be a finite number above 0",
        ),
        (lambda: intervals.ratio_moments(np.ones((1, 2))), "needs at least 2 responses"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ValueError, match=message):
        call()
