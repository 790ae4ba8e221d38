"""The signs of Theorem 4.2: true in expectation for equal parts, false for single draws and unequal shares.

Whether the pre-training rate falls is a question about G(a,t) alone. If the part that the perturbation is
like and one other part of the pre-training data are exchangeable and of equal size, the sum rule for G
makes its expectation negative, for every law of the masses: Pareto tails have no role. The statement is
one about expectations. Single draws break it already on two leaves; and one part that dominates the
others, with leaf masses that do not average, breaks it in expectation.
"""

from itertools import permutations, product

import sympy as sp

from .derivation import (
    Derivation,
    Given,
    Part,
    Total,
    all_of,
    computed,
    eq,
    ge,
    identity,
    implies,
    nonnegative,
    summed,
)
from .notation import LEAVES, MIXTURE, T0, Gat, Gpt, Pa, Pp, Pt, d, j, k, leaf
from .ratio import AT_ZERO
from .response import nt, rest

G12, G22, G23 = sp.symbols("G_{12} G_{22} G_{23}", real=True)  # of one draw
C, V, D, E_p = sp.symbols("C_1 V C_3 {E\\,G_{pt}}", real=True)  # E G(1,2), E G(2,2), E G(2,3), E G(p,t)
P1, P2, P3 = leaf("P_1"), leaf("P_2"), leaf("P_3")
DRAWS = (j, 1, d)
chance = sp.Function("p", nonnegative=True)(j)
g12, g22, g23, gp = (sp.Function(name, real=True)(j) for name in ("G_{12}", "G_{22}", "G_{23}", "G_{pt}"))
SIGNS = ("thm-4.2-sign-alignment",)
DRAWN = q1, q2, q3 = tuple(leaf(f"P_{number}", j) for number in (1, 2, 3))  # the laws of draw j
AT_DRAW = {G12: g12, G22: g22, G23: g23, P1: q1, P2: q2, P3: q3}
DRAWN_JOINT = (k / 3 * q1 + (k / 3 + 1) * q2 + k / 3 * q3) / T0
EVERY_DRAW = (
    *(Total(law, LEAVES, 1) for law in DRAWN),
    Total(q1 * q2 / DRAWN_JOINT, LEAVES, 1 + g12),
    Total(q2**2 / DRAWN_JOINT, LEAVES, 1 + g22),
    Total(q2 * q3 / DRAWN_JOINT, LEAVES, 1 + g23),
)
LUMPED = {leaf("R"): k / 3 * (q1 + q3), rest: 2 * k / 3, nt: k / 3 + 1}
EXPECTATION = "in expectation over exchangeable D_1 and D_3 of equal size, at l = 0"
RULE = Part("sign-equal-cardinality/rule", eq(k / 3 * G12 + (k / 3 + 1) * G22 + k / 3 * G23, 0))
EXCHANGEABLE = eq(C, D)
OWN = ge(sp.Symbol("G_{tt}", real=True), 0)  # elastic-response/own
EXPECTED = Part("sign-equal-cardinality/expected", eq(D, -(1 + 3 / k) * V / 2), (EXCHANGEABLE,))
NOT_BELOW = Part("sign-equal-cardinality/own", ge(V, 0))


def derive() -> tuple[Derivation, ...]:
    """The sum rule, the theorem's signs, and two ways out of them."""
    return (_rule(), _equal_parts(), _theorem(), _single_draw(), _unequal_shares())


def _rule() -> Derivation:
    joint = (k / 3 * P1 + (k / 3 + 1) * P2 + k / 3 * P3) / T0
    weighted = (k / 3 * P1 + (k / 3 + 1) * P2 + k / 3 * P3) * P2 / joint
    return Derivation(
        claim="sign-equal-cardinality",
        title="The sum rule for three parts of equal cardinality",
        source="ours",
        assumptions=(
            r"$D_p$ is a union of three parts of equal size; $D_a \sim D_2$, $D_t \sim D_3$, $l = 0$: the "
            r"parts have "
            r"the weights $k/3$, $k/3 + 1$, $k/3$. $G$ of one draw of the laws.",
        ),
        statement=r"$\frac k3G_{12} + (\frac k3 + 1)G_{22} + \frac k3G_{23} = 0$ for any laws.",
        scope="any number of leaves",
        abbreviations=MIXTURE,
        totals=(
            Total(P1, LEAVES, 1),
            Total(P2, LEAVES, 1),
            Total(P3, LEAVES, 1),
            Total(P1 * P2 / joint, LEAVES, 1 + G12),
            Total(P2**2 / joint, LEAVES, 1 + G22),
            Total(P2 * P3 / joint, LEAVES, 1 + G23),
        ),
        parts=(RULE,),
        steps=(
            summed("The weighted products leave $P_2$ alone.", weighted, LEAVES, [(T0, P2, 1)], T0),
            summed(
                "The same by the definitions of the three.",
                weighted,
                LEAVES,
                [
                    (k / 3, P1 * P2 / joint, 1 + G12),
                    (k / 3 + 1, P2**2 / joint, 1 + G22),
                    (k / 3, P2 * P3 / joint, 1 + G23),
                ],
                k / 3 * (1 + G12) + (k / 3 + 1) * (1 + G22) + k / 3 * (1 + G23),
            ),
            implies(
                "So they balance.",
                [
                    eq(sp.Sum(weighted, LEAVES), T0),
                    eq(
                        sp.Sum(weighted, LEAVES),
                        k / 3 * (1 + G12) + (k / 3 + 1) * (1 + G22) + k / 3 * (1 + G23),
                    ),
                ],
                RULE.relation,
                [1, -1],
            ),
        ),
    )


def _equal_parts() -> Derivation:
    rule = k / 3 * g12 + (k / 3 + 1) * g22 + k / 3 * g23
    own = sp.Sum(chance * g22, DRAWS)
    mean = sp.Sum(chance * rule, DRAWS)
    return Derivation(
        claim="sign-equal-cardinality",
        title="The sign for parts of equal cardinality",
        source="ours",
        assumptions=(
            r"The laws are drawn: draw $j$ has the chance $p_j$, and its own $G$. $V = E\,G_{22}$, $C_1 = "
            r"E\,G_{12}$, "
            r"$C_3 = E\,G_{23}$. Any laws of the masses; $G \le T_0/w$, so that all expectations exist.",
            r"$D_1$ and $D_3$ are exchangeable given $D_2$: to exchange them leaves the chance of a draw "
            r"alone, and "
            r"its joint, and turns $G_{12}$ into $G_{23}$; so $C_1 = C_3$.",
        ),
        statement=r"$E\,G_{23} = -\frac12(1 + \frac3k)E\,G_{22} \le 0$: in expectation the printed signs "
        r"hold for "
        r"every mass law and every $k$.",
        scope="any number of leaves; finitely many draws, and by linearity any law of them",
        abbreviations=MIXTURE,
        totals=(
            Total(chance, DRAWS, 1),
            Total(chance * g12, DRAWS, C),
            Total(chance * g22, DRAWS, V),
            Total(chance * g23, DRAWS, D),
            *EVERY_DRAW,
        ),
        given=(
            EXCHANGEABLE,
            Given(eq(rule, 0), RULE.id, AT_DRAW),
            Given(ge(g22, 0), "elastic-response/own", {OWN.lhs: g22, Pt: q2, **LUMPED}),
        ),
        parts=(EXPECTED, NOT_BELOW, Part("sign-equal-cardinality/sign", ge(0, D), (EXCHANGEABLE,))),
        steps=(
            implies("Every draw obeys the rule,", [eq(rule, 0)], eq(chance * rule, 0), [chance]),
            summed("and so does their mean.", chance * rule, DRAWS, [(1, chance * rule, 0)], 0),
            summed(
                "That mean, term by term.",
                chance * rule,
                DRAWS,
                [(k / 3, chance * g12, C), (k / 3 + 1, chance * g22, V), (k / 3, chance * g23, D)],
                k / 3 * C + (k / 3 + 1) * V + k / 3 * D,
            ),
            implies(
                "With $C_1 = C_3$ the constant follows.",
                [eq(mean, 0), eq(mean, k / 3 * C + (k / 3 + 1) * V + k / 3 * D), EXCHANGEABLE],
                EXPECTED.relation,
                [3 / (2 * k), -3 / (2 * k), -sp.Rational(1, 2)],
            ),
            summed(
                "(In a draw the other two weigh $2k/3$ together.)",
                k / 3 * (q1 + q3),
                LEAVES,
                [(k / 3, q1, 1), (k / 3, q3, 1)],
                2 * k / 3,
            ),
            nonnegative("$G_{22} \\ge 0$ in every draw, so in the mean:", own),
            implies("$V \\ge 0$.", [ge(own, 0), eq(own, V)], ge(V, 0), [1, -1]),
            implies(
                "So $E\\,G_{23} \\le 0$.",
                [EXPECTED.relation, ge(V, 0)],
                ge(0, D),
                [-1, (1 + 3 / k) / 2],
            ),
        ),
    )


def _theorem() -> Derivation:
    whole = (q1 + q2 + q3) / 3
    ratio = {Gat: g23, Gpt: gp, Pp: whole, Pa: q2, Pt: q3}
    at_zero = AT_ZERO.relation.xreplace(ratio)
    mean = sp.Sum(chance * (g23 + k * gp), DRAWS)
    return Derivation(
        claim="thm-4.2-sign-pretraining",
        also=SIGNS,
        title="The printed signs, in expectation",
        source="Thm. 4.2",
        assumptions=(
            r"Draws as on the page before; $G_{at} = G_{23}$, and $G_{pt}$ of a draw obeys the exact ratio "
            r"at $l = 0$.",
            r"$-E\,G_{at}/T_0$, $-E\,G_{pt}/T_0$ are the expected slopes of $\gamma_a$ and $\gamma_p$ in $l$ "
            r"(elastic "
            r"response).",
        ),
        statement=r"$E\,d\gamma_p/dl \le 0$ and $E\,d\gamma_a/dl \ge 0$, for Pareto masses as for any "
        r"others.",
        scope="any number of leaves",
        abbreviations=MIXTURE,
        totals=(
            Total(chance, DRAWS, 1),
            Total(chance * g12, DRAWS, C),
            Total(chance * g22, DRAWS, V),
            Total(chance * g23, DRAWS, D),
            Total(chance * gp, DRAWS, E_p),
            *EVERY_DRAW,
            Total(whole * q3 / DRAWN_JOINT, LEAVES, 1 + gp),
        ),
        given=(
            EXCHANGEABLE,
            Given(EXPECTED.relation, EXPECTED.id),
            Given(ge(V, 0), NOT_BELOW.id),
            Given(at_zero, AT_ZERO.id, ratio),
        ),
        parts=(
            Part("thm-4.2-sign-alignment/expected", ge(-D / T0, 0), (EXCHANGEABLE,)),
            Part("thm-4.2-sign-pretraining/expected", ge(0, -E_p / T0), (EXCHANGEABLE,)),
        ),
        steps=(
            implies(
                "The alignment rate rises.",
                [EXPECTED.relation, ge(V, 0)],
                ge(-D / T0, 0),
                [-1 / T0, (1 + 3 / k) / (2 * T0)],
            ),
            implies(
                "In every draw the slopes balance,", [at_zero], eq(chance * (g23 + k * gp), 0), [-chance * T0]
            ),
            summed("so in the mean:", chance * (g23 + k * gp), DRAWS, [(1, chance * (g23 + k * gp), 0)], 0),
            summed(
                "that is,", mean.function, DRAWS, [(1, chance * g23, D), (k, chance * gp, E_p)], D + k * E_p
            ),
            implies(
                "The pre-training rate falls, $k$ times as slowly.",
                [eq(mean, 0), eq(mean, D + k * E_p), ge(-D / T0, 0)],
                ge(0, -E_p / T0),
                [1 / (k * T0), -1 / (k * T0), 1 / k],
            ),
        ),
    )


def inner_product(laws, weights):
    """G(2,3) of three laws with these weights, exactly."""
    total = sum(weights)
    joint = [sum(w * law[leaf] for w, law in zip(weights, laws, strict=True)) / total for leaf in range(2)]
    return sum(laws[1][leaf] * laws[2][leaf] / joint[leaf] for leaf in range(2)) - 1


def two_leaves(*first):
    """The laws on two leaves whose first leaf has these masses."""
    return [(sp.Rational(p), 1 - sp.Rational(p)) for p in first]


FIRST = p1, p2, p3 = sp.symbols("p_1 p_2 p_3", positive=True)  # masses of the first leaf
EQUAL = (k / 3, k / 3 + 1, k / 3)
ON_TWO_LEAVES = inner_product([(p, 1 - p) for p in FIRST], EQUAL)


def _small_denominators():
    for first in permutations(("1/3", "1/2", "2/3")):
        yield dict(zip(FIRST, map(sp.Rational, first), strict=True))


def _single_draw() -> Derivation:
    draw = dict(zip(FIRST, map(sp.Rational, ("1/4", "1/2", "2/3")), strict=True))
    G = ON_TWO_LEAVES.subs(draw)
    certificate = k * (7 * k + 6) / ((17 * k + 18) * (19 * k + 18))
    return Derivation(
        claim="thm-4.2-sign-pretraining",
        also=SIGNS,
        title="A single draw that reverses both signs",
        source="Thm. 4.2",
        assumptions=(
            r"Two leaves, three parts of equal size, $P_1 = (\frac14, \frac34)$, $P_2 = (\frac12, \frac12)$, "
            r"$P_3 = (\frac23, \frac13)$: masses that Pareto draws can have.",
        ),
        statement=r"$G_{23} > 0$ for every $k$: the pre-training rate rises and the alignment rate falls. No "
        r"example has fewer leaves, nor (with three different laws) smaller denominators.",
        role="boundary",
        scope="these laws, every $k$",
        condition=EXPECTATION,
        abbreviations=MIXTURE,
        where={G23: ON_TWO_LEAVES},
        steps=(
            identity("The inner product.", G, certificate),
            nonnegative("It is positive for every $k$.", G, certificate, strict=True),
            all_of(
                "Denominators of at most 3 are too small: of three different laws, in any order, $G_{23} "
                "\\le 0$.",
                sp.Le(G23, 0, evaluate=False),
                _small_denominators,
                by="factored for each order of the three laws, every $k > 0$",
            ),
            computed("At $k = 30$.", G23, {**draw, k: 30}, sp.Rational(45, 2156)),
        ),
    )


def _unequal_shares() -> Derivation:
    laws, share, third = two_leaves("1/4", "3/4"), sp.Symbol("q", positive=True), sp.Rational(1, 3)
    weights = [k * (1 - 2 * share), k * share + 1, k * share]
    mean = sum(inner_product(draw, weights) for draw in product(laws, repeat=3)) / 8
    expected = sp.Symbol(r"{E\,G_{23}}")
    return Derivation(
        claim="thm-4.2-sign-pretraining",
        also=SIGNS,
        title="Unequal shares reverse the signs in expectation",
        source="Thm. 4.2",
        assumptions=(
            r"Two leaves; each of three parts has the law $(\frac14, \frac34)$ or $(\frac34, \frac14)$, "
            r"independently and with equal chances; $k = 5$; shares $(1 - 2q, q, q)$ of $D_p$.",
        ),
        statement=r"With $q = \frac1{10}$ the expected $G_{23}$ is $7/170 > 0$; with equal shares, $q = "
        r"\frac13$, it is negative. So equal cardinality is needed, and not only exchangeable laws.",
        role="boundary",
        scope="this law, all eight draws",
        condition=EXPECTATION,
        abbreviations=MIXTURE,
        where={expected: mean},
        steps=(
            computed("Unequal shares.", expected, {k: 5, share: sp.Rational(1, 10)}, sp.Rational(7, 170)),
            computed("Equal shares.", expected, {k: 5, share: third}, -sp.Rational(4695, 49742)),
        ),
    )
