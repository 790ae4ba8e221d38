"""Every page of the theory holds, proves its parts, and would fail if it said something else."""

from dataclasses import replace

import pytest
import sympy as sp

import compression_theory as theory
from compression_theory import derivation as dv
from compression_theory.algebra import reduced
from compression_theory.spots import counterexample

PAGES = theory.derivations()
STEPS = [
    pytest.param(page, number, id=f"{page.title}, {number + 1}")
    for page in PAGES
    for number in range(len(page.steps))
]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.title)
def test_every_step_holds_and_every_part_is_proved(page):
    assert page.steps
    assert page.role in ("proof", "boundary", "counterexample")
    broken = [(s.says, str(a)) for s, a in zip(page.steps, page.check(), strict=True) if not a]
    assert not broken
    assert {part.id: page.unproved(part) for part in page.parts} == {part.id: "" for part in page.parts}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.title)
def test_a_page_without_one_of_its_premises_does_not_prove_its_parts(page):
    """What a proof stands on is needed: without it some step is undecided, or the part not concluded."""
    for part in page.parts:
        for relation in page.stands_on(part):
            totals = tuple(total for total in page.totals if total.relation != relation)
            given = tuple(g for g, r in zip(page.given, page.premises, strict=True) if r != relation)
            assert replace(page, totals=totals, given=given).unproved(part), relation


def mutants(relation):
    """Statements next to a true one that are false: off by 1%, of the other sign, in another variable."""
    off = 1 + sp.Rational(1, 100)
    left, right = relation.args
    if isinstance(relation, sp.Equality):
        rest, order = right.removeO(), right.getO() or 0
        zero = reduced(rest) == 0
        wrong = [rest + 1, rest - 1] if zero else [rest * off, -rest]
        bound = {variable for inner in rest.atoms(sp.Derivative) for variable in inner.variables}
        swaps = [rest.xreplace({symbol: symbol * off}) for symbol in rest.free_symbols - bound]
        wrong += [other for other in swaps if reduced(other - rest) != 0]
        for other in wrong:
            yield dv.eq(left, other + order)
        return
    yield relation.reversed.func(left, right, evaluate=False)
    if isinstance(relation, sp.GreaterThan | sp.StrictGreaterThan):  # bounds with a certificate
        yield relation.func(left + off - 1, right, evaluate=False)
        yield relation.func(left, right + off - 1, evaluate=False)


@pytest.mark.parametrize(("page", "number"), STEPS)
def test_no_step_confirms_a_mutant_of_what_it_says(page, number):
    step = page.steps[number]
    tried = list(mutants(step.relation))
    assert tried
    for mutant in tried:
        answer, _ = page._decided._decide(replace(step, relation=mutant), number)
        assert not answer, mutant


PARTS = {part.id: (page, part) for page in PAGES if page.role == "proof" for part in page.parts}
# no point of the kinds that are drawn meets their hypotheses, or their relation has no numbers to put in
UNTRIED = {
    "falling-count-no-go/commuting",
    "falling-count-no-go/return",
    "influence-form/minimum",
    "level-criterion/mixture-end",
    "matched-score/fixed",
    "no-crossing-scalar/flow",
    "sequential-ratio/limit",
    "sign-equal-cardinality/expected",
    "sign-equal-cardinality/own",
    "sign-equal-cardinality/sign",
    "thm-4.2-domain/alignment",
    "thm-4.2-domain/pretraining",
    "thm-4.2-ratio/above",
    "thm-4.2-ratio/below",
    "thm-4.2-sign-alignment/expected",
    "thm-4.2-sign-pretraining/expected",
}


@pytest.mark.parametrize("part", sorted(set(PARTS) - UNTRIED))
def test_no_point_refutes_a_part(part):
    assert counterexample(*PARTS[part], points=3) is None


@pytest.mark.parametrize(
    ("part", "number"),
    [
        (part.id, number)
        for _, part in PARTS.values()
        for number, hypothesis in enumerate(part.given)
        if part.id not in UNTRIED and isinstance(hypothesis, sp.GreaterThan | sp.StrictGreaterThan)
    ],
)
def test_without_one_of_its_inequalities_a_point_does(part, number):
    """The positive control of the search: each inequality that a part names is needed."""
    page, found = PARTS[part]
    assert counterexample(page, found, without=found.given[number])


def test_parts_are_those_of_the_statements():
    from compression_sim.ledger import parts_of, statements

    listed = {part for row in statements() for part in parts_of(row["id"])}
    proved = {part.id for page in PAGES if page.role == "proof" for part in page.parts}
    assert proved <= listed
    assert len([part for page in PAGES for part in page.parts]) == len(proved)
