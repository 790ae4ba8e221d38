"""Fewer samples to undo more training: what it means, and what cannot show it.

The paper's second surprise is that a model with more safety training needs fewer unsafe samples to return
to its base. It is the first one again: the count falls where neighbouring curves have changed places by the
time they reach the base level. Five classes cannot do it: mixtures, a single orbit, the exact return of the
whole state, quadratics that share their axes, and linear features judged on the context that was aligned.
The least that can is in the part on witnesses.
"""

import sympy as sp

from .derivation import (
    Derivation,
    Part,
    eq,
    ge,
    gt,
    identity,
    implies,
    nonnegative,
    series,
    slope,
)
from .notation import d, i

c, s = sp.symbols("c sigma", positive=True)
v = sp.Function("v", positive=True)


def derive() -> tuple[Derivation, ...]:
    """The equivalence, and five no-gos."""
    return (_equivalence(), _mixture(), _orbit(), _return(), _commuting(), _own_context())


def _page(claim, title, assumptions, statement, steps, scope, **declared) -> Derivation:
    return Derivation(claim, title, "ours", assumptions, statement, steps, scope=scope, **declared)


def _equivalence() -> Derivation:
    steep, other, slope = sp.Symbol("q", positive=True), *sp.symbols("b N'", real=True)
    f1, f2, f11, f12, f22, n1, n2 = sp.symbols("f_1 f_2 f_11 f_12 f_22 n_1 n_2", real=True)
    count = n1 * s + n2 * s**2  # N(c + s) - N(c)
    score = f1 * count + f2 * s + f11 * count**2 + f12 * count * s + f22 * s**2
    balance = eq(other - steep * slope, 0)
    return _page(
        "falling-count",
        "A falling count is a crossing above the base level",
        (
            r"$f(\sigma, c)$: the score after alignment $c$ and reversal $\sigma$, smooth, with $q = "
            r"-\partial f/\partial\sigma > 0$ at the base level $f_0$; $b = \partial f/\partial c$, positive "
            r"at $\sigma = 0$.",
            r"$N(c)$ is the reversal that returns to the base level: $f(N(c), c) = f_0$; $N'$ its slope.",
        ),
        r"$N'(c) < 0$ iff $b < 0$ at $\sigma = N(c)$: neighbouring curves have changed places at some "
        r"$\sigma < N$, where the score is above $f_0$ (an odd number of times: after an even number the "
        r"order is restored).",
        (
            series(
                "Along $N$ the score changes by $f_1N' + f_2$ ($f_1$, $f_2$ its two slopes, $n_1 = N'$; the "
                "terms of second order do not matter),",
                score,
                s,
                (f1 * n1 + f2) * s,
                2,
            ),
            implies(
                "which must be 0: with $f_1 = -q$, $f_2 = b$ the count's slope is $b/q$;",
                [balance],
                eq(slope, other / steep),
                [-1 / steep],
            ),
            implies("a falling count", [balance, gt(-slope, 0)], gt(-other, 0), [-1, steep]),
            implies(
                "and the exchanged order imply each other.",
                [balance, gt(-other, 0)],
                gt(-slope, 0),
                [1 / steep, 1 / steep],
            ),
        ),
        "any smooth family of decreasing curves",
        given=(balance, gt(-slope, 0), gt(-other, 0)),
        parts=(
            Part("falling-count/then-crossed", gt(-other, 0), (balance, gt(-slope, 0))),
            Part("falling-count/if-crossed", gt(-slope, 0), (balance, gt(-other, 0))),
        ),
    )


def _mixture() -> Derivation:
    k, w, y, P, A, R = sp.symbols("k w y P_p P_a P_t", positive=True)
    share = 1 / (1 + w)  # theta
    a1, t1, a2, t2 = sp.symbols("a_1 t_1 a_2 t_2", nonnegative=True)
    h, D, low = sp.symbols("h D N", real=True)
    lam, high = sp.symbols("lambda N_b", nonnegative=True)
    below, inside = ge(lam * high, low), ge(1, lam)

    def joint(a, t):
        return (k * P + a * A + t * R) / (k + a + t)

    forward = sp.diff(P * sp.log(P / (y + h * D)), h, 2).subs(h, 0)
    reverse = sp.diff((y + h * D) * sp.log((y + h * D) / P), h, 2).subs(h, 0)
    mixed = share * a1 + (1 - share) * a2, share * t1 + (1 - share) * t2
    first = share * (k + a1 + t1) / (k + sum(mixed))
    second = (1 - share) * (k + a2 + t2) / (k + sum(mixed))
    return _page(
        "falling-count-no-go",
        "No-go 1: mixtures",
        (
            r"A saturated model of volumes $k$, $n_a$, $n_t$, any distributions, and the divergence of its "
            r"joint from the base, forward or reverse KL; $C$ is the set of $(n_a, n_t)$ within $\epsilon$.",
            r"$N(n_a)$ is the least $n_t \ge 0$ in $C$; near $n_a = 0$ it is 0. Two points of $C$, "
            r"$(a_1,t_1)$ and $(a_2,t_2)$, are mixed with weights $\theta = 1/(1+w)$ and $1-\theta$. At a "
            r"leaf $y$ is "
            r"the joint's weight and $D$ its slope along the segment between two joints.",
        ),
        r"$C$ is convex and $N$ never falls: more alignment never needs fewer samples.",
        (
            identity(
                "The joint of a mixed pair lies between the joints, with weights that",
                joint(*mixed),
                first * joint(a1, t1) + second * joint(a2, t2),
            ),
            identity("add to 1.", first + second, 1),
            nonnegative(
                "Forward KL is convex along such a segment, leaf by leaf,",
                forward,
                P * D**2 / y**2,
            ),
            nonnegative(
                "and so is reverse KL.",
                reverse,
                D**2 / y,
            ),
            implies(
                "So $C$ is convex, and its lower edge a convex function: at $\\lambda b$, between 0 and $b$, "
                "$N$ is at most $\\lambda N_b$, where $\\lambda \\le 1$ and $N_b \\ge 0$; it never falls.",
                [below, inside],
                ge(high, low),
                [1, high],
            ),
        ),
        "any number of leaves",
        given=(below, inside),
        parts=(
            Part(
                "falling-count-no-go/mixture-joint",
                eq(joint(*mixed), first * joint(a1, t1) + second * joint(a2, t2)),
            ),
            Part("falling-count-no-go/mixture-forward", ge(forward, 0)),
            Part("falling-count-no-go/mixture-reverse", ge(reverse, 0)),
            Part("falling-count-no-go/mixture", ge(high, low), (below, inside)),
        ),
    )


def _orbit() -> Derivation:
    base, start = sp.symbols("z_0 z_c", real=True)
    time = sp.Integral(1 / v(s), (s, base, start))
    grows = eq(sp.Derivative(time, start), 1 / v(start))
    return _page(
        "falling-count-no-go",
        "No-go 2: one orbit",
        (
            r"A one-dimensional state that the reversal moves down at speed $v(z) > 0$ from $z_c$, "
            r"increasing in the alignment, to the base $z_0$ (or to any level between).",
        ),
        r"The count is an arc's length in time: it grows with the arc.",
        (
            slope("Its slope in the aligned state is the reciprocal speed,", time, start, 1 / v(start)),
            nonnegative("which is positive,", 1 / v(start), strict=True),
            implies("and so is the slope.", [gt(1 / v(start), 0), grows], gt(grows.lhs, 0), [1, 1]),
        ),
        "any positive speed",
        parts=(Part("falling-count-no-go/orbit", gt(grows.lhs, 0)),),
    )


def _return() -> Derivation:
    F, X2, n1, n2 = sp.symbols("F X_2 n_1 n_2", real=True)
    back = -(n1 * s + n2 * s**2)  # the orbit's time, counted from the aligned state
    return _page(
        "falling-count-no-go",
        "No-go 3: exact return of the whole state",
        (
            r"The reversal flow $\theta' = F(\theta)$ brings $\theta_a(c)$ back to $\theta_0$ exactly, in "
            r"every parameter, after the time $N(c)$: $\theta_a(c) = X(-N(c))$ with $X$ the orbit through "
            r"$\theta_0$.",
        ),
        r"$d\theta_a/dc = -N'(c)\,F(\theta_a)$: the count falls only where alignment moves along the "
        r"reversal.",
        (
            series(
                "The orbit near the aligned state is $F\\sigma + X_2\\sigma^2$ in a coordinate; an alignment "
                "that is longer by $s$ has $N$ longer by $n_1s + n_2s^2$ and moves the coordinate by",
                F * back + X2 * back**2,
                s,
                -n1 * F * s,
                2,
            ),
        ),
        "any number of parameters, one coordinate written out",
        parts=(
            Part(
                "falling-count-no-go/return",
                eq(F * back + X2 * back**2, -n1 * F * s + sp.O(s**2)),
            ),
        ),
    )


def _commuting() -> Derivation:
    tau, a, h, size = sp.symbols("tau a h vartheta", positive=True)
    y = sp.Symbol("y", positive=True)  # e^(tau a) - 1
    left = sp.exp(-2 * s * h) * (1 - sp.exp(-tau * a)) ** 2 * size**2
    slope = 2 * a * sp.exp(-2 * s * h) * size**2 * y / (1 + y) ** 2
    steep, count = sp.Symbol("q", positive=True), sp.Symbol("N'", real=True)
    grows = sp.diff(left, tau).subs(tau, sp.log(1 + y) / a)
    grown = sp.Sum(sp.Function("b", positive=True)(i), (i, 1, d))
    balance = eq(grown - steep * count, 0)
    return _page(
        "falling-count-no-go",
        "No-go 4: quadratics that share their axes",
        (
            r"$L_a$, $L_t$ and the metric of the distance to base are diagonal together, with curvatures "
            r"$a_i$, $h_i$ and positive weights; alignment for a time $\tau$ from the base, whose optimum it "
            r"leaves by $\vartheta_i$; the reversal's optimum is the base.",
        ),
        r"Each mode's distance grows with $\tau$ and falls with $\sigma$; so the time to a given distance "
        r"grows.",
        (
            nonnegative(
                "A mode's squared distance grows with the alignment ($y = e^{\\tau a} - 1$),",
                grows,
                slope,
                strict=True,
            ),
            nonnegative(
                "and falls under the reversal,",
                -sp.diff(left, s).subs(tau, sp.log(1 + y) / a),
                2 * h * sp.exp(-2 * s * h) * size**2 * y**2 / (1 + y) ** 2,
                strict=True,
            ),
            nonnegative("and so do sums over modes, of slopes $b_i > 0$ in $\\tau$:", grown, strict=True),
            implies(
                "with the slope $-q$ in $\\sigma$ the count has $N' = \\sum_i b_i/q > 0$.",
                [gt(grown, 0), balance],
                gt(count, 0),
                [1 / steep, -1 / steep],
            ),
        ),
        "any number of modes",
        given=(balance,),
        parts=(
            Part("falling-count-no-go/modes", gt(grows, 0)),
            Part("falling-count-no-go/commuting", gt(count, 0), (balance,)),
        ),
    )


def _own_context() -> Derivation:
    z, off = sp.symbols("z_0 x_2", real=True)
    along, length = sp.symbols("x_1 r", positive=True)
    minus = sp.Symbol("b", nonnegative=True)  # -beta
    count = sp.Integral(1 / v(s), (s, z - minus * c, z + c))
    slower = 1 / v(z + c) + minus / v(z - minus * c)
    grows = eq(sp.Derivative(count, c), slower)
    return _page(
        "falling-count-no-go",
        "No-go 5: linear features on the alignment context itself",
        (
            r"The linear class of crossing-two-dim, any speed $v > 0$, judged on its own alignment context: "
            r"$u = x_a$; in the plane of both contexts $x_t = (r, 0)$, $x_a = (x_1, x_2)$, $x_1 > 0$.",
            r"Alignment lifts the reversal logit from $z_0$ by $c$; the test logit is back when the reversal "
            r"has lowered it to $z_0 + \beta c$ (time in units of $1/|x_t|^2$).",
        ),
        r"$\beta = 1 - 1/\cos^2 \le 0$, and the count's slope is positive for every speed.",
        (
            nonnegative(
                "The constant $\\beta$ with its sign turned, $b$:",
                (along**2 + off**2) * length**2 / (along * length) ** 2 - 1,
                off**2 / along**2,
            ),
            slope(
                "The count is the time from $z_0 + c$ down to $z_0 + \\beta c$; its slope is",
                count,
                c,
                slower,
            ),
            nonnegative("which is positive,", slower, strict=True),
            implies("for every speed.", [gt(slower, 0), grows], gt(grows.lhs, 0), [1, 1]),
        ),
        "any number of features, any positive speed",
        parts=(Part("falling-count-no-go/own-context", gt(grows.lhs, 0)),),
    )
