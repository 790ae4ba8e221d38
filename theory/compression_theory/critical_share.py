"""How large must a part be? The share at which the signs of Theorem 4.2 reverse, in the limit of many leaves.

As a function of the share q of the perturbation's part the limit of G(a,t) is convex, whatever the law of
the masses, so that the signs reverse below one critical share and nowhere else. For narrow laws that share
is a constant. On the fewest leaves no limit helps: one draw in three has the wrong signs.
"""

import sympy as sp

from .derivation import (
    Derivation,
    Part,
    Total,
    eq,
    exact,
    ge,
    gt,
    identity,
    implies,
    limit,
    ne,
    nonnegative,
    series,
    summed,
)
from .notation import LEAVES, M, k, x
from .sign import EXPECTATION, SIGNS

u = sp.Symbol("u", positive=True)
p, p1, p2, p3 = sp.symbols("p p_1 p_2 p_3", positive=True)
q = sp.Symbol("q", positive=True)
MANY = "many leaves (M -> inf), k > 1"


def derive() -> tuple[Derivation, ...]:
    """The critical share, its value for narrow laws, and the fewest leaves."""
    return (_critical_share(), _small_variance(), _two_leaves())


def _critical_share() -> Derivation:
    joint = k * (1 - 2 * q) * p1 + (k * q + 1) * p2 + k * q * p3
    f, zero, end = sp.symbols("f f_* f_e", real=True)  # f(q), f(q*), f(1/3)
    v = sp.Symbol("v", positive=True)
    below = 1 / (2 + 2 * v)
    part = 1 / (1 + v)  # a convex combination's weight
    more = 1 + u  # k > 1
    past, before = ge(part * zero + (1 - part) * end, f), ge(part * f + (1 - part) * end, zero)
    turns, negative = eq(zero, 0), gt(0, end)
    lumped = p2 / (more * p1 + p2) + p1 / (more * p2 + p1) - 2 / (more + 1)
    return Derivation(
        claim="sign-reversal-share",
        title="One critical share, for every law",
        source="ours",
        assumptions=(
            r"As for the limit of many leaves, with weights $k(1-2q)$, $kq+1$, $kq$ and $0 \le q \le "
            r"\frac13$; all masses have one law, not concentrated in a point.",
            r"$f(q) = (k+1)E[p_2p_3/S] - 1 = G_{23}$; both signs are reversed iff $f > 0$ (exact ratio). "
            r"$f_e = f(\frac13) < 0$ by the sum rule for equal parts.",
        ),
        statement=r"For $k > 1$ there is one $q^* < \frac13$: the signs are reversed for $q < q^*$, as "
        r"printed for $q > q^*$. For $k \le 1$ no share reverses them. As $q \to 0$, $k \to \infty$: $f \to "
        r"E[1/p] - 1$.",
        scope="any law of mean 1; the limit of many leaves",
        condition=MANY,
        given=(past, before, turns, negative),
        parts=(
            Part("sign-reversal-share/past", gt(0, f), (past, turns, negative)),
            Part("sign-reversal-share/before", gt(f, 0), (before, turns, negative)),
        ),
        steps=(
            nonnegative(
                "$f$ is convex: what is averaged in it has a second derivative in $q$ of one sign; here $q = "
                "\\frac{1}{2+2v} < \\frac12$.",
                sp.diff(p2 * p3 / joint, q, 2).subs(q, below),
                2 * k**2 * p2 * p3 * (2 * p1 - p2 - p3) ** 2 / joint.subs(q, below).factor() ** 3,
            ),
            nonnegative(
                "At $q = 0$, where $p_3$ has mean 1 and $p_1$, $p_2$ may be exchanged, $f$ is positive for "
                "$k = 1+u > 1$.",
                lumped,
                more * u * (p2 - p1) ** 2 / ((more + 1) * (more * p1 + p2) * (p1 + more * p2)),
            ),
            nonnegative(
                "For $k = 1/(1+u) \\le 1$ it is not.",
                -(p2 / (k * p1 + p2) + p1 / (k * p2 + p1) - 2 / (k + 1)).subs(k, 1 / more),
                u * more * (p2 - p1) ** 2 / ((more + 1) * (p1 + more * p2) * (p2 + more * p1)),
            ),
            implies(
                "Past a zero $q^*$ of $f$: $q$ lies between $q^*$ and $\\frac13$.",
                [past, turns, negative],
                gt(0, f),
                [1, -part, 1 - part],
            ),
            implies(
                "Before it: $q^*$ lies between $q$ and $\\frac13$. So there is one zero at most, and for "
                "$k > 1$, $f$ being continuous, one at least.",
                [before, turns, negative],
                gt(f, 0),
                [1 + v, 1 + v, v],
            ),
            limit(
                "At $q = 0$ and large $k$ the quotient in $f$ is $p_2p_3/p_1$, of mean $E[1/p]$,",
                (k + 1) * p2 * p3 / (k * p1 + p2),
                k,
                sp.oo,
                p2 * p3 / p1,
            ),
            nonnegative(
                "which is at least 1: $1/p$ lies above its tangent $2 - p$.",
                1 / p - (2 - p),
                (p - 1) ** 2 / p,
            ),
        ),
    )


def _small_variance() -> Derivation:
    eps, V = sp.Symbol("epsilon", real=True), sp.Symbol("V", positive=True)
    c1, c2, c3 = (sp.Function(f"c_{n}", real=True)(x) for n in (1, 2, 3))
    q1, q2, q3 = sp.symbols("q_1 q_2 q_3", positive=True)
    mean = q1 * c1 + q2 * c2 + q3 * c3
    second = (c2 * c3 - (c2 + c3) * mean + mean**2).expand()
    squares = sum(share**2 for share in (q1, q2, q3))
    known = [(second.coeff(c, 2), c**2, V) for c in (c1, c2, c3)]
    known += [
        (second.coeff(c, 1).coeff(other, 1), c * other, 0) for c, other in ((c1, c2), (c1, c3), (c2, c3))
    ]
    root = (3 - sp.sqrt(3)) / 6
    form = 1 - 6 * q + 6 * q**2
    return Derivation(
        claim="sign-reversal-share",
        title="Small variance: a critical share that no law changes",
        source="ours",
        assumptions=(
            r"Shares $q_1 + q_2 + q_3 = 1$ of the joint, masses $p_i = 1 + \epsilon c_i$; in mean over the "
            r"leaves $\overline{c_i} = 0$, $\overline{c_i^2} = V$, $\overline{c_ic_j} = 0$ (independent).",
        ),
        statement=r"$G_{23} = \epsilon^2V(q_1^2+q_2^2+q_3^2-q_2-q_3) + O(\epsilon^3)$. For shares $(1-2q, q, "
        r"q)$ the bracket is $1 - 6q + 6q^2$, and $q^* \to (3-\sqrt3)/6 = 0.2113$, for every law.",
        scope="any law of small variance",
        condition=MANY,
        totals=(
            *(Total(c / M, LEAVES, 0) for c in (c1, c2, c3)),
            *(Total(term / M, LEAVES, value) for _, term, value in known),
        ),
        constants=(q1, q2, q3),
        steps=(
            series(
                "One leaf's part of $1 + G_{23}$, to second order.",
                ((1 + eps * c2) * (1 + eps * c3) / (1 + eps * mean)),
                eps,
                1 + eps * (c2 + c3 - mean) + eps**2 * second,
                3,
            ),
            summed(
                "The first order has mean 0.",
                (c2 + c3 - mean) / M,
                LEAVES,
                [(-q1, c1 / M, 0), (1 - q2, c2 / M, 0), (1 - q3, c3 / M, 0)],
                0,
            ),
            summed(
                "The second order is the variance times a form in the shares.",
                second / M,
                LEAVES,
                [(weight, term / M, value) for weight, term, value in known],
                V * (squares - q2 - q3),
            ),
            identity(
                "At shares $(1-2q, q, q)$:", (squares - q2 - q3).subs({q1: 1 - 2 * q, q2: q, q3: q}), form
            ),
            exact("It is zero at this share,", eq(form.subs(q, root), 0)),
            identity(
                "and positive below it: with $q = q^* - u$ both terms are.",
                form.subs(q, root - u),
                6 * u**2 + 2 * sp.sqrt(3) * u,
            ),
        ),
    )


def _two_leaves() -> Derivation:
    d1, d2, d3, joint = sp.symbols("d_1 d_2 d_3 P", real=True)
    third = -d1 - d2
    return Derivation(
        claim="thm-4.2-sign-pretraining",
        also=SIGNS,
        title="On two leaves one draw in three has the wrong signs",
        source="Thm. 4.2",
        assumptions=(
            r"Two leaves, three exchangeable parts of equal size with laws that differ almost surely, $k \to "
            r"\infty$. $P$ is the joint's first mass, $P + d_i$ that of part $i$: $d_1 + d_2 + d_3 = 0$.",
        ),
        statement=r"Of the three pairs exactly one has $G_{ij} > 0$. Which one is equally likely: each draw "
        r"reverses the printed signs with probability $\frac13$, whatever the law.",
        role="boundary",
        scope="any law of the masses",
        condition=EXPECTATION,
        given=(ne(joint, 0), ne(1 - joint, 0)),
        steps=(
            identity(
                "The sign of $G_{ij}$ is that of $d_id_j$.",
                d2 * d3 / joint + (-d2) * (-d3) / (1 - joint),
                d2 * d3 / (joint * (1 - joint)),
            ),
            nonnegative(
                "Of the three products an even number is negative,",
                (d1 * d2) * (d2 * third) * (d1 * third),
                (d1 * d2 * (d1 + d2)) ** 2,
            ),
            nonnegative(
                "and not none, since their sum is: so two are negative and one is positive.",
                -(d1 * d2 + d2 * third + d1 * third),
                (d1**2 + d2**2 + (d1 + d2) ** 2) / 2,
            ),
        ),
    )
