"""What a derivation is: assumptions, a statement, and steps that a machine checks.

A `Step` carries a relation as SymPy objects and the way in which it is checked. Nothing is taken on
trust: `Step.check()` computes, and a page `holds` only if each of its steps does. The same objects are
printed as LaTeX, so that page and proof cannot drift apart.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import sympy as sp


@dataclass(frozen=True)
class Step:
    """One step: a sentence, the relation shown, and the computation that decides it."""

    says: str
    relation: sp.Basic
    by: str
    decide: Callable[[], bool] = field(repr=False, compare=False)

    def check(self) -> bool:
        """Whether the computation confirms the relation."""
        return bool(self.decide())


@dataclass(frozen=True)
class Derivation:
    """One claim's page: what is assumed, what is said, and the steps from one to the other.

    `role` says what the checked page establishes: "proof" of the statement, a "counterexample" to it
    (the smallest one that we know), or a "boundary": a case just outside the assumptions in which the
    statement fails, so that they are needed. `scope` says for which sizes the steps are general.
    """

    claim: str
    title: str
    source: str
    assumptions: tuple[str, ...]
    statement: str
    steps: tuple[Step, ...]
    role: str = "proof"
    scope: str = "any number of leaves and datasets"

    def check(self) -> tuple[bool, ...]:
        """Decide every step, in order."""
        return tuple(step.check() for step in self.steps)


def identity(says: str, left, right, *, simplify: Callable = sp.simplify) -> Step:
    """left = right, decided by simplifying the difference to zero."""
    left, right = sp.sympify(left), sp.sympify(right)
    return Step(
        says,
        sp.Eq(left, right, evaluate=False),
        "the difference simplifies to 0",
        lambda: simplify(left - right) == 0,
    )


def nonnegative(says: str, expression, certificate, *, simplify: Callable = sp.simplify) -> Step:
    """expression >= 0, decided by rewriting it as a `certificate` whose sign SymPy knows."""
    expression, certificate = sp.sympify(expression), sp.sympify(certificate)
    return Step(
        says,
        sp.Ge(expression, 0, evaluate=False),
        f"it equals ${sp.latex(certificate)}$, a sum of terms of known sign",
        lambda: simplify(expression - certificate) == 0 and certificate.is_nonnegative is True,
    )


def exact(says: str, relation, *, by: str = "exact arithmetic") -> Step:
    """A relation between exact numbers, decided by evaluating it."""
    relation = sp.sympify(relation)
    return Step(says, relation, by, lambda: sp.simplify(relation.doit()) == sp.true)


def all_of(says: str, relation, cases: Iterable[bool], *, by: str) -> Step:
    """A relation decided by enumerating finitely many exact cases, none of which may fail (nor be absent)."""

    def decide():
        verdicts = list(cases() if callable(cases) else cases)
        return bool(verdicts) and all(verdicts)

    return Step(says, sp.sympify(relation), by, decide)
