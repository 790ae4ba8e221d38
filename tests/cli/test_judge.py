"""A verdict is a function of the evidence, and of nothing else."""

import itertools

import numpy as np
import pytest

from compression_sim.ledger import Evidence, judge
from compression_sim.ledger._evidence import ROLES


def item(role="instance", route="simulation", passed=True, condition=None):
    return Evidence(route, passed, 1.0, 1.0, 0.0, "an item", role, condition)


@pytest.mark.parametrize(
    ("evidence", "verdict", "conditions"),
    [
        ([], "open", ()),
        ([item("proof", "symbolic")], "open", ()),  # one route
        ([item("proof", "symbolic"), item("proof", "symbolic")], "open", ()),
        ([item("proof", "symbolic"), item()], "proved", ()),
        ([item("proof", "symbolic"), item(passed=False)], "open", ()),
        ([item("proof", "symbolic"), item(condition="l < l*")], "holds", ("l < l*",)),
        ([item("proof", "symbolic", condition="A"), item("boundary", condition="A")], "holds", ("A",)),
        ([item(), item(route="enumeration")], "holds", ("the instances tried",)),
        ([item(), item(route="enumeration", passed=False)], "open", ()),
        ([item("boundary", condition="A"), item("boundary", "symbolic", condition="A")], "open", ()),
        ([item("counterexample"), item(route="enumeration")], "refuted", ()),
        ([item("counterexample"), item("proof", "symbolic", condition="B")], "refuted", ("B",)),
        ([item("counterexample"), item("counterexample", passed=False, route="peer")], "open", ()),
        ([item("counterexample")], "open", ()),
        ([item("measurement", "real-text")], "measured", ()),
        ([item("measurement", "real-text", passed=False)], "open", ()),
        ([item("measurement", "real-text"), item("counterexample")], "refuted", ()),
    ],
)
def test_verdict(evidence, verdict, conditions):
    assert judge(evidence) == (verdict, conditions)
    for order in itertools.permutations(evidence):
        assert judge(order)[0] == verdict


def test_nothing_that_failed_ever_supports_a_verdict():
    for roles in itertools.product(ROLES, repeat=2):
        failed = [item(roles[0], "symbolic", passed=False), item(roles[1])]
        assert judge(failed) == ("open", ())


@pytest.mark.parametrize(
    ("value", "expected", "options", "passed"),
    [
        (1.0, 1.0, {}, True),
        (1.0, 1.01, {"rtol": 1e-3}, False),
        (1.0, 1.0005, {"rtol": 1e-3}, True),
        (0.0, 1e-9, {"atol": 1e-8}, True),
        ([1, 2, 3.1], [1, 2, 3], {"rtol": 1e-2}, False),
        (np.inf, np.inf, {}, True),
        (np.inf, -np.inf, {"rtol": 1}, False),
        (np.inf, 5.0, {"rtol": 1}, False),
        (5.0, np.inf, {"rtol": 1}, False),
        (np.nan, np.nan, {}, True),
        (np.nan, 1.0, {"atol": 1e9}, False),
    ],
)
def test_equal(value, expected, options, passed):
    found = Evidence.equal("simulation", value, expected, detail="x", **options)
    assert found.passed is passed
    if passed and np.isfinite(found.value):
        assert abs(found.value - found.expected) <= found.tolerance


def test_equal_reports_the_worst_entry():
    found = Evidence.equal("simulation", [1.0, 2.5, 3.0], [1.0, 2.0, 3.1], atol=1, detail="x")
    assert (found.value, found.expected, found.tolerance) == (2.5, 2.0, 1.0)


@pytest.mark.parametrize(
    ("value", "bound", "passed"),
    [(1, 1, True), (1.01, 1, False), (np.inf, np.inf, True), (np.nan, 1, False), ([0, 2, np.nan], 3, False)],
)
def test_at_most(value, bound, passed):
    assert Evidence.at_most("simulation", value, bound, detail="x").passed is passed


def test_evidence_refuses_what_cannot_be_evidence():
    with pytest.raises(ValueError, match="unknown route 'guess'; allowed: symbolic, interval"):
        Evidence("guess", True, 1, 1, 0.0, "x")
    with pytest.raises(ValueError, match="unknown role 'hunch'; allowed: proof"):
        Evidence("symbolic", True, 1, 1, 0.0, "x", "hunch")
    with pytest.raises(ValueError, match="a check that was not run cannot pass"):
        Evidence("not-run", True, 1, 1, 0.0, "x")
    for make in (Evidence.equal, Evidence.at_most):
        with pytest.raises(ValueError, match="at least one number to compare, got an empty array"):
            make("simulation", [], [], detail="x")
