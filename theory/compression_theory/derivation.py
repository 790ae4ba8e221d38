"""What a derivation is: assumptions, a statement, and steps that a machine checks.

A `Step` carries a relation as SymPy objects and the computation that decides it. Nothing is taken on
trust: `Step.check()` computes from the relation that the page prints, so that page and proof cannot drift
apart, and a page holds only if each of its steps does.

Sums are proved for any number of terms. A finite sum is linear, so `summed` needs one generic term: it
writes the summand as a combination of terms whose sums are known, with coefficients free of the index.
The same holds of any linear functional, an expectation for instance.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import sympy as sp


@dataclass(frozen=True)
class Step:
    """One step: a sentence, the relation shown, and the computation that decides that relation.

    `by` says how: text, or pieces of text and expressions.
    """

    says: str
    relation: sp.Basic
    by: str | tuple
    decide: Callable[[sp.Basic], bool] = field(repr=False, compare=False)

    def check(self) -> bool:
        """Whether the computation confirms the relation."""
        return bool(self.decide(self.relation))


@dataclass(frozen=True)
class Derivation:
    """One page on a claim: what is assumed, what is said, and the steps from one to the other.

    `role` says what the checked page establishes: "proof" of the statement, a "counterexample" to it
    (the smallest one that we know), or a "boundary": a case just outside the assumptions in which the
    statement fails, so that they are needed. `scope` says for which sizes the steps are general,
    `condition` what the claim, as the ledger words it, needs in order to hold ("": nothing), and `also` to
    which other claims the page belongs. `abbreviations`: what is printed in place of some expressions.
    """

    claim: str
    title: str
    source: str
    assumptions: tuple[str, ...]
    statement: str
    steps: tuple[Step, ...]
    role: str = "proof"
    scope: str = "any number of leaves and datasets"
    condition: str = ""
    also: tuple[str, ...] = ()
    abbreviations: Mapping = field(default_factory=dict, repr=False, compare=False)

    def check(self) -> tuple[bool, ...]:
        """Decide every step, in order."""
        return tuple(step.check() for step in self.steps)


def reduced(expression):
    """`expression` as a quotient of coprime polynomials in its symbols, functions, logarithms and roots.

    Zero for exactly the rational identities among these, and a hundred times faster than `sp.simplify`.
    """
    expression = sp.sympify(expression)
    atoms = sorted(_atoms(expression), key=sp.default_sort_key)
    if not atoms:
        return expression
    field_of_fractions = sp.QQ.frac_field(*atoms)
    return field_of_fractions.to_sympy(field_of_fractions.from_sympy(expression))


def _atoms(expression) -> set:
    if expression.is_Rational:
        return set()
    if expression.is_Add or expression.is_Mul:
        return set().union(*map(_atoms, expression.args))
    if expression.is_Pow and expression.exp.is_Integer:
        return _atoms(expression.base)
    return {expression}


def identity(says: str, left, right, *, simplify: Callable = reduced) -> Step:
    """left = right, decided by reducing the difference to zero."""
    return Step(says, eq(left, right), "the difference reduces to 0", lambda r: _equal(r, simplify))


def summed(says: str, summand, index: tuple, parts: Sequence[tuple], value) -> Step:
    """The sum of `summand` over `index` = (x, first, last) is `value`, for any number of terms.

    `parts`: (coefficient, term, total), where `total` is the known sum of `term`. Decided by: no coefficient
    depends on x; the summand is the combination of the terms; the value that of the totals.
    """
    x, *_ = index
    parts = [tuple(map(sp.sympify, part)) for part in parts]

    def decide(r):
        return (
            isinstance(r, sp.Equality)
            and all(not (coefficient.has(x) or total.has(x)) for coefficient, _, total in parts)
            and reduced(r.lhs.function - sum(c * term for c, term, _ in parts)) == 0
            and reduced(r.rhs - sum(c * total for c, _, total in parts)) == 0
        )

    known = [eq(sp.Sum(term, index), total) for _, term, total in parts]
    by = ("linear in sums that are known: ", *_listed(known))
    return Step(says, eq(sp.Sum(summand, index), value), by, decide)


def nonnegative(says: str, expression, certificate=None, *, strict=False, simplify=reduced) -> Step:
    """expression >= 0 (`strict`: > 0), decided by a `certificate`: the same with a sign that SymPy knows."""
    expression = sp.sympify(expression)
    certificate = expression if certificate is None else sp.sympify(certificate)
    sign, kind = ("positive", sp.StrictGreaterThan) if strict else ("nonnegative", sp.GreaterThan)

    def decide(r):
        same = isinstance(r, kind) and simplify(r.lhs - r.rhs - certificate) == 0
        return same and getattr(certificate, f"is_{sign}") is True

    equal = ("it equals ", certificate, ", ") if certificate != expression else ()
    return Step(says, kind(expression, 0, evaluate=False), (*equal, f"{sign} factor by factor"), decide)


def minimum(says: str, function, variable, at, factor) -> Step:
    """function >= 0 on an interval: zero at `at`, with derivative (variable - at) * factor, factor >= 0.

    The interval is where SymPy knows `factor` to be non-negative, by the assumptions on its symbols.
    """
    factor = sp.sympify(factor)

    def decide(r):
        f = r.lhs - r.rhs
        return (
            isinstance(r, sp.GreaterThan)
            and reduced(f.subs(variable, at)) == 0
            and reduced(sp.diff(f, variable) - (variable - at) * factor) == 0
            and factor.is_nonnegative is True
        )

    slope = (variable - at) * factor
    by = ("it is 0 at ", eq(variable, at), ", where its derivative ", slope, " turns from minus to plus")
    return Step(says, ge(function, 0), by, decide)


def implies(says: str, premises: Sequence, conclusion, multipliers: Sequence) -> Step:
    """premises => conclusion: the conclusion's slack is the sum of multiplier * slack over the premises.

    The slack of a >= b is a - b. Multipliers of inequalities are non-negative by SymPy's assumptions (those
    of equations are free); a strict conclusion needs a strict premise with a positive multiplier, an
    equation follows from equations only.
    """
    multipliers = [sp.sympify(m) for m in multipliers]
    conditions = list(zip(multipliers, premises, strict=True))
    strict = (sp.StrictGreaterThan, sp.StrictLessThan)

    def decide(r):
        claim = r.args[1]
        usable = all(isinstance(p, sp.Equality) or m.is_nonnegative for m, p in conditions)
        if isinstance(claim, sp.Equality):
            usable = all(isinstance(p, sp.Equality) for p in premises)
        elif isinstance(claim, strict):
            usable = usable and any(isinstance(p, strict) and m.is_positive for m, p in conditions)
        return usable and reduced(_slack(claim) - sum(m * _slack(p) for m, p in conditions)) == 0

    relation = sp.Implies(sp.And(*premises, evaluate=False), conclusion, evaluate=False)
    by = ("the premises, weighted by ", *_listed(multipliers), ", add up to the conclusion")
    return Step(says, relation, by if len(premises) > 1 else "the same relation, rearranged", decide)


def slope(says: str, function, variable, value, *, simplify: Callable = reduced) -> Step:
    """The derivative of `function` by `variable` is `value`."""

    def decide(r):
        return _equal(eq(sp.diff(r.lhs.expr, *r.lhs.variables), r.rhs), simplify)

    return Step(says, eq(sp.Derivative(function, variable), value), "differentiation", decide)


def limit(says: str, expression, variable, point, value, *, simplify: Callable = reduced) -> Step:
    """The limit of `expression` as `variable` goes to `point` (from above, if finite)."""

    def decide(r):
        e, v, to = r.lhs.args[:3]
        if v in _atoms(e) and not any(atom.has(v) for atom in _atoms(e) - {v}):  # rational: no need of Gruntz
            e, v, to = (reduced(e.subs(v, 1 / v)), v, 0) if to is sp.oo else (reduced(e), v, to)
            denominator = sp.denom(e).subs(v, to)
            return reduced(denominator) != 0 and _equal(eq(e.subs(v, to), r.rhs), simplify)
        return _equal(eq(r.lhs.doit(), r.rhs), simplify)

    return Step(says, eq(sp.Limit(expression, variable, point), value), "SymPy computes the limit", decide)


def series(says: str, expression, variable, value, order: int, *, simplify: Callable = reduced) -> Step:
    """expression = value + O(variable^order): the derivatives at 0 below that order agree."""

    def decide(r):
        gap = r.lhs - r.rhs.removeO()
        return all(simplify(sp.diff(gap, variable, j).subs(variable, 0)) == 0 for j in range(order))

    by = f"the difference and its first {order - 1} derivatives vanish at 0"
    return Step(says, eq(expression, sp.sympify(value) + sp.O(variable**order)), by, decide)


def exact(says: str, relation, *, by: str = "exact arithmetic") -> Step:
    """A relation between exact numbers, decided by evaluating it."""
    return Step(says, sp.sympify(relation), by, _true)


def computed(says: str, symbol, value, result) -> Step:
    """`value`, which a computation has found, is `result`; shown as symbol = result."""
    decide = lambda r: isinstance(r, sp.Equality) and reduced(value - r.rhs) == 0  # noqa: E731
    return Step(says, eq(symbol, result), "exact arithmetic", decide)


def rounds(says: str, symbol, value, decimal: str) -> Step:
    """`value`, an exact number, rounds to `decimal`; shown as symbol = decimal."""
    value, places = sp.sympify(value), len(decimal.partition(".")[2])
    half = sp.Rational(1, 2 * 10**places)

    def decide(r):
        return isinstance(r, sp.Equality) and bool(
            (value - r.rhs).evalf(places + 15, strict=True) ** 2 < half**2
        )

    by = f"evaluated from exact masses, rounded to {places} decimals"
    return Step(says, eq(symbol, sp.Rational(decimal)), by, decide)


def all_of(says: str, relation, cases: Callable[[], Iterable[Mapping]], *, by: str) -> Step:
    """A relation that holds in each of finitely many exact cases (there must be one).

    `cases()` yields for each the values of the relation's symbols, as a mapping.
    """

    def decide(r):
        verdicts = [_true(r.subs(case)) for case in cases()]
        return bool(verdicts) and all(verdicts)

    return Step(says, sp.sympify(relation), by, decide)


def eq(left, right):
    """left = right, as written (SymPy would decide some such relations on sight)."""
    return sp.Eq(sp.sympify(left), sp.sympify(right), evaluate=False)


def ge(left, right):
    """left >= right, as written."""
    return sp.Ge(sp.sympify(left), sp.sympify(right), evaluate=False)


def gt(left, right):
    """left > right, as written."""
    return sp.Gt(sp.sympify(left), sp.sympify(right), evaluate=False)


def _listed(items):
    """The items with commas in between."""
    return [part for item in items for part in (", ", item)][1:]


def _equal(relation, simplify) -> bool:
    return isinstance(relation, sp.Equality) and simplify(relation.lhs - relation.rhs) == 0


def _slack(relation):
    below = isinstance(relation, sp.LessThan | sp.StrictLessThan)
    return relation.rhs - relation.lhs if below else relation.lhs - relation.rhs


def _true(relation) -> bool:
    if relation in (sp.true, sp.false):
        return relation == sp.true
    if isinstance(relation, sp.Equality):
        return sp.simplify((relation.lhs - relation.rhs).doit()) == 0
    return relation.doit() == sp.true
