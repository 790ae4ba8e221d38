"""Code lengths: what Theorem 3.4 and the rate say of Huffman codes, and what holds of them.

The mean length of a Huffman code lies within one bit above the entropy, but equals no function of it. For
one dataset coded by the tree of several, the cross-entropy is no bound up to factors, on either side. What
holds is a bound by Fibonacci numbers. The lengths are piecewise constant in the volumes, so that a rate of
change says nothing about them; and yet, where the code switches, the volumes weigh the jumps to zero.
"""

import sympy as sp

from .derivation import (
    Derivation,
    Instance,
    Part,
    Total,
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
    slope,
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


m1, m2, m3 = MASSES = sp.symbols("m_1 m_2 m_3", positive=True)  # of three leaves, the first the likeliest
BITS = -sum(mass * sp.log(mass) / sp.log(2) for mass in MASSES)


def _three(*masses):
    return dict(zip(MASSES, map(sp.Rational, masses), strict=True))


def _equality_fails() -> Derivation:
    once, seven, dyadic = (
        _three("1/3", "1/3", "1/3"),
        _three("7/9", "1/9", "1/9"),
        _three("1/2", "1/4", "1/4"),
    )
    saved = sp.Symbol("{H - E[L]}")
    mean = m1 + 2 * m2 + 2 * m3
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
        where={MEAN: mean, ENTROPY: BITS, THEOREM: sp.ceiling(BITS), saved: BITS - mean},
        steps=(
            computed("Once each: the mean length.", MEAN, once, sp.Rational(5, 3)),
            computed("The entropy ...", ENTROPY, once, sp.log(3) / sp.log(2)),
            computed("... and the theorem's length.", THEOREM, once, 2),
            computed("Seven times: the mean length.", MEAN, seven, sp.Rational(11, 9)),
            computed("The theorem's length.", THEOREM, seven, 1),
            computed(
                "Nor would rounding elsewhere help: on $(1/2, 1/4, 1/4)$ the entropy is attained.",
                saved,
                dyadic,
                0,
            ),
        ),
    )


def _within_one_bit() -> Derivation:
    t, f = sp.Symbol("t", positive=True), sp.Symbol("f", nonnegative=True)
    K = sp.Symbol("K", real=True)
    length, opt, shannon, H = leaf("L^S"), *sp.symbols("E_H E_S H", real=True)
    excess = sp.Symbol("E_L", real=True)
    lemma, saved = ge(t - 1 - sp.log(t), 0), R / P - 1 - sp.log(R / P)
    ideal = -sp.log(P) / sp.log(2)
    left = sp.Sum(P * saved, LEAVES)
    above = sp.Sum(P * (ideal + 1 - length), LEAVES)
    kraft, rounded, best = ge(1, K), gt(ideal + 1 - length, 0), ge(shannon, opt)
    return Derivation(
        claim="thm-3.4",
        title="What holds: within one bit above the entropy",
        source="Thm. 3.4",
        assumptions=(
            r"Leaves of positive mass $P(x)$; a prefix code of lengths $L(x)$ has Kraft's sum $K = "
            r"\sum_x R(x) \le 1$, $R = 2^{-L}$; its mean length is $E_L$. $H$ is the entropy in bits.",
            r"Shannon's lengths $L^S = \lceil -\log_2 P\rceil$ are those of a prefix code; $E_S$ is their "
            r"mean, $E_H \le E_S$ that of Huffman's code, which is the best.",
        ),
        statement=r"$H \le E[L] < H + 1$ for the Huffman code: for every prefix code from below, and from "
        r"above because Shannon's lengths $\lceil -\log_2 P\rceil$ are those of a prefix code, and "
        r"Huffman's is the best.",
        scope="any number of leaves",
        totals=(
            Total(P, LEAVES, 1),
            Total(R, LEAVES, K),
            Total(-P * sp.log(P) / sp.log(2), LEAVES, H),
            Total(-P * sp.log(R) / sp.log(2), LEAVES, excess),
            Total(P * length, LEAVES, shannon),
        ),
        given=(kraft, rounded, best),
        steps=(
            minimum(r"$t - 1 - \log t \ge 0$,", t - 1 - sp.log(t), t, 1, 1 / t),
            implies("used with $t = R/P$ at each leaf.", [Instance(lemma, {t: R / P})], ge(saved, 0), [1]),
            nonnegative("Weighted and summed it stays so.", left),
            summed(
                "The sum is $K - 1$ and, in nats, what the code has above the entropy.",
                left.function,
                LEAVES,
                [
                    (1, R, K),
                    (-1, P, 1),
                    (sp.log(2), -P * sp.log(R) / sp.log(2), excess),
                    (-sp.log(2), -P * sp.log(P) / sp.log(2), H),
                ],
                K - 1 + sp.log(2) * (excess - H),
            ),
            implies(
                "So every prefix code needs the entropy at least.",
                [ge(left, 0), eq(left, K - 1 + sp.log(2) * (excess - H)), kraft],
                ge(excess, H),
                [1 / sp.log(2), -1 / sp.log(2), 1 / sp.log(2)],
            ),
            nonnegative(
                r"Rounded up, $2^{-L} \le P$: it is $P/(1+f)$ with $f \ge 0$. So Kraft's sum is at most 1.",
                P - P / (1 + f),
                P * f / (1 + f),
            ),
            nonnegative(
                r"Rounding up costs less than one bit at every leaf, so on the mean.", above, strict=True
            ),
            summed(
                "That mean is what is left of one bit.",
                above.function,
                LEAVES,
                [
                    (1, -P * sp.log(P) / sp.log(2), H),
                    (1, P, 1),
                    (-1, P * length, shannon),
                ],
                H + 1 - shannon,
            ),
            implies(
                "And Huffman's code is no worse.",
                [gt(above, 0), eq(above, H + 1 - shannon), best],
                gt(H + 1, opt),
                [1, -1, 1],
            ),
        ),
    )


def _theta_fails() -> Derivation:
    paid = sp.Symbol("{E_a[L]/CE_a}")
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
        where={paid: sp.log(2) / sp.log(k + 1)},
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
                paid,
                {k: 3},
                sp.Rational(1, 2),
            ),
        ),
    )


def _fibonacci() -> Derivation:
    p, a1, a2, a3, sibling, weight = sp.symbols("p a_{j-1} a_j a_{j+1} b w", positive=True)
    F1, F2, F = sp.symbols("F_j F_{j+1} F_{L+1}", positive=True)
    gap, deep = sp.symbols("g h", nonnegative=True)
    power, c = sp.symbols("q c", positive=True)  # phi^(j-2); 1/log2(phi)
    Pi, length, mass = leaf("P_i"), leaf("L"), leaf("p")
    cross, mean = sp.symbols("CE_i E_i", real=True)
    constant = sp.Symbol(r"{\log_\phi 2}")
    bound = gt(1 - c * sp.log(mass) / sp.log(2) - length, 0)
    above = sp.Sum(Pi * (1 - c * sp.log(mass) / sp.log(2) - length), LEAVES)
    parent, order = eq(a3, a2 + sibling), ge(sibling, a1)
    before = gt(a2, F2 * p), ge(a1, F1 * p)
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
        totals=(
            Total(Pi, LEAVES, 1),
            Total(Pi * length, LEAVES, mean),
            Total(-Pi * sp.log(mass) / sp.log(2), LEAVES, cross),
        ),
        constants=(c,),
        given=(parent, order, *before, gt(1, F * p), ge(F1, power), ge(F2, power * PHI), bound),
        where={constant: sp.log(2) / sp.log(PHI)},
        steps=(
            nonnegative(
                "In an optimal tree a deeper node weighs no more: to swap two nodes, of which one is deeper "
                "by $h$ and heavier by $g$, would save $gh$.",
                (weight + gap) * (deep + 1) + weight - ((weight + gap) + weight * (deep + 1)),
                gap * deep,
            ),
            implies(
                r"$a_{j+1}$ is $a_j$ and its sibling, which is less deep than $a_{j-1}$: it weighs no less.",
                [parent, order],
                ge(a3, a2 + a1),
                [1, 1],
            ),
            implies(
                r"By induction $a_j > F_{j+1}p$ for $j \ge 1$: $a_1 > p$, as siblings have mass, then this.",
                [ge(a3, a2 + a1), *before],
                gt(a3, (F1 + F2) * p),
                [1, 1, 1],
            ),
            implies("At the root.", [gt(1, F * p)], gt(1 / F, p), [1 / F]),
            identity(r"$\phi^2 = \phi + 1$ ...", PHI**2, PHI + 1),
            implies(
                r"... so that by induction $F_{j} \ge \phi^{j-2}$ (here $q = \phi^{j-2}$), and $1/p > "
                r"\phi^{L-1}$.",
                [ge(F1, power), ge(F2, power * PHI)],
                ge(F1 + F2, power * (1 + PHI)),
                [1, 1],
            ),
            rounds("The constant.", constant, {}, "1.4404"),
            nonnegative(
                r"On the mean over a dataset what $1 - c\log_2 p$ has above the length stays positive,",
                above,
                strict=True,
            ),
            summed(
                "and it is the bound.",
                above.function,
                LEAVES,
                [
                    (1, Pi, 1),
                    (c, -Pi * sp.log(mass) / sp.log(2), cross),
                    (-1, Pi * length, mean),
                ],
                1 + c * cross - mean,
            ),
            implies(
                r"So $E_i[L] < 1 + c\,CE_i$.",
                [gt(above, 0), eq(above, 1 + c * cross - mean)],
                gt(1 + c * cross, mean),
                [1, -1],
            ),
        ),
    )


NORMALISED = "in derivatives; in levels only where log M is divided by d, as the rate is"


def _normalised() -> Derivation:
    H, D = sp.symbols("H D", real=True)
    others = leaf("R")  # the other datasets' weights at the leaf, k + 1 together
    law = (others + ell * P) / (k + 1 + ell)
    size = sp.Symbol("M", positive=True)
    share = sp.Function("P_i", positive=True)(x)
    return Derivation(
        claim="def-4.1",
        title="The normalised rate has the derivatives of the rate",
        source="Def. 4.1",
        assumptions=(
            r"$M$ leaves of the pruned tree, which do not depend on the volume $l$; one leaf's part of "
            r"$\gamma - \log M$ is $-P_i(\log P_l + \log M)$, $P_l = (R + lP)/(k + 1 + l)$, in nats per "
            r"chunk.",
            r"$D = \sum_x P\log(PM)$ is the divergence of a dataset from equal masses, $H$ its entropy.",
        ),
        statement=r"$\frac{d}{dl}(\gamma - \log M) = \frac{d\gamma}{dl}$. As a level, $H - \log M$ of a "
        r"dataset coded by its own tree is $-D$, minus the divergence from equal masses: per chunk; per "
        r"token "
        r"both are divided by $d$.",
        scope="any number of leaves",
        condition=NORMALISED,
        totals=(
            Total(P, LEAVES, 1),
            Total(P * sp.log(P), LEAVES, -H),
            Total(P * sp.log(P * size), LEAVES, D),
        ),
        constants=(size,),
        parts=(Part("def-4.1/level", eq(H - sp.log(size), -D)),),
        steps=(
            slope(
                "The slope of one leaf's part of the rate,",
                -share * sp.log(law),
                ell,
                -share * sp.diff(law, ell) / law,
            ),
            slope(
                "and that of the normalised rate, which is the same.",
                -share * sp.log(law) - share * sp.log(size),
                ell,
                -share * sp.diff(law, ell) / law,
            ),
            summed(
                r"As a level: $H - \log M$ ...",
                -P * sp.log(P) - P * sp.log(size),
                LEAVES,
                [(-1, P * sp.log(P), -H), (-sp.log(size), P, 1)],
                H - sp.log(size),
            ),
            summed(
                r"... and leaf by leaf minus the divergence from equal masses: 0 iff there is no structure.",
                -P * sp.log(P) - P * sp.log(size),
                LEAVES,
                [(-1, P * sp.log(P * size), D)],
                -D,
            ),
            implies(
                "So the two are equal.",
                [
                    eq(sp.Sum(-P * sp.log(P) - P * sp.log(size), LEAVES), H - sp.log(size)),
                    eq(sp.Sum(-P * sp.log(P) - P * sp.log(size), LEAVES), -D),
                ],
                eq(H - sp.log(size), -D),
                [-1, 1],
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
        where={LEVEL: (sp.log(M) / d - sp.log(M)) / sp.log(2)},
        steps=(
            computed("Two leaves.", LEVEL, {M: 2, d: 2}, -sp.Rational(1, 2)),
            computed("Four leaves.", LEVEL, {M: 4, d: 2}, -1),
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
    joint = sp.Sum(w * (new - old), LEAVES)
    jumps = sp.Sum(sp.Sum(n(i) * share * (new - old), DATASETS), LEAVES)
    before, after = ge(others + (at - u) * jt, 0), ge(-others - (at + v) * jt, 0)
    old_best, new_best = ge(joint, 0), ge(0, joint)
    return Derivation(
        claim="huffman-jump",
        title="Jumps of the Huffman code weigh to zero",
        source="ours",
        assumptions=(
            r"Volumes $n_i$, of which $n_t = l$ moves; $w(x) = \sum_i n_iP_i(x) > 0$ is the joint times $T$. "
            r"One "
            r"optimal code $L$ serves just below $l^*$, another, $L'$, just above. Costs are continuous in "
            r"$l$: at "
            r"$l^*$ both are optimal, and neither beats the other on $w$.",
            r"The jump of rate $i$ is $\sum_x P_i(L' - L)$, in bits per chunk (per token all is divided by "
            r"$d$).",
            r"$J$ is $\sum_{i \ne t} n_i\Delta\gamma_i$, so that changing the code from $L$ to $L'$ costs "
            r"$J + l\,\Delta\gamma_t$ in all; $L$ is no worse at $l^* - u$, $L'$ at $l^* + v$.",
        ),
        statement=r"At $l^*$ $\sum_i n_i\Delta\gamma_i$ is neither below nor above 0, $n_t = l^*$ included, "
        r"and "
        r"$\Delta\gamma_t \le 0$: the conservation law for a code that cannot be differentiated.",
        totals=(Total(n(i) * share, DATASETS, w),),
        given=(old_best, new_best, before, after),
        parts=(
            Part("huffman-jump/not-below", ge(jumps, 0), (old_best,)),
            Part("huffman-jump/not-above", ge(0, jumps), (new_best,)),
            Part("huffman-jump/own", ge(0, jt), (before, after)),
        ),
        steps=(
            summed(
                "The cost of the change, leaf by leaf over the datasets, is what it adds for the joint.",
                n(i) * share * (new - old),
                DATASETS,
                [(new - old, n(i) * share, w)],
                w * (new - old),
            ),
            summed(
                "So the weighted jumps of all rates are the change of the joint's cost.",
                sp.Sum(n(i) * share * (new - old), DATASETS),
                LEAVES,
                [(1, w * (new - old), joint)],
                joint,
            ),
            implies("$L$ is not beaten at $l^*$,", [old_best, eq(jumps, joint)], ge(jumps, 0), [1, 1]),
            implies("nor is $L'$.", [new_best, eq(jumps, joint)], ge(0, jumps), [1, -1]),
            implies(
                r"$L$ is no worse at $l^* - u$, $L'$ at $l^* + v$: the perturbation's code gets no longer.",
                [before, after],
                ge(0, jt),
                [1 / (u + v), 1 / (u + v)],
            ),
        ),
    )
