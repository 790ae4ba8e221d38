"""The tail index and Hill by hand, by likelihood and by refusal."""

import numpy as np
import pytest
from scipy import optimize, special, stats

from compression_sim.estimators.statistics import tails


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
