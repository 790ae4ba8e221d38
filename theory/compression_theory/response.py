"""The elastic response: how each rate moves with the volume of one dataset.

The chi-squared inner product at the joint, G, decides everything about a saturated model: the slope of
rate i in the volume of dataset t is -G(i,t)/T. Nothing is assumed of the laws. The factor 1/T then says
what the theorem does not: at fixed shares all slopes die out as pre-training grows, so that a ratio of k
is no statement about speed.
"""

import sympy as sp

from .derivation import Derivation, Part, Total, eq, ge, implies, limit, nonnegative, slope, summed
from .notation import DATASETS, LEAVES, MIXTURE, PD, Pa, Pi, Pt, T, ell, i, k, leaf, n, x

Git = sp.Symbol("G_{it}", real=True)
total, nt, rest = sp.symbols(r"T n_t {\bar{n}}", positive=True)


def derive() -> tuple[Derivation, ...]:
    """The response, the shape of G, and the fall of the slope with k."""
    return (*_response(), _slope())


def _response() -> tuple[Derivation, ...]:
    joint = (leaf("R") + nt * Pt) / (rest + nt)
    c, deviation = sp.Function("c", real=True)(i), sp.Function("D", real=True)(i, x)
    code = sp.Derivative(-Pi * sp.log(joint), nt)
    combined = leaf("C")
    own, square = sp.Symbol("G_{tt}", real=True), sp.Sum((Pt - joint) ** 2 / joint, LEAVES)
    moved = sp.Sum(code, LEAVES)
    both = sp.Sum(n(i) * sp.Sum(Pi * Pt / PD - Pi, LEAVES), DATASETS)
    response = Derivation(
        claim="elastic-response",
        title="The elastic response",
        source="ours",
        assumptions=(
            r"The saturated model of the conservation law; $P_t$ has no mass outside the joint's support.",
            r"$G_{ij} = \sum_x P_iP_j/P_D - 1$. $R$ and $\bar n$ lump all datasets but $D_t$: the joint is "
            r"$(R + "
            r"n_tP_t)/(\bar n + n_t)$.",
        ),
        statement=r"$d\gamma_i/dn_t = -G_{it}/T$ in nats per leaf. $G$ is symmetric, $\sum_i n_iG_{it} = 0$, "
        r"and "
        r"$D_t$'s own rate never rises: $G_{tt} \ge 0$.",
        abbreviations={rest + nt: total, leaf("R") + nt * Pt: total * PD},
        totals=(
            Total(Pi, LEAVES, 1),
            Total(Pt, LEAVES, 1),
            Total(leaf("R"), LEAVES, rest),
            Total(Pi * Pt / joint, LEAVES, 1 + Git),
            Total(Pt**2 / joint, LEAVES, 1 + own),
        ),
        constants=(nt, rest),
        parts=(
            Part("elastic-response/slope", eq(moved, -Git / (rest + nt))),
            Part("elastic-response/own", ge(own, 0)),
        ),
        steps=(
            slope(
                "At one leaf the code length of $D_i$ moves by what $D_t$ has more than the joint.",
                -Pi * sp.log(joint),
                nt,
                -Pi * (Pt - joint) / (joint * (rest + nt)),
            ),
            summed(
                "Summed over the leaves that is $-G_{it}/T$.",
                code,
                LEAVES,
                [(-1 / (rest + nt), Pi * Pt / joint, 1 + Git), (1 / (rest + nt), Pi, 1)],
                -Git / (rest + nt),
            ),
            nonnegative("$G_{tt}$ is a sum of squares,", square),
            summed(
                "as the joint is a law,",
                square.function,
                LEAVES,
                [
                    (1, Pt**2 / joint, 1 + own),
                    (-2 + nt / (rest + nt), Pt, 1),
                    (1 / (rest + nt), leaf("R"), rest),
                ],
                own,
            ),
            implies(
                "so $D_t$'s own rate never rises.", [ge(square, 0), eq(square, own)], ge(own, 0), [1, -1]
            ),
        ),
    )
    rule = Derivation(
        claim="elastic-response",
        title="The sum rule of G",
        source="ours",
        assumptions=(
            r"$N$ datasets with volumes $n_i$ and leaf distributions $P_i$; $T = \sum_i n_i$, and $P_D = "
            r"\sum_i "
            r"n_iP_i/T$ is positive on every leaf.",
            r"Written out, $G_{it} = \sum_x (P_iP_t/P_D - P_i)$.",
        ),
        statement=r"$\sum_i n_iG_{it} = 0$, $D_t$ included; and $\sum_{ij} c_ic_jG_{ij}$ sums squares: $G$ "
        r"is an "
        r"inner product.",
        totals=(
            Total(n(i), DATASETS, total),
            Total(n(i) * Pi, DATASETS, total * PD),
            Total(Pi, LEAVES, 1),
            Total(Pt, LEAVES, 1),
            Total(c * deviation, DATASETS, combined),
        ),
        constants=(total,),
        parts=(Part("elastic-response/sum-rule", eq(both, 0)),),
        steps=(
            summed("The shares of one dataset sum to its volume,", n(i) * Pi, LEAVES, [(n(i), Pi, 1)], n(i)),
            summed(
                "so that the joint's sum to 1:",
                sp.Sum(n(i) * Pi, LEAVES),
                DATASETS,
                [(1, n(i), total)],
                total,
            ),
            summed(
                "leaf by leaf first,",
                sp.Sum(n(i) * Pi, DATASETS),
                LEAVES,
                [(total, PD, sp.Sum(PD, LEAVES))],
                total * sp.Sum(PD, LEAVES),
            ),
            implies(
                "the same sum.",
                [
                    eq(sp.Sum(n(i) * Pi, LEAVES, DATASETS), total),
                    eq(sp.Sum(n(i) * Pi, DATASETS, LEAVES), total * sp.Sum(PD, LEAVES)),
                ],
                eq(sp.Sum(PD, LEAVES), 1),
                [1 / total, -1 / total],
            ),
            summed(
                r"At one leaf, over all datasets: $T(P_t - P_D)$,",
                n(i) * (Pi * Pt / PD - Pi),
                DATASETS,
                [(Pt / PD - 1, n(i) * Pi, total * PD)],
                total * (Pt - PD),
            ),
            summed(
                r"which sums to 0 over the leaves: $\sum_i n_iG_{it} = 0$.",
                sp.Sum(n(i) * (Pi * Pt / PD - Pi), DATASETS),
                LEAVES,
                [(total, Pt, 1), (-total, PD, 1)],
                0,
            ),
            summed(
                r"The inner of the two sums $\sum_{ij} c_ic_jG_{ij}$, for one $j$, with $D_i = P_i - P_D$ "
                r"and "
                r"$C = \sum_i c_iD_i$:",
                c * deviation * combined / PD,
                DATASETS,
                [(combined / PD, c * deviation, combined)],
                combined**2 / PD,
            ),
            nonnegative("no leaf contributes less than 0.", combined**2 / PD),
        ),
    )
    return response, rule


def _slope() -> Derivation:
    q = sp.Symbol("q", positive=True)
    others = leaf("R")
    mixed = q * Pa + others  # P_p, of which the part D_2 ~ D_a has the share q
    joint = (k * mixed + Pa + ell * Pt) / T
    G = sp.Symbol("G_{at}", real=True)
    bound = 1 / (q * k + 1)
    inner = sp.Sum(Pa * Pt / (T * joint), LEAVES)
    below = sp.Sum(Pt * bound - Pa * Pt / (T * joint), LEAVES)
    return Derivation(
        claim="slope-falls-with-k",
        title="The slope falls as 1/k",
        source="ours",
        assumptions=(
            r"Volumes $k, 1, l$; $P_p = qP_a + R$, $R > 0$ (or 0: then in the limit): the part of $D_p$ that "
            r"is like "
            r"$D_a$ has the share $q$, as in the paper's structure. $G_{at}$ is taken at the joint $P_l$; "
            r"the "
            r"slope of $\gamma_a$ in $n_t$ is $-G_{at}/T$ (elastic response).",
        ),
        statement=r"$-(\frac1{qk+1} - \frac1T) \le d\gamma_a/dn_t \le \frac1T$ for every $k$, $l$ and law: "
        r"at fixed "
        r"shares it dies out as $1/k$. Theorem 4.2 bounds a ratio of slopes, not a speed: it implies none of "
        r"Figures 5 and 6 and Table 3.",
        scope="any number of leaves",
        abbreviations=MIXTURE,
        totals=(Total(Pt, LEAVES, 1), Total(Pa * Pt / joint, LEAVES, 1 + G)),
        constants=(q,),
        parts=(
            Part("slope-falls-with-k/below", ge(-G / T, -(bound - 1 / T))),
            Part("slope-falls-with-k/above", ge(1 / T, -G / T)),
        ),
        steps=(
            nonnegative(
                r"At a leaf the joint is at least $(qk+1)P_a/T$, so that $P_aP_t/(TP_l) \le P_t/(qk+1)$,",
                Pt * bound - Pa * Pt / (T * joint),
                Pt * bound * (k * others + ell * Pt) / (k * mixed + Pa + ell * Pt),
            ),
            nonnegative("and so in sum.", below),
            summed(
                "That sum.",
                below.function,
                LEAVES,
                [(bound, Pt, 1), (-1 / T, Pa * Pt / joint, 1 + G)],
                bound - (1 + G) / T,
            ),
            implies(
                "The slope from below.",
                [ge(below, 0), eq(below, bound - (1 + G) / T)],
                ge(-G / T, -(bound - 1 / T)),
                [1, -1],
            ),
            nonnegative(r"From above: $1 + G_{at}$ is a sum of positive terms,", inner),
            summed("divided by $T$,", inner.function, LEAVES, [(1 / T, Pa * Pt / joint, 1 + G)], (1 + G) / T),
            implies(
                "so that the slope is at most $1/T$.",
                [ge(inner, 0), eq(inner, (1 + G) / T)],
                ge(1 / T, -G / T),
                [1, -1],
            ),
            limit(
                r"$k$ times the lower bound tends to $-(1/q - 1)$.", k * (bound - 1 / T), k, sp.oo, 1 / q - 1
            ),
        ),
    )
