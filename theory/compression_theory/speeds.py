"""Levels and speeds: where a rebound stops, and what pre-training and size can do to its speed.

Three of the paper's figures are about speed. A curve that levels off near the base must be slow there: one
ratio of two gradients decides. Pre-training on more data makes the fall steeper only if it changes the
features: with fixed ones the speed at a given score is what it was, with one shared gain it grows like log k.
Deeper trees resolve more, so that the perturbation's own response and the steepest slope of any score can
only grow with depth; the response of the alignment data can do either.
"""

import sympy as sp

from .derivation import (
    Derivation,
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
from .notation import LEAVES, PD, Pt, leaf

s, k, z = sp.symbols("sigma k z", positive=True)


def derive() -> tuple[Derivation, ...]:
    """The level, the matched score, the depth."""
    return (_level(), _mixture_level(), _fixed(), _shared(), _depth(), _other_response())


def _level() -> Derivation:
    here, base, start, R, y, odds = sp.symbols("v v_0 v_c R y R_0", positive=True)
    slower, ratio = ge(base, here), eq(base, R * start)
    shown, after = sp.Symbol("{v_0/v_c}"), sp.Symbol("R_c", positive=True)
    g0, h, delta = sp.symbols("g_0 h delta", real=True)
    p = sp.Symbol("p", positive=True)
    speed = p**2 * (1 - p)  # of p, which moves at -p (1 - p) times the logit's speed p
    return Derivation(
        claim="level-criterion",
        title="A curve levels off where the drive is small",
        source="ours",
        assumptions=(
            r"A reversal logit that falls at a speed $v(z) > 0$ that increases in $z$: $v_c$ at the aligned "
            r"state, $v_0$ at the base, $v$ past the base. $R = v_0/v_c$, the ratio of the gradient of the "
            r"reversal loss at the base to that at the aligned state.",
        ),
        statement=r"Past the base the curve is no faster than $R$ times its first speed.",
        scope="any increasing speed; the logistic one where it says so",
        given=(slower, ratio),
        where={shown: (1 / (1 + odds)) / (1 / (1 + after))},
        parts=(Part("level-criterion/slower", ge(R * start, here), (slower, ratio)),),
        steps=(
            slope(
                "The reversal gradient at a displacement $\\delta$ is a drive, felt at the base too, and an "
                "elastic force that is 0 there (quadratic loss of slope $g_0$ and curvature $h$).",
                g0 * delta + h * delta**2 / 2,
                delta,
                g0 + h * delta,
            ),
            implies(
                "Past the base: $v \\le Rv_c$.",
                [slower, ratio],
                ge(R * start, here),
                [1, -1],
            ),
            slope(
                "Logistic loss, $v = p$: the score $p$ falls at $p^2(1-p)$, fastest at $p = 2/3$, so that "
                "curves that start higher (and only these) first lag.",
                speed,
                p,
                3 * p * (sp.Rational(2, 3) - p),
            ),
            computed(
                "There the ratio is, with $R_0 = e^{-z_0}$ at the base and $y = e^{-c}$ for a lift of $c$,",
                shown,
                {after: odds * y},
                (1 + odds * y) / (1 + odds),
            ),
        ),
    )


def _mixture_level() -> Derivation:
    s_p, s_t, s_0, T, lam = sp.symbols("s_p s_t s_0 T lambda", positive=True)
    volume, score = sp.symbols("n s", positive=True)
    joint = (T * score + volume * s_t) / (T + volume)
    penalised = (lam * s_p + s_t) / (lam + 1)
    return Derivation(
        claim="level-criterion",
        title="In a mixture the level is the perturbation's own",
        source="ours",
        assumptions=(
            r"A saturated model of total volume $T$ with a linear score $s$, to which a volume $n$ of $D_t$ "
            r"comes; $s_0$ is the score at the start of the reversal, $s_p$ the base score.",
        ),
        statement=r"At equal total volume the slope at the base score is $(s_p-s_t)/(s_0-s_t)$ times that at "
        r"the "
        r"start: small only if $s_t$ is near $s_p$. A penalty $\lambda$ on the forward KL to the base leaves "
        r"an overshoot of "
        r"$(s_p-s_t)/(1+\lambda)$.",
        given=(ne(s_0 - s_t, 0),),
        parts=(
            Part(
                "level-criterion/mixture",
                eq(((s_t - s_p) / T) / ((s_t - s_0) / T), (s_p - s_t) / (s_0 - s_t)),
                (ne(s_0 - s_t, 0),),
            ),
            Part("level-criterion/mixture-end", eq(sp.Limit(joint, volume, sp.oo), s_t)),
            Part("level-criterion/penalty", eq(s_p - penalised, (s_p - s_t) / (1 + lam))),
        ),
        steps=(
            identity("The slope at a score $s$,", sp.diff(joint, volume).subs(volume, 0), (s_t - score) / T),
            identity(
                "so the ratio of slopes at the base score and at the start is",
                ((s_t - s_p) / T) / ((s_t - s_0) / T),
                (s_p - s_t) / (s_0 - s_t),
            ),
            limit("The end is", joint, volume, sp.oo, s_t),
            identity(
                "With the penalty the optimum of $L_t + \\lambda L_p$ is a mixture of the two; the base "
                "score is overshot by",
                s_p - penalised,
                (s_p - s_t) / (1 + lam),
            ),
        ),
    )


def _fixed() -> Derivation:
    v, length = sp.Function("v", positive=True), sp.Symbol("x_tt", positive=True)
    start, t = sp.Symbol("z_k", real=True), sp.Symbol("t", positive=True)
    logit, steep = sp.Function("z", real=True)(t), sp.Symbol("S_1", real=True)
    score = steep * logit  # near the score that is looked at
    moves = eq(sp.Derivative(logit, t), -length * v(logit))
    chain = eq(sp.Derivative(score, t), steep * sp.Derivative(logit, t))
    return Derivation(
        claim="matched-score",
        title="Fixed features: no pre-training in the fall",
        source="ours",
        assumptions=(
            r"Linear features, one reversal context $x_t$, $x_{tt} = |x_t|^2$; the score, of slope $S_1$ in "
            r"the logit, "
            r"is read there. Pre-training and alignment, of any volume $k$, set the logit $z_k$ where the "
            r"reversal starts.",
        ),
        statement=r"The fall rate at a given score is the same for all $k$: $S_1x_{tt}v(z)$.",
        scope="any loss and score; one reversal context",
        given=(moves,),
        parts=(
            Part(
                "matched-score/fixed",
                eq(sp.Derivative(score, t), -steep * length * v(logit)),
                (moves,),
            ),
        ),
        steps=(
            slope(
                "The logit falls at $x_{tt}v(z)$: of the past, the time at which it has reached $z$ knows "
                "the starting point,",
                sp.Integral(1 / (length * v(k)), (k, z, start)),
                start,
                1 / (length * v(start)),
            ),
            slope("but the score moves as the logit does,", score, t, chain.rhs),
            implies(
                "at a rate in which $z_k$ does not occur.",
                [chain, moves],
                eq(sp.Derivative(score, t), -steep * length * v(logit)),
                [1, steep],
            ),
        ),
    )


def _shared() -> Derivation:
    a, w, da, dw = sp.symbols("a w a' w'", real=True)
    v, C = sp.symbols("v C", positive=True)
    flow = [eq(da, -v * w), eq(dw, -v * a)]
    volume = sp.Integral((1 + sp.exp(s)) / (2 * s), (s, 1, z))
    large, moved, y = sp.exp(z) / (2 * z), sp.Symbol("{z_p'}"), sp.Symbol("y", positive=True)
    factor = sp.sqrt(C**2 + 4 * z**2)
    return Derivation(
        claim="matched-score",
        title="One shared gain: pre-training speeds up the fall",
        source="ours",
        assumptions=(
            r"$f = a(w\cdot x)$, unit contexts $x_p \perp x_t$, logistic loss, gradient flow from a small "
            r"balanced start. Pre-training on $x_p$ for a time $k$ keeps $a = w\cdot x_p$, so that its logit "
            r"is $z_p = a^2 =: C$. Then $x_t$ is trained, with loss slope $v$: $a' = -vw$, $w' = -va$, $w := "
            r"w\cdot x_t$.",
        ),
        statement=r"At a given logit $z$ the reversal moves it at $\sqrt{C^2+4z^2}\,v(z)$, which increases "
        r"in the gain $C$, and $C \sim \log k$.",
        scope="two contexts",
        given=tuple(flow),
        where={moved: 2 * a * da},
        parts=(
            Part("matched-score/conserved", eq(2 * a * da - 2 * w * dw, 0), tuple(flow)),
            Part("matched-score/speed", eq(da * w + a * dw, -(a**2 + w**2) * v), tuple(flow)),
            Part("matched-score/faster", sp.Gt(sp.diff(factor, C), 0, evaluate=False)),
        ),
        steps=(
            computed(
                "Pre-training from balance: $z_p = a^2$ with $a' = a/(1+e^{z_p})$ obeys $z_p' = "
                "2z_p/(1+e^{z_p})$.",
                moved,
                {da: a / (1 + sp.exp(a**2))},
                2 * a**2 / (1 + sp.exp(a**2)),
            ),
            slope(
                "So the time it took is $k = \\int(1+e^z)/(2z)\\,dz$,",
                volume,
                z,
                (1 + sp.exp(z)) / (2 * z),
            ),
            limit(
                "which grows like $e^{z_p}/(2z_p)$ (the quotient of the slopes of both, at $z = 1 + y$),",
                (1 + sp.exp(-(1 + y))) * (1 + y) / y,
                y,
                sp.oo,
                1,
            ),
            limit(
                "so that $\\log k \\sim z_p$, the gain.",
                sp.expand_log(sp.log(large), force=True) / z,
                z,
                sp.oo,
                1,
            ),
            implies(
                "On $x_t$ the flow conserves $a^2 - w^2 = C$,",
                flow,
                eq(2 * a * da - 2 * w * dw, 0),
                [2 * a, -2 * w],
            ),
            implies("moves the logit $aw$ at", flow, eq(da * w + a * dw, -(a**2 + w**2) * v), [w, a]),
            identity(
                "and the factor follows from", (a**2 + w**2) ** 2, (a**2 - w**2) ** 2 + 4 * (a * w) ** 2
            ),
            nonnegative(
                "It increases in the gain.",
                sp.diff(sp.sqrt(C**2 + 4 * z**2), C),
                C / sp.sqrt(C**2 + 4 * z**2),
                strict=True,
            ),
        ),
    )


def _depth() -> Derivation:
    p, q = sp.symbols("p q", positive=True)
    a, b, f = sp.symbols("a b f", real=True)
    n, total = sp.symbols("n T", positive=True)
    score = leaf("f")
    coarse = (a + b) ** 2 / (p + q)
    s_t, s_D = sp.symbols("s_t s_D", real=True)
    return Derivation(
        claim="depth-resolves",
        title="What grows with depth",
        source="ours",
        assumptions=(
            r"Pruning merges leaves. Two leaves with joint weights $p$, $q$ and excesses $a$, $b$ of $P_t$ "
            r"over the joint become one; a deeper tree undoes it. A score has values $0 \le f \le 1$ on the "
            r"leaves.",
        ),
        statement=r"$G_d(t,t)$ and $\mathrm{TV}_d(P_t,P_D)$ never fall with $d$; so neither do the "
        r"perturbation's own response $-T\,d\gamma_t/dn_t$ and the steepest slope of any score, "
        r"$\mathrm{TV}_d/T$.",
        scope="any tree, one merger at a time",
        totals=(Total(score * Pt, LEAVES, s_t), Total(score * PD, LEAVES, s_D)),
        constants=(total,),
        parts=(Part("depth-resolves/own", ge(a**2 / p + b**2 / q - coarse, 0)),),
        steps=(
            nonnegative(
                "A merger takes from $G(t,t) = \\sum (P_t-P_D)^2/P_D$",
                a**2 / p + b**2 / q - coarse,
                (a * q - b * p) ** 2 / (p * q * (p + q)),
            ),
            summed(
                "A score's slope is its mean excess over $T$,",
                sp.diff(score * (total * PD + n * Pt) / (total + n), n).subs(n, 0),
                LEAVES,
                [(1 / total, score * Pt, s_t), (-1 / total, score * PD, s_D)],
                (s_t - s_D) / total,
            ),
            identity(
                "and the total variation is the largest mean excess. A score of the coarse tree is one of "
                "the deep tree, constant on what was merged: the largest over more scores is no less.",
                f * (a + b),
                f * a + f * b,
            ),
        ),
    )


def _other_response() -> Derivation:
    p, q = sp.symbols("p q", positive=True)
    a, b, c, e = sp.symbols("a b c e", real=True)
    taken = sp.Symbol(r"\text{taken}")
    lost = a * c / p + b * e / q - (a + b) * (c + e) / (p + q)
    return Derivation(
        claim="depth-resolves",
        title="What may do either",
        source="ours",
        assumptions=(r"As before; $c$, $e$ are the excesses of $P_a$ over the joint on the two leaves.",),
        statement=r"The alignment's response $G_d(a,t)$ may rise or fall with depth.",
        role="boundary",
        scope="one merger",
        where={taken: lost},
        steps=(
            identity(
                "A merger takes a product whose factors have signs of their own:",
                lost,
                (a * q - b * p) * (c * q - e * p) / (p * q * (p + q)),
            ),
            computed(
                "here it takes 1,",
                taken,
                {p: 1, q: 1, a: 1, b: -1, c: sp.Rational(1, 2), e: -sp.Rational(1, 2)},
                1,
            ),
            computed(
                "and here it gives 1.",
                taken,
                {p: 1, q: 1, a: 1, b: -1, c: -sp.Rational(1, 2), e: sp.Rational(1, 2)},
                -1,
            ),
        ),
    )
