"""Rebound: when can the better aligned model end worse?

The figure that gave elasticity its name shows curves that cross: more alignment starts higher and ends
lower. A mixture cannot do that, nor can any model whose state is one number read by a monotone score. Two
numbers can. What decides it in a linear class is one constant, beta: neighbouring curves cross when the
speed of the reversal has fallen to beta times the speed at which it started.
"""

import sympy as sp

from .derivation import (
    Derivation,
    Part,
    Total,
    computed,
    eq,
    gt,
    identity,
    implies,
    limit,
    nonnegative,
    slope,
    summed,
)
from .notation import LEAVES, Pa, Pp, Pt, leaf

k, na, nt = sp.symbols("k n_a n_t", positive=True)
low = sp.Symbol("s_t", real=True)
up, lift = sp.symbols("u b", positive=True)  # scores: s_t, s_p = s_t + u, s_a = s_t + u + b
sp_, sa = low + up, low + up + lift
total = k + na + nt
score = (k * sp_ + na * sa + nt * low) / total


def derive() -> tuple[Derivation, ...]:
    """The mixture, one dimension, two dimensions, and where each stops."""
    return (
        _saturated(),
        _harmless(),
        _scalar(),
        _coarse(),
        _unread(),
        _inertia(),
        _linear_class(),
        _witness(),
    )


def _saturated() -> Derivation:
    f, s_p, s_a, s_t = leaf("f"), *sp.symbols("s_p s_a s_t", real=True)
    back, mixed = na * lift / up, f * (k * Pp + na * Pa + nt * Pt) / total
    return Derivation(
        claim="rebound-saturated",
        title="Rebound in a mixture",
        source="ours",
        assumptions=(
            r"A saturated model of $D_p$, $D_a$, $D_t$ with volumes $k$, $n_a$, $n_t$ and a score that is "
            r"linear in its distribution: $s = \sum_x f(x) P_D(x)$; $s_p$, $s_a$, $s_t$ are the datasets' "
            r"own scores.",
            r"Alignment raises the score, the perturbation lowers it: $s_t < s_p = s_t + u < s_a = s_p + b$.",
        ),
        statement=r"Curves never cross; they are convex in $n_t$; the base score is back at "
        r"$n_t = n_a(s_a-s_p)/(s_p-s_t)$, which grows with $n_a$ and is free of $k$.",
        scope="any number of leaves",
        totals=(Total(f * Pp, LEAVES, s_p), Total(f * Pa, LEAVES, s_a), Total(f * Pt, LEAVES, s_t)),
        constants=(na, nt),
        parts=(
            Part(
                "rebound-saturated/score", eq(sp.Sum(mixed, LEAVES), (k * s_p + na * s_a + nt * s_t) / total)
            ),
            Part("rebound-saturated/order", gt(sp.diff(score, na), 0)),
            Part("rebound-saturated/convex", gt(sp.diff(score, nt, 2), 0)),
            Part("rebound-saturated/return", eq(score.subs(nt, back), sp_)),
        ),
        steps=(
            summed(
                "The score is the volume-weighted mean of the datasets' scores.",
                mixed,
                LEAVES,
                [(k / total, f * Pp, s_p), (na / total, f * Pa, s_a), (nt / total, f * Pt, s_t)],
                (k * s_p + na * s_a + nt * s_t) / total,
            ),
            nonnegative(
                "More alignment is better at every $n_t$: no two curves meet.",
                sp.diff(score, na),
                (k * lift + nt * (up + lift)) / total**2,
                strict=True,
            ),
            nonnegative(
                "Each curve falls,",
                -sp.diff(score, nt),
                (k * up + na * (up + lift)) / total**2,
                strict=True,
            ),
            nonnegative(
                "and is convex: the fall is steepest at the start, so that no flat start is possible.",
                sp.diff(score, nt, 2),
                2 * (k * up + na * (up + lift)) / total**3,
                strict=True,
            ),
            identity("The base score is back at", score.subs(nt, back), sp_),
            slope(
                "a volume that grows with that of the alignment, and does not know $k$.", back, na, lift / up
            ),
            limit("In the end the score is the perturbation's own.", score, nt, sp.oo, low),
        ),
    )


def _harmless() -> Derivation:
    s_a = sp.Symbol("s_a", positive=True)
    curve = (k * sp_ + na * s_a + nt * (s_a + lift)) / total
    return Derivation(
        claim="rebound-saturated",
        title="A perturbation that scores above the alignment",
        source="ours",
        assumptions=(r"As before, but $s_t = s_a + b > s_a > s_p$, written $s_p = s_a - c$.",),
        statement=r"All curves meet, at $n_t = kc/b$: the order of the scores is needed.",
        role="boundary",
        scope="any number of leaves",
        steps=(
            identity(
                "At that volume $n_a$ does not matter.",
                sp.diff(curve.subs(low, s_a - up - sp.Symbol("c", positive=True)), na).subs(
                    nt, k * sp.Symbol("c", positive=True) / lift
                ),
                0,
            ),
        ),
    )


def _scalar() -> Derivation:
    gap, eta, time, x, h = sp.symbols("D_0 eta t x h", positive=True)
    mean, v = sp.Function("m", real=True), sp.Function("v", real=True)
    quotient = (v(x + gap) - v(x)) / gap
    rate, m = sp.Symbol("{m D}"), sp.Symbol("m", real=True)
    growth = sp.Symbol("I", real=True)
    between = gap * sp.exp(sp.Integral(mean(h), (h, 0, time)))
    rest = sp.Symbol("r", positive=True)  # 1 - eta m
    rise = sp.Symbol("S'", positive=True)
    speed, start, base = sp.Function("v", positive=True), *sp.symbols("z_c z_0", real=True)
    return Derivation(
        claim="no-crossing-scalar",
        title="One dimension: curves keep their order",
        source="ours",
        assumptions=(
            r"A state $x' = v(x,t)$ on the line, $v$ continuously differentiable in $x$, under a schedule "
            r"that all runs share; the score is an increasing function of $x$.",
            r"Two runs start at distance $D_0 > 0$. $m(t) = (v(x+D,t)-v(x,t))/D$ lies between the extremes "
            r"of $\partial v/\partial x$, so that its integral $I$ is finite.",
            r"In steps $x \mapsto x - \eta f(x)$ the same with $f$ for $v$: $\eta\sup f' < 1$ makes "
            r"$r = 1 - \eta m$ positive.",
        ),
        statement=r"The distance, and with it the difference of the scores, never changes sign.",
        scope="any velocity",
        where={rate: m * gap},
        parts=(Part("no-crossing-scalar/flow", eq(sp.Derivative(between, time), mean(time) * between)),),
        steps=(
            computed("The distance changes at the rate $mD$,", rate, {m: quotient}, v(x + gap) - v(x)),
            slope("which the growing or shrinking exponential solves,", between, time, mean(time) * between),
            nonnegative(
                "whose sign is that of the start ($I = \\int m$).", gap * sp.exp(growth), strict=True
            ),
            identity(
                "In steps it is multiplied by $r = 1 - \\eta m$,",
                gap - eta * ((1 - rest) / eta) * gap,
                rest * gap,
            ),
            nonnegative("which is positive,", rest * gap, strict=True),
            nonnegative(
                "and so is the difference of the scores, $S' > 0$ being a mean slope.",
                rise * gap,
                strict=True,
            ),
            slope(
                "Nor can fewer steps undo more alignment: the time from $z_c$ down to $z_0$ at speed $v$ "
                "grows with $z_c$.",
                sp.Integral(1 / speed(x), (x, base, start)),
                start,
                1 / speed(start),
            ),
        ),
    )


def _boundary(title, assumption, statement, *steps, where=None) -> Derivation:
    return Derivation(
        claim="no-crossing-scalar",
        title=title,
        source="ours",
        assumptions=(assumption,),
        statement=statement,
        role="boundary",
        scope="one example",
        steps=steps,
        where=where or {},
    )


def _coarse() -> Derivation:
    first, gap = sp.symbols("x D", positive=True)
    eta, apart = sp.Symbol("eta", positive=True), sp.Symbol("D_1")
    return _boundary(
        "Steps that are too large",
        r"$f(x) = x$, steps of $\eta = 3/2$: $\eta f' > 1$.",
        r"Two states exchange their order in one step.",
        computed(
            "The distance turns from $D$ to",
            apart,
            {eta: sp.Rational(3, 2)},
            -gap / 2,
        ),
        where={apart: (first + gap) * (1 - eta) - first * (1 - eta)},
    )


def _unread() -> Derivation:
    time = sp.Symbol("t", positive=True)
    return _boundary(
        "A score that is not monotone",
        r"$x' = -1$ from 1 and from 2, score $x^2$: the states keep their order.",
        r"Their scores, 1 and 4 at first, are equal at $t = 3/2$ and exchanged afterwards.",
        identity("The difference of the scores:", (2 - time) ** 2 - (1 - time) ** 2, 3 - 2 * time),
    )


def _inertia() -> Derivation:
    time = sp.Symbol("t", positive=True)
    near, far = sp.cos(time), 2 * sp.cos(time)
    apart = sp.Symbol(r"{x_2(\pi) - x_1(\pi)}")
    return _boundary(
        "Momentum",
        r"$x'' = -x$ from rest at 1 and at 2: the state is $(x, x')$, of two dimensions.",
        r"The positions are exchanged after $t = \pi/2$.",
        slope("Both runs obey the law: the velocity $-\\sin t$ has slope $-x$;", -sp.sin(time), time, -near),
        computed(
            "half a period later their distance is",
            apart,
            {time: sp.pi},
            -1,
        ),
        where={apart: far - near},
    )


def _linear_class() -> Derivation:
    t = sp.Symbol("t", positive=True)
    ratio, z, start = sp.symbols("r z z_c", real=True)
    ua = sp.Symbol("u_a", real=True)  # u.x_a
    ut, at, tt = sp.symbols("u_t x_at x_tt", positive=True)  # u.x_t, x_a.x_t, x_t.x_t
    v = sp.Function("v", positive=True)
    logistic = 1 / (1 + sp.exp(-z))
    spent, shown = sp.Integral(1 / v(t), (t, z, start)), sp.Symbol("beta")
    gain = ua / at - (1 - ratio) * ut / tt
    law = 1 - (ua / at) * tt / ut
    return Derivation(
        claim="crossing-two-dim",
        title="When neighbouring curves of a linear class cross",
        source="ours",
        assumptions=(
            r"Weights $w$; alignment moves them along $x_a$ and lifts the reversal logit $z = w\cdot x_t$ by "
            r"$c$; the reversal flows along $-x_t$ with speed $v(z) > 0$, $z' = -|x_t|^2 v(z)$; the score "
            r"increases in $u\cdot w$. Written $u_a = u\cdot x_a$, $u_t = u\cdot x_t$, $x_{at} = x_a\cdot "
            r"x_t$, $x_{tt} = |x_t|^2$.",
            r"$r = v(z)/v(z_c)$: the speed now over the speed at the start of the reversal, at $z_c$.",
            r"$u_t, x_{at} > 0$, $A = u_t x_{at}/x_{tt}$, $\beta = 1 - u_a/A$.",
        ),
        statement=r"The test logit rises with $c$ while $v(z) > \beta v(z_c)$ and falls after: neighbours "
        r"cross exactly when $v(z) = \beta v(z_c)$. If $0 < \beta < 1$ and $v$ falls to 0, all of them do.",
        scope="any number of weights",
        given=(gt(1, law), eq(ratio, 1), gt(law, 0), eq(ratio, 0)),
        where={shown: law},
        parts=(
            Part("crossing-two-dim/law", eq(gain, (ut / tt) * (ratio - law))),
            Part("crossing-two-dim/start", gt(gain, 0), (gt(1, law), eq(ratio, 1))),
            Part("crossing-two-dim/end", gt(0, gain), (gt(law, 0), eq(ratio, 0))),
        ),
        steps=(
            slope(
                "The time of the reversal is $\\int dz/(|x_t|^2 v)$ from $z$ to $z_c$. It grows with its "
                "upper end,",
                spent,
                start,
                1 / v(start),
            ),
            slope(
                "and with its lower one it falls: equal times need $dz/v(z) = dz_c/v(z_c)$, so $dz/dz_c = "
                "r$.",
                spent,
                z,
                -1 / v(z),
            ),
            identity(
                "The test logit gains $u_a/x_{at}$ per unit of $c$ and loses $(1-r)u_t/x_{tt}$ to the "
                "reversal; together",
                gain,
                (ut / tt) * (ratio - law),
            ),
            identity(
                "where $\\beta$ is the part of $u_a$ that is off the reversal context, reversed in sign, "
                "over $A$.",
                law,
                -(ua - at * ut / tt) / (ut * at / tt),
            ),
            implies(
                "At the start ($r = 1$) more alignment is better, if $\\beta < 1$;",
                [eq(gain, (ut / tt) * (ratio - law)), gt(1, law), eq(ratio, 1)],
                gt(gain, 0),
                [1, ut / tt, ut / tt],
            ),
            implies(
                "at the end ($r = 0$) it is worse, if $\\beta > 0$.",
                [eq(gain, (ut / tt) * (ratio - law)), gt(law, 0), eq(ratio, 0)],
                gt(0, gain),
                [-1, ut / tt, -ut / tt],
            ),
            limit("Logistic loss: the speed falls to 0,", logistic, z, -sp.oo, 0),
            computed(
                "and two weights are two dimensions enough: $x_a = (1,1)$, $x_t = (1,0)$, $u = (1,-1/2)$ "
                "have this $\\beta$:",
                shown,
                {ua: sp.Rational(1, 2), ut: 1, at: 1, tt: 1},
                sp.Rational(1, 2),
            ),
        ),
    )


def _witness() -> Derivation:
    z, y = sp.Function("z", real=True), sp.Function("y", real=True)
    t, s = sp.symbols("t tau", positive=True)
    w, C = sp.symbols("omega {e^C}", positive=True)
    solved = sp.Symbol("{e^z}")

    def aligned(time):  # w_1 = w_2 = z/2 with z + e^z = 1 + 2 tau
        constant = 1 + 2 * time
        return (constant - sp.LambertW(sp.exp(constant))) / 2

    def reversed_(start, time):  # y - e^-y = C
        constant = start - sp.exp(-start) - time
        return constant + sp.LambertW(sp.exp(-constant))

    short, long = aligned(1), aligned(100)
    ends = [reversed_(start, 100) - start / 2 for start in (short, long)]
    return Derivation(
        claim="crossing-two-dim",
        title="A logistic regression with two weights whose curves cross",
        source="ours",
        assumptions=(
            r"Weights from 0 by gradient flow of the logistic loss: alignment with $(1,1)$ for $\tau = 1$ or "
            r"$100$, then reversal with $(1,0)$ for $t = 100$; test logit $w_1 - w_2/2$.",
            r"In alignment $w_1 = w_2 = z/2$, $z' = 2/(1+e^z)$; in the reversal $y = w_1$, $y' = "
            r"-1/(1+e^{-y})$.",
        ),
        statement=r"The longer alignment starts with the higher test logit and ends with the lower one.",
        scope="two weights; exact numbers through Lambert's W",
        where={solved: C * sp.exp(-w)},
        parts=(
            Part("crossing-two-dim/witness-start", gt((long - short) / 2, 0)),
            Part("crossing-two-dim/witness-end", gt(ends[0] - ends[1], 0)),
        ),
        steps=(
            identity(
                "Alignment conserves $z + e^z - 2\\tau$,",
                sp.diff(z(s) + sp.exp(z(s)) - 2 * s, s).subs(sp.diff(z(s), s), 2 / (1 + sp.exp(z(s)))),
                0,
            ),
            identity(
                "the reversal $y - e^{-y} + t$.",
                sp.diff(y(t) - sp.exp(-y(t)) + t, t).subs(sp.diff(y(t), t), -1 / (1 + sp.exp(-y(t)))),
                0,
            ),
            computed(
                "Lambert's W solves both: with $\\omega e^\\omega = e^C$ the first has $z = C - \\omega$, "
                "where $e^z = \\omega$; the second likewise with $y = -C' + \\omega$.",
                solved,
                {C: w * sp.exp(w)},
                w,
            ),
            nonnegative("Start: longer alignment leads.", (long - short) / 2, strict=True),
            nonnegative("End: it is behind.", ends[0] - ends[1], strict=True),
        ),
    )
