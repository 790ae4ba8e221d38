"""A verdict is a function of the evidence and of the claim's parts, and of nothing else."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
import sympy as sp

import compression_sim as cs
from compression_sim.ledger import Evidence, judge
from compression_sim.ledger._evidence import ROLES, coverage
from compression_sim.ledger._proofs import _quotes, find
from compression_theory import derivation as dv
from compression_theory.notation import k

y = sp.Symbol("y", positive=True)
FOO, OWN, SLOPE = sp.symbols("foo G_{tt} N'", real=True)
SQUARE = dv.Part("own/square", dv.eq((y + 1) ** 2, y**2 + 2 * y + 1))
PAGE = dv.Derivation(
    "own", "Squares", "school", (), "", (dv.identity("", *SQUARE.relation.args),), parts=(SQUARE,)
)
ONE = ("own/square",)


def item(role="instance", route="simulation", passed=True, condition=None, parts=()):
    return Evidence(route, passed, 1.0, 1.0, 0.0, "an item", role, condition, parts)


def proof(route="symbolic", condition=None, parts=ONE):
    return replace(Evidence.derivation(PAGE), route=route, condition=condition, parts=parts)


@pytest.mark.parametrize(
    ("evidence", "parts", "verdict", "conditions"),
    [
        ([], (), "open", ()),
        ([proof()], ONE, "open", ()),  # one route
        ([proof(), proof()], ONE, "open", ()),
        ([proof(), item()], ONE, "holds", ("the instances tried",)),  # the item is not about the part
        ([proof(), item(parts=ONE)], ONE, "proved", ()),
        ([proof(), item(parts=ONE)], (), "holds", ("the instances tried",)),  # a claim without parts
        ([proof(), item(parts=ONE)], (*ONE, "own/other"), "holds", ("the part other has no prover",)),
        ([proof(), proof("smt")], ONE, "proved", ()),
        ([proof(), proof("smt", parts=("own/other",))], ONE, "holds", ("the instances tried",)),
        ([proof(parts=()), item(parts=ONE)], ONE, "holds", ("the instances tried",)),  # of something else
        ([proof(), item("boundary", parts=ONE)], ONE, "holds", ("the instances tried",)),
        ([proof(), item(parts=ONE, passed=False)], ONE, "open", ()),
        ([proof(), item(condition="l < l*", parts=ONE)], ONE, "holds", ("l < l*",)),
        ([proof(condition="A"), item("boundary", condition="A")], ONE, "holds", ("A",)),
        ([item(), item(route="enumeration")], (), "holds", ("the instances tried",)),
        ([item(parts=ONE), item(route="peer", parts=ONE)], ONE, "holds", ("the instances tried",)),
        ([item(), item(route="enumeration", passed=False)], (), "open", ()),
        ([item("boundary", condition="A"), item("boundary", "peer", condition="A")], (), "open", ()),
        ([item("counterexample"), item(route="enumeration")], (), "refuted", ()),
        ([item("counterexample"), proof(condition="B")], ONE, "refuted", ("B",)),
        ([item("counterexample"), item("counterexample", passed=False, route="peer")], (), "open", ()),
        ([item("counterexample")], (), "open", ()),
        ([item("measurement", "real-text")], (), "measured", ()),
        ([item("measurement", "real-text", passed=False)], (), "open", ()),
        ([item("measurement", "real-text"), item("counterexample")], (), "refuted", ()),
    ],
)
def test_verdict(evidence, parts, verdict, conditions):
    assert judge(evidence, parts) == (verdict, conditions)
    for order in itertools.permutations(evidence):
        assert judge(order, parts)[0] == verdict


def test_what_stands_behind_a_part_is_told():
    found = coverage([proof(), item(parts=ONE), item("boundary", "peer", parts=ONE)], (*ONE, "own/other"))
    assert (found["own/square"].provers, found["own/square"].routes) == (("symbolic",), ("simulation",))
    assert found["own/other"].left == "no prover"
    assert coverage([proof()], ONE)["own/square"].left == "one prover (symbolic) and no second route"


@pytest.mark.parametrize(
    ("relation", "quoted", "at", "says"),
    [
        (dv.ge(FOO, 0), "elastic-response/own", {OWN: FOO}, "which is not known on the page"),
        (dv.ge(FOO, 1), "elastic-response/own", {OWN: FOO}, "says"),
        (dv.gt(0, -1), "no-such-claim/own", {}, "unknown claim"),
        (dv.gt(0, -1), "elastic-response/other", {}, "which no page proves"),
        (dv.ge(2 * FOO, 0), "own/square", {}, "it rests on itself"),
        (dv.gt(FOO, 0), "falling-count/if-crossed", {SLOPE: -FOO}, "which the part does not name"),
        (dv.ge(k * FOO, 0), "depth-resolves/own", {}, "says"),
    ],
)
def test_a_quote_that_does_not_fit_proves_nothing(relation, quoted, at, says):
    part = dv.Part("own/square", dv.ge(2 * FOO, 0))
    step = dv.nonnegative("", 2 * FOO, 2 * FOO)
    page = replace(PAGE, steps=(step,), given=(dv.Given(relation, quoted, at), dv.ge(FOO, 0)), parts=(part,))
    assert says in _quotes(page, part, ("own/square",), every=True)


def test_a_quote_is_of_values_that_its_symbols_can_have():
    _, quoted = find("exact-ratio/at-zero")
    at = {k: sp.Integer(-5)}
    page = replace(PAGE, given=(dv.Given(quoted.relation.xreplace(at), quoted.id, at),))
    assert "is not said of k = -5" in page.misquoted(page.given[0], *find(quoted.id))


def test_two_routes_that_hand_in_the_same_numbers_are_one():
    values = np.random.default_rng(0).random(5)
    first = Evidence.equal("closed-form", values, values + 1e-12, atol=1e-9, detail="x")
    copied = Evidence.equal("enumeration", values.copy(), values - 1e-12, atol=1e-9, detail="y")
    other = Evidence.equal("enumeration", values + 1e-13, values, atol=1e-9, detail="z")
    assert judge([first, copied]) == ("open", ())
    assert judge([first, other])[0] == "holds"


def test_a_proof_comes_from_a_prover():
    for make in (
        lambda: Evidence.true("symbolic", True, detail="x", role="proof"),
        lambda: Evidence.equal("symbolic", 1, 1, detail="x", role="proof"),
        lambda: Evidence.at_most("symbolic", 1, 2, detail="x", role="proof"),
        lambda: Evidence("symbolic", True, 1, 1, 0.0, "x", "proof"),
    ):
        with pytest.raises(ValueError, match="the role 'proof' is given by a prover"):
            make()


def test_a_page_that_proves_something_else_proves_no_claim():
    @cs.claim("always-rises", statement="The alignment rate always rises.")
    def always_rises(run):
        yield Evidence.derivation(PAGE)
        yield Evidence.true("simulation", True, detail="looked")

    @cs.claim("own", statement="The alignment rate always rises.", parts={"square": "It does."})
    def declared(run):
        yield Evidence.derivation(PAGE)
        yield Evidence.true("simulation", True, detail="looked", parts="own/square")

    ledger = cs.verify([always_rises, declared])
    assert [judged.verdict for judged in ledger] == ["holds", "holds"]
    assert ledger["own"].conditions == (
        "what was derived says what the statement says, which its author declares",
    )


def test_a_page_with_a_false_step_or_a_wrong_part_proves_nothing():
    false = replace(PAGE, steps=(*PAGE.steps, dv.identity("", y, y + 1)))
    assert not Evidence.derivation(false).passed
    other = replace(PAGE, parts=(dv.Part("own/square", dv.eq(1, 2)),))
    assert Evidence.derivation(other).parts == ()
    assumed = dv.implies("", [dv.eq(y, 2)], dv.eq(y + 1, 3), [1])
    page = replace(
        PAGE, steps=(assumed,), given=(dv.eq(y, 2),), parts=(dv.Part("own/square", assumed.relation),)
    )
    assert Evidence.derivation(page).parts == ()
    named = replace(page, parts=(dv.Part("own/square", assumed.relation, (dv.eq(y, 2),)),))
    assert Evidence.derivation(named).parts == ONE


def test_nothing_that_failed_ever_supports_a_verdict():
    for roles in itertools.product(set(ROLES) - {"proof"}, repeat=2):
        failed = [item(roles[0], "peer", passed=False), item(roles[1])]
        assert judge(failed) == ("open", ())


@pytest.mark.parametrize(
    ("value", "expected", "options", "passed"),
    [
        (1.0, 1.0, {}, True),
        (1.0, 1.01, {"rtol": 1e-3}, False),
        (1.0, 1.0005, {"rtol": 1e-3}, True),
        (0.0, 1e-9, {"atol": 1e-8}, True),
        ([1, 2, 3.1], [1, 2, 3], {"rtol": 1e-2}, False),
        ([0.001, 2], [0.002, 2], {"atol": 0.01}, True),
        (np.inf, np.inf, {}, True),
        (np.inf, -np.inf, {"rtol": 0.9}, False),
        (np.inf, 5.0, {"rtol": 0.9}, False),
        (5.0, np.inf, {"rtol": 0.9}, False),
        (np.nan, np.nan, {}, False),
        (np.nan, 1.0, {"atol": 0.9}, False),
    ],
)
def test_equal(value, expected, options, passed):
    found = Evidence.equal("simulation", value, expected, detail="x", **options)
    assert found.passed is passed
    if passed and np.isfinite(found.value):
        assert abs(found.value - found.expected) <= found.tolerance


def test_equal_reports_the_worst_entry():
    found = Evidence.equal("simulation", [1.0, 2.5, 3.0], [1.0, 2.0, 3.1], atol=1.0, detail="x")
    assert (found.value, found.expected, found.tolerance) == (2.5, 2.0, 1.0)


@pytest.mark.parametrize(
    ("value", "bound", "passed"),
    [(1, 1, True), (1.01, 1, False), (-np.inf, 1, True), (np.nan, 1, False), ([0, 2, np.nan], 3, False)],
)
def test_at_most(value, bound, passed):
    assert Evidence.at_most("simulation", value, bound, detail="x").passed is passed


def test_evidence_refuses_what_cannot_be_evidence():
    with pytest.raises(ValueError, match="unknown route 'guess'; allowed: symbolic, smt, coq, interval"):
        Evidence("guess", True, 1, 1, 0.0, "x")
    with pytest.raises(ValueError, match="unknown role 'hunch'; allowed: proof"):
        Evidence("symbolic", True, 1, 1, 0.0, "x", "hunch")
    with pytest.raises(ValueError, match="a check that was not run cannot pass"):
        Evidence("not-run", True, 1, 1, 0.0, "x")
    for make in (Evidence.equal, Evidence.at_most):
        with pytest.raises(ValueError, match="at least one number to compare, got an empty array"):
            make("simulation", [], [], detail="x")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Evidence.equal("peer", 17, 3, atol=np.inf, detail="x"), "atol must be a finite number"),
        (lambda: Evidence.equal("peer", 17, 3, rtol=-1, detail="x"), "rtol must be a finite number"),
        (lambda: Evidence.equal("peer", 17, 3, rtol=np.nan, detail="x"), "rtol must be a finite number"),
        (
            lambda: Evidence.equal("peer", 17, 3, atol=20, detail="x"),
            "a tolerance of 20 swallows the value 3",
        ),
        (lambda: Evidence.equal("peer", 17, 3, rtol=5, detail="x"), "a tolerance of 15 swallows the value 3"),
        (lambda: Evidence.at_most("peer", 17, 3, slack=20, detail="x"), "a tolerance of 20 swallows"),
        (lambda: Evidence.at_most("peer", 17, np.inf, detail="x"), "a bound of infinity excludes nothing"),
        (lambda: Evidence.at_most("peer", 17, 3, slack=np.inf, detail="x"), "slack must be a finite number"),
        (lambda: Evidence.true("peer", 1, detail="x"), "takes True or False, got 1"),
        (lambda: Evidence.true("peer", "False", detail="x"), "takes True or False, got 'False'"),
        (lambda: Evidence.true("peer", np.array([True]), detail="x"), "takes True or False"),
        (lambda: Evidence.equal("peer", *[np.ones(3)] * 2, detail="x"), "an array is compared with itself"),
        (lambda: Evidence("peer", "yes", 1, 1, 0.0, "x"), "passed must be True or False"),
        (lambda: Evidence.true("peer", True, detail="x", parts="square"), "parts are named CLAIM/NAME"),
    ],
)
def test_what_could_not_fail_is_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_a_search_refutes_or_is_an_instance():
    def falls(mix):
        return bool(cs.elastic_response(mix, 2)[0] <= 1e-12) if mix.volumes[:2].min() > 0 else None

    found = Evidence.searched(falls, detail="the pre-training rate falls")
    assert (found.role, found.passed) == ("counterexample", True)
    assert judge([found, item()])[0] == "refuted"
    smallest = cs.find_counterexample(falls)
    assert falls(smallest.mixture) is False
    assert max(max(v.denominator for v in row) for row in smallest.distributions) <= 2

    def covered(mix):
        inside = (mix.volumes[:2] @ mix.distributions[:2] > 0)[mix.distributions[2] > 0].all()
        if not (inside and mix.volumes[:2].min() > 0):
            return None
        return bool(abs(mix.volumes @ cs.elastic_response(mix, 2)) < 1e-9)

    kept = Evidence.searched(covered, detail="conserved", tries=200)
    assert (kept.role, kept.passed) == ("instance", True)
    with pytest.raises(ValueError, match="nothing was tested"):
        cs.find_counterexample(lambda mix: None, tries=10)
    assert not Evidence.searched(lambda mix: None, detail="vacuous", tries=10).passed
