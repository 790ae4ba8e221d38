"""How many responses it takes."""

import numpy as np
import pytest
from scipy import stats

from compression_sim import estimators


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
