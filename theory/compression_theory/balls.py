"""Numbers in interval (ball) arithmetic: what is computed lies inside the ball."""

import sympy as sp
from flint import arb, ctx, fmpq

DIGITS_AT_FIRST, MOST_DIGITS = 50, 800


class Unknown(Exception):
    """An expression that this arithmetic does not know, or cannot decide."""


def rational(value) -> arb:
    """A SymPy rational as a ball."""
    return arb(fmpq(int(value.p), int(value.q)))


FUNCTIONS = {
    sp.exp: arb.exp,
    sp.log: arb.log,
    sp.sin: arb.sin,
    sp.cos: arb.cos,
    sp.tanh: arb.tanh,
    sp.Abs: abs,
    sp.LambertW: arb.lambertw,
    sp.gamma: arb.gamma,
    sp.erfc: arb.erfc,
    sp.ceiling: arb.ceil,
    sp.floor: arb.floor,
}


def evaluate(expression, leaf) -> arb:
    """The value of an expression at the present precision; `leaf` gives what is not built in here.

    Raises Unknown for what has no rule, and where a value leaves a function's domain.
    """
    e = expression
    if e.is_Rational:
        return rational(e)
    if e is sp.pi:
        return arb.pi()
    if e is sp.E:
        return arb(1).exp()
    if e is sp.GoldenRatio:
        return (1 + arb(5).sqrt()) / 2
    if e.is_Add:
        return sum((evaluate(a, leaf) for a in e.args), arb(0))
    if e.is_Mul:
        product = arb(1)
        for a in e.args:
            product *= evaluate(a, leaf)
        return product
    if e.is_Pow:
        return _power(evaluate(e.base, leaf), e.exp, leaf)
    if isinstance(e, sp.Max | sp.Min):
        values = [evaluate(a, leaf) for a in e.args]
        best = values[0]
        for value in values[1:]:
            best = best.max(value) if isinstance(e, sp.Max) else best.min(value)
        return best
    if isinstance(e, sp.expint):
        order, value = (evaluate(a, leaf) for a in e.args)
        return _finite(value.expint(order))
    for kind, function in FUNCTIONS.items():
        if isinstance(e, kind) and len(e.args) == 1:
            return _finite(function(evaluate(e.args[0], leaf)))
    return leaf(e)


def _power(base, exponent, leaf):
    if exponent.is_Integer:
        if exponent < 0 and base.contains(0):
            raise Unknown("a denominator that may be 0")
        return base ** int(exponent)
    if exponent == sp.Rational(1, 2):
        return _finite(base.sqrt())
    if not base > 0:
        raise Unknown("a power of a base that may not be positive")
    return (evaluate(exponent, leaf) * base.log()).exp()


def _finite(value):
    if not value.is_finite():
        raise Unknown("a value outside a function's domain")
    return value


def _no_leaf(expression):
    raise Unknown(f"no rule for {expression}")


def ball(expression) -> arb:
    """A number, with as many digits as it takes to tell its sign (0 is not told)."""
    digits, before = DIGITS_AT_FIRST, ctx.dps
    try:
        while True:
            ctx.dps = digits
            value = evaluate(sp.sympify(expression), _no_leaf)
            if not value.contains(0) or digits >= MOST_DIGITS:
                return value
            digits *= 4
    finally:
        ctx.dps = before
