"""The scaling exponent is a least-squares slope."""

import numpy as np
import pytest

from compression_sim.estimators import Resampling
from compression_sim.estimators.statistics import scaling


def test_the_scaling_exponent_is_a_least_squares_slope():
    volumes = np.array([1.0, 10.0, 100.0])
    rng = np.random.default_rng(0)
    changes = [-(v**-0.9) * rng.normal(1, 0.2, 50) for v in volumes]
    expected = np.polyfit(np.log(volumes), np.log([abs(c.mean()) for c in changes]), 1)[0]
    found = scaling.scaling_exponent(volumes, changes, resampling=Resampling(resamples=200))
    assert found.value == pytest.approx(expected)
    assert found.low < -0.9 < found.high
    for bad, message in (
        ((volumes[:2], changes), "one array per volume"),
        (([1, 1, 1], changes), "two values"),
    ):
        with pytest.raises(ValueError, match=message):
            scaling.scaling_exponent(*bad)


def test_paired_exponents_need_the_same_responses():
    with pytest.raises(ValueError, match=r"paired changes need the same responses, got \[3, 4\]"):
        scaling.scaling_exponent([1, 2], [np.ones(3), np.ones(4)], paired=True)
    with pytest.raises(ValueError, match=r"must be \(responses,\) or \(responses, 2\)"):
        scaling.scaling_exponent([1, 2], [np.ones((3, 3)), np.ones((3, 3))])
