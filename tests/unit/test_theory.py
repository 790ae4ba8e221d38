"""Every page of the theory holds, renders, and would fail if it said something else."""

from dataclasses import replace
from functools import cache

import pytest
import sympy as sp

import compression_theory as theory
from compression_theory import derivation as dv

PAGES = theory.derivations()
STEPS = [pytest.param(step, id=f"{page.claim}: {step.says[:60]}") for page in PAGES for step in page.steps]


@cache
def holds(page):
    return page.check()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.title)
def test_every_step_holds(page):
    assert all(holds(page)), [s.says for s, ok in zip(page.steps, holds(page), strict=True) if not ok]
    assert page.steps
    assert page.role in ("proof", "boundary", "counterexample")


@pytest.mark.parametrize("step", STEPS)
def test_every_step_shows_two_sides(step):
    shown = step.relation.args[-1] if isinstance(step.relation, sp.Implies) else step.relation
    left, right = shown.args
    assert left != right, "SymPy evaluated one side into the other: use slope or computed"


def mutants(relation):
    """Statements next to a true one that are false: off by 1%, of the other sign, in another variable."""
    off = 1 + sp.Rational(1, 100)
    if isinstance(relation, sp.Implies):
        premise, conclusion = relation.args
        for mutant in mutants(conclusion):
            yield sp.Implies(premise, mutant, evaluate=False)
        return
    left, right = relation.args
    if isinstance(relation, sp.Equality):
        rest, order = right.removeO(), right.getO() or 0
        zero = dv.reduced(rest) == 0
        wrong = [rest + 1, rest - 1] if zero else [rest * off, -rest]
        swaps = [rest.xreplace({symbol: symbol * off}) for symbol in rest.free_symbols]
        wrong += [other for other in swaps if dv.reduced(other - rest) != 0]
        for other in wrong:
            yield dv.eq(left, other + order)
        return
    yield relation.reversed.func(left, right, evaluate=False)
    if isinstance(relation, sp.GreaterThan | sp.StrictGreaterThan):  # bounds with a certificate
        yield relation.func(left + off - 1, right, evaluate=False)
        yield relation.func(left, right + off - 1, evaluate=False)


@pytest.mark.parametrize("step", STEPS)
def test_no_step_confirms_a_mutant_of_what_it_says(step):
    tried = list(mutants(step.relation))
    assert tried
    assert not [mutant for mutant in tried if replace(step, relation=mutant).check()]
