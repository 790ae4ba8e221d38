"""Each kind of step, drawn: the true one is confirmed, the false one beside it never is."""

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from compression_theory import derivation as dv
from compression_theory.notation import LEAVES, Pa, Pp, Pt, k

y, z = sp.symbols("y z", positive=True)
r, s = sp.symbols("r s", real=True)
index, last = sp.symbols("i N", integer=True, positive=True)
SHOWN = sp.Symbol("shown")
TOTALS = tuple(dv.Total(law, LEAVES, 1) for law in (Pp, Pa, Pt))

small = st.integers(-4, 4)
positive = st.integers(1, 5)
off = st.sampled_from([sp.Rational(1, 100), -1, sp.Rational(-1, 7), 3])  # what a false step is off by


def answer(step, given=None, where=None):
    given = step.premises if given is None else given
    page = dv.Derivation("", "", "", (), "", (step,), given=given, totals=TOTALS, where=where or {})
    return page.check()[0]


@st.composite
def polynomials(draw):
    a, b, c, d = (draw(small) for _ in range(4))
    return a + b * y + c * y * z + d * z**2


@st.composite
def identity(draw):
    p, q = draw(polynomials()) + z**3, draw(polynomials()) + y**3
    yes = dv.identity("", (p + q) * (p - q) / (1 + z), (p**2 - q**2) / (1 + z))
    return yes, dv.identity("", yes.relation.lhs, yes.relation.rhs + draw(off) / (1 + z))


@st.composite
def summed(draw):
    a, b, error = draw(small), draw(positive), draw(off)
    term, parts = a * Pp * k + b * Pa, [(a * k, Pp, 1), (b, Pa, 1)]
    yes = dv.summed("", term, LEAVES, parts, a * k + b)
    wrong = [
        dv.summed("", term, LEAVES, parts, a * k + b + error),
        dv.summed("", term, LEAVES, [(a * k, Pp, 1), (b, Pa, 1 + error)], a * k + b * (1 + error)),
        dv.summed("", b * Pa * Pt, LEAVES, [(b * Pt, Pa, 1)], b * Pt),
        dv.summed("", b * y * Pa, LEAVES, [(b * y, Pa, 1)], b * y),  # y may depend on the leaf
    ]
    return yes, draw(st.sampled_from(wrong))


@st.composite
def telescoped(draw):
    a, b = draw(positive), draw(small)
    primitive = a * index**2 + b * index
    term = sp.expand(primitive.subs(index, index + 1) - primitive)
    value = primitive.subs(index, last + 1) - primitive.subs(index, 1)
    yes = dv.telescoped("", term, (index, 1, last), primitive, value)
    return yes, dv.telescoped("", term, (index, 1, last), primitive, value + draw(off))


@st.composite
def nonnegative(draw):
    a, b, c = draw(positive), draw(small), draw(positive)
    strict = draw(st.booleans())
    value = sp.expand((a * r - b) ** 2) + (c if strict else 0)
    yes = dv.nonnegative("", value, (a * r - b) ** 2 + (c if strict else 0), strict=strict)
    wrong = dv.nonnegative("", value - c - sp.Rational(1, 3), (a * r - b) ** 2, strict=strict)
    return yes, draw(st.sampled_from([wrong, dv.nonnegative("", (a * r - b) ** 2, strict=True)]))


@st.composite
def minimum(draw):
    scale, at = draw(positive), draw(positive)
    f = scale * (y - at - at * sp.log(y / at))
    yes = dv.minimum("", f, y, at, scale / y)
    wrong = [
        dv.minimum("", f - sp.Rational(1, 9), y, at, scale / y),
        dv.minimum("", -f, y, at, -scale / y),
        dv.minimum("", scale * (r - at) ** 2 / (r + at) ** 2 - (r - at) ** 4, r, at, 1),
        dv.minimum("", sp.floor(-y / at) * 0 - sp.floor(y / at), y, at, 0),
    ]
    return yes, draw(st.sampled_from(wrong))


@st.composite
def implies(draw):
    a, b, c = draw(positive), draw(positive), draw(small)
    first, second = dv.ge(r, c * y), dv.gt(s, r)
    conclusion = dv.gt(a * s + (b - a) * r, b * c * y)
    yes = dv.implies("", [first, second], conclusion, [b, a])
    more = dv.gt(a * s + (b - a) * r, b * c * y + sp.Rational(1, 5))
    wrong = [
        dv.implies("", [first, second], more, [b, a]),
        dv.implies("", [first, dv.ge(s, r)], conclusion, [b, a]),  # not strict
        dv.implies("", [first], dv.ge(-a * r, -a * c * y), [-a]),
        dv.implies("", [dv.eq(r * (s - a), 0)], dv.eq(s, a), [1 / r]),  # r may be 0
        dv.implies("", [dv.ge(r, s), dv.ge(s, r + a)], dv.ge(0, a), [1, 1]),  # they contradict each other
        dv.implies("", [dv.ne(r, s)], dv.ge(r, s), [1]),
    ]
    return yes, draw(st.sampled_from(wrong))


@st.composite
def slope(draw):
    p, a = draw(polynomials()) + y**3, draw(positive)
    f = p + sp.log(a * y + z)
    yes = dv.slope("", f, y, sp.diff(p, y) + a / (a * y + z))
    wrong = [
        dv.slope("", f, y, yes.relation.rhs + draw(off)),
        dv.slope("", sp.floor(a * y), y, 0),
        dv.slope("", sp.Piecewise((0, y < a), (1, True)), y, 0),
        dv.slope("", sp.Function("f")(z), y, 0),  # y does not occur
    ]
    return yes, draw(st.sampled_from(wrong))


@st.composite
def limit(draw):
    a, b, c, d = (draw(positive) for _ in range(4))
    f = (a * k + b * y) / (c * k + d * z)
    yes = dv.limit("", f, k, sp.oo, sp.Rational(a, c))
    wrong = [
        dv.limit("", f, k, sp.oo, sp.Rational(a, c) + draw(off)),
        dv.limit("", a * y / (b * y + r), y, 0, 0),  # not where r is 0
    ]
    return yes, draw(st.sampled_from(wrong))


@st.composite
def series(draw):
    a, b = draw(positive), draw(positive)
    f = sp.exp(a * y) / (1 + b * y)
    first = a - b
    second = sp.Rational(a**2, 2) - a * b + b**2
    yes = dv.series("", f, y, 1 + first * y + second * y**2, 3)
    wrong = [
        dv.series("", f, y, 1 + first * y + (second + draw(off)) * y**2, 3),
        dv.series("", 1 + y ** sp.Rational(2 * a + 1, 2), y, 1, a + 1),
    ]
    return yes, draw(st.sampled_from(wrong))


@st.composite
def exact(draw):
    a, b = draw(positive), draw(positive)
    below = sp.Rational(int(10**6 * float(sp.log(a + b + 1))), 10**6)
    yes = dv.exact("", sp.Gt(sp.log(a + b + 1), below, evaluate=False))
    return yes, dv.exact("", sp.Lt(sp.log(a + b + 1), below, evaluate=False))


@st.composite
def computed(draw):
    value = sp.Rational(draw(positive), draw(positive))
    yes = dv.computed("", SHOWN, {y: value, z: 2}, value**2 + 2)
    wrong = [
        dv.computed("", SHOWN, {y: value, z: 2}, value**2 + 2 + draw(off)),
        dv.computed("", SHOWN, {y: -value, z: 2}, value**2 + 2),  # y is positive
        dv.computed("", sp.Symbol("other"), {y: value, z: 2}, value**2 + 2),
    ]
    return yes, draw(st.sampled_from(wrong))


@st.composite
def rounds(draw):
    n = draw(positive)
    decimal = f"{float(sp.sqrt(n) ** 2 + sp.sqrt(2)):.4f}"
    wrong = f"{float(n + sp.sqrt(2)) + draw(st.sampled_from([1e-3, -2e-4, 1])):.4f}"
    at = {y: sp.sqrt(n), z: sp.sqrt(2)}
    return dv.rounds("", SHOWN, at, decimal), dv.rounds("", SHOWN, at, wrong)


@st.composite
def all_of(draw):
    values = draw(st.lists(positive, min_size=1, max_size=4))
    bound = max(values) ** 2 + 1
    cases = [{y: sp.Integer(v), z: sp.Integer(1)} for v in values]
    yes = dv.all_of("", sp.Le(SHOWN, bound, evaluate=False), lambda: cases, by="")
    wrong = dv.all_of("", sp.Le(SHOWN, bound - 1, evaluate=False), lambda: cases, by="")
    return yes, draw(st.sampled_from([wrong, dv.all_of("", wrong.relation, list, by="")]))


KINDS = {
    strategy.__name__: strategy
    for strategy in (
        identity, summed, telescoped, nonnegative, minimum, implies, slope, limit, series, exact, computed,
        rounds, all_of,
    )
}  # fmt: skip


def test_every_kind_of_step_is_drawn():
    assert set(KINDS) == set(dv.RULES)


@pytest.mark.parametrize("kind", KINDS)
def test_true_steps_are_confirmed_and_false_ones_are_not(kind):
    @settings(max_examples=25, deadline=None, derandomize=True)
    @given(KINDS[kind]())
    def drawn(steps):
        yes, no = steps
        where = {SHOWN: y**2 + z}
        assert answer(yes, where=where) is dv.Answer.HOLDS, yes.relation
        assert not answer(no, where=where), no.shown

    drawn()
