"""The ratio of Theorem 4.2: exactly -k at l = 0, and what it becomes for l > 0.

The paper states that the alignment rate rises Theta(k) times as fast as the pre-training rate falls. At
l = 0 the constant is 1 and nothing about the laws is used. For l > 0 the perturbation itself takes part in
the conservation law, and the ratio grows from -k without bound up to the volume at which the pre-training
rate turns. The support condition is needed: mass of the perturbation on leaves that no one else has takes
something from everybody.
"""

import sympy as sp

from .derivation import (
    Derivation,
    Given,
    Part,
    Total,
    computed,
    eq,
    ge,
    gt,
    implies,
    limit,
    ne,
    nonnegative,
    slope,
    summed,
)
from .notation import LEAVES, MIXTURE, P0, T0, Gat, Gpt, Gtt, Pa, Pi, Pl, Pp, Pt, T, ell, k, leaf

lam = sp.Symbol("lambda", nonzero=True, real=True)
q = sp.Symbol("q", positive=True)
m0 = sp.Symbol("m_0", nonnegative=True)
Git = sp.Symbol("G_{it}", real=True)
SUPPORT = "P_t has no mass outside the support of the joint at l = 0, and G(a,t) != 0"
THEOREM = SUPPORT + "; ideal code lengths; l < lambda"
balance = eq(k * Gpt + Gat + ell * Gtt, 0)
AT_ZERO = Part("exact-ratio/at-zero", eq(-Gat / T0, -k * (-Gpt / T0)))
BALANCE = Part("exact-ratio/balance", balance)
beyond = eq(Gat / Gpt, -k / (1 - ell / lam))
BEYOND_GIVEN = (ne(Gpt, 0), ne(lam - ell, 0), eq(Gat, -lam * Gtt))
disjoint_ratio = -(q * k + ell) / (q - ell * (1 - q))


def derive() -> tuple[Derivation, ...]:
    """The ratio at l = 0 and beyond, its boundary, and the theorem's own wording."""
    return (_at_zero(), _exact(), _disjoint(), _outside(), _theorem(), _beyond())


def _at_zero() -> Derivation:
    weighted = sp.Sum(k * Pp * Pt / P0 + Pa * Pt / P0, LEAVES)
    return Derivation(
        claim="exact-ratio",
        title="The exact ratio at the start",
        source="ours",
        assumptions=(
            r"Saturated model, volumes $k, 1, l$ at $l = 0$; $P_0 = (kP_p + P_a)/T_0$, $T_0 = k + 1$, and "
            r"$G_{it} = \sum_x P_iP_t/P_0 - 1$; the slope of $\gamma_i$ is $-G_{it}/T_0$ (elastic response).",
            r"$P_t$ has no mass outside the support of $P_0$.",
        ),
        statement=r"At $l = 0$ $d\gamma_a/dl = -k\,d\gamma_p/dl$ exactly.",
        scope="any number of leaves; all data but $D_a$ and $D_t$ count as $D_p$",
        abbreviations=MIXTURE,
        totals=(
            Total(Pp, LEAVES, 1),
            Total(Pa, LEAVES, 1),
            Total(Pt, LEAVES, 1),
            Total(Pp * Pt / P0, LEAVES, 1 + Gpt),
            Total(Pa * Pt / P0, LEAVES, 1 + Gat),
        ),
        parts=(AT_ZERO,),
        steps=(
            summed(
                "Weighted by volumes the two sums in $G_{pt}$, $G_{at}$ leave $P_t$ alone.",
                weighted.function,
                LEAVES,
                [(T0, Pt, 1)],
                T0,
            ),
            summed(
                "The same sum, by the definitions of $G_{pt}$ and $G_{at}$.",
                weighted.function,
                LEAVES,
                [(k, Pp * Pt / P0, 1 + Gpt), (1, Pa * Pt / P0, 1 + Gat)],
                k * (1 + Gpt) + 1 + Gat,
            ),
            implies(
                "So the alignment slope $-G_{at}/T_0$ is $-k$ times the pre-training slope.",
                [eq(weighted, T0), eq(weighted, k * (1 + Gpt) + 1 + Gat)],
                AT_ZERO.relation,
                [-1 / T0, 1 / T0],
            ),
        ),
    )


def _exact() -> Derivation:
    weighted = sp.Sum(k * Pp * Pt / Pl + Pa * Pt / Pl + ell * Pt**2 / Pl, LEAVES)
    return Derivation(
        claim="exact-ratio",
        title="The exact ratio beyond the start",
        source="ours",
        assumptions=(
            r"Saturated model, volumes $k, 1, l$; $P_l = (kP_p + P_a + lP_t)/T$, $T = k + 1 + l$, and "
            r"$G_{ij} = \sum_x P_iP_j/P_l - 1$ taken at that $l$.",
            r"$\lambda = -G_{at}/G_{tt}$; $G_{pt} \ne 0$, $l \ne \lambda$: both ratios are defined.",
        ),
        statement=r"The slopes balance, the perturbation's included, and the ratio of the alignment to the "
        r"pre-training slope is $-k/(1 - l/\lambda)$.",
        scope="any number of leaves; all data but $D_a$ and $D_t$ count as $D_p$",
        abbreviations=MIXTURE,
        totals=(
            Total(Pp, LEAVES, 1),
            Total(Pa, LEAVES, 1),
            Total(Pi, LEAVES, 1),
            Total(Pt, LEAVES, 1),
            Total(Pp * Pt / Pl, LEAVES, 1 + Gpt),
            Total(Pa * Pt / Pl, LEAVES, 1 + Gat),
            Total(Pt**2 / Pl, LEAVES, 1 + Gtt),
            Total(Pi * Pt / Pl, LEAVES, 1 + Git),
        ),
        given=BEYOND_GIVEN,
        parts=(BALANCE, Part("exact-ratio/beyond", beyond, BEYOND_GIVEN)),
        steps=(
            slope(
                "One leaf's part of the slope of $\\gamma_i$.",
                -Pi * sp.log(Pl),
                ell,
                -Pi * (Pt - Pl) / (T * Pl),
            ),
            summed(
                "The slope is $-G_{it}/T$.",
                sp.Derivative(-Pi * sp.log(Pl), ell),
                LEAVES,
                [(-1 / T, Pi * Pt / Pl, 1 + Git), (1 / T, Pi, 1)],
                -Git / T,
            ),
            summed(
                "Weighted by volumes the three sums in $G_{pt}$, $G_{at}$, $G_{tt}$ leave $P_t$ alone.",
                weighted.function,
                LEAVES,
                [(T, Pt, 1)],
                T,
            ),
            summed(
                "The same sum, by their definitions.",
                weighted.function,
                LEAVES,
                [
                    (k, Pp * Pt / Pl, 1 + Gpt),
                    (1, Pa * Pt / Pl, 1 + Gat),
                    (ell, Pt**2 / Pl, 1 + Gtt),
                ],
                k * (1 + Gpt) + 1 + Gat + ell * (1 + Gtt),
            ),
            implies(
                "So the slopes balance.",
                [eq(weighted, T), eq(weighted, k * (1 + Gpt) + 1 + Gat + ell * (1 + Gtt))],
                balance,
                [1, -1],
            ),
            implies(
                r"With $G_{at} = -\lambda G_{tt}$ the ratio of the slopes follows.",
                [balance, eq(Gat, -lam * Gtt)],
                beyond,
                [lam / (Gpt * (lam - ell)), -ell / (Gpt * (lam - ell))],
            ),
        ),
    )


def _disjoint() -> Derivation:
    on_block = (k * q + ell) * Pt / T  # the joint where only D_3 and D_t have mass
    given = (ne(Gpt, 0), ne(q - ell * (1 - q), 0), eq(Gat, -1), eq(Gtt, T / (k * q + ell) - 1))
    turn = q - ell * (1 - q)
    return Derivation(
        claim="exact-ratio",
        title="The ratio for disjoint supports",
        source="ours",
        assumptions=(
            r"The slopes balance, and the supports are disjoint; the part $D_3 \sim D_t$ has the share $q$ "
            r"of $D_p$. "
            r"On its leaves the joint is $(kq + l)P_t/T$; $D_a$ has none of them, so that $G_{at} = -1$.",
        ),
        statement=r"The ratio is $-(qk + l)/(q - l(1-q))$.",
        scope="any number of leaves; all data but $D_a$ and $D_t$ count as $D_p$",
        abbreviations=MIXTURE,
        totals=(Total(Pt, LEAVES, 1),),
        constants=(q,),
        given=(balance, *given),
        parts=(Part("exact-ratio/disjoint", eq(Gat / Gpt, disjoint_ratio), (balance, *given)),),
        steps=(
            summed(
                r"The inner product of $D_t$ with itself is $T/(kq + l) - 1$.",
                Pt**2 / on_block - Pt,
                LEAVES,
                [(T / (k * q + ell) - 1, Pt, 1)],
                T / (k * q + ell) - 1,
            ),
            implies(
                "The balance gives the ratio.",
                [balance, eq(Gat, -1), eq(Gtt, T / (k * q + ell) - 1)],
                eq(Gat / Gpt, disjoint_ratio),
                [
                    (q * k + ell) / (k * Gpt * turn),
                    1 / Gpt - (q * k + ell) / (k * Gpt * turn),
                    -(q * k + ell) * ell / (k * Gpt * turn),
                ],
            ),
        ),
    )


def _outside() -> Derivation:
    outside = leaf("P_t^{out}")  # P_t on the leaves that only D_t has
    alone = ell * outside / T  # the joint there
    weighted = -ell * (-Pi * (Pt - Pl) / (T * Pl)).subs(Pi, Pt)
    return Derivation(
        claim="exact-ratio",
        title="Mass outside the support",
        source="ours",
        assumptions=(
            r"As before, but $P_t$ has the mass $m_0 > 0$ on leaves where $P_0 = (kP_p + P_a)/(k+1)$ has "
            r"none.",
        ),
        statement=r"$d\gamma_a/dl + k\,d\gamma_p/dl \to m_0$ as $l \to 0$. With $m_0 = 1$ both slopes are "
        r"$1/T$ and the ratio is $+1$.",
        role="boundary",
        scope="any number of leaves",
        abbreviations=MIXTURE,
        totals=(Total(outside, LEAVES, m0), Total(Pp, LEAVES, 1), Total(Pa, LEAVES, 1)),
        steps=(
            limit(
                r"By conservation the sum is $-l\,d\gamma_t/dl$. A leaf within the support gives nothing to "
                r"it.",
                weighted,
                ell,
                0,
                0,
            ),
            limit(
                "A leaf outside gives its mass, however small $l$ is.",
                ell * outside * (outside - alone) / (T * alone),
                ell,
                0,
                outside,
            ),
            summed(
                "Over all leaves outside, whose mass is $m_0$.",
                ell * outside * (outside - alone) / (T * alone),
                LEAVES,
                [(1 - ell / T, outside, m0)],
                m0 * (1 - ell / T),
            ),
            slope(
                "With $m_0 = 1$ the joint is only diluted on the leaves of $D_p$: its rate rises.",
                -Pp * sp.log((k * Pp + Pa) / T),
                ell,
                Pp / T,
            ),
            slope(
                "So does that of $D_a$.",
                -Pa * sp.log((k * Pp + Pa) / T),
                ell,
                Pa / T,
            ),
            summed("Summed, both slopes are $1/T$,", Pp / T, LEAVES, [(1 / T, Pp, 1)], 1 / T),
            summed("and the ratio is $+1$.", Pa / T, LEAVES, [(1 / T, Pa, 1)], 1 / T),
        ),
    )


def _theorem() -> Derivation:
    c = sp.Symbol("c", positive=True)
    ahead, inside, less = gt(lam, 0), ge(c * lam, ell), gt(1 - c, 0)
    given = (*BEYOND_GIVEN, ahead, inside, less)
    room, more = gt(lam - ell, 0), ge(k * ell / (lam - ell), 0)
    return Derivation(
        claim="thm-4.2-ratio",
        title="The printed Theta, with its constants",
        source="Thm. 4.2",
        assumptions=(r"The exact ratio, with $\lambda > 0$ and $l \le c\lambda$, $0 < c < 1$.",),
        statement=r"$k \le -(d\gamma_a/dl)/(d\gamma_p/dl) \le k/(1-c)$: the theorem's $\Theta(-k)$ with "
        r"constants $1$ and $1/(1-c)$. The range is $l \le c\lambda$, not $l \ll 1$.",
        scope="any number of leaves",
        condition=THEOREM,
        abbreviations=MIXTURE,
        totals=(
            Total(Pt, LEAVES, 1),
            Total(Pp * Pt / Pl, LEAVES, 1 + Gpt),
            Total(Pa * Pt / Pl, LEAVES, 1 + Gat),
            Total(Pt**2 / Pl, LEAVES, 1 + Gtt),
        ),
        given=(Given(beyond, "exact-ratio/beyond"), ne(Gpt, 0), ahead, inside, less),
        parts=(
            Part("thm-4.2-ratio/below", ge(-Gat / Gpt, k), given),
            Part("thm-4.2-ratio/above", ge(k / (1 - c), -Gat / Gpt), given),
        ),
        steps=(
            nonnegative(r"$c < 1$ and $\lambda > 0$:", (1 - c) * lam, strict=True),
            implies(r"so $l < \lambda$,", [inside, gt((1 - c) * lam, 0)], room, [1, 1]),
            nonnegative("and what the ratio has above $k$ is not negative.", more.lhs),
            implies("From below.", [beyond, more], ge(-Gat / Gpt, k), [-1, 1]),
            implies(
                "From above.",
                [beyond, inside],
                ge(k / (1 - c), -Gat / Gpt),
                [1, k / ((1 - c) * (lam - ell))],
            ),
        ),
    )


def _beyond() -> Derivation:
    r = sp.Symbol("r")
    values = {"1/20": "-185/16", "1/10": "-95/6", "1/5": "-50", "3/10": "105/2"}
    return Derivation(
        claim="thm-4.2-ratio",
        title="Past the turning point the ratio is positive",
        source="Thm. 4.2",
        assumptions=(
            r"Disjoint supports, $k = 9$, share $q = 1/5$; the pre-training rate turns at $l = 1/4$. $r$ is "
            r"the ratio $-(qk + l)/(q - l(1-q))$.",
        ),
        statement=r"The ratio is $-k$ at $l = 0$, grows to $-50$ at $l = 1/5$, and is $+52.5$ at $l = 3/10$.",
        role="boundary",
        scope="this instance, exactly",
        condition=THEOREM,
        where={r: disjoint_ratio},
        steps=tuple(
            computed(
                f"At $l = {volume}$.",
                r,
                {k: 9, q: sp.Rational(1, 5), ell: sp.Rational(volume)},
                sp.Rational(value),
            )
            for volume, value in values.items()
        ),
    )
