"""The critical share of draws against the limit's, and the crossing that it is read off."""

import numpy as np

from compression_sim import experiments
from compression_sim.experiments.critical_share import _crossing

SMALL = {"alphas": (3.0,), "ks": (10.0,), "curve_points": 4, "leaves": 4000, "draws": 30}


def test_the_draws_cross_where_the_limit_does():
    result = experiments.run("critical-share", "quick", 0, SMALL).sel(k=10.0, alpha=3.0)
    assert result.share_low < result.share < result.share_high
    spread = float(result.share_high - result.share_low)
    assert abs(float(result.share - result.expected)) < spread  # twice the interval's half width
    assert spread < 0.2 * float(result.expected)  # an error of a third would show


def test_a_crossing_is_linear_between_shares():
    shares = np.array([0.1, 0.2, 0.4])
    means = np.array([[3.0, 1.0, -1.0], [1.0, -3.0, -4.0], [3.0, 2.0, 1.0], [-1.0, -2.0, -3.0]])
    assert np.allclose(_crossing(shares, means), [0.3, 0.125, 0.4, 0.1])


def test_the_curve_rises_with_the_tail_index():
    result = experiments.run("critical-share", "quick", 0, SMALL | {"curve_points": 12})
    assert (np.diff(result.limit.values[0]) > 0).all()
