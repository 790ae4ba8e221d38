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
    all_of,
    computed,
    eq,
    exact,
    ge,
    gt,
    identity,
    implies,
    nonnegative,
    summed,
)
from .notation import LEAVES, MIXTURE, PD, T0, i, k, leaf, m

C, D = sp.symbols("C_1 C_3", real=True)  # E G(1,2), E G(2,3)
V = sp.Symbol("V", nonnegative=True)  # E G(2,2)
P1, P2, P3 = leaf("P_1"), leaf("P_2"), leaf("P_3")
G23 = sp.Symbol("G_{23}")
SIGNS = ("thm-4.2-sign-alignment",)
EXPECTATION = "in expectation over exchangeable D_1 and D_3 of equal size, at l = 0"


def derive() -> tuple[Derivation, ...]:
    """The sum rule, the theorem's signs, and two ways out of them."""
    return (_equal_parts(), _theorem(), _single_draw(), _unequal_shares())


def _equal_parts() -> Derivation:
    w, G2 = sp.Function("w", positive=True)(i), sp.Function("G_2", real=True)(i)
    a, b, p1, p3 = sp.symbols("a b P_1 P_3", positive=True)

    def part(p, other):  # one leaf's part of 1 + G between D_2 and the first of the two
        return p * P2 * T0 / (k / m * (p + other) + leaf("R"))

    return Derivation(
        claim="sign-equal-cardinality",
        title="The sign for parts of equal cardinality",
        source="ours",
        assumptions=(
            r"$D_p$ is a union of $m \ge 2$ parts of equal size; $D_a \sim D_2$, $D_t \sim D_3$, $l = 0$: "
            r"parts have the weights $w_2 = k/m + 1$, $w_i = k/m$ otherwise; $\sum_i w_i = k + 1$.",
            r"$(P_i)_{i \ne 2}$ are exchangeable given $P_2$, whose law is arbitrary. For $m = 3$: $D_1$ "
            r"and $D_3$. Any laws of the masses; $G \le T_0/w$, so that all expectations exist.",
            r"$V = E\,G_{22}$, $C_1 = E\,G_{12}$, $C_3 = E\,G_{23}$; $R$ lumps the other parts' weights.",
        ),
        statement=r"$E\,G_{23} = -\frac12(1 + \frac3k)E\,G_{22} \le 0$ for $m = 3$, and for $m$ parts "
        r"$E\,G_{23} = -\frac{1 + m/k}{m-1}E\,G_{22}$: in expectation the printed signs hold for every mass "
        r"law, every $k$ and every $m$.",
        scope="any number of leaves and parts",
        abbreviations=MIXTURE,
        steps=(
            exact(
                "One leaf's part of $1 + G_{12}$, with $a = P_1$ and $b = P_3$. Exchanging the two leaves "
                "the joint alone and gives $1 + G_{32}$; so $C_1 = C_3$ if they are exchangeable.",
                eq(sp.Subs(part(a, b), (a, b), (p3, p1)), part(p3, p1)),
                by="substitution",
            ),
            summed(
                "The sum rule at one leaf.",
                w * leaf("P", i) * P2 / PD,
                (i, 1, m),
                [(P2 / PD, w * leaf("P", i), T0 * PD)],
                T0 * P2,
            ),
            summed("Over the leaves: $\\sum_i w_i(1 + G_{i2}) = T_0$.", T0 * P2, LEAVES, [(T0, P2, 1)], T0),
            summed(
                r"So $\sum_i w_iG_{2,i} = 0$, with $G_{2,i} = G_{i2}$.",
                w * G2,
                (i, 1, m),
                [(1, w * (1 + G2), T0), (-1, w, T0)],
                0,
            ),
            implies(
                "Three parts: the rule in expectation, and $C_1 = C_3$.",
                [eq(k / 3 * C + (k / 3 + 1) * V + k / 3 * D, 0), eq(C, D)],
                eq(D, -(1 + 3 / k) * V / 2),
                [3 / (2 * k), -sp.Rational(1, 2)],
            ),
            implies(
                "And $m$ parts: $m - 1$ of them have the same expectation.",
                [eq((m - 1) * k / m * D + (k / m + 1) * V, 0)],
                eq(D, -(1 + m / k) * V / (m - 1)),
                [m / (k * (m - 1))],
            ),
            summed(
                "$V$ is not negative: $G_{22}$ is a sum of squares.",
                (P2 - PD) ** 2 / PD,
                LEAVES,
                [(1, P2**2 / PD, 1 + V), (-2, P2, 1), (1, PD, 1)],
                V,
            ),
            nonnegative(
                "So $-E\\,G_{23} \\ge 0$; with $m - 1 = 1 + u$, $u \\ge 0$.",
                (1 + (2 + sp.Symbol("u", nonnegative=True)) / k) * V / (1 + sp.Symbol("u", nonnegative=True)),
            ),
        ),
    )


def _theorem() -> Derivation:
    slope_a, slope_p = sp.symbols(r"\dot\gamma_a \dot\gamma_p", real=True)
    response, exact_ratio = eq(slope_a, -D / T0), eq(slope_a, -k * slope_p)
    return Derivation(
        claim="thm-4.2-sign-pretraining",
        also=SIGNS,
        title="The printed signs, in expectation",
        source="Thm. 4.2",
        assumptions=(
            r"The sum rule for equal parts, the elastic response and the exact ratio, all at $l = 0$.",
            r"$\dot\gamma_a$, $\dot\gamma_p$: the expected slopes in $l$.",
        ),
        statement=r"$E\,d\gamma_p/dl \le 0$ and $E\,d\gamma_a/dl \ge 0$, for Pareto masses as for any "
        r"others.",
        scope="any number of leaves",
        condition=EXPECTATION,
        abbreviations=MIXTURE,
        steps=(
            implies(
                "The alignment rate rises.",
                [response, eq(D, -(1 + 3 / k) * V / 2), ge(V, 0)],
                ge(slope_a, 0),
                [1, -1 / T0, (1 + 3 / k) / (2 * T0)],
            ),
            implies(
                "The pre-training rate falls, $k$ times as slowly.",
                [exact_ratio, ge(slope_a, 0)],
                ge(0, slope_p),
                [-1 / k, 1 / k],
            ),
            implies(
                "Both strictly, unless $P_2$ is the joint itself ($V = 0$).",
                [response, eq(D, -(1 + 3 / k) * V / 2), gt(V, 0)],
                gt(slope_a, 0),
                [1, -1 / T0, (1 + 3 / k) / (2 * T0)],
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


def _small_denominators():
    for first in permutations(("1/3", "1/2", "2/3")):
        yield {G23: sp.factor(inner_product(two_leaves(*first), (k / 3, k / 3 + 1, k / 3)))}


def _single_draw() -> Derivation:
    G = inner_product(two_leaves("1/4", "1/2", "2/3"), (k / 3, k / 3 + 1, k / 3))
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
            computed("At $k = 30$.", G23, G.subs(k, 30), sp.Rational(45, 2156)),
        ),
    )


def _unequal_shares() -> Derivation:
    laws, q, third = two_leaves("1/4", "3/4"), sp.Rational(1, 10), sp.Rational(1, 3)

    def mean(share):
        weights = [5 * (1 - 2 * share), 5 * share + 1, 5 * share]
        return sum(inner_product(draw, weights) for draw in product(laws, repeat=3)) / 8

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
        steps=(
            computed("Unequal shares.", sp.Symbol(r"{E\,G_{23}}"), mean(q), sp.Rational(7, 170)),
            computed("Equal shares.", sp.Symbol(r"{E\,G_{23}}"), mean(third), -sp.Rational(4695, 49742)),
        ),
    )
