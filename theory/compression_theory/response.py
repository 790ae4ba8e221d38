"""The elastic response: how each rate moves with the volume of one dataset.

The chi-squared inner product at the joint, G, decides everything about a saturated model: the slope of
rate i in the volume of dataset t is -G(i,t)/T. Nothing is assumed of the laws. The factor 1/T then says
what the theorem does not: at fixed shares all slopes die out as pre-training grows, so that a ratio of k
is no statement about speed.
"""

import sympy as sp

from .derivation import Derivation, limit, nonnegative, slope, summed
from .notation import DATASETS, LEAVES, MIXTURE, P0, PD, T0, Pa, Pi, Pj, Pp, Pt, i, k, leaf, n, x

Git, Gij = sp.symbols("G_{it} G_{ij}", real=True)
total, nt, rest = sp.symbols(r"T n_t {\bar{n}}", positive=True)


def derive() -> tuple[Derivation, ...]:
    """The response, the shape of G, and the fall of the slope with k."""
    return (_response(), _slope())


def _response() -> Derivation:
    joint = (leaf("R") + nt * Pt) / (rest + nt)
    c, deviation = sp.Function("c", real=True)(i), sp.Function("D", real=True)(i, x)
    combined = sp.Symbol("C", real=True)
    return Derivation(
        claim="elastic-response",
        title="The elastic response",
        source="ours",
        assumptions=(
            r"The saturated model of the conservation law; $P_t$ has no mass outside the joint's support.",
            r"$G_{ij} = \sum_x P_iP_j/P_D - 1$. $R$ and $\bar n$ lump all datasets but $D_t$.",
        ),
        statement=r"$d\gamma_i/dn_t = -G_{it}/T$ in nats per leaf. $G$ is symmetric and positive "
        r"semidefinite, $\sum_i n_iG_{it} = 0$, and $D_t$'s own rate never rises.",
        abbreviations={rest + nt: total, leaf("R") + nt * Pt: total * PD},
        steps=(
            slope(
                "At one leaf the code length of $D_i$ moves by what $D_t$ has more than the joint.",
                -Pi * sp.log(joint),
                nt,
                -Pi * (Pt - joint) / (joint * (rest + nt)),
            ),
            summed(
                "Summed over the leaves that is $-G_{it}/T$.",
                -Pi * (Pt - PD) / (PD * total),
                LEAVES,
                [(-1 / total, Pi * Pt / PD, 1 + Git), (1 / total, Pi, 1)],
                -Git / total,
            ),
            summed(
                "$G$ is an inner product of deviations from the joint.",
                (Pi - PD) * (Pj - PD) / PD,
                LEAVES,
                [(1, Pi * Pj / PD, 1 + Gij), (-1, Pi, 1), (-1, Pj, 1), (1, PD, 1)],
                Gij,
            ),
            summed(
                r"It is positive semidefinite: $\sum_{ij}c_ic_jG_{ij}$ sums $C^2/P_D$ over the leaves, with "
                r"$C = \sum_i c_iD_i$, $D_i = P_i - P_D$ (here the inner of the two sums, for one $j$).",
                c * deviation * combined / PD,
                DATASETS,
                [(combined / PD, c * deviation, combined)],
                combined**2 / PD,
            ),
            nonnegative("No leaf contributes less than 0.", combined**2 / PD),
            summed(
                r"At one leaf, over all datasets: $\sum_i n_i(P_iP_t/P_D - P_i) = T(P_t - P_D)$, which sums "
                r"to 0 over the leaves. So $\sum_i n_iG_{it} = 0$.",
                n(i) * (Pi * Pt / PD - Pi),
                DATASETS,
                [(Pt / PD - 1, n(i) * Pi, total * PD)],
                total * (Pt - PD),
            ),
            summed(
                "The last sum, over the leaves.",
                total * (Pt - PD),
                LEAVES,
                [(total, Pt, 1), (-total, PD, 1)],
                0,
            ),
        ),
    )


def _slope() -> Derivation:
    q = sp.Symbol("q", positive=True)
    mixed = q * Pt + leaf("R")  # P_p, of which the part D_3 ~ D_t has the share q
    joint = (k * mixed + Pa) / T0
    bound, G0 = sp.symbols("B G_{at}", real=True)
    return Derivation(
        claim="slope-falls-with-k",
        title="The slope falls as 1/k",
        source="ours",
        assumptions=(
            r"Fixed laws and shares, $n_a = 1$, $n_p = k$, $l = 0$; $G_{at}$ is taken at the joint $P_0$.",
            r"$P_p = qP_t + R$, $R \ge 0$: the part of $D_p$ that is like $D_t$ has the share $q$.",
        ),
        statement=r"$k\,d\gamma_a/dn_t \to 1 - \sum_x P_aP_t/P_p$ as $k \to \infty$, and for every $k$ the "
        r"slope is at most $1/(qk)$ in size. Theorem 4.2 bounds a ratio of slopes, not a speed: it implies "
        r"none of Figures 5 and 6 and Table 3.",
        abbreviations=MIXTURE,
        steps=(
            limit(
                r"At one leaf $k$ times the slope has a limit that does not depend on $k$.",
                k * (-Pa * (Pt - P0) / (P0 * T0)),
                k,
                sp.oo,
                -Pa * (Pt - Pp) / Pp,
            ),
            summed(
                r"Summed over the leaves it is $1 - \sum_x P_aP_t/P_p$, here written $1 - B$.",
                -Pa * (Pt - Pp) / Pp,
                LEAVES,
                [(-1, Pa * Pt / Pp, bound), (1, Pa, 1)],
                1 - bound,
            ),
            nonnegative(
                "For every $k$: a leaf's share of the joint is at least $qk/(k+1)$ of $P_t$.",
                Pa * T0 / (q * k) - Pa * Pt / joint,
                Pa * T0 * (k * leaf("R") + Pa) / (q * k * (k * mixed + Pa)),
            ),
            summed(
                r"Summed: $1 + G_{at} \le (k+1)/(qk)$, so the slope $-G_{at}/T_0$ is at least $1/T_0 - "
                r"1/(qk)$.",
                (Pa / (q * k) - Pa * Pt / (P0 * T0)),
                LEAVES,
                [(1 / (q * k), Pa, 1), (-1 / T0, Pa * Pt / P0, 1 + G0)],
                1 / (q * k) - (1 + G0) / T0,
            ),
            nonnegative(
                r"From above: $1 + G_{at} = \sum_x P_aP_t/P_0 \ge 0$, so it is at most $1/T_0$, which is "
                r"less than $1/(qk)$ since $q \le 1$; here with $q = 1/(1+u)$.",
                (1 + sp.Symbol("u", nonnegative=True)) / k - 1 / T0,
                sp.Symbol("u", nonnegative=True) / k + 1 / (k * T0),
                strict=True,
            ),
        ),
    )
