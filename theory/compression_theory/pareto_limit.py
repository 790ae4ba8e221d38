"""Many leaves: the response as an integral of Laplace transforms.

With independent leaf masses G averages to an expectation, and writing 1/S as an integral of exponentials
splits it into one factor per dataset. What Pareto tails contribute is two special functions: the limit
exists for every law of finite mean, gamma masses give it in closed form, and without a mean it is that of
disjoint data.
"""

import sympy as sp

from .derivation import (
    Derivation,
    Part,
    computed,
    ge,
    identity,
    limit,
    nonnegative,
    slope,
)
from .notation import M, m

s, total, x_m, kappa, u = sp.symbols("s T x_m kappa u", positive=True)
a = sp.Symbol("alpha", positive=True)
p, p1, p2, p3 = sp.symbols("p p_1 p_2 p_3", positive=True)
w1, w2, w3 = sp.symbols("w_1 w_2 w_3", positive=True)
q = sp.Symbol("q", positive=True)
S = w1 * p1 + w2 * p2 + w3 * p3


def derive() -> tuple[Derivation, ...]:
    """The integral, its closed cases, and masses without a mean."""
    return (_integral(), _pareto(), _gamma(), _without_mean())


def _integral() -> Derivation:
    rest, one = w1 * p1 + w3 * p3, sp.Symbol(r"{\frac{P_2P_3}{P_D}}")
    P2, P3, PD = sp.symbols("P_2 P_3 P_D", positive=True)
    return Derivation(
        claim="pareto-limit",
        title="The limit of many leaves",
        source="ours",
        assumptions=(
            r"Leaf masses $p_1, p_2, p_3$ of three parts are independent, across leaves too, with mean 1; "
            r"$P_i(x) = p_i(x)/\sum p_i$; joint weights $w_i > 0$ with sum $T$, $S = \sum_i w_ip_i$.",
            r"$D_a$ has the leaf weights of $D_2$ and is merged in it; $D_t$ has those of $D_3$. The parts "
            r"that remain are lumped in $w_1p_1$.",
            r"$L(s) = E\,e^{-sp}$ and $L_1(s) = E\,p\,e^{-sp} = -L'(s)$.",
        ),
        statement=r"Almost surely, as $M \to \infty$, $T\,d\gamma_a/dn_t = -G_{23} \to 1 - T\,E[p_2p_3/S]$, "
        r"and $E[p_2p_3/S] = \int_0^\infty L(w_1s)L_1(w_2s)L_1(w_3s)\,ds$.",
        scope="any law of mean 1",
        where={one: P2 * P3 / PD},
        parts=(Part("pareto-limit/dominated", ge(total * p3 / w2 - total * p2 * p3 / S, 0)),),
        steps=(
            computed(
                "One leaf's part of $1 + G_{23}$, with $P_i = p_i/M$: by the law of large numbers "
                "$\\sum p_i/M \\to 1$.",
                one,
                {P2: p2 / M, P3: p3 / M, PD: S / (M * total)},
                total * p2 * p3 / S / M,
            ),
            nonnegative(
                "What is averaged over the leaves is at most $Tp_3/w_2$, which has a finite mean: so the "
                "average tends to the expectation, for every law with a mean.",
                total * p3 / w2 - total * p2 * p3 / S,
                total * p3 * rest / (w2 * S),
            ),
            slope(
                "The quotient is an integral, $1/p = \\int_0^\\infty e^{-sp}\\,ds$: the antiderivative rises "
                "from $-1/p$ to 0.",
                -sp.exp(-s * p) / p,
                s,
                sp.exp(-s * p),
            ),
            identity(
                "At $p = S$ its integrand is a product of one factor per part; independent factors have the "
                "product of their expectations.",
                p2 * p3 * sp.exp(-s * S),
                sp.exp(-w1 * s * p1) * (p2 * sp.exp(-w2 * s * p2)) * (p3 * sp.exp(-w3 * s * p3)),
            ),
            slope("And $L_1 = -L'$, draw by draw.", -sp.exp(-s * p), s, p * sp.exp(-s * p)),
        ),
    )


def _pareto() -> Derivation:
    t = sp.Symbol("t", positive=True)
    z = s * x_m
    density = a * x_m**a * (x_m * t) ** (-a - 1)
    return Derivation(
        claim="pareto-limit",
        title="Pareto masses",
        source="ours",
        assumptions=(
            r"Density $\alpha x_m^\alpha p^{-\alpha-1}$ for $p \ge x_m$, $\alpha > 1$.",
            r"$E_\nu(z) = \int_1^\infty e^{-zt}t^{-\nu}\,dt$, the exponential integral of real order.",
        ),
        statement=r"$x_m = (\alpha-1)/\alpha$, $L(s) = \alpha E_{\alpha+1}(sx_m)$, $L_1(s) = \alpha "
        r"x_mE_\alpha(sx_m)$. Where $D_1$ has all the weight, $G_{23} = 1/(\alpha^2-1)$.",
        scope="any alpha > 1",
        steps=(
            identity(
                "In $t = p/x_m$ the integrand of $L$ is that of $\\alpha E_{\\alpha+1}(sx_m)$.",
                density * x_m * sp.exp(-s * x_m * t),
                a * t ** (-a - 1) * sp.exp(-z * t),
            ),
            slope(
                "Its derivative in $s$ gives $L_1 = -L'$.",
                -a * sp.expint(a + 1, z),
                s,
                a * x_m * sp.expint(a, z),
            ),
            identity(
                "The mean is $\\alpha x_m/(\\alpha-1)$: this minimum makes it 1; here $\\alpha = 1+u$.",
                sp.Integral(density * x_m * t * x_m, (t, 1, sp.oo)).subs({a: 1 + u, x_m: u / (1 + u)}),
                1,
            ),
            identity(
                "All weight in $D_1$: $p_2$ and $p_3$ have mean 1 and $E[1/p_1]$ remains,",
                sp.Integral(density * x_m / (x_m * t), (t, 1, sp.oo)),
                a / ((a + 1) * x_m),
            ),
            identity(
                "which is $1 + 1/(\\alpha^2-1)$, $\\alpha = 1 + u$.",
                (a / ((a + 1) * x_m)).subs(x_m, (a - 1) / a).subs(a, 1 + u) - 1,
                1 / ((1 + u) ** 2 - 1),
            ),
        ),
    )


def _gamma() -> Derivation:
    y, z = sp.symbols("y z", positive=True)  # (kappa + s) p, 1 + s/kappa
    power = m * kappa + 1
    density = kappa**kappa * p ** (kappa - 1) * sp.exp(-kappa * p) / sp.gamma(kappa)
    L = (1 + s / kappa) ** (-kappa)
    antiderivative = -kappa / power * (1 + s / kappa) ** (-power)
    return Derivation(
        claim="pareto-limit",
        title="Gamma masses: a closed form",
        source="ours",
        assumptions=(
            r"$m$ equal parts with gamma masses of shape $\kappa$ and mean 1; $w_i = 1$, $T = m$.",
            r"$L_2(s) = E\,p^2e^{-sp}$.",
        ),
        statement=r"$G_{ij} \to -1/(m\kappa+1)$ for $i \ne j$ and $G_{ii} \to (m-1)/(m\kappa+1)$.",
        scope="any number of parts, any shape",
        steps=(
            identity(
                "The transform: in $y = (\\kappa+s)p$ its integrand is $L$ times that of $\\Gamma(\\kappa)$.",
                (density * sp.exp(-s * p)).subs(p, y / (kappa + s)) / (kappa + s),
                L * y ** (kappa - 1) * sp.exp(-y) / sp.gamma(kappa),
            ),
            identity(
                "Its first derivative.",
                -sp.diff(L, s),
                (1 + s / kappa) ** (-kappa - 1),
            ),
            identity(
                "Its second.",
                sp.diff(L, s, 2),
                (1 + 1 / kappa) * (1 + s / kappa) ** (-kappa - 2),
            ),
            identity(
                "Two factors $L_1$ and $m - 2$ factors $L$ have this antiderivative in $s$;",
                sp.diff(antiderivative, s),
                L ** (m - 2) * (1 + s / kappa) ** (-2 * kappa - 2),
            ),
            limit(
                "it vanishes at infinity, where $z = 1 + s/\\kappa$ grows,",
                z ** (-power),
                z,
                sp.oo,
                0,
            ),
            identity(
                "and its value at 0 gives $G_{ij}$.",
                m * -antiderivative.subs(s, 0) - 1,
                -1 / power,
            ),
            identity(
                "One factor $L_2$ instead has the same power and the constant $1 + 1/\\kappa$.",
                m * (1 + 1 / kappa) * -antiderivative.subs(s, 0) - 1,
                (m - 1) / power,
            ),
        ),
    )


def _without_mean() -> Derivation:
    b, c, R = sp.symbols("b c R", positive=True)  # sqrt(P_2), sqrt(P_3), the others' weight at the leaf
    joint, bound = (R + w2 * b**2 + w3 * c**2) / total, total * b * c / (2 * sp.sqrt(w2 * w3))
    gap = (R + (sp.sqrt(w2) * b - sp.sqrt(w3) * c) ** 2) / (2 * sp.sqrt(w2 * w3))
    P2, P3 = sp.symbols("P_2 P_3", positive=True)
    overlap = sp.Symbol(r"{\sqrt{P_2P_3}}")
    top, t, mean2, mean3 = sp.symbols("c t \\bar{p}_2 \\bar{p}_3", positive=True)
    return Derivation(
        claim="pareto-limit",
        title="Masses without a mean: the limit is that of disjoint data",
        source="ours",
        assumptions=(
            r"Independent masses with $E\sqrt p < \infty$ and $E\,p = \infty$: Pareto with $\frac12 < "
            r"\alpha \le 1$, $x_m = 1$. $P_2 = b^2$, $P_3 = c^2$ at the leaf; $R$ lumps the other weights.",
        ),
        statement=r"$0 \le 1 + G_{23} \le \frac{T}{2\sqrt{w_2w_3}}\sum_x\sqrt{P_2P_3} \to 0$: $G_{23} \to "
        r"-1$, and the printed signs hold most strongly.",
        scope="any number of parts; alpha <= 1/2 is left to simulation",
        where={overlap: sp.sqrt(P2 * P3)},
        steps=(
            nonnegative(
                "Arithmetic and geometric mean: one leaf's part of $1 + G_{23}$ is bounded by its part of "
                "the overlap.",
                bound - b**2 * c**2 / joint,
                b * c * total * gap / (R + w2 * b**2 + w3 * c**2),
            ),
            computed(
                "The overlap $\\sum\\sqrt{P_2P_3}$ is a mean over the leaves over the root of two others.",
                overlap,
                {P2: p2 / (M * mean2), P3: p3 / (M * mean3)},
                sp.sqrt(p2) * sp.sqrt(p3) / M / sp.sqrt(mean2 * mean3),
            ),
            identity(
                "The upper one tends to $(E\\sqrt p)^2$, which is finite; here $\\alpha = \\frac12 + u$.",
                sp.Integral((a * t ** (-a - 1) * sp.sqrt(t)).subs(a, u + sp.Rational(1, 2)), (t, 1, sp.oo)),
                (2 * u + 1) / (2 * u),
            ),
            identity(
                "The lower ones, $\\bar p_i = \\sum p_i/M$, tend to $E\\,p = \\int P(p>t)\\,dt$, which "
                "has no bound: for $\\alpha \\le 1$ it is at least, up to any $c$,",
                sp.Integral(1 / t, (t, 1, top)),
                sp.log(top),
            ),
        ),
    )
