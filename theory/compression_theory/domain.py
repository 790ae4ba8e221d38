"""Where the theorem stops: the pre-training rate falls up to a critical volume l*, and rises after it.

Every rate is convex in the perturbation's share mu of the data, so that a rate which falls at first turns
once at most. For large k the turning point is a ratio of two inner products; for m equal exchangeable
parts it is 1/(m-1), whatever the law of the masses. The printed range, l << 1, is right for the paper's
three parts, where l* is 1/2, and wrong for many.
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
    identity,
    implies,
    limit,
    ne,
    nonnegative,
    slope,
    summed,
)
from .notation import LEAVES, MIXTURE, P0, T0, Gat, Gpt, Gtt, Pa, Pi, Pl, Pp, Pt, T, ell, k, leaf, mu
from .response import nt
from .response import rest as lumped_volume

share = sp.Symbol(r"\mu", positive=True)  # mu as a free variable
q = sp.Symbol("q", positive=True)
Git = sp.Symbol("G_{it}(l)", real=True)
v = sp.Symbol("v", positive=True)
parts = sp.Symbol("p", integer=True, positive=True)  # m - 1
EARLY = "l < l*, which is 1/(m-1) for m equal parts and many leaves: 1/2 for the paper's three"
AVERAGING = "for the limit 1/(m-1): k and the number of leaves large, masses of finite mean"


def derive() -> tuple[Derivation, ...]:
    """Convexity and the turning point; the theorem's range; what happens past it."""
    return (_critical_volume(), _inside(), _past())


def _critical_volume() -> Derivation:
    code = -Pi * sp.log(P0 + share * (Pt - P0))
    bend = sp.diff(code, share, 2).subs(share, mu)
    disjoint = q * T / (k * q + ell) - 1
    block = q * Pt * Pt / ((k * q + ell) * Pt / T) - Pt
    first = leaf("P_0")
    later = (first + v * Pt) / (1 + v)  # P_0 + mu (P_t - P_0) at mu = v/(1 + v)
    return Derivation(
        claim="critical-volume",
        title="Convexity and the critical volume",
        source="ours",
        condition=AVERAGING,
        assumptions=(
            r"Saturated model, volumes $k, 1, l$; $\mu = l/T$; $P_t \ne P_0$ within the support of $P_0$.",
            r"$F(\mu) = \sum_x P_p(P_t - P_0)/(P_0 + \mu(P_t - P_0))$, so that $d\gamma_p/d\mu = -F$.",
            r"In the steps for $k \to \infty$, $G$ is taken at $P_p$. In the last, $E\,G_{23} = "
            r"-E\,G_{33}/(m-1)$ is the sum rule for $m$ equal exchangeable parts, and the sums over leaves "
            r"average: many leaves, masses of finite mean.",
        ),
        statement=r"$\gamma_i$ is convex in $\mu$, strictly where $P_i$ meets $P_t \ne P_0$. So $\gamma_p$ "
        r"falls before and rises after one volume $l^* = T_0\mu^*/(1-\mu^*)$, $\mu^*$ the zero of $F$ ($l^* "
        r"= 0$ if $F(0) \le 0$, $\infty$ if there is none below 1). As $k \to \infty$, $l^* \to "
        r"-G_{at}/G_{tt}$; disjoint supports of share $q$: $q/(1-q)$ for every $k$; $m$ equal exchangeable "
        r"parts: $1/(m-1)$.",
        abbreviations=MIXTURE,
        totals=(
            Total(Pi, LEAVES, 1),
            Total(Pt, LEAVES, 1),
            Total(Pi * Pt / Pl, LEAVES, 1 + Git),
            Total(Pa * Pt / Pp, LEAVES, 1 + Gat),
            Total(Pt**2 / Pp, LEAVES, 1 + Gtt),
        ),
        constants=(q,),
        given=(ne(Gtt, 0), eq(-(Gat + ell * Gtt), 0)),
        parts=(
            Part("critical-volume/convex", ge(sp.Sum(bend, LEAVES), 0)),
            Part(
                "critical-volume/disjoint",
                eq(sp.Sum(block, LEAVES), (q - (1 - q) * ell) / (k * q + ell)),
            ),
        ),
        steps=(
            identity("The joint moves on a straight line in $\\mu$.", Pl, P0 + mu * (Pt - P0)),
            slope(
                "One leaf's part of the slope in $\\mu$, times $d\\mu/dv = 1/(1+v)^2$, with $\\mu = "
                "v/(1+v)$.",
                -Pi * sp.log(later),
                v,
                -Pi * (Pt - first) / (later * (1 + v) ** 2),
            ),
            nonnegative(
                "In sum the second derivative is not negative:",
                sp.Sum(bend, LEAVES),
                sp.Sum(Pi * (Pt - P0) ** 2 / Pl**2, LEAVES),
            ),
            nonnegative(
                "The second derivative is not negative: $\\gamma_i$ is convex in $\\mu$, and $F$ decreases.",
                bend,
                Pi * (Pt - P0) ** 2 / Pl**2,
            ),
            slope("The share grows with the volume,", mu, ell, T0 / T**2),
            nonnegative(
                "so that falls and rises are the same in $l$.",
                T0 / T**2,
                strict=True,
            ),
            summed(
                "The slope's sign is that of $-G_{it}(l)$, so that $l^*$ is where $G_{pt}(l) = 0$.",
                Pi * (Pt - P0) / Pl,
                LEAVES,
                [(T / T0, Pi * Pt / Pl, 1 + Git), (-T / T0, Pi, 1)],
                T / T0 * Git,
            ),
            limit(
                "Large $k$: one leaf's part of $k\\,G_{pt}(l)$, in the form $P_pP_t/P_l - P_t$.",
                k * (Pp * Pt / Pl - Pt),
                k,
                sp.oo,
                Pt * ((1 + ell) * Pp - Pa - ell * Pt) / Pp,
            ),
            summed(
                "Summed, $k\\,G_{pt}(l)$ tends to a line in $l$,",
                Pt * ((1 + ell) * Pp - Pa - ell * Pt) / Pp,
                LEAVES,
                [(1 + ell, Pt, 1), (-1, Pa * Pt / Pp, 1 + Gat), (-ell, Pt**2 / Pp, 1 + Gtt)],
                -(Gat + ell * Gtt),
            ),
            implies(
                "whose zero is the limit of $l^*$.",
                [eq(-(Gat + ell * Gtt), 0)],
                eq(ell, -Gat / Gtt),
                [-1 / Gtt],
            ),
            summed(
                "Disjoint supports: on the leaves of $D_3$, $P_p = qP_t$ and $P_l = (kq + l)P_t/T$.",
                block,
                LEAVES,
                [(q * T / (k * q + ell) - 1, Pt, 1)],
                disjoint,
            ),
            implies(
                "So $G_{pt}(l)$ vanishes at $l = q/(1-q)$, whatever $k$ is.",
                [eq(sp.Sum(block, LEAVES), disjoint)],
                eq(sp.Sum(block, LEAVES), (q - (1 - q) * ell) / (k * q + ell)),
                [1],
            ),
            limit(
                "$p + 1$ equal exchangeable parts: the sum rule's constant, for large $k$, is the limit of "
                "$l^*$.",
                (1 + (parts + 1) / k) / parts,
                k,
                sp.oo,
                1 / parts,
            ),
        ),
    )


def _inside() -> Derivation:
    u = sp.Symbol("u", nonnegative=True)  # l* - l
    Pend, end = (k * Pp + Pa + (ell + u) * Pt) / (T + u), sp.Symbol("G_{pt}(l^*)", real=True)
    gap = Pp * (Pt - P0) / Pl - Pp * (Pt - P0) / Pend
    rest = sp.Sum(gap, LEAVES)
    turns = eq(end, 0)
    lumped = {leaf("R"): k * Pp + Pa, lumped_volume: T0, nt: ell}
    balance, own = eq(k * Gpt + Gat + ell * Gtt, 0), ge(Gtt, 0)
    value = T / T0 * Gpt - (T + u) / T0 * end
    return Derivation(
        claim="thm-4.2-domain",
        title="Inside the critical volume both signs are as printed",
        source="Thm. 4.2",
        assumptions=(
            r"$l \le l^* = l + u$, where $G_{pt}(l^*) = 0$: the volume at which the pre-training rate turns.",
            r"$G$ at $l$, unless it says otherwise; slopes are $-G/T$ (elastic response).",
        ),
        statement=r"For all $l \le l^*$: $d\gamma_p/dl \le 0$ and $d\gamma_a/dl \ge 0$.",
        scope="any number of leaves; all data but $D_a$ and $D_t$ count as $D_p$",
        condition=EARLY,
        abbreviations=MIXTURE,
        totals=(
            Total(Pp, LEAVES, 1),
            Total(Pa, LEAVES, 1),
            Total(Pt, LEAVES, 1),
            Total(Pp * Pt / Pl, LEAVES, 1 + Gpt),
            Total(Pa * Pt / Pl, LEAVES, 1 + Gat),
            Total(Pt**2 / Pl, LEAVES, 1 + Gtt),
            Total(Pp * Pt / Pend, LEAVES, 1 + end),
        ),
        constants=(u,),
        given=(turns, Given(balance, "exact-ratio/balance"), Given(own, "elastic-response/own", lumped)),
        parts=(
            Part("thm-4.2-domain/pretraining", ge(0, -Gpt / T), (turns,)),
            Part("thm-4.2-domain/alignment", ge(-Gat / T, 0), (turns,)),
        ),
        steps=(
            nonnegative(
                "The slope of $\\gamma_p$ in $\\mu$ grows from $l$ to $l^*$, leaf by leaf:",
                rest,
                sp.Sum(Pp * (Pt - P0) ** 2 * u * T0 / (T * (T + u) * Pl * Pend), LEAVES),
            ),
            summed(
                "in sum, by $G$ at both ends.",
                gap,
                LEAVES,
                [
                    (T / T0, Pp * Pt / Pl, 1 + Gpt),
                    (-T / T0 + (T + u) / T0, Pp, 1),
                    (-(T + u) / T0, Pp * Pt / Pend, 1 + end),
                ],
                value,
            ),
            implies(
                "So the pre-training rate does not rise at $l$.",
                [ge(rest, 0), eq(rest, value), turns],
                ge(0, -Gpt / T),
                [T0 / T**2, -T0 / T**2, (T + u) / T**2],
            ),
            summed(
                "(The others weigh $T_0$ together,",
                k * Pp + Pa,
                LEAVES,
                [(k, Pp, 1), (1, Pa, 1)],
                T0,
            ),
            implies(
                "so that $D_t$'s own $G$ is not negative.) As long as it does not, the alignment rate does "
                "not fall.",
                [balance, ge(0, -Gpt / T), own],
                ge(-Gat / T, 0),
                [-1 / T, k, ell / T],
            ),
        ),
    )


def _past() -> Derivation:
    beyond = (1 + v) / parts
    inner = (1 - parts * ell) / (k + (parts + 1) * ell)
    return Derivation(
        claim="thm-4.2-domain",
        title="Past the critical volume the signs are reversed",
        source="Thm. 4.2",
        assumptions=(
            r"$D_p$ is a union of $m$ equal parts with disjoint supports, $D_a \sim D_2$, $D_t \sim D_3$; "
            r"$p = m - 1$.",
        ),
        statement=r"For every $k$ and $m$ the pre-training rate rises once $l > 1/(m-1)$. With $m = 101$ it "
        r"does at $l = 1/50 \ll 1$: the range of the theorem is $l < l^*$, not $l \ll 1$.",
        role="boundary",
        scope="any number of parts, any laws on their supports",
        condition=EARLY,
        abbreviations=MIXTURE,
        where={Gpt: inner},
        steps=(
            identity(
                "The inner product of disjoint supports with $q = 1/m$.",
                (q * T / (k * q + ell) - 1).subs(q, 1 / (parts + 1)),
                inner,
            ),
            nonnegative(
                "Beyond $1/(m-1)$, at $l = (1+v)/(m-1)$, it is negative.",
                -inner.subs(ell, beyond),
                v / (k + (parts + 1) * beyond),
                strict=True,
            ),
            computed(
                "At $m = 101$, $k = 10^6$, $l = 1/50$.",
                Gpt,
                {parts: 100, k: 10**6, ell: sp.Rational(1, 50)},
                -sp.Rational(50, 50000101),
            ),
        ),
    )
