"""What a derivation is: declared premises, steps that a machine decides, parts of a claim that follow.

A step is data: the relation that is printed, the premises, and the certificate. A rule, one for each kind of
step, decides from these data alone whether the relation follows; it answers holds, false or undecided, and
what is undecided never counts as holding. Beside the rule stands a spot check (`spots`): numbers put in,
random and hostile ones. If it disagrees with a rule, that is an error in one of the two, and it is raised.

A page declares what it stands on: relations that are `given`, sums whose `totals` are known, which symbols
are `constants` (the same on every leaf, for every dataset), and `where` shorthands stand for expressions.
Premises of a step are given relations or earlier steps; each relation remembers which of the given ones it
stands on, so that a `Part` is proved only under the hypotheses that it names.

Sums are proved for any number of terms. A finite sum is linear, so `summed` needs one generic term: it writes
the summand as a combination of terms whose sums are known, with coefficients free of the index.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import sympy as sp
from sympy.core.function import AppliedUndef

from .algebra import ORDER, STRICT, reduced, same, slack, zero
from .answers import Answer as Answer
from .balls import Unknown, ball
from .notation import CONSTANTS
from .signs import NONNEGATIVE, POSITIVE, REAL, Signs, declared
from .smt import contradictory
from .spots import Spots


@dataclass(frozen=True)
class Instance:
    """An earlier relation with other values put in for its symbols."""

    relation: sp.Basic
    at: Mapping

    @property
    def says(self):
        """The relation with the values put in."""
        return _put(self.relation, self.at)


@dataclass(frozen=True)
class Step:
    """One step: a sentence, the relation concluded, its premises, and the certificate of its kind.

    `by` says how it is decided: text, or pieces of text and expressions.
    """

    kind: str
    says: str
    relation: sp.Basic
    by: str | tuple
    premises: tuple = ()
    data: tuple = field(default=(), repr=False)

    @property
    def shown(self) -> sp.Basic:
        """What is printed: the relation, with the premises that it follows from."""
        if not self.premises:
            return self.relation
        premises = [p.says if isinstance(p, Instance) else p for p in self.premises]
        return sp.Implies(sp.And(*premises, evaluate=False), self.relation, evaluate=False)

    def check(self) -> Answer:
        """What the rule says of this step alone: its premises given, nothing else declared."""
        given = tuple(p.relation if isinstance(p, Instance) else p for p in self.premises)
        return Derivation("", "", "", (), "", (self,), given=given).check()[0]


@dataclass(frozen=True)
class Given:
    """A relation that a page takes as a premise; `part`: the proved part of a claim that it quotes.

    `at`: what the quoted relation's symbols are here.
    """

    relation: sp.Basic
    part: str = ""
    at: Mapping = field(default_factory=dict)


@dataclass(frozen=True)
class Total:
    """A sum that a page takes as known: over `index` = (x, first, last) the `term` sums to `value`."""

    term: sp.Basic
    index: tuple
    value: sp.Basic

    @cached_property
    def relation(self) -> sp.Basic:
        """The same as an equation."""
        return eq(sp.Sum(self.term, self.index), self.value)


@dataclass(frozen=True)
class Part:
    """One part of a claim: a relation under hypotheses. A page proves it by concluding it from these alone.

    `id` is CLAIM/NAME. `given` are relations (totals that are no definitions included).
    """

    id: str
    relation: sp.Basic
    given: tuple = ()

    @property
    def claim(self) -> str:
        """The claim that it is a part of."""
        return self.id.partition("/")[0]


@dataclass(frozen=True)
class Derivation:
    """One page on a claim: what is assumed, what is said, the steps from one to the other, the parts proved.

    `role` says what the checked page establishes: "proof" of its `parts`, a "counterexample" to the claim
    (the smallest one that we know), or a "boundary": a case just outside the assumptions in which the
    statement fails, so that they are needed. `assumptions` are the words, `given`, `totals`, `constants` and
    `where` ({symbol: expression}) the formal ones. `scope` says for which sizes the steps are general,
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
    given: tuple = ()
    totals: tuple[Total, ...] = ()
    constants: tuple = ()
    where: Mapping = field(default_factory=dict, repr=False, compare=False)
    parts: tuple[Part, ...] = ()

    def check(self) -> tuple[Answer, ...]:
        """The answer to every step, in order. Raises Disagreement where a spot check says otherwise."""
        return self._decided.answers

    @property
    def points(self) -> tuple[int, ...]:
        """At how many points each step was checked with numbers put in; 0: it has no such check."""
        return self._decided.points

    @property
    def premises(self) -> tuple:
        """The given relations, as relations."""
        return tuple(g.relation if isinstance(g, Given) else g for g in self.given)

    def stands_on(self, part: Part) -> tuple:
        """The given relations and totals that the proof of a part uses, as relations."""
        fact = self._decided.proof(part)
        return () if fact is None else fact.stands_on(self)

    def quotes(self, part: Part) -> tuple[str, ...]:
        """The ids of the parts that the proof of a part rests on."""
        fact = self._decided.proof(part)
        if fact is None:
            return ()
        used = [self.given[g] for g in sorted(fact.given)]
        return tuple(g.part for g in used if isinstance(g, Given) and g.part)

    def chain(self, part: Part) -> tuple[int, ...]:
        """The steps, by index, that the proof of a part goes through."""
        fact = self._decided.proof(part)
        return () if fact is None else tuple(sorted(fact.steps))

    def questions(self, part: Part) -> tuple:
        """The proof of a part as questions to another prover: (hypotheses, conclusion) of each step.

        Of a sum over any number of terms: that the generic term is the stated combination, and the value
        too. A step that is no matter of real arithmetic (a derivative, a limit) gives None in its place.
        """
        return tuple(q for index in self.chain(part) for q in self._decided.questions(index))

    def misquoted(self, given: Given, source: "Derivation", part: Part) -> str:
        """What is wrong with a quote of a part that `source` proves, as used here ("": nothing).

        It must say what is given, its symbols must be able to have the values that are put in, and each sum
        that its proof stands on must be known here too, with these values.
        """
        here, at = self._decided, dict(given.at)
        if not same(_put(part.relation, at), given.relation):
            return f"{part.id} says {sp.sstr(part.relation)}"
        for symbol, value in at.items():
            if not here.signs.admits(symbol, here.expand(sp.sympify(value))):
                return f"{part.id} is not said of {sp.sstr(symbol)} = {sp.sstr(value)}"
        fact = source._decided.proof(part)
        for index in sorted(fact.totals if fact else ()):
            needed = _put(source.totals[index].relation, at)
            if here.find(needed) is None:
                return f"{part.id} stands on {sp.sstr(needed)}, which is not known on the page"
        return ""

    def unproved(self, part: Part) -> str:
        """Why this page does not prove the part ("" if it does). What it quotes is not looked at here."""
        broken = [s.says for s, answer in zip(self.steps, self.check(), strict=True) if not answer]
        if broken:
            return f"a step of {self.title!r} does not hold: {broken[0]}"
        fact = self._decided.proof(part)
        if fact is None:
            return f"no step of {self.title!r} concludes it"
        hypotheses = [self._decided.expand(h) for h in part.given]
        for relation in self._decided.unnamed(fact, hypotheses):
            return f"its proof takes {sp.sstr(relation)} as given, which the part does not name"
        return ""

    @cached_property
    def _decided(self) -> "_Decided":
        return _Decided(self)


@dataclass(frozen=True)
class _Fact:
    """A relation that holds on a page, and what it stands on: given relations, totals, steps, by index."""

    relation: sp.Basic
    given: frozenset = frozenset()
    totals: frozenset = frozenset()
    steps: frozenset = frozenset()

    def stands_on(self, page) -> tuple:
        given = tuple(page.premises[index] for index in sorted(self.given))
        return given + tuple(page.totals[index].relation for index in sorted(self.totals))


class _Decided:
    """A page's steps decided one after the other. It is also what rules may ask: facts, totals, signs."""

    def __init__(self, page: Derivation):
        self.page, self.facts, self._consistent = page, [], {}
        self.supports = {}  # the relations that a step's rule made use of, by the step's number
        self.signs = Signs()
        self.constants = {*CONSTANTS, *page.constants} | {
            s for total in page.totals for s in sp.sympify(total.value).free_symbols if s != total.index[0]
        }
        for index, given in enumerate(page.premises):
            self._learn(_Fact(self.expand(given), frozenset({index})))
        for index, total in enumerate(page.totals):
            self._learn(_Fact(self.expand(total.relation), totals=frozenset({index})))
        self._answer = Spots(page)
        answers, points = [], []
        for number, step in enumerate(page.steps):
            answer, count = self._decide(step, number)
            answers.append(answer)
            points.append(count)
        self.answers, self.points = tuple(answers), tuple(points)

    def _decide(self, step, number):
        self.used = set()
        self.signs.used = set()
        try:
            confirmed = not _says_nothing(step.relation) and RULES[step.kind](step, self)
        except (NotImplementedError, sp.PolynomialError, Unknown):
            confirmed = False
        used = self.used | self.signs.used
        fact = _Fact(
            self.expand(step.relation),
            frozenset().union(*(f.given for f in used)),
            frozenset().union(*(f.totals for f in used)),
            frozenset({number}).union(*(f.steps for f in used)),
        )
        agrees, count = self._answer.of(step, fact)
        if confirmed and agrees is False:
            raise Disagreement(f"{self.page.title!r}, {step.says!r}: confirmed, but not so for {count}")
        if confirmed and not count and fact.given and self._contradictory(fact.given):
            return Answer.FALSE, 0  # anything follows
        if confirmed:
            self._learn(fact)
            self.supports[number] = tuple(dict.fromkeys(f.relation for f in used if f.relation != sp.true))
            return Answer.HOLDS, count
        return (Answer.FALSE if agrees is False else Answer.UNDECIDED), 0

    def _contradictory(self, given) -> bool:
        """Whether no numbers meet the given relations; asked where the spot check found none."""
        if given not in self._consistent:
            relations = [self.expand(self.page.premises[index]) for index in sorted(given)]
            self._consistent[given] = contradictory(relations)
        return self._consistent[given]

    def _learn(self, fact):
        self.facts.append(fact)
        self.signs.add(fact.relation, fact)

    def expand(self, relation):
        """With the page's shorthands replaced by what they stand for."""
        return _put(relation, self.page.where)

    def find(self, relation):
        """The fact that says `relation`, or None; the one that stands on least comes first."""
        relation = self.expand(relation)
        found = [fact for fact in self.facts if same(fact.relation, relation)]
        return min(found, key=lambda f: len(f.given) + len(f.totals), default=None)

    def knows(self, premise) -> bool:
        """Whether a premise is given or was concluded before (an instance: of a relation that was)."""
        if not isinstance(premise, Instance):
            fact = self.find(premise)
            if fact is not None:
                self.used.add(fact)
            return fact is not None
        fact = self.find(premise.relation)
        if fact is None or not all(self.signs.admits(s, self.expand(v)) for s, v in premise.at.items()):
            return False
        images = [self.find(_put(self.expand(self.page.premises[i]), premise.at)) for i in fact.given]
        totals = [self.total_like(self.page.totals[i], premise.at) for i in fact.totals]
        if None in images or None in totals:
            return False
        self.used |= {*images, _Fact(sp.true, totals=frozenset(totals), steps=fact.steps)}
        return True

    def total(self, term, index, value) -> bool:
        """Whether the sum of `term` over `index` is declared to be `value`, or was concluded to be."""
        if not term.has(index[0]):
            return zero(value - term * (index[2] - index[1] + 1))
        if value == sp.Sum(term, index) or (value == 0 and self.knows(eq(term, 0))):
            return True
        return self.knows(eq(sp.Sum(term, index), value))

    def total_like(self, total, at):
        """The number of the declared total that `total` becomes under a substitution, or None."""
        wanted = _put(total.relation, at)
        for number, known in enumerate(self.page.totals):
            if same(known.relation, wanted):
                return number
        return None

    def evaluated(self, expression):
        """With the sums and derivatives in it replaced by the values that earlier steps found."""
        found = {}
        for inner in expression.atoms(sp.Sum, sp.Derivative):
            for fact in self.facts:
                if isinstance(fact.relation, sp.Equality) and reduced(fact.relation.lhs - inner) == 0:
                    found[inner] = fact.relation.rhs
                    self.used.add(fact)
                    break
        return expression.xreplace(found)

    def constant(self, expression, index) -> bool:
        """Whether an expression is the same for all values of an index: of constants and other indices."""
        free = {s for s in expression.free_symbols if not s.is_integer} - self.constants
        return not expression.has(index) and not free

    def questions(self, number) -> list:
        """What a step comes to in real arithmetic: see `Derivation.questions`."""
        step = self.page.steps[number]
        relation = self.expand(step.relation)
        supports = tuple(
            r for r in self.supports.get(number, ()) if step.kind == "implies" or not r.has(sp.Sum)
        )
        if step.kind in ("identity", "nonnegative"):
            return [(supports, relation)]
        if step.kind == "implies":
            instances = (self.expand(p.says) for p in step.premises if isinstance(p, Instance))
            return [((*supports, *instances), relation)]
        if step.kind == "summed":
            _, parts = step.data
            parts = [tuple(self.expand(p) for p in part) for part in parts]
            *within, _ = relation.lhs.limits
            inner = sp.Sum(relation.lhs.function, *within) if within else relation.lhs.function
            terms = sum((c * term for c, term, _ in parts), sp.Integer(0))
            totals = sum((c * total for c, _, total in parts), sp.Integer(0))
            asked = [(supports, eq(self.evaluated(inner), terms)), (supports, eq(relation.rhs, totals))]
            return [(h, r) for h, r in asked if r.lhs != r.rhs]
        return [None]

    def proof(self, part):
        """The fact that says what a part says, or None; best one that stands on what the part names."""
        relation, hypotheses = self.expand(part.relation), [self.expand(h) for h in part.given]
        found = [fact for fact in self.facts if fact.steps and same(fact.relation, relation)]
        return min(found, key=lambda fact: len(self.unnamed(fact, hypotheses)), default=None)

    def unnamed(self, fact, hypotheses) -> list:
        """The assumptions that a fact stands on and that are none of the hypotheses."""
        page, left = self.page, []
        for index in sorted(fact.given):
            given = page.given[index]
            relation = self.expand(page.premises[index])
            quoted = isinstance(given, Given) and given.part
            if not quoted and not any(same(h, relation) for h in hypotheses):
                left.append(relation)
        for index in sorted(fact.totals):
            total = page.totals[index]
            if not _defines(total, page) and not any(
                same(h, self.expand(total.relation)) for h in hypotheses
            ):
                left.append(total.relation)
        return left


class Disagreement(ArithmeticError):
    """A rule confirms a step and numbers that were put in refuse it: one of the two is wrong."""


def _put(expression, at):
    """Substitution, all at once; inside sums and derivatives too."""
    return expression.xreplace(dict(at)) if at else expression


def _says_nothing(relation) -> bool:
    return isinstance(relation, sp.Equality) and relation.lhs == relation.rhs


def _defines(total: Total, page: Derivation) -> bool:
    """Whether a total only gives a name to a sum, or is that of a law: then it is no assumption.

    A law: one function's values on the leaves, which sum to 1. A name: the value is affine in a symbol (or a
    function's value) that stands in no other total's value, nor in the term, and of which no sign is assumed,
    or that of the terms. (A positive name for terms that are not negative says that they are not all 0.)
    """
    term, value, signs = sp.sympify(total.term), sp.sympify(total.value), Signs()
    if isinstance(term, AppliedUndef):
        return value == 1 or (value.is_Symbol and signs.nonnegative(term))
    others = [t for t in page.totals if t is not total]
    of_terms = signs.nonnegative(term)
    for name in value.free_symbols | value.atoms(AppliedUndef):
        fresh = not term.has(name) and not any(sp.sympify(t.value).has(name) for t in others)
        unsigned = declared(name) == REAL or (of_terms and declared(name) in (POSITIVE, NONNEGATIVE))
        if fresh and unsigned and not sp.diff(value, name).has(name) and signs.nonzero(sp.diff(value, name)):
            return True
    return False


# The kinds of steps: how one is written, and the rule that decides it.


def identity(says: str, left, right) -> Step:
    """left = right, decided by reducing the difference to zero."""
    return Step("identity", says, eq(left, right), "the difference reduces to 0")


def _identity(step, page):
    r = page.expand(step.relation)
    return isinstance(r, sp.Equality) and zero(r.lhs - r.rhs) and _defined(r, page)


def _defined(relation, page):
    return all(page.signs.defined(side) for side in relation.args)


def summed(says: str, summand, index: tuple, parts: Sequence[tuple], value) -> Step:
    """The sum of `summand` over `index` = (x, first, last) is `value`, for any number of terms.

    `parts`: (coefficient, term, total), where `total` is the known sum of `term`: a declared one or an
    earlier step's. Decided by: no coefficient depends on x; the summand is the combination of the terms; the
    value that of the totals.
    """
    parts = tuple(tuple(map(sp.sympify, part)) for part in parts)
    known = [eq(sp.Sum(term, index), total) for _, term, total in parts]
    by = ("linear in sums that are known: ", *_listed(known))
    return Step("summed", says, eq(sp.Sum(summand, index), value), by, data=(tuple(index), parts))


def _summed(step, page):
    index, parts = step.data
    r = page.expand(step.relation)
    if not (
        isinstance(r, sp.Equality) and isinstance(r.lhs, sp.Sum) and r.lhs.limits[-1] == sp.Tuple(*index)
    ):
        return False
    *within, _ = r.lhs.limits
    summand = page.evaluated(sp.Sum(r.lhs.function, *within) if within else r.lhs.function)
    parts = [tuple(page.expand(p) for p in part) for part in parts]
    return (
        all(page.constant(c, index[0]) and page.total(term, index, total) for c, term, total in parts)
        and reduced(summand - sum(c * term for c, term, _ in parts)) == 0
        and reduced(r.rhs - sum(c * total for c, _, total in parts)) == 0
        and page.signs.defined(r.lhs.function)
        and all(page.signs.defined(c) for c, _, _ in parts)
    )


def telescoped(says: str, summand, index: tuple, primitive, value) -> Step:
    """The sum of `summand` over `index` = (x, 1, last) is `value`: each term is a step of `primitive`."""
    primitive = sp.sympify(primitive)
    by = ("each term is the step of ", primitive, " to the next index, so that the ends are left")
    return Step("telescoped", says, eq(sp.Sum(summand, index), value), by, data=(tuple(index), primitive))


def _telescoped(step, page):
    (x, first, last), primitive = step.data
    r = page.expand(step.relation)
    if not (
        isinstance(r, sp.Equality)
        and isinstance(r.lhs, sp.Sum)
        and r.lhs.limits == (sp.Tuple(x, first, last),)
    ):
        return False
    return zero(primitive.subs(x, x + 1) - primitive - r.lhs.function) and zero(
        primitive.subs(x, last + 1) - primitive.subs(x, first) - r.rhs
    )


def nonnegative(says: str, expression, certificate=None, *, strict=False) -> Step:
    """expression >= 0 (`strict`: > 0), by a `certificate`: the same, with a sign that can be read off."""
    expression = sp.sympify(expression)
    certificate = expression if certificate is None else sp.sympify(certificate)
    sign, order = ("positive", gt) if strict else ("nonnegative", ge)
    equal = ("it equals ", certificate, ", ") if certificate != expression else ()
    by = (*equal, f"{sign} factor by factor")
    return Step("nonnegative", says, order(expression, 0), by, data=(certificate,))


def _nonnegative(step, page):
    r, certificate = page.expand(step.relation), page.expand(step.data[0])
    signed = page.signs.positive if isinstance(r, sp.StrictGreaterThan) else page.signs.nonnegative
    return (
        isinstance(r, sp.StrictGreaterThan | sp.GreaterThan)
        and zero(r.lhs - r.rhs - certificate)
        and _defined(r, page)
        and signed(certificate)
    )


def minimum(says: str, function, variable, at, factor) -> Step:
    """function >= 0 on an interval: zero at `at`, with derivative (variable - at) * factor, factor >= 0.

    The interval is all that the assumptions on `variable` allow: `at` lies in it, and the function is smooth
    on all of it.
    """
    factor = sp.sympify(factor)
    turns = (variable - at) * factor
    by = ("it is 0 at ", eq(variable, at), ", where its derivative ", turns, " turns from minus to plus")
    return Step("minimum", says, ge(function, 0), by, data=(variable, sp.sympify(at), factor))


def _minimum(step, page):
    variable, at, factor = step.data
    r = page.expand(step.relation)
    if not isinstance(r, sp.GreaterThan):
        return False
    f = r.lhs - r.rhs
    return (
        _interval(variable)
        and page.signs.admits(variable, at)
        and page.signs.smooth(f, variable)
        and page.signs.defined(f)
        and zero(f.subs(variable, at))
        and zero(sp.diff(f, variable) - (variable - at) * factor)
        and page.signs.nonnegative(factor)
    )


def _interval(variable) -> bool:
    signed = variable.is_nonnegative or variable.is_nonpositive
    return bool(variable.is_real and not variable.is_integer and (signed or variable.is_nonzero is None))


def implies(says: str, premises: Sequence, conclusion, multipliers: Sequence) -> Step:
    """premises => conclusion: the conclusion's slack is the sum of multiplier * slack over the premises.

    The slack of a >= b is a - b. Each premise is given or an earlier step (or an `Instance` of one).
    Multipliers of inequalities are non-negative (those of equations are free, but defined); a strict
    conclusion needs a strict premise with a positive multiplier, an equation follows from equations only.
    """
    multipliers = tuple(map(sp.sympify, multipliers))
    tuple(zip(multipliers, premises, strict=True))
    by = ("the premises, weighted by ", *_listed(multipliers), ", add up to the conclusion")
    how = by if len(premises) > 1 else "the same relation, rearranged"
    return Step("implies", says, conclusion, how, tuple(premises), multipliers)


def _implies(step, page):
    claim = page.expand(step.relation)
    premises = [page.expand(p.says if isinstance(p, Instance) else p) for p in step.premises]
    weights = [page.expand(m) for m in step.data]
    if not premises or not isinstance(claim, (sp.Equality, *ORDER)) or len(weights) != len(premises):
        return False
    if not all(isinstance(p, (sp.Equality, *ORDER)) for p in premises):
        return False
    if not all(map(page.knows, step.premises)) or not all(map(page.signs.defined, weights)):
        return False
    conditions = list(zip(weights, premises, strict=True))
    usable = all(isinstance(p, sp.Equality) or page.signs.nonnegative(m) for m, p in conditions)
    if isinstance(claim, sp.Equality):
        usable = all(isinstance(p, sp.Equality) for p in premises)
    elif isinstance(claim, STRICT):
        usable = usable and any(isinstance(p, STRICT) and page.signs.positive(m) for m, p in conditions)
    return usable and zero(slack(claim) - sum(m * slack(p) for m, p in conditions)) and _defined(claim, page)


def slope(says: str, function, variable, value) -> Step:
    """The derivative of `function` by `variable` is `value`."""
    return Step("slope", says, eq(sp.Derivative(function, variable), value), "differentiation")


def _slope(step, page):
    r = page.expand(step.relation)
    if not (isinstance(r, sp.Equality) and isinstance(r.lhs, sp.Derivative)):
        return False
    function, variables = r.lhs.expr, r.lhs.variables
    return (
        all(v in function.free_symbols and _interval(v) and page.signs.smooth(function, v) for v in variables)
        and page.signs.defined(function)
        and zero(sp.diff(function, *variables).doit() - r.rhs)
    )


def limit(says: str, expression, variable, point, value) -> Step:
    """The limit of `expression` as `variable` goes to `point` (from above, if finite)."""
    return Step("limit", says, eq(sp.Limit(expression, variable, point), value), "SymPy computes the limit")


def _limit(step, page):
    r = page.expand(step.relation)
    if not (isinstance(r, sp.Equality) and isinstance(r.lhs, sp.Limit)):
        return False
    e, v, to = r.lhs.args[:3]
    if v not in e.free_symbols:
        return False
    reciprocal = sp.Dummy("v", positive=True)
    ends = {sp.oo: 1 / reciprocal, -sp.oo: -1 / reciprocal}
    near = e.subs(v, ends.get(to, to + reciprocal))
    from_form = reduced(near)
    if page.signs.smooth(from_form, reciprocal, 0):  # no need of a limit: it can be put in
        return zero(from_form.subs(reciprocal, 0) - r.rhs)
    others = e.free_symbols - {v}
    signed = all(s.is_integer or s.is_nonnegative or s.is_nonpositive for s in others)
    return signed and bool(page.signs.defined(e)) and zero(r.lhs.doit() - r.rhs)


def series(says: str, expression, variable, value, order: int) -> Step:
    """expression = value + O(variable^order): the derivatives at 0 below that order agree."""
    by = f"the difference and its first {order - 1} derivatives vanish at 0, near which it is smooth"
    relation = eq(expression, sp.sympify(value) + sp.O(variable**order))
    return Step("series", says, relation, by, data=(variable, order))


def _series(step, page):
    variable, order = step.data
    r = page.expand(step.relation)
    gap = r.lhs - r.rhs.removeO()
    shown = r.rhs.getO() or sp.O(0)
    return (
        isinstance(r, sp.Equality)
        and zero(shown.expr / variable**order - 1)
        and page.signs.smooth(gap, variable, 0)
        and all(zero(sp.diff(gap, variable, j).subs(variable, 0)) for j in range(order))
    )


def exact(says: str, relation, *, by: str = "exact arithmetic") -> Step:
    """A relation between exact numbers, decided by evaluating it."""
    return Step("exact", says, sp.sympify(relation), by)


def _exact(step, page):
    return _true(page.expand(step.relation), page)


def computed(says: str, symbol, at: Mapping, result) -> Step:
    """What `symbol` stands for on the page (`where`), with the values `at` put in, is `result`, exactly."""
    values = tuple(at.items()) if isinstance(at, Mapping) else None
    with_values = (" with ", *_listed([eq(s, v) for s, v in values])) if values else ()
    return Step(
        "computed", says, eq(symbol, result), ("exact arithmetic", *with_values), data=(symbol, values)
    )


def _value(step, page):
    """The expression that the left side of a computed relation is bound to, with its values put in."""
    symbol, at = step.data
    if (
        at is None
        or not isinstance(step.relation, sp.Equality)
        or step.relation.lhs != symbol
        or symbol not in page.page.where
    ):
        raise Unknown("the left side stands for nothing on the page")
    expression, at = page.expand(symbol), dict(at)
    if not all(s in expression.free_symbols and page.signs.admits(s, sp.sympify(v)) for s, v in at.items()):
        raise Unknown("a value that the symbol cannot have")
    return _put(expression, {s: sp.sympify(v) for s, v in at.items()}).doit()


def _computed(step, page):
    value = _value(step, page)
    return page.signs.defined(value) and zero(value - step.relation.rhs)


def rounds(says: str, symbol, at: Mapping, decimal: str) -> Step:
    """What `symbol` stands for, with the values `at` put in, is a number that rounds to `decimal`."""
    places = len(decimal.partition(".")[2])
    step = computed(says, symbol, at, sp.Rational(decimal))
    by = (f"evaluated by interval arithmetic, rounded to {places} decimals", *step.by[1:])
    return Step("rounds", says, step.relation, by, data=(*step.data, places))


def _rounds(step, page):
    *data, places = step.data
    value = _value(Step("computed", "", step.relation, "", data=tuple(data)), page)
    half = sp.Rational(1, 2 * 10**places)
    gap = value - step.relation.rhs
    return ball(gap + half) > 0 and ball(half - gap) > 0


def all_of(says: str, relation, cases: Callable[[], Iterable[Mapping]], *, by: str) -> Step:
    """A relation that holds in each of finitely many exact cases (there must be one).

    `cases()` yields for each the values of the symbols that the page's shorthands are made of, as a mapping.
    """
    return Step("all_of", says, sp.sympify(relation), by, data=(cases,))


def _all_of(step, page):
    relation = page.expand(step.relation)
    cases = list(step.data[0]())
    return bool(cases) and all(_true(_put(relation, case), page) for case in cases)


def _true(relation, page) -> bool:
    if relation in (sp.true, sp.false):
        return relation == sp.true
    if relation.has(sp.Integral) or not _defined(relation.doit(), page):
        return False
    relation = relation.doit()
    if relation in (sp.true, sp.false):
        return relation == sp.true
    if isinstance(relation, sp.Equality):
        return zero(relation.lhs - relation.rhs)
    if not isinstance(relation, ORDER):
        return False
    gap = reduced(slack(relation))
    return page.signs.positive(gap) if isinstance(relation, STRICT) else page.signs.nonnegative(gap)


RULES = {
    "identity": _identity,
    "summed": _summed,
    "telescoped": _telescoped,
    "nonnegative": _nonnegative,
    "minimum": _minimum,
    "implies": _implies,
    "slope": _slope,
    "limit": _limit,
    "series": _series,
    "exact": _exact,
    "computed": _computed,
    "rounds": _rounds,
    "all_of": _all_of,
}


def eq(left, right):
    """left = right, as written (SymPy would decide some such relations on sight)."""
    return sp.Eq(sp.sympify(left), sp.sympify(right), evaluate=False)


def ne(left, right):
    """left differs from right, as written."""
    return sp.Ne(sp.sympify(left), sp.sympify(right), evaluate=False)


def ge(left, right):
    """left >= right, as written."""
    return sp.Ge(sp.sympify(left), sp.sympify(right), evaluate=False)


def gt(left, right):
    """left > right, as written."""
    return sp.Gt(sp.sympify(left), sp.sympify(right), evaluate=False)


def _listed(items):
    """The items with commas in between."""
    return [part for item in items for part in (", ", item)][1:]
