"""Code lengths: what Theorem 3.4 and the rate say of Huffman codes, and what holds of them.

The mean length of a Huffman code lies within one bit above the entropy, but equals no function of it. For
one dataset coded by the tree of several, the cross-entropy is no bound up to factors, on either side. What
holds is a bound by Fibonacci numbers. The lengths are piecewise constant in the volumes, so that a rate of
change says nothing about them; and yet, where the code switches, the volumes weigh the jumps to zero.
"""

import sympy as sp

from .derivation import (
    Derivation,
    computed,
    eq,
    ge,
    gt,
    identity,
    implies,
    limit,
    minimum,
    nonnegative,
    rounds,
    summed,
)
from .notation import DATASETS, LEAVES, M, d, ell, i, k, leaf, n, x

P, R = leaf("P"), leaf("R")
PHI = sp.GoldenRatio
MEAN, ENTROPY, THEOREM = sp.Symbol("E[L]"), sp.Symbol("H"), sp.Symbol(r"\lceil H \rceil")
LEVEL = sp.Symbol(r"{\gamma - \log_2 M}")


def derive() -> tuple[Derivation, ...]:
    """Theorem 3.4 and what holds instead; the rate likewise; the normalised rate; the jumps."""
    return (
        _equality_fails(),
        _within_one_bit(),
        _theta_fails(),
        _fibonacci(),
        _normalised(),
        _levels(),
        _jump(),
    )


def _bits(*masses):
    return -sum(mass * sp.log(mass, 2) for mass in map(sp.Rational, masses))


def _equality_fails() -> Derivation:
    third, ninth = sp.Rational(1, 3), sp.Rational(1, 9)
    return Derivation(
        claim="thm-3.4",
        title="The printed equality fails on three leaves",
        source="Thm. 3.4",
        assumptions=(
            r"$d = 2$ and responses of fewer than 2 tokens: one chunk each, all leaves EOS leaves, so that "
            r"the pruned tree is the whole tree.",
            r"A complete code for three leaves has the lengths 1, 2, 2; Huffman's gives 1 to the likeliest. "
            r"(For one leaf both sides are 0, for two both are 1.)",
        ),
        statement=r"The empty response, 0 and 1, once each: the mean length is $5/3$, the theorem says 2. "
        r"With the empty response seven times it is $11/9$, and the theorem says 1: it errs on both sides.",
        role="counterexample",
        scope="these instances, exactly",
        steps=(
            computed("Once each: the mean length.", MEAN, (1 + 2 + 2) * third, sp.Rational(5, 3)),
            computed("The entropy ...", ENTROPY, _bits(third, third, third), sp.log(3, 2)),
            computed("... and the theorem's length.", THEOREM, sp.ceiling(_bits(third, third, third)), 2),
            computed("Seven times: the mean length.", MEAN, 7 * ninth + 2 * 2 * ninth, sp.Rational(11, 9)),
            computed("The theorem's length.", THEOREM, sp.ceiling(_bits(7 * ninth, ninth, ninth)), 1),
            computed(
                "Nor would rounding elsewhere help: on $(1/2, 1/4, 1/4)$ the entropy is attained, ...",
                sp.Symbol("H - E[L]"),
                _bits("1/2", "1/4", "1/4") - (sp.Rational(1, 2) + 2 * 2 * sp.Rational(1, 4)),
                0,
            ),
            computed("... and the theorem says more.", THEOREM, sp.ceiling(_bits("1/2", "1/4", "1/4")), 2),
        ),
    )


def _within_one_bit() -> Derivation:
    t, f = sp.Symbol("t", positive=True), sp.Symbol("f", nonnegative=True)
    K, gap = sp.Symbol("K", nonnegative=True), sp.Symbol("D", real=True)
    length, ideal, opt, shannon, H = sp.symbols("L_x l_x E_H E_S H", real=True)
    return Derivation(
        claim="thm-3.4",
        title="What holds: within one bit above the entropy",
        source="Thm. 3.4",
        assumptions=(
            r"Leaves of positive mass $P(x)$; a prefix code of lengths $L(x)$ has Kraft's sum $K = "
            r"\sum_x R(x) \le 1$, $R = 2^{-L}$. $H$ is the entropy in bits.",
        ),
        statement=r"$H \le E[L] < H + 1$ for the Huffman code: for every prefix code from below, and from "
        r"above because Shannon's lengths $\lceil -\log_2 P\rceil$ are those of a prefix code, and "
        r"Huffman's is the best.",
        scope="any number of leaves",
        steps=(
            minimum(r"$t - 1 - \log t \ge 0$, used with $t = R/P$.", t - 1 - sp.log(t), t, 1, 1 / t),
            identity(
                r"At one leaf $E[L] - H$ has $P\log(P/R)$ nats: that, less $R - P$.",
                P * sp.log(P / R),
                P * (R / P - 1 - sp.log(R / P)) - (R - P),
                simplify=lambda e: sp.simplify(sp.expand_log(e)),
            ),
            summed(
                "What is taken off sums to $K - 1 \\le 0$.", R - P, LEAVES, [(1, R, K), (-1, P, 1)], K - 1
            ),
            implies(
                r"So $E[L] \ge H$, for what is left is a sum of non-negative terms.",
                [ge(gap, 0), ge(opt, H + gap)],
                ge(opt, H),
                [1, 1],
            ),
            implies(
                r"Rounding up costs less than one bit at every leaf, so on the mean.",
                [gt(ideal + 1, length), eq(shannon - H, length - ideal)],
                gt(H + 1, shannon),
                [1, -1],
            ),
            nonnegative(
                r"Rounded up, $2^{-L} \le P$: it is $P/(1+f)$ with $f \ge 0$. So Kraft's sum is at most 1.",
                P - P / (1 + f),
                P * f / (1 + f),
            ),
            implies(
                "And Huffman's code is no worse.",
                [gt(H + 1, shannon), ge(shannon, opt)],
                gt(H + 1, opt),
                [1, 1],
            ),
        ),
    )


def _theta_fails() -> Derivation:
    return Derivation(
        claim="rate",
        title="Theta fails on both sides",
        source="Sec. 3",
        assumptions=(
            r"Two datasets on a leaf each: $k$ times the empty response, and one response 1, at $d = 2$. The "
            r"joint is $(k, 1)/(k+1)$, and its Huffman code gives each leaf one bit.",
        ),
        statement=r"The minority pays 1 bit against a cross-entropy of $\log_2(k+1)$, the majority 1 bit "
        r"against $\log_2(1 + 1/k)$: as $k \to \infty$ neither $\le$ nor $\ge$ holds up to any factor.",
        role="counterexample",
        scope="two datasets, two leaves, every k",
        steps=(
            limit(
                "Lower side: length over cross-entropy, for the minority.", 1 / sp.log(k + 1, 2), k, sp.oo, 0
            ),
            limit(
                "Upper side: cross-entropy over length, for the majority.",
                sp.log(1 + 1 / k, 2),
                k,
                sp.oo,
                0,
            ),
            computed(
                "At $k = 3$ the minority pays half of its cross-entropy.",
                sp.Symbol("{E_a[L]/CE_a}"),
                1 / sp.log(4, 2),
                sp.Rational(1, 2),
            ),
        ),
    )


def _fibonacci() -> Derivation:
    p, a1, a2, a3, sibling, weight = sp.symbols("p a_{j-1} a_j a_{j+1} b w", positive=True)
    F1, F2 = sp.symbols("F_j F_{j+1}", positive=True)
    gap, deep = sp.symbols("g h", nonnegative=True)
    c = sp.Symbol("c", positive=True)  # 1/log2(phi)
    cross, mean, ideal = sp.symbols("CE_i E_i l", real=True)
    length = sp.Symbol("L_x", real=True)
    return Derivation(
        claim="rate",
        title="What holds: the Fibonacci bound",
        source="ours",
        assumptions=(
            r"A Huffman tree, a leaf of mass $p > 0$ at depth $L \ge 1$, its ancestors of mass $a_1, a_2, "
            r"\ldots, a_L = 1$, $a_0 = p$. Fibonacci numbers $F_1 = F_2 = 1$; $\phi = (1 + \sqrt 5)/2$.",
        ),
        statement=r"$p < 1/F_{L+1}$, so $L < 1 + \log_\phi(1/p)$, and for any dataset coded by the joint "
        r"tree $E_i[L] < 1 + c\,CE_i$ bits per chunk, $c = \log_\phi 2 = 1.4404\ldots$",
        scope="any number of leaves and datasets",
        role="proof",
        steps=(
            nonnegative(
                "In an optimal tree a deeper node weighs no more: to swap two nodes, of which one is deeper "
                "by $h$ and heavier by $g$, would save $gh$.",
                (weight + gap) * (deep + 1) + weight - ((weight + gap) + weight * (deep + 1)),
                gap * deep,
            ),
            implies(
                r"$a_{j+1}$ is $a_j$ and its sibling, which is less deep than $a_{j-1}$: it weighs no less.",
                [eq(a3, a2 + sibling), ge(sibling, a1)],
                ge(a3, a2 + a1),
                [1, 1],
            ),
            implies(
                r"By induction $a_j > F_{j+1}p$ for $j \ge 1$: $a_1 > p$, as siblings have mass, then this.",
                [ge(a3, a2 + a1), gt(a2, F2 * p), ge(a1, F1 * p)],
                gt(a3, (F1 + F2) * p),
                [1, 1, 1],
            ),
            implies("At the root.", [gt(1, F2 * p)], gt(1 / F2, p), [1 / F2]),
            identity(
                r"$\phi^2 = \phi + 1$ ...",
                PHI**2,
                PHI + 1,
                simplify=lambda e: sp.simplify(e.rewrite(sp.sqrt)),
            ),
            implies(
                r"... so that by induction $F_{j} \ge \phi^{j-2}$ (here $c = \phi^{j-2}$), and $1/p > "
                r"\phi^{L-1}$.",
                [ge(F1, c), ge(F2, c * PHI)],
                ge(F1 + F2, c * (1 + PHI)),
                [1, 1],
            ),
            rounds("The constant.", sp.Symbol(r"{\log_\phi 2}"), sp.log(2) / sp.log(PHI), "1.4404"),
            implies(
                r"On the mean over a dataset, with $c = \log_\phi 2$ and $l = -\log_2 p$.",
                [gt(1 + c * ideal, length), eq(cross - ideal, 0), eq(mean - length, 0)],
                gt(1 + c * cross, mean),
                [1, c, -1],
            ),
        ),
    )


NORMALISED = "in derivatives; in levels only where log M is divided by d, as the rate is"


def _normalised() -> Derivation:
    start, slope, H = sp.symbols("c s H", real=True)
    return Derivation(
        claim="def-4.1",
        title="The normalised rate has the derivatives of the rate",
        source="Def. 4.1",
        assumptions=(
            r"$M$ leaves of the pruned tree, which do not depend on the volume $l$; $\gamma$ in bits per "
            r"token, $d\gamma$ in bits per chunk.",
        ),
        statement=r"$\frac{d}{dl}(\gamma - \log_2 M) = \frac{d\gamma}{dl}$. As a level, "
        r"$\gamma - (\log_2 M)/d$ is minus the divergence from equal masses, per token.",
        scope="any number of leaves",
        condition=NORMALISED,
        steps=(
            identity(
                r"The constant goes: for a rate with the slope $s$, $\gamma = c + sl$ to first order.",
                sp.Derivative(start + slope * ell - sp.log(M, 2), ell),
                slope,
                simplify=lambda e: sp.simplify(e.doit()),
            ),
            summed(
                r"Per chunk, as a level: $H - \log M$ (nats) of a dataset coded by its own tree ...",
                -P * sp.log(P) - P * sp.log(M),
                LEAVES,
                [(-1, P * sp.log(P), -H), (-sp.log(M), P, 1)],
                H - sp.log(M),
            ),
            identity(
                r"... is, leaf by leaf, minus the divergence from equal masses $1/M$: 0 if and only if "
                r"there is no structure.",
                -P * sp.log(P) - P * sp.log(M),
                -P * sp.log(P * M),
                simplify=lambda e: sp.simplify(sp.expand_log(e)),
            ),
        ),
    )


def _levels() -> Derivation:
    return Derivation(
        claim="def-4.1",
        title="As printed the level mixes units",
        source="Def. 4.1",
        assumptions=(r"$d = 2$; two datasets without any structure: uniform on 2 and on 4 leaves.",),
        statement=r"The printed levels are $-1/2$ and $-1$ bits: they differ, and by as much as the trees "
        r"differ in size, which they are to remove.",
        role="boundary",
        scope="these instances, exactly",
        condition=NORMALISED,
        steps=(
            computed("Two leaves.", LEVEL, sp.log(2, 2) / 2 - sp.log(2, 2), -sp.Rational(1, 2)),
            computed("Four leaves.", LEVEL, sp.log(4, 2) / 2 - sp.log(4, 2), -1),
            identity(
                "In general the error is this, 0 only at $d = 1$.",
                (sp.log(M, 2) / d - sp.log(M, 2)) - (sp.log(M, 2) / d - sp.log(M, 2) / d),
                -sp.log(M, 2) * (d - 1) / d,
            ),
        ),
    )


def _jump() -> Derivation:
    old, new = sp.Function("L", real=True)(x), sp.Function("L'", real=True)(x)
    share = sp.Function("P", nonnegative=True)(i, x)
    w = leaf("w")
    u, v = sp.symbols("u v", positive=True)  # how far before and after the switch
    others, at = sp.symbols("J l^*", real=True)
    jt = sp.Symbol(r"\Delta\gamma_t", real=True)
    return Derivation(
        claim="huffman-jump",
        title="Jumps of the Huffman code weigh to zero",
        source="ours",
        assumptions=(
            r"Volumes $n_i$, of which $n_t = l$ moves; $w(x) = \sum_i n_iP_i(x)$ is the joint times $T$. One "
            r"optimal code $L$ serves just below $l^*$, another, $L'$, just above.",
            r"$J$ is $\sum_{i \ne t} n_i\Delta\gamma_i$, so that changing the code from $L$ to $L'$ costs "
            r"$J + l\,\Delta\gamma_t$ in all, at any $l$ (bits per chunk; per token all is divided by $d$).",
        ),
        statement=r"At $l^*$ $\sum_i n_i\Delta\gamma_i = 0$ exactly, $n_t = l^*$ included, and "
        r"$\Delta\gamma_t \le 0$: the conservation law for a code that cannot be differentiated.",
        steps=(
            summed(
                "The cost of the change, leaf by leaf over the datasets, is what it adds for the joint.",
                n(i) * share * (new - old),
                DATASETS,
                [(new - old, n(i) * share, w)],
                w * (new - old),
            ),
            implies(
                r"$L$ is optimal at $l^* - u$ for every small $u > 0$, $L'$ at $l^* + v$: ...",
                [ge(others + (at - u) * jt, 0), ge(-others - (at + v) * jt, 0)],
                ge(-(u + v) * jt, 0),
                [1, 1],
            ),
            implies(
                r"... so $\Delta\gamma_t \le 0$: the perturbation's own code gets no longer.",
                [ge(-(u + v) * jt, 0)],
                ge(0, jt),
                [1 / (u + v)],
            ),
            implies(
                r"The cost at $l^*$ is at least $u\,\Delta\gamma_t$ ...",
                [ge(others + (at - u) * jt, 0)],
                ge(others + at * jt, u * jt),
                [1],
            ),
            implies(
                r"... and at most $-v\,\Delta\gamma_t$, for all such $u$ and $v$: ...",
                [ge(-others - (at + v) * jt, 0)],
                ge(-v * jt, others + at * jt),
                [1],
            ),
            limit("... both bounds go to 0, and what lies between is 0.", u * jt, u, 0, 0),
        ),
    )
