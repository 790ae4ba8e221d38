"""Signs of expressions: from declared assumptions and from known relations, by rules that can be read.

SymPy's own deductions are not asked for: they answer for expressions that are not defined, and some come from
floating point.
"""

import sympy as sp
from sympy.core.function import AppliedUndef

from .algebra import ORDER, STRICT, factored, normal, reduced, slack
from .balls import Unknown, ball

POSITIVE, NEGATIVE, ZERO = frozenset({1}), frozenset({-1}), frozenset({0})
NONNEGATIVE, REAL, NONZERO = frozenset({0, 1}), frozenset({-1, 0, 1}), frozenset({-1, 1})


class Signs:
    """What signs an expression can have (a set of -1, 0, 1, or None where it may not be a real number).

    `facts`: relations that hold, as (relation, what it stands on); `used` collects what an answer stood on.
    """

    def __init__(self, facts=()):
        self.used, self._facts, self._cache = set(), {}, {}
        self.facts = []
        for relation, stands_on in facts:
            self.add(relation, stands_on)

    def add(self, relation, stands_on) -> None:
        """Another relation that holds from now on."""
        self.facts.append((relation, stands_on))
        if isinstance(relation, (sp.Equality, sp.Unequality, *ORDER)):
            factor, form = normal(slack(relation))
            if form.free_symbols:
                self._facts.setdefault(frozenset(form.free_symbols), []).append(
                    (relation, factor, form, stands_on)
                )
                self._cache = {}

    def of(self, e):
        """The signs that `e` can have."""
        e = sp.sympify(e)
        if e not in self._cache:
            before, self.used = self.used, set()
            found = self._structural(e)
            if found not in (POSITIVE, NEGATIVE, ZERO) and not e.is_number:
                found = self._by_facts(e, found)
            if (found == REAL or found is None) and (e.is_Add or e.is_Mul):
                product = factored(e)
                if product != e and not product.is_Add:
                    found = self._structural(product)
            self._cache[e] = (found, frozenset(self.used))
            self.used = before
        found, stood_on = self._cache[e]
        self.used |= stood_on
        return found

    def positive(self, e) -> bool:
        return self.of(e) == POSITIVE

    def nonnegative(self, e) -> bool:
        found = self.of(e)
        return found is not None and found <= NONNEGATIVE

    def nonzero(self, e) -> bool:
        found = self.of(e)
        return found is not None and 0 not in found

    def defined(self, e) -> bool:
        """Whether no denominator can be 0 and no logarithm or root leaves its domain."""
        return self.smooth(sp.sympify(e), None)

    def smooth(self, e, variable, at=None) -> bool:
        """Whether `e` is made of smooth functions inside their domains, for all values of its symbols.

        `at`: only near that value of `variable`; `variable` None: defined, derivatives do not matter.
        """
        here = (lambda part: part.subs(variable, at)) if at is not None else (lambda part: part)

        def inside(part):
            if part.is_Number or part.is_Symbol or part.is_NumberSymbol:
                return part not in (sp.oo, -sp.oo, sp.zoo, sp.nan)
            if variable is not None and not part.has(variable):
                return self.smooth(part, None)
            if isinstance(part, sp.Subs | sp.Derivative | sp.Limit):
                return variable is None and inside(part.args[0])
            if not all(map(inside, part.args)) and not isinstance(part, sp.Sum | sp.Integral | sp.Product):
                return False
            if part.is_Add or part.is_Mul:
                return True
            if part.is_Pow:
                base, exponent = here(part.base), part.exp
                if exponent.is_Integer:
                    return exponent > 0 or self.nonzero(base)
                signs = self.of(base)
                return signs == POSITIVE or (
                    variable is None
                    and signs is not None
                    and signs <= NONNEGATIVE
                    and self.positive(exponent)
                )
            if isinstance(part, sp.exp | sp.sin | sp.cos):
                return True
            if isinstance(part, sp.log | sp.LambertW | sp.expint):
                return self.positive(here(part.args[-1]))
            if isinstance(part, sp.Sum | sp.Integral | sp.Product):
                return self.smooth(part.function, variable, at)
            if isinstance(part, AppliedUndef):
                return True  # functions without a formula are declared smooth
            return variable is None and isinstance(part, sp.Abs | sp.Max | sp.Min | sp.expint | sp.gamma)

        return inside(e)

    def admits(self, symbol, value) -> bool:
        """Whether `value` is one of the values that the assumptions on `symbol` allow."""
        value = sp.sympify(value)
        signs = self.of(value)
        if symbol.is_integer and not _integer(value):
            return False
        wanted = declared(symbol)
        return wanted is None or (signs is not None and signs <= wanted)

    def _by_facts(self, e, found):
        candidates = self._facts.get(frozenset(e.free_symbols))
        if not candidates:
            return found
        factor, form = normal(e)
        for relation, other, known, stands_on in candidates:
            if known != form or other == 0:
                continue
            signs = _signs_of_slack(relation)
            if factor * other < 0:
                signs = frozenset(-s for s in signs)
            now = signs if found is None else found & signs
            if now and now != found:
                found = now
                self.used.add(stands_on)
        return found

    def _structural(self, e):
        if e.is_Rational:
            return frozenset({(e.p > 0) - (e.p < 0)})
        if e in (sp.oo, -sp.oo, sp.zoo, sp.nan):
            return None
        if e.is_Symbol or isinstance(e, AppliedUndef):
            return declared(e)
        if e.is_number and not e.has(sp.Integral, sp.Sum):
            try:
                value = ball(e)
            except Unknown:
                return None
            return POSITIVE if value > 0 else NEGATIVE if value < 0 else REAL
        if e.is_Add:
            total = ZERO
            for part in map(self.of, e.args):
                total = None if total is None or part is None else _sum(total, part)
            return self._exponential(e) if total == REAL and len(e.args) == 2 else total
        if e.is_Mul:
            product = POSITIVE
            for part in map(self.of, e.args):
                product = None if product is None or part is None else _product(product, part)
            return product
        if isinstance(e, sp.exp):
            return POSITIVE if self.of(e.args[0]) is not None else None
        if e.is_Pow:
            return self._power(self.of(e.base), e.exp)
        if isinstance(e, sp.log):
            if not self.positive(e.args[0]):
                return None
            return self.of(reduced(e.args[0] - 1))
        if isinstance(e, sp.LambertW) and len(e.args) == 1:
            return self.of(e.args[0]) if self.nonnegative(e.args[0]) else None
        if isinstance(e, sp.Abs):
            inner = self.of(e.args[0])
            return None if inner is None else _product(inner, inner)
        if isinstance(e, sp.sin | sp.cos):
            return REAL if self.of(e.args[0]) is not None else None
        if isinstance(e, sp.Sum):
            return self.of(e.function)
        if isinstance(e, sp.Product):
            return POSITIVE if self.positive(e.function) else None
        if isinstance(e, sp.Integral) and len(e.limits) == 1 and len(e.limits[0]) == 3:
            variable, low, high = e.limits[0]
            length = POSITIVE if high is sp.oo else self.of(high - low)
            inside = self.of(e.function) if declared(variable) == REAL or self.nonnegative(low) else None
            return None if length is None or inside is None or -1 in length else _product(length, inside)
        if isinstance(e, sp.gamma | sp.expint) and all(map(self.positive, e.args)):
            return POSITIVE
        if isinstance(e, sp.ceiling) and self.positive(e.args[0]):
            return POSITIVE
        return None

    def _exponential(self, e):
        """exp(z) - 1 has the sign of z, and so for multiples."""
        number, rest = sorted(e.args, key=lambda a: not a.is_number)
        factor, power = rest.as_coeff_Mul()
        if not (isinstance(power, sp.exp) and factor == -number):
            return REAL
        found = self.of(factor * power.args[0])
        return REAL if found is None else found

    def _power(self, base, exponent):
        if base is None:
            return None
        if exponent.is_Integer:
            if exponent < 0 and 0 in base:
                return None
            return frozenset(s**2 for s in base) if exponent % 2 == 0 else base
        if base == POSITIVE:
            return POSITIVE if self.of(exponent) is not None else None
        return base if base <= NONNEGATIVE and self.positive(exponent) else None


def declared(symbol):
    """The signs that the assumptions on a symbol, or on a function's values, allow."""
    if symbol.is_positive:
        return POSITIVE
    if symbol.is_negative:
        return NEGATIVE
    if symbol.is_nonnegative:
        return NONNEGATIVE
    if symbol.is_nonpositive:
        return frozenset({-1, 0})
    if symbol.is_real:
        return NONZERO if symbol.is_nonzero else REAL
    return None


def _integer(value):
    return value.is_integer is True


def _sum(a, b):
    both = {s + t for s in a for t in b}
    if {1, -1} <= a | b and any(s * t < 0 for s in a for t in b):
        return REAL
    return frozenset(max(-1, min(1, s)) for s in both)


def _product(a, b):
    return frozenset(s * t for s in a for t in b)


def _signs_of_slack(relation):
    if isinstance(relation, sp.Equality):
        return ZERO
    if isinstance(relation, sp.Unequality):
        return NONZERO
    return POSITIVE if isinstance(relation, STRICT) else NONNEGATIVE
