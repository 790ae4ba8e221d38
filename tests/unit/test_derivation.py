"""Each way of deciding a step confirms what follows and refuses what does not."""

import pytest
import sympy as sp

from compression_theory import derivation as dv
from compression_theory.notation import LEAVES, Pa, Pp, Pt, k, x

y, z = sp.symbols("y z", positive=True)
real, sign_unknown = sp.symbols("r s", real=True)
SHOWN = sp.Symbol("shown")
TOTALS = tuple(dv.Total(law, LEAVES, 1) for law in (Pp, Pa, Pt))


def on_a_page(step):
    """The answer on a page that knows three laws and gives the step's premises."""
    where = {SHOWN: y + sp.Rational(1, 3)}
    page = dv.Derivation("", "", "", (), "", (step,), given=step.premises, totals=TOTALS, where=where)
    return page.check()[0]


@pytest.mark.parametrize(
    ("step", "holds"),
    [
        (dv.identity("", (y + 1) ** 2, y**2 + 2 * y + 1), True),
        (dv.identity("", (y + 1) ** 2, y**2 + 2 * y), False),
        (dv.identity("", sp.log(y) / sp.log(y), 1), False),  # written it is 1 = 1: it says nothing
        (dv.identity("", (y**2 - 1) / (y - 1), y + 1), False),  # not at y = 1,
        (dv.summed("", 2 * Pp - Pa, LEAVES, [(2, Pp, 1), (-1, Pa, 1)], 1), True),
        (dv.summed("", 2 * Pp - Pa, LEAVES, [(2, Pp, 1), (-1, Pa, 1)], 2), False),
        (dv.summed("", Pp * Pt, LEAVES, [(Pt, Pp, 1)], Pt), False),  # the coefficient varies over the leaves
        (dv.summed("", Pp * x, LEAVES, [(x, Pp, 1)], x), False),
        (dv.summed("", 1 + Pp, LEAVES, [(1, Pp, 1)], 1), False),  # a term is left over
        (dv.nonnegative("", real**2 - 2 * real + 1, (real - 1) ** 2), True),
        (dv.nonnegative("", real**2 - 2 * real + 1, (real - 1) ** 2, strict=True), False),  # 0 at 1
        (dv.nonnegative("", real**2 - 2 * real + 1), True),  # a square once factored
        (dv.nonnegative("", real**2 - 2 * real + 2), False),  # no certificate
        (dv.nonnegative("", real**2 - 2 * real, (real - 1) ** 2), False),
        (dv.nonnegative("", -y), False),
        (dv.minimum("", y - 1 - sp.log(y), y, 1, 1 / y), True),
        (dv.minimum("", y - 2 - sp.log(y), y, 1, 1 / y), False),  # below 0
        (dv.minimum("", y - 1 - sp.log(y), y, 1, 1 / y**2), False),  # not its slope
        (dv.minimum("", -((y - 1) ** 2), y, 1, -2), False),  # a maximum
        (dv.implies("", [dv.ge(real, y)], dv.ge(2 * real, 2 * y), [2]), True),
        (dv.implies("", [dv.ge(real, y)], dv.ge(-real, -y), [-1]), False),  # a negative multiplier
        (
            dv.implies("", [dv.ge(real, y)], dv.ge(sign_unknown * real, sign_unknown * y), [sign_unknown]),
            False,
        ),
        (
            dv.implies("", [dv.eq(real, y)], dv.eq(sign_unknown * real, sign_unknown * y), [sign_unknown]),
            True,
        ),
        (dv.implies("", [dv.ge(real, y)], dv.eq(real, y), [1]), False),  # no equation from an inequality
        (dv.implies("", [dv.ge(real, y)], dv.gt(real, y), [1]), False),  # not strict
        (dv.implies("", [dv.gt(real, y), dv.ge(y, 1)], dv.gt(real, 1), [1, 1]), True),
        (dv.implies("", [dv.gt(real, y), dv.ge(y, 1)], dv.gt(y, 1), [0, 1]), False),
        (dv.implies("", [dv.ge(real, y)], dv.ge(real, z), [1]), False),
        (dv.limit("", k * Pp / (k + 1), k, sp.oo, Pp), True),
        (dv.limit("", k * Pp / (k + 1), k, sp.oo, 2 * Pp), False),
        (dv.limit("", (y**2 - 1) / (y - 1), y, 1, 2), True),
        (dv.limit("", 1 / (y - 1), y, 1, 0), False),
        (dv.limit("", k**2 / (k + 1), k, sp.oo, 1), False),
        (dv.limit("", k * sp.log(1 + 1 / k), k, sp.oo, 1), True),
        (dv.slope("", sp.log(y), y, 1 / y), True),
        (dv.slope("", sp.log(y), y, y), False),
        (dv.series("", sp.exp(y), y, 1 + y + y**2 / 2, 3), True),
        (dv.series("", sp.exp(y), y, 1 + y, 3), False),
        (dv.exact("", sp.Lt(sp.log(2), sp.Rational(7, 10), evaluate=False)), True),
        (dv.exact("", sp.Lt(sp.log(2), sp.Rational(6, 10), evaluate=False)), False),
        (dv.computed("", SHOWN, {y: sp.Rational(1, 6)}, sp.Rational(1, 2)), True),
        (dv.computed("", SHOWN, {y: sp.Rational(1, 3)}, sp.Rational(1, 2)), False),
        (dv.computed("", SHOWN, {y: -1}, sp.Rational(-2, 3)), False),  # y is positive
        (dv.computed("", y, {}, 1), False),  # y stands for nothing
        (dv.rounds("", SHOWN, {y: sp.pi}, "3.4749"), True),
        (dv.rounds("", SHOWN, {y: sp.pi}, "3.4750"), False),
        (dv.all_of("", sp.Le(y, z, evaluate=False), lambda: [{y: 1, z: 2}, {y: 2, z: 2}], by=""), True),
        (dv.all_of("", sp.Le(y, z, evaluate=False), lambda: [{y: 1, z: 2}, {y: 3, z: 2}], by=""), False),
        (dv.all_of("", sp.Le(y, z, evaluate=False), list, by=""), False),  # no case at all
    ],
)
def test_a_step_is_confirmed_iff_it_follows(step, holds):
    assert bool(on_a_page(step)) is holds


def test_a_page_tells_which_steps_hold():
    steps = (dv.identity("", y * (y + 1), y**2 + y), dv.identity("", y, z), dv.nonnegative("", z - y))
    page = dv.Derivation("claim", "title", "ours", (), "statement", steps)
    assert page.check() == (dv.Answer.HOLDS, dv.Answer.FALSE, dv.Answer.FALSE)


def test_as_many_multipliers_as_premises():
    with pytest.raises(ValueError, match="longer"):
        dv.implies("", [dv.ge(y, z), dv.ge(z, 0)], dv.ge(y, 0), [1])
