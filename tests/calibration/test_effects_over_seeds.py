"""Intervals over 20 seeds, as the matrix has them: how often they hold the effect of a large population.

Not asked here, since no bootstrap can do it: `near_base` where the plateau is at the base, the cusp of a
distance (.82), and rates at a matched score where bent curves jump from segment to segment (.85).
"""

import numpy as np
import pytest

from compression_sim.estimators.statistics.intervals import binomial_band
from compression_sim.experiments import _effects as effects
from compression_sim.experiments import rebound
from compression_sim.experiments._rebounds import grid
from compression_sim.experiments._worlds import KINDS

POPULATION, SEEDS, SUBSETS = 400, 20, 200


@pytest.fixture(scope="module")
def population():
    plan = rebound.Parameters().plan()
    rng = np.random.default_rng(0)
    records = grid(KINDS["scalar"], *KINDS["scalar"].draw(POPULATION, rng, "near"), plan)
    low, high = records["score"][:, 0], records["score"][:, -1]
    return plan.amounts, low, high, float((records["base_score"] + low[:, 0]).mean() / 2)


def covered(arrays, statistic):
    """(share of subsets whose interval holds the population's effect, whose lower end lies above it)."""
    truth = float(statistic(*(each.mean(axis=0) for each in arrays)))
    rng = np.random.default_rng(1)
    drawn = (rng.choice(POPULATION, SEEDS, replace=False) for _ in range(SUBSETS))
    found = [effects.paired([each[some] for each in arrays], statistic) for some in drawn]
    return np.mean([truth in each for each in found]), np.mean([each.low > truth for each in found])


def test_effects_over_20_seeds_are_covered(population):
    amounts, low, high, halfway = population
    statistics = {
        "fig-4-rebound": ([low, high], effects.faster(amounts, 4.0)),
        "fig-4-flat-start": ([high], lambda mean: effects.flat_start(amounts, mean)),
        "fig-4-matched": ([low, high], effects.faster_at_matched_score(amounts, halfway)),
    }
    least, most = binomial_band(SUBSETS, 0.95, 0.999)
    for claim, (arrays, statistic) in statistics.items():
        share, above = covered(arrays, statistic)
        assert least <= share <= most, (claim, share)
        assert above <= binomial_band(SUBSETS, 0.025, 0.999)[1], (claim, above)


def test_a_crossing_that_is_none_is_seldom_shown(population):
    """The class keeps its order in every world: no subset may show a crossing beyond the threshold."""
    _, low, high, _ = population
    rng = np.random.default_rng(2)
    drawn = [rng.choice(POPULATION, SEEDS, replace=False) for _ in range(SUBSETS)]
    shown = [effects.overtaken_unselected(low[some], high[some]).low > 0.01 for some in drawn]
    assert np.mean(shown) <= binomial_band(SUBSETS, 0.025, 0.999)[1]
