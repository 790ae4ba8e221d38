"""Numbers put into a step: random and hostile points of what its page declares, sums over a few leaves.

A second look at what a rule decides by algebra. A point gives a value to every symbol and to every function
at every index, so that all totals and the given relations that the step stands on are met: totals and given
equations are solved for a symbol (or a function's value) that stands in them affinely; given inequalities are
met by drawing again. A step for which no point is found has no such check, and is counted as that.
"""

from random import Random

import sympy as sp
from flint import arb, ctx, fmpq
from sympy.core.function import AppliedUndef

from .algebra import ORDER, STRICT, slack
from .balls import Unknown, evaluate
from .notation import CONSTANTS
from .signs import declared

DIGITS = 300
POINTS, TRIES = 3, 12
HOSTILE = [(1, 1), (1, 2), (1, 3), (2, 1), (1, 7), (10, 1), (3, 2), (1, 1000), (1000, 1), (5, 4), (1, 10**6)]
CLOSE = arb(10) ** -25


class Spots:
    """The points of one page; `of` says whether numbers agree with a step."""

    def __init__(self, page):
        self.page, self._points = page, {}

    def of(self, step, fact):
        """(True, number of points), (False, the point), or (None, 0) where the step cannot be checked so."""
        check = CHECKS.get(step.kind, _relation)
        before, ctx.dps = ctx.dps, DIGITS
        try:
            relation = fact.relation
            count = 0
            for point in self._for(fact.given) or self._for(fact.given, fact.totals):
                try:
                    verdict = check(step, relation, point)
                except (Unknown, NotImplementedError, ValueError, TypeError, ZeroDivisionError):
                    continue
                if verdict is False:
                    return False, point.shown()
                count += verdict is True
            return (True, count) if count else (None, 0)
        finally:
            ctx.dps = before

    def _for(self, given, totals=None):
        """Points that meet some of the given relations, and all totals or those of these indices."""
        if (given, totals) not in self._points:
            chosen = self.page.totals if totals is None else [self.page.totals[t] for t in sorted(totals)]
            premises = [_expanded(self.page, self.page.premises[g]) for g in sorted(given)]
            self._points[given, totals] = self._draw(premises, chosen)
        return self._points[given, totals]

    def _draw(self, premises, totals):
        rng, points = Random(0), []
        for _ in range(TRIES):
            if len(points) == POINTS:
                break
            try:
                points.append(Point(self.page, premises, totals, rng))
            except (Unknown, ZeroDivisionError, NotImplementedError, TypeError, ValueError):
                continue
        return points


def counterexample(page, part, *, without=None, points: int = 100, seed: int = 0) -> str | None:
    """A point where a part's hypotheses are met and its relation fails, in words; None if none is drawn.

    The hypotheses: those that the part names, what its proof quotes, and the page's totals; `without`: one of
    them that is left out, to see what it is needed for. Ends after `points` that meet them; ValueError where
    none does: nothing was tried.
    """
    rng, met, before = Random(seed), 0, ctx.dps
    quoted = [r for r in page.stands_on(part) if not r.has(sp.Sum)]
    premises = [_expanded(page, r) for r in dict.fromkeys((*part.given, *quoted)) if r != without]
    totals = [total for total in page.totals if total.relation != without]
    ctx.dps = DIGITS
    try:
        for _ in range(20 * points):
            if met == points:
                break
            try:
                point = Point(page, premises, totals, rng)
                verdict = point.holds(_expanded(page, part.relation))
            except (Unknown, ZeroDivisionError, NotImplementedError, TypeError, ValueError):
                continue
            met += verdict is not None
            if verdict is False:
                return point.shown()
    finally:
        ctx.dps = before
    if not met:
        raise ValueError(f"no point that was drawn meets the hypotheses of {part.id}")
    return None


class Point:
    """Values for everything on a page that meet its totals and some given relations, or Unknown is raised."""

    def __init__(self, page, premises, totals, rng):
        self.rng, self.values, self.sizes = rng, {}, {}
        self.shapes = {}
        self.laws, self.constants = {}, {*CONSTANTS, *page.constants}
        for total in totals:
            term = sp.sympify(total.term)
            if isinstance(term, AppliedUndef) and sp.sympify(total.value) == 1:
                self.laws[term.func, term.args.index(total.index[0])] = total.index
        sums = [total.relation.lhs for total in totals]
        sums += [a for r in (*(s.relation for s in page.steps), *premises) for a in r.atoms(sp.Sum)]
        self.over = {index: last for a in sums for index, _, last in a.limits}
        for total in totals:
            self._fix_indices(total)
        equations = [_expanded(page, t.relation) for t in totals]
        equal = [r for r in premises if isinstance(r, sp.Equality) and not r.has(sp.Sum)]
        on_leaves = [r for r in equal if any(map(_indexed, r.atoms(AppliedUndef)))]
        others = sorted((r for r in equal if r not in on_leaves), key=lambda r: len(r.free_symbols))
        equations = [*on_leaves, *equations, *others]  # a sum is known once its terms are
        for relation in equations:
            self._solve(relation, equations)
        for relation in [*equations, *premises]:
            if self.holds(relation) is False:
                raise Unknown(f"not met: {relation}")

    def shown(self) -> str:
        """The values of the plain symbols, for a message."""
        plain = {str(s): f"{float(v):.6g}" for s, v in self.values.items() if isinstance(s, sp.Symbol)}
        return ", ".join(f"{name} = {value}" for name, value in sorted(plain.items())) or "this point"

    def holds(self, relation):
        """Whether a relation holds here, for every value of its free indices; None if unclear."""
        if isinstance(relation, sp.Implies):
            raise Unknown("an implication")
        if isinstance(relation, sp.And):
            verdicts = [self.holds(r) for r in relation.args]
            return False if False in verdicts else None if None in verdicts else True
        if not isinstance(relation, (sp.Equality, sp.Unequality, *ORDER)):
            raise Unknown("no relation")
        verdicts = []
        for setting in self._settings(relation):
            gap = self.value(slack(relation), setting)
            scale = 1 + abs(self.value(relation.lhs, setting))
            verdicts.append(_verdict(relation, gap, scale))
        return False if False in verdicts else None if None in verdicts else True

    def value(self, expression, setting=None) -> arb:
        """An expression's value; `setting` gives those of free indices."""
        setting = setting or {}

        def leaf(e):
            if e.is_Symbol:
                if e in setting:
                    return arb(setting[e])
                return self._symbol(e)
            if isinstance(e, AppliedUndef):
                return self._function(e, setting)
            if isinstance(e, sp.Sum | sp.Product):
                *within, (index, first, last) = e.limits
                inside = type(e)(e.function, *within) if within else e.function
                parts = [
                    self.value(inside, {**setting, index: j})
                    for j in range(self._integer(first, setting), self._integer(last, setting) + 1)
                ]
                total = arb(0) if isinstance(e, sp.Sum) else arb(1)
                for part in parts:
                    total = total + part if isinstance(e, sp.Sum) else total * part
                return total
            if isinstance(e, sp.Derivative | sp.Subs):
                done = e.replace(
                    lambda f: isinstance(f, AppliedUndef) and not _indexed(f), self._formula
                ).doit()
                if done.has(type(e)):
                    raise Unknown(f"no value for {type(e).__name__}")
                return self.value(done, setting)
            raise Unknown(f"no value for {e}")

        return evaluate(sp.sympify(expression), leaf)

    def _symbol(self, symbol):
        if symbol not in self.values:
            self.values[symbol] = arb(self._size(symbol)) if symbol.is_integer else self._draw(symbol)
        return self.values[symbol]

    def _size(self, symbol):
        if symbol not in self.sizes:
            self.sizes[symbol] = self.rng.randint(2, 5)
        return self.sizes[symbol]

    def _integer(self, e, setting):
        e = sp.sympify(e)
        if e.is_Integer:
            return int(e)
        value = self.value(e, setting)
        number = value.unique_fmpz()
        if number is None or int(number) > 50:
            raise Unknown("no small integer")
        return int(number)

    def _draw(self, symbol):
        p, q = (
            self.rng.choice(HOSTILE)
            if self.rng.random() < 0.5
            else (self.rng.randint(1, 40), self.rng.randint(1, 20))
        )
        value, signs = arb(fmpq(p, q)), declared(symbol)
        if signs is None:
            signs = {-1, 0, 1}
        sign = self.rng.choice([s for s in sorted(signs) if s or self.rng.random() < 0.3] or [0])
        return sign * value

    def _function(self, e, setting):
        if not _indexed(e):
            return self.value(self._formula(e), setting)
        key = (e.func, *(self._integer(a, setting) for a in e.args))
        if key not in self.values:
            for (func, place), index in self.laws.items():
                if func == e.func:
                    self._law(key, place, index, setting)
                    break
            else:
                self.values[key] = self._draw(e)
        return self.values[key]

    def _formula(self, e):
        """A polynomial in the place of a function of real variables, positive where it is declared so."""
        if e.func not in self.shapes:
            self.shapes[e.func] = [
                sp.Rational(self.rng.randint(-20, 20), self.rng.randint(1, 9)) for _ in "abc"
            ]
        a, b, c = self.shapes[e.func]
        at = sum(e.args)
        return a**2 + (b + c * at) ** 2 + sp.Rational(1, 7) if e.is_nonnegative else a + b * at + c * at**2

    def _law(self, key, place, index, setting):
        first, last = (self._integer(end, setting) for end in index[1:])
        keys = [(*key[: place + 1], j, *key[place + 2 :]) for j in range(first, last + 1)]
        if key not in keys:
            raise Unknown("outside the leaves")
        masses = [arb(self.rng.choice([1, 1, 2, 3, 5, 10, 100])) for _ in keys]
        for name, mass in zip(keys, masses, strict=True):
            self.values[name] = mass / sum(masses, arb(0))

    def _settings(self, relation):
        """All values of the free indices that functions in the relation have."""
        free = set()
        for function in relation.atoms(AppliedUndef):
            free |= {a for a in function.args if a.is_Symbol and a.is_integer}
        free &= relation.free_symbols
        settings = [{}]
        for index in sorted(free, key=str):
            size = self._range(index)
            settings = [{**s, index: j} for s in settings for j in range(1, size + 1)]
        return settings

    def _range(self, index):
        """The last value of an index: that of the totals over it; 1 where it is nowhere summed over."""
        if index not in self.values and index in self.over:
            return self._integer(self.over[index], {})
        if index not in self.values:
            self.values[index] = arb(1)
        return int(self.values[index].unique_fmpz())

    def _fix_indices(self, total):
        """A symbol that names a sum belongs to one dataset: an index free in the sum has one value."""
        value = sp.sympify(total.value)
        functions = {a for f in value.atoms(AppliedUndef) for a in f.args}
        names = {s for s in value.free_symbols if not s.is_integer} - {*self.constants}
        if names:
            indices = {a for f in sp.sympify(total.term).atoms(AppliedUndef) for a in f.args}
            for index in total.relation.free_symbols & indices - functions:
                self.values[index] = arb(1)

    def _solve(self, relation, equations):
        """Give a symbol, or a function's values, the value that the equation needs."""
        for name in self._unknowns(relation, equations):
            function = isinstance(name, AppliedUndef)
            settings = self._settings(relation) if function else self._settings(relation)[:1]
            for setting in settings:
                key = (name.func, *(self._integer(a, setting) for a in name.args)) if function else name
                at = []
                for trial in (0, 1, 2):
                    self.values[key] = arb(trial)
                    at.append(self.value(relation.lhs - relation.rhs, setting))
                slope = at[1] - at[0]
                if slope.contains(0) or not abs(at[2] - at[1] - slope) < CLOSE * (1 + abs(slope)):
                    del self.values[key]
                    break
                self.values[key] = -at[0] / slope
                if not _allowed(self.values[key], declared(name)):
                    raise Unknown("a value that the assumptions do not allow")
            else:
                return

    def _unknowns(self, relation, equations):
        """What an equation may be solved for: not yet valued, its own names first."""
        names = [s for s in relation.free_symbols | relation.atoms(AppliedUndef) if not s.is_integer]
        names = [s for s in names if s not in self.values and not self._valued(s)]
        free = {a for s in names if isinstance(s, AppliedUndef) for a in s.args} & relation.free_symbols
        free -= {*self.values}
        names = [s for s in names if free <= set(s.args)]  # an index that stays free needs a value each
        if isinstance(relation.lhs, sp.Sum) and isinstance(relation.lhs.function, AppliedUndef):
            names = [s for s in names if not self._is_law(s)]
        if isinstance(relation.lhs, sp.Sum):
            inside = relation.lhs.function
            names = [s for s in names if not inside.has(s)]
        return sorted(
            names,
            key=lambda s: (
                s != relation.lhs,
                sum(e.has(s) for e in equations),
                bool(s.is_nonnegative),
                str(s),
            ),
        )

    def _is_law(self, name):
        return isinstance(name, AppliedUndef) and any(name.func == func for func, _ in self.laws)

    def _valued(self, name):
        return isinstance(name, AppliedUndef) and any(
            isinstance(key, tuple) and key[0] == name.func for key in self.values
        )


def _indexed(function) -> bool:
    """Whether a function is one of leaves or datasets, and has a value of its own for each."""
    return all(a.is_integer for a in function.args)


def _expanded(page, relation):
    return relation.xreplace(dict(page.where)) if page.where else relation


def _allowed(value, signs):
    if signs is None:
        return True
    if value > 0:
        return 1 in signs
    if value < 0:
        return -1 in signs
    return 0 in signs


def _verdict(relation, gap, scale):
    """Whether a relation holds for this slack: None where the ball does not tell."""
    small = abs(gap) < CLOSE * scale
    if isinstance(relation, sp.Equality):
        return True if small else False if abs(gap) > CLOSE * scale else None
    if isinstance(relation, sp.Unequality):
        return False if small else True if abs(gap) > 0 else None
    if gap > 0:
        return True
    if isinstance(relation, STRICT):
        return False if gap <= 0 or (small and gap.rad() == 0) else None
    return True if gap >= 0 or small else False if gap < 0 else None


def _relation(step, relation, point):
    return point.holds(relation)


def _slope_check(step, relation, point):
    """A central difference at high precision: its error is far below the tolerance."""
    derivative = relation.lhs
    if len(derivative.variables) != 1:
        return None
    (variable,) = derivative.variables
    for setting in point._settings(relation):
        wanted = point.value(relation.rhs, setting)
        at, step_size = point._symbol(variable), arb(10) ** -60
        ends = []
        try:
            for sign in (1, -1):
                point.values[variable] = at + sign * step_size
                ends.append(point.value(derivative.expr, setting))
        finally:
            point.values[variable] = at
        found = (ends[0] - ends[1]) / (2 * step_size)
        if not abs(found - wanted) < CLOSE * (1 + abs(wanted)):
            return False if abs(found - wanted) > CLOSE * (1 + abs(wanted)) else None
    return True


def _near(point, variable, value, expression, setting):
    had = point.values.get(variable)
    point.values[variable] = value
    try:
        return point.value(expression, setting)
    finally:
        if had is None:
            point.values.pop(variable, None)
        else:
            point.values[variable] = had


def _limit_check(step, relation, point):
    """The distance to the limit, close to the point and closer: it must go to 0."""
    e, variable, to = relation.lhs.args[:3]
    for setting in point._settings(relation):
        wanted = point.value(relation.rhs, setting)
        gaps = []
        for power in (40, 80):
            far = arb(10) ** power
            value = far if to is sp.oo else -far if to is -sp.oo else point.value(to) + 1 / far
            gaps.append(abs(_near(point, variable, value, e, setting) - wanted) / (1 + abs(wanted)))
        if gaps[1] < arb(10) ** -6 or gaps[1] < gaps[0] * 0.7:
            continue
        return False if gaps[1] > arb(10) ** -6 else None
    return True


def _series_check(step, relation, point):
    """The difference over variable^(order - 1) goes to 0."""
    variable, order = step.data
    gap = relation.lhs - relation.rhs.removeO()
    for setting in point._settings(relation):
        small = arb(10) ** -40
        value = _near(point, variable, small, gap, setting)
        if not abs(value) < small ** (order - 1) * arb(10) ** -20:
            return False if abs(value) > small ** (order - 1) * arb(10) ** -20 else None
    return True


def _not_for_numbers(step, relation, point):
    """Relations between exact numbers are evaluated by their rule: nothing is left to put in."""
    raise Unknown("nothing to put in")


CHECKS = {
    "slope": _slope_check,
    "limit": _limit_check,
    "series": _series_check,
    "computed": _not_for_numbers,
    "rounds": _not_for_numbers,
    "all_of": _not_for_numbers,
}
