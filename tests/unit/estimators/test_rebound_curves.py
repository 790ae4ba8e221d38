"""Features of rebound curves of a table with amounts."""

import pytest

from compression_sim import estimators
from compression_sim.estimators import rates

from .tables import QUICK, rebound


def test_the_fall_rate_at_a_matched_score_and_the_way_back():
    table = rebound()
    start, end = (rates.compression_rate(table, "perturbation", c, **QUICK).value for c in "ac")
    score = (start + end) / 2
    found = estimators.estimate_table(table, score=score, eps=3.9, **QUICK)
    (fall,) = [one for one in found if one.name.startswith("fall rate") and one.of == "perturbation"]
    middle = rates.compression_rate(table, "perturbation", "b", **QUICK).value
    expected = middle - start if middle <= score else (end - middle) / 2
    assert fall.value == pytest.approx(expected)
    back = [one.of for one in found if one.name == "amount to return within 3.9"]
    assert back == ["perturbation"]  # the only one whose entropy is known
    assert [one.of for one in found if one.name == "excess rate"] == [f"perturbation at {c}" for c in "abc"]
