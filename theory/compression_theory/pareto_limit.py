"""Many leaves: the response as an integral of Laplace transforms, and the share at which the signs reverse.

With independent leaf masses G averages to an expectation, and writing 1/S as an integral of exponentials
splits it into one factor per dataset. What Pareto tails contribute is two special functions: the limit
exists for every law of finite mean, gamma masses give it in closed form, and without a mean it is that of
disjoint data. As a function of the share q of the perturbation's part it is convex, whatever the law, so
that the signs of Theorem 4.2 reverse below one critical share and nowhere else.
"""

import sympy as sp

from .derivation import (
    Derivation,
    computed,
    eq,
    exact,
    ge,
    gt,
    identity,
    implies,
    limit,
    nonnegative,
    series,
    slope,
    summed,
)
from .notation import LEAVES, M, k, leaf, m
from .sign import EXPECTATION, SIGNS

s, total, x_m, kappa, u = sp.symbols("s T x_m kappa u", positive=True)
a = sp.Symbol("alpha", positive=True)
p, p1, p2, p3 = sp.symbols("p p_1 p_2 p_3", positive=True)
w1, w2, w3 = sp.symbols("w_1 w_2 w_3", positive=True)
q = sp.Symbol("q", positive=True)
S = w1 * p1 + w2 * p2 + w3 * p3
MANY = "many leaves (M -> inf), k > 1"


def evaluated(expression):
    """Zero for the identities that need an integral or a real power."""
    return sp.simplify(expression.doit())


def derive() -> tuple[Derivation, ...]:
    """The integral, its closed cases, masses without a mean, the critical share, and the fewest leaves."""
    return (
        _integral(),
        _pareto(),
        _gamma(),
        _without_mean(),
        _critical_share(),
        _small_variance(),
        _two_leaves(),
    )


def _integral() -> Derivation:
    rest = w1 * p1 + w3 * p3
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
        steps=(
            computed(
                "One leaf's part of $1 + G_{23}$, with $P_i = p_i/M$: by the law of large numbers "
                "$\\sum p_i/M \\to 1$.",
                sp.Symbol(r"\frac{P_2P_3}{P_D}"),
                (p2 / M) * (p3 / M) / (S / (M * total)),
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
                simplify=evaluated,
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
                simplify=evaluated,
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
                simplify=evaluated,
            ),
            identity(
                "All weight in $D_1$: $p_2$ and $p_3$ have mean 1 and $E[1/p_1]$ remains,",
                sp.Integral(density * x_m / (x_m * t), (t, 1, sp.oo)),
                a / ((a + 1) * x_m),
                simplify=evaluated,
            ),
            identity(
                "which is $1 + 1/(\\alpha^2-1)$.",
                (a / ((a + 1) * x_m)).subs(x_m, (a - 1) / a) - 1,
                1 / (a**2 - 1),
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
                simplify=evaluated,
            ),
            identity(
                "Its first derivative.",
                -sp.diff(L, s),
                (1 + s / kappa) ** (-kappa - 1),
                simplify=evaluated,
            ),
            identity(
                "Its second.",
                sp.diff(L, s, 2),
                (1 + 1 / kappa) * (1 + s / kappa) ** (-kappa - 2),
                simplify=evaluated,
            ),
            identity(
                "Two factors $L_1$ and $m - 2$ factors $L$ have this antiderivative in $s$;",
                sp.diff(antiderivative, s),
                L ** (m - 2) * (1 + s / kappa) ** (-2 * kappa - 2),
                simplify=lambda e: sp.simplify(sp.powdenest(e, force=True)),
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
        steps=(
            nonnegative(
                "Arithmetic and geometric mean: one leaf's part of $1 + G_{23}$ is bounded by its part of "
                "the overlap.",
                bound - b**2 * c**2 / joint,
                b * c * total * gap / (R + w2 * b**2 + w3 * c**2),
            ),
            computed(
                "The overlap $\\sum\\sqrt{P_2P_3}$ is a mean over the leaves over the root of two others.",
                sp.Symbol(r"\sqrt{P_2P_3}"),
                sp.sqrt(p2 / (M * mean2)) * sp.sqrt(p3 / (M * mean3)),
                sp.sqrt(p2) * sp.sqrt(p3) / M / sp.sqrt(mean2 * mean3),
            ),
            identity(
                "The upper one tends to $(E\\sqrt p)^2$, which is finite; here $\\alpha = \\frac12 + u$.",
                sp.Integral((a * t ** (-a - 1) * sp.sqrt(t)).subs(a, u + sp.Rational(1, 2)), (t, 1, sp.oo)),
                (2 * u + 1) / (2 * u),
                simplify=evaluated,
            ),
            identity(
                "The lower ones, $\\bar p_i = \\sum p_i/M$, tend to $E\\,p = \\int P(p>t)\\,dt$, which "
                "has no bound: for $\\alpha \\le 1$ it is at least, up to any $c$,",
                sp.Integral(1 / t, (t, 1, top)),
                sp.log(top),
                simplify=evaluated,
            ),
        ),
    )


def _critical_share() -> Derivation:
    joint = k * (1 - 2 * q) * p1 + (k * q + 1) * p2 + k * q * p3
    f, zero, end = sp.symbols("f f_* f_e", real=True)  # f(q), f(q*), f(1/3)
    v = sp.Symbol("v", positive=True)
    below = 1 / (2 + 2 * v)
    part = 1 / (1 + v)  # a convex combination's weight
    more = 1 + u  # k > 1
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
                [ge(part * zero + (1 - part) * end, f), eq(zero, 0), gt(0, end)],
                gt(0, f),
                [1, -part, v * part],
            ),
            implies(
                "Before it: $q^*$ lies between $q$ and $\\frac13$. So there is one zero at most, and for "
                "$k > 1$, $f$ being continuous, one at least.",
                [ge(part * f + (1 - part) * end, zero), eq(zero, 0), gt(0, end)],
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
    c1, c2, c3 = (leaf(f"c_{n}") for n in (1, 2, 3))
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
                "and positive below it: with $q = q^* - v$ both terms are.",
                form.subs(q, root - u),
                6 * u**2 + 2 * sp.sqrt(3) * u,
                simplify=evaluated,
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
