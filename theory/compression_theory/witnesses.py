"""Fewer samples to undo more training: the least that shows it.

Three witnesses, each as little as possible beyond a no-go: two parameters whose quadratics do not commute;
linear logistic regression read on a test context, which shows it if and only if the base is close enough to
the reversal data already; and one shared gain, read on the alignment context itself.
"""

import sympy as sp

from .derivation import Derivation, Part, computed, eq, gt, identity, implies, minimum, nonnegative, slope

c, s = sp.symbols("c sigma", positive=True)


def derive() -> tuple[Derivation, ...]:
    """Quadratics, logistic regression, a shared gain."""
    return (_quadratics(), _logistic(), _gain())


def _page(title, assumptions, statement, steps, scope, **declared) -> Derivation:
    claim = "falling-count-witness"
    return Derivation(claim, title, "ours", assumptions, statement, steps, scope=scope, **declared)


def _quadratics() -> Derivation:
    turn = sp.Matrix([[1, -1], [1, 1]]) / sp.sqrt(2)
    align, reversal = turn * sp.diag(5, sp.Rational(1, 5)) * turn.T, sp.diag(sp.Rational(1, 10), 3)
    start = sp.Matrix([sp.Rational(1, 2), sp.Rational(9, 20)])
    d1, d2 = sp.symbols("delta_1 delta_2", real=True)
    target = sp.Rational(1, 100)
    commutator = sp.Symbol(r"{(H_aH_t - H_tH_a)_{12}}")
    off, h1, h2 = sp.symbols("h_12 h_1 h_2", real=True)

    def distance(delta):
        return (sp.exp(-s / 5) * delta[0] ** 2 + sp.exp(-6 * s) * delta[1] ** 2) / 2

    def aligned(tau):
        return turn * sp.diag(1 - sp.exp(-5 * tau), 1 - sp.exp(-sp.Rational(tau, 5))) * start

    short, long = distance(aligned(2)), distance(aligned(16))
    return _page(
        "Two parameters whose quadratics do not commute",
        (
            r"$H_a$ has curvatures 5 and 1/5 along $(1,1)$ and $(-1,1)$, $H_t = \mathrm{diag}(1/10, 3)$; "
            r"alignment's optimum is $(1/2, 9/20)$ in the axes of $H_a$, the base and the reversal's optimum "
            r"are 0; the divergence from the base is $|\delta|^2/2$, to be brought under 1/100.",
        ),
        r"Alignment for $\tau = 16$ goes farther than for $\tau = 2$ and is back sooner.",
        (
            computed(
                "The two do not commute: an entry of $H_aH_t - H_tH_a$ is not 0.",
                commutator,
                {off: align[0, 1], h1: reversal[0, 0], h2: reversal[1, 1]},
                sp.Rational(174, 25),
            ),
            nonnegative(
                "The divergence never rises under the reversal.",
                -sp.diff(distance((d1, d2)), s),
                sp.exp(-s / 5) * d1**2 / 10 + 3 * sp.exp(-6 * s) * d2**2,
            ),
            nonnegative("Longer alignment goes farther,", (long - short).subs(s, 0), strict=True),
            nonnegative(
                "but is under the threshold at $\\sigma = 1$,", target - long.subs(s, 1), strict=True
            ),
            nonnegative("where the shorter one is not.", short.subs(s, 1) - target, strict=True),
        ),
        "two parameters, exact numbers",
        where={commutator: off * h2 - h1 * off},
        parts=(
            Part("falling-count-witness/farther", gt((long - short).subs(s, 0), 0)),
            Part("falling-count-witness/back", gt(target - long.subs(s, 1), 0)),
            Part("falling-count-witness/not-back", gt(short.subs(s, 1) - target, 0)),
        ),
    )


def _logistic() -> Derivation:
    z, (beta, E) = sp.Symbol("z_0", real=True), sp.symbols("beta E", positive=True)
    y, turning = (
        sp.Symbol("y", nonnegative=True),
        sp.Symbol(r"{\frac{d}{dc}(\beta e^{-\beta c} - e^{-c})}"),
    )
    fast, slow = sp.symbols(r"{e^{-c}} {e^{-\beta{}c}}", positive=True)
    gap = sp.Symbol("x", positive=True)
    bracket = beta * sp.exp(-beta * c) - sp.exp(-c)
    at = {sp.exp(-beta * c): E / beta**2, sp.exp(-c): E}
    count = sp.Integral(1 + sp.exp(-s), (s, z + beta * c, z + c)).doit()
    witness = count.subs({z: -3, beta: sp.Rational(1, 2)})
    return _page(
        "Linear logistic regression on a test context",
        (
            r"The class of no-go 5 on a test context with $0 < \beta < 1$ (neighbours cross), logistic loss: "
            r"$v(z) = 1/(1+e^{-z})$, base reversal logit $z_0$.",
        ),
        r"The count falls somewhere iff $z_0 < \frac{1+\beta}{1-\beta}\log\beta$, a bound below $-2$ that "
        r"tends to $-2$ as $\beta \to 1$.",
        (
            identity(
                "The count in closed form,",
                count,
                (1 - beta) * c + sp.exp(-z) * (sp.exp(-beta * c) - sp.exp(-c)),
            ),
            identity(
                "and its slope: negative iff $e^{-z_0}(\\beta e^{-\\beta c} - e^{-c}) > 1 - \\beta$.",
                sp.diff(count, c),
                (1 - beta) - sp.exp(-z) * (beta * sp.exp(-beta * c) - sp.exp(-c)),
            ),
            slope(
                "The bracket rises, then falls; its slope is",
                bracket,
                c,
                sp.exp(-c) - beta**2 * sp.exp(-beta * c),
            ),
            computed(
                "0 where $E = e^{-c}$ and $e^{-\\beta c} = E/\\beta^2$,",
                turning,
                {fast: E, slow: E / beta**2},
                0,
            ),
            identity("and its value there $(1-\\beta)E/\\beta$.", bracket.subs(at), (1 - beta) * E / beta),
            identity(
                "Dividing: $e^{(1-\\beta)c} = \\beta^{-2}$, so that $E = \\beta^{2/(1-\\beta)}$, and "
                "$E/\\beta$ is $\\beta$ to the power (here $\\beta = 1/(1+x)$)",
                (2 / (1 - beta) - 1).subs(beta, 1 / (1 + gap)),
                ((1 + beta) / (1 - beta)).subs(beta, 1 / (1 + gap)),
            ),
            minimum(
                "The bound on $z_0$ is below $-2$: with $\\beta = 1/(1+y)$ that says",
                sp.log(1 + y) - 2 * y / (2 + y),
                y,
                0,
                y / ((1 + y) * (2 + y) ** 2),
            ),
            identity(
                "$x_a = (1,1)$, $x_t = (1,0)$, $u = (1,-1/2)$, $z_0 = -3$:",
                witness,
                c / 2 + sp.exp(3) * (sp.exp(-c / 2) - sp.exp(-c)),
            ),
            nonnegative(
                "lifting by 6 needs less reversal than by 3.",
                witness.subs(c, 3) - witness.subs(c, 6),
                strict=True,
            ),
        ),
        "any alignment, reversal and test context",
        where={turning: fast - beta**2 * slow},
        parts=(
            Part(
                "falling-count-witness/logistic-slope",
                eq(
                    sp.diff(count, c),
                    (1 - beta) - sp.exp(-z) * (beta * sp.exp(-beta * c) - sp.exp(-c)),
                ),
            ),
            Part("falling-count-witness/logistic", gt(witness.subs(c, 3) - witness.subs(c, 6), 0)),
        ),
    )


def _gain() -> Derivation:
    a, w, da, dw = sp.symbols("a w_t a' w_t'", real=True)
    speed = sp.Symbol("v", positive=True)
    flow = [eq(da, -speed * w), eq(dw, -speed * a)]
    return _page(
        "One shared gain, on the alignment context itself",
        (
            r"$f = a\,(w\cdot x)$, both layers trained; $w$ and $a$ move under the reversal at $x_t$, $|x_t| "
            r"= 1$, at loss slope $v$: with $w_t = w\cdot x_t$ $a' = -v w_t$, $w_t' = -v a$.",
        ),
        r"The speed of the reversal logit, $-(a^2+w_t^2)v$, depends on the gain that alignment left: linear "
        r"features (no-go 5) have it fixed.",
        (
            implies(
                "The flow conserves $a^2 - w_t^2$,", flow, eq(2 * a * da - 2 * w * dw, 0), [2 * a, -2 * w]
            ),
            implies(
                "and moves the logit $z = a w_t$ at",
                flow,
                eq(da * w + a * dw, -(a**2 + w**2) * speed),
                [w, a],
            ),
        ),
        "any angle between the contexts; the falling count itself is computed (evidence)",
        given=tuple(flow),
    )
