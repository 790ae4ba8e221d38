"""The second prover: the negation of a statement, put to z3, has no real numbers that make it true.

Symbols become real variables with the signs that are declared of them. What z3 has no word for (sums,
logarithms, functions at an index) becomes a variable of its own, with the sign that is declared: what is
proved of all reals then holds of these too, but a counterexample may not be one, and is not reported.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import sympy as sp

from .algebra import ORDER, STRICT, reduced, slack
from .answers import Answer
from .signs import NEGATIVE, NONNEGATIVE, NONZERO, POSITIVE, Signs

EFFORT, SECONDS = 300_000, 8  # z3 gives up after so many of its own units, the same on every machine


@dataclass(frozen=True)
class Certificate:
    """What z3 said of hypotheses => conclusion.

    `answer`; `model`: numbers that refute it (false), or that meet the hypotheses (holds), by name; `core`:
    the hypotheses that the proof uses; `opaque`: expressions taken as mere numbers; `text`: the question in
    SMT-LIB, whose answer "unsat" is the proof; `seconds`.
    """

    answer: Answer
    model: dict[str, str]
    core: tuple
    opaque: tuple
    text: str
    seconds: float


class _Question:
    """Translates relations; collects the variables and what is declared of them."""

    def __init__(self):
        import z3

        self.z3, self.names, self.opaque, self.declared, self.signs = z3, {}, [], [], Signs()

    def relation(self, relation):
        """A relation between expressions as one between polynomials; denominators are declared not 0."""
        z3 = self.z3
        if isinstance(relation, sp.And):
            return z3.And(*map(self.relation, relation.args))
        if isinstance(relation, sp.Or):
            return z3.Or(*map(self.relation, relation.args))
        if isinstance(relation, sp.Not):
            return z3.Not(self.relation(relation.args[0]))
        above, below = sp.fraction(reduced(slack(relation)))
        gap = self.polynomial(above)
        if not below.is_number:
            bottom = self.polynomial(below)
            self.declared.append(bottom != 0)
            if self.signs.of(below) == POSITIVE:
                self.declared.append(bottom > 0)
            elif isinstance(relation, ORDER):
                gap = gap * bottom
        elif below < 0:
            gap = -gap
        if isinstance(relation, sp.Equality):
            return gap == 0
        if isinstance(relation, sp.Unequality):
            return gap != 0
        return gap > 0 if isinstance(relation, STRICT) else gap >= 0

    def polynomial(self, e):
        """An expression without denominators."""
        z3 = self.z3
        if e.is_Rational:
            return z3.RealVal(f"{e.p}/{e.q}")
        if e.is_Add:
            return z3.Sum(*map(self.polynomial, e.args))
        if e.is_Mul:
            return z3.Product(*map(self.polynomial, e.args))
        if e.is_Pow and e.exp.is_Integer and 0 < e.exp <= 12:
            return z3.Product(*[self.polynomial(e.base)] * int(e.exp))
        return self.variable(e)

    def variable(self, e):
        """A symbol as a real variable with its sign; anything else as a number of that sign."""
        if e not in self.names:
            plain = e.is_Symbol
            variable = self.z3.Real(str(e) if plain else f"opaque{len(self.opaque)}")
            if not plain:
                self.opaque.append(e)
            signs = self.signs.of(e)
            if signs is None:
                raise ValueError(f"{e} may not be a real number")
            tests = {POSITIVE: variable > 0, NEGATIVE: variable < 0, NONZERO: variable != 0}
            tests |= {
                NONNEGATIVE: variable >= 0,
                frozenset({-1, 0}): variable <= 0,
                frozenset({0}): variable == 0,
            }
            if signs in tests:
                self.declared.append(tests[signs])
            if e.is_integer and plain:
                self.declared.append(variable >= 1) if signs == POSITIVE else None
            self.names[e] = variable
        return self.names[e]

    def solver(self):
        """A solver that gives up at some time."""
        solver = self.z3.Solver()
        solver.set("rlimit", EFFORT)
        solver.set("timeout", SECONDS * 1000)  # where z3 does not count its units
        return solver

    def values(self, model) -> dict[str, str]:
        """The values of a model, by the names of what they stand for."""
        return {str(e): str(model.eval(v, model_completion=True)) for e, v in self.names.items()}


def prove(hypotheses: Sequence, conclusion) -> Certificate:
    """Whether the conclusion follows from the hypotheses and the declared signs, for all real numbers.

    Contradictory hypotheses prove nothing: the answer is then undecided.
    """
    start, question = time.perf_counter(), _Question()
    z3 = question.z3
    premises = [question.relation(h) for h in hypotheses]
    goal = question.relation(conclusion)
    solver = question.solver()
    solver.add(*question.declared)
    labels = [z3.Bool(f"hypothesis{n}") for n in range(len(premises))]
    for label, premise in zip(labels, premises, strict=True):
        solver.add(z3.Implies(label, premise))
    solver.push()
    solver.add(z3.Not(goal))
    found = solver.check(*labels)
    core, model, answer = (), {}, Answer.UNDECIDED
    if found == z3.sat and not question.opaque:
        answer, model = Answer.FALSE, question.values(solver.model())
    if found == z3.unsat:
        used = {str(label) for label in solver.unsat_core()}
        solver.pop()
        if solver.check(*labels) == z3.sat:  # else anything follows
            core = tuple(h for n, h in enumerate(hypotheses) if f"hypothesis{n}" in used)
            answer, model = Answer.HOLDS, question.values(solver.model())
    text = question.solver()
    text.add(*question.declared, *premises, z3.Not(goal))
    seconds = time.perf_counter() - start
    return Certificate(answer, model, core, tuple(question.opaque), text.to_smt2(), seconds)


def contradictory(relations: Sequence) -> bool:
    """Whether z3 finds that no real numbers meet the relations."""
    question = _Question()
    try:
        asked = [question.relation(r) for r in relations]
    except (ValueError, sp.PolynomialError, TypeError):
        return False
    solver = question.solver()
    solver.add(*question.declared, *asked)
    return solver.check() == question.z3.unsat


def replay(page, part) -> tuple[Certificate, ...]:
    """Each step of a `Derivation` on the way to one of its parts, decided once more.

    () where one of them is no matter of real arithmetic; it ends at the first that is undecided. Hypotheses
    of a step are the relations that its rule made use of; certificates and multipliers are not handed over.
    That finite sums are linear is not put in question.
    """
    questions = page.questions(part)
    if page.unproved(part) or not questions or None in questions:
        return ()
    found = []
    try:
        for hypotheses, conclusion in questions:
            found.append(prove(tuple(dict.fromkeys(hypotheses)), conclusion))
            if not found[-1].answer:
                break
        return tuple(found)
    except (ValueError, NotImplementedError):  # a number that may not be real, a power without words
        return ()
