"""Hooke's law: right forwards, with the opposite sign; wrong as printed.

With the divergence from the data to the model, KL(P_i || P_theta), the volume-weighted changes of the
pre-training and the alignment divergence are equal in size to first order, and what is left at second order
is known. But they are opposite: two springs in series would both grow. With the divergence as printed,
KL(P_theta || P_i), the two changes are different linear functionals of the perturbation, and their quotient
takes every real value as soon as P_a/P_p takes three.
"""

import sympy as sp

from .bounds import CURVED, Git, Vi, moved, square
from .derivation import (
    Derivation,
    Given,
    Instance,
    Part,
    Total,
    eq,
    ge,
    gt,
    identity,
    implies,
    limit,
    minimum,
    nonnegative,
    rounds,
    series,
    summed,
)
from .notation import LEAVES, MIXTURE, P0, T0, Gat, Gpt, Gtt, Pa, Pi, Pp, Pt, ell, k, leaf, mu
from .ratio import AT_ZERO

y = sp.Symbol("y", positive=True)
FORWARD = "to first order in l, between D_p and D_a, P_t within their support; the two changes are opposite"


def derive() -> tuple[Derivation, ...]:
    """The forward law, the springs, and the reverse law's refutation in two steps."""
    return (_forward(), _springs(), _reverse(), _three_leaves())


def _forward() -> Derivation:
    dp, da, Vp, Va = sp.symbols(r"\Delta\gamma_p \Delta\gamma_a V_p V_a", real=True)
    line, spread = 1 + mu * (Pt / P0 - 1), (Pt / P0 - 1) ** 2
    lemma = ge(y - 1 - sp.log(y), 0)
    rest = sp.Sum((k * Pp + Pa) * (line - 1 - sp.log(line)), LEAVES)
    squares = sp.Sum((k * Pp + Pa) * spread, LEAVES)
    curved = {
        "p": {moved: dp, Git: Gpt, Vi: Vp, Pi: Pp},
        "a": {moved: da, Git: Gat, Vi: Va, Pi: Pa},
    }
    quoted = {role: CURVED.relation.xreplace(at) for role, at in curved.items()}
    bound = ell**2 * Gtt / (2 * T0)
    return Derivation(
        claim="hooke-forward",
        title="Hooke's law with the divergence from data to model",
        source="Sec. 4",
        assumptions=(
            r"Saturated model, volumes $k, 1, l$; $P_t$ within the support of $P_0$; $G$ at $l = 0$.",
            r"$\mathrm{KL}(P_i\|P_l) = \gamma_i - H(P_i)$, so that its changes are those of the rate, "
            r"$\Delta\gamma_i = -\sum_x P_i\log(P_l/P_0)$.",
        ),
        statement=r"$0 \le k\,\Delta\mathrm{KL}(P_p\|P_l) + \Delta\mathrm{KL}(P_a\|P_l) = "
        r"T_0\,\mathrm{KL}(P_0\|P_l) \le \frac{l^2}{2T_0}G_{tt}$ at every $l$: to first order "
        r"$k\,\Delta\mathrm{KL}_p = -\Delta\mathrm{KL}_a$.",
        scope="any number of leaves; all data but $D_a$ and $D_t$ count as $D_p$",
        condition=FORWARD,
        abbreviations=MIXTURE,
        totals=(
            Total(Pp, LEAVES, 1),
            Total(Pa, LEAVES, 1),
            Total(Pt, LEAVES, 1),
            Total(Pp * Pt / P0, LEAVES, 1 + Gpt),
            Total(Pa * Pt / P0, LEAVES, 1 + Gat),
            Total(Pt**2 / P0, LEAVES, 1 + Gtt),
            Total(Pp * spread, LEAVES, Vp),
            Total(Pa * spread, LEAVES, Va),
            Total(-Pp * sp.log(line), LEAVES, dp),
            Total(-Pa * sp.log(line), LEAVES, da),
        ),
        given=(
            Given(AT_ZERO.relation, AT_ZERO.id),
            *(Given(quoted[role], CURVED.id, at) for role, at in curved.items()),
        ),
        parts=(
            Part("hooke-forward/opposite", eq(k * (-Gpt / T0), -(-Gat / T0))),
            Part("hooke-forward/not-below", ge(k * dp + da, 0)),
            Part("hooke-forward/bounded", ge(bound, k * dp + da)),
        ),
        steps=(
            implies(
                "The forces at $l = 0$: $k$ times the slope of one is minus the slope of the other.",
                [AT_ZERO.relation],
                eq(k * (-Gpt / T0), -(-Gat / T0)),
                [1],
            ),
            minimum(r"$\log y \le y - 1$,", y - 1 - sp.log(y), y, 1, 1 / y),
            implies("at $y = P_l/P_0$,", [Instance(lemma, {y: line})], ge(line - 1 - sp.log(line), 0), [1]),
            nonnegative("weighted by the volumes and summed:", rest),
            summed(
                "the tangents cancel, as $P_t$ and $P_0$ are laws.",
                rest.function,
                LEAVES,
                [
                    (mu * T0, Pt, 1),
                    (-mu * k, Pp, 1),
                    (-mu, Pa, 1),
                    (k, -Pp * sp.log(line), dp),
                    (1, -Pa * sp.log(line), da),
                ],
                k * dp + da,
            ),
            implies(
                "So the weighted changes are not negative in sum;",
                [ge(rest, 0), eq(rest, k * dp + da)],
                ge(k * dp + da, 0),
                [1, -1],
            ),
            summed(
                "the weighted squares are $T_0G_{tt}$",
                squares.function,
                LEAVES,
                [(T0, Pt**2 / P0, 1 + Gtt), (-2 * T0, Pt, 1), (k, Pp, 1), (1, Pa, 1)],
                T0 * Gtt,
            ),
            summed(
                "by one count, $kV_p + V_a$ by the other,",
                squares.function,
                LEAVES,
                [(k, Pp * spread, Vp), (1, Pa * spread, Va)],
                k * Vp + Va,
            ),
            implies(
                "so that the parabolas of both rates bound the sum.",
                [
                    quoted["p"],
                    quoted["a"],
                    AT_ZERO.relation,
                    eq(squares, k * Vp + Va),
                    eq(squares, T0 * Gtt),
                ],
                ge(bound, k * dp + da),
                [k, 1, -mu * T0, square, -square],
            ),
        ),
    )


def _springs() -> Derivation:
    f, c1, c2, F = sp.symbols("f c_1 c_2 F", positive=True)
    return Derivation(
        claim="hooke-forward",
        title="Springs in series have one sign, the divergences have two",
        source="Sec. 4",
        assumptions=(
            r"Springs of stiffness $c_1, c_2$ in series under the force $F$ extend by $F/c_1$ and $F/c_2$. "
            r"The divergences of $D_p$ and $D_a$ change by $-f/k$ and $f$ ($f > 0$ where the printed signs "
            r"hold).",
        ),
        statement="The picture of springs in series gives the inverse proportion of the sizes, and the "
        "wrong sign.",
        role="boundary",
        scope="every $k$",
        condition=FORWARD,
        steps=(
            nonnegative("The product of the springs' extensions.", F / c1 * F / c2, strict=True),
            nonnegative("The product of the divergences' changes, negated.", -(-f / k) * f, strict=True),
        ),
    )


def _reverse() -> Derivation:
    rho, PD = leaf(r"\rho"), leaf("P_D")
    a, u, w = sp.symbols("a u w", positive=True)
    b, c = a + u, a + u + w
    z, s, r, e = sp.symbols("z s r epsilon", real=True)
    Ee, Ef = sp.symbols(r"{E_p[e\log\rho]} {E_p[f\log\rho]}", real=True)
    secant = sp.Symbol("sigma", real=True)
    delta = sp.Symbol("delta", positive=True)
    moved, small = PD + e * (Pt - PD), sp.Symbol("epsilon", positive=True)
    lemma = ge(y - 1 - sp.log(y), 0)

    def apart(quotient):  # y - 1 - log y > 0 where y is not 1
        root = sp.sqrt(quotient)
        strict = gt(quotient - 1 - sp.log(quotient), 0)
        return (
            nonnegative(
                "A square that is not 0,",
                (root - 1) ** 2,
                (quotient - 1) ** 2 / (root + 1) ** 2,
                strict=True,
            ),
            implies(
                r"and the lemma at $\sqrt y$: strict at this $y$.",
                [gt((root - 1) ** 2, 0), Instance(lemma, {y: root})],
                strict,
                [1, 2],
            ),
        )

    def on_e(g):  # E_p[e g(rho)]
        return g(a) * (c - b) - g(b) * (c - a) + g(c) * (b - a)

    def affine(value):
        return s * value + r

    return Derivation(
        claim="hooke-reverse",
        title="The printed divergence gives any quotient",
        source="Sec. 4",
        assumptions=(
            r"Saturated model, $l = 0$, $k \to \infty$; $\rho = P_a/P_p$, $\tau = P_t/P_p$; $E_p$ is the "
            r"mean over $P_p$, so that $E_p\rho = E_p\tau = 1$.",
            r"$\rho$ takes the values $a < b < c$ with $P_p$-masses $p_1, p_2, p_3$; $b - a = u$, $c - b = "
            r"w$. On those leaves, and 0 elsewhere, $e = (\frac{c-b}{p_1}, -\frac{c-a}{p_2}, "
            r"\frac{b-a}{p_3})$ and $f = \frac1{c-a}(-\frac1{p_1}, 0, \frac1{p_3})$.",
            r"$\tau = 1 + \epsilon h$ with $E_ph = 0$ and a small $\epsilon$: a law $P_t$.",
        ),
        statement=r"$-\frac{d\,\mathrm{KL}(P_D\|P_a)}{k\,d\,\mathrm{KL}(P_D\|P_p)} \to \frac{E_p[(\tau - "
        r"1)\log\rho]}{E_p[(\tau - 1)(\rho - 1)]}$, which Hooke's law says is 1. As $P_t$ varies the "
        r"quotient takes every real value if $\rho$ takes three values or more, and only one if it takes "
        r"two.",
        role="counterexample",
        scope="any number of leaves",
        abbreviations=MIXTURE,
        given=(eq(Ef, secant), eq(Ee, -delta)),
        steps=(
            series(
                "One leaf's part of the slope of a reverse divergence as the joint moves towards $P_t$; the "
                "constant in it sums to 0.",
                moved * sp.log(moved / Pa),
                e,
                PD * sp.log(PD / Pa) + e * (Pt - PD) * (sp.log(PD / Pa) + 1),
                2,
            ),
            limit(
                r"Pre-training: $k\log(P_0/P_p) \to \rho - 1$, as $P_0 = P_p(1 + (\rho - 1)/T_0)$.",
                k * sp.log(1 + (rho - 1) / T0),
                k,
                sp.oo,
                rho - 1,
            ),
            limit(
                r"Alignment: $\log(P_a/P_0) \to \log\rho$.",
                sp.log(rho * T0 / (k + rho)),
                k,
                sp.oo,
                sp.log(rho),
            ),
            minimum("The lemma $\\log y \\le y - 1$.", y - 1 - sp.log(y), y, 1, 1 / y),
            *apart(a / b),
            *apart(c / b),
            implies(
                r"Weighted, the two say that the logarithm is strictly concave: $\delta > 0$, "
                r"where $\delta = (c-a)\log b - (c-b)\log a - (b-a)\log c$.",
                [gt(a / b - 1 - sp.log(a / b), 0), gt(c / b - 1 - sp.log(c / b), 0)],
                gt(-on_e(sp.log), 0),
                [w, u],
            ),
            identity(
                r"$e$ sees no affine function of $\rho$, $E_p[e\,(s\rho + r)] = 0$, but the logarithm: "
                r"$E_p[e\log\rho] = -\delta$.",
                on_e(affine),
                0,
            ),
            identity(
                r"$f$ sees the slope of an affine function, $E_p[f(s\rho + r)] = s$, and of the logarithm "
                r"the secant $\sigma$ between $a$ and $c$.",
                (affine(c) - affine(a)) / (c - a),
                s,
            ),
            implies(
                r"So $h = f + \frac{\sigma - z}{\delta}e$ has $E_ph = 0$, $E_p[h\rho] = 1$ and "
                r"$E_p[h\log\rho] = z$: the quotient is $z$, any number.",
                [eq(Ef, secant), eq(Ee, -delta)],
                eq(Ef + (secant - z) / delta * Ee, z),
                [1, (secant - z) / delta],
            ),
            identity(
                r"With two values $E_ph = 0$ leaves one direction, $h = (u/p_1, -u/p_2)$, and one quotient.",
                (u * sp.log(a) - u * sp.log(b)) / (u * a - u * b),
                (sp.log(b) - sp.log(a)) / u,
            ),
            limit(
                r"Only as $P_a \to P_p$, $\rho = 1 + \epsilon u$, do the two functionals agree.",
                sp.log(1 + small * u) / small,
                small,
                0,
                u,
            ),
        ),
    )


def quotient(Pp, Pa, Pt, k):
    """-n_a dKL(P_D || P_a)/(n_p dKL(P_D || P_p)) at l = 0: Hooke's law says 1."""
    joint = [(k * p + a) / (k + 1) for p, a in zip(Pp, Pa, strict=True)]

    def slope(law):
        return sum((t - j) * sp.log(j / i) for t, j, i in zip(Pt, joint, law, strict=True))

    return -slope(Pa) / (k * slope(Pp))


def _three_leaves() -> Derivation:
    third, tenth = sp.Rational(1, 3), sp.Rational(1, 10)
    printed = {(30, 40, 30): "-1.264", (40, 20, 40): "-1.405"}  # P_t within the paper's structure
    outside = {(2, 90, 8): "-0.4675", (20, 75, 5): "4.3953", (42, 12, 46): "-50.9396"}
    laws = {name: sp.symbols(f"{name}_1:4", positive=True) for name in ("p", "a", "t")}
    Q, R = sp.Symbol("Q"), sp.Symbol("Q_2")
    fixed = dict(zip(laws["p"], [third] * 3, strict=True)) | {k: 1000}
    fixed |= dict(zip(laws["a"], [6 * tenth, 3 * tenth, tenth], strict=True))

    def values(percent):
        return fixed | dict(zip(laws["t"], (sp.Rational(t, 100) for t in percent), strict=True))

    def shown(percent):
        return ", ".join(f"{p / 100:g}" for p in percent)

    return Derivation(
        claim="hooke-reverse",
        title="Three leaves on which the printed law fails in sign",
        source="Sec. 4",
        assumptions=(
            r"Three leaves, $P_p$ uniform, $P_a = (.6, .3, .1)$, $k = 1000$, $l = 0$; $Q$ is minus the "
            r"quotient of the printed forces, of $D_a$ and of $D_p$.",
            r"The paper's structure: $D_p$ holds parts like $D_a$ and like $D_t$, a third each, so that what "
            r"is left "
            r"of it, $P_p - \frac13P_a - \frac13P_t$, is nowhere negative. It is so for the first two $P_t$.",
        ),
        statement=r"Hooke's law says $Q = 1$. For $P_t = (.3, .4, .3)$ $Q$ is $-1.264$: both divergences "
        r"move the "
        r"same way. Outside of the paper's structure $Q$ is $4.4$ at $(.2, .75, .05)$ and $-50.9$ at $(.42, "
        r".12, "
        r".46)$. On two leaves it is a constant, but not 1.",
        role="counterexample",
        scope="these laws",
        abbreviations=MIXTURE,
        where={
            Q: quotient(laws["p"], laws["a"], laws["t"], k),
            R: quotient(laws["p"][:2], laws["a"][:2], laws["t"][:2], k),
        },
        steps=(
            *(
                nonnegative(
                    f"$P_t = ({shown(percent)})$: the least that is left of $P_p$.",
                    min(
                        third - third * a - third * sp.Rational(t, 100)
                        for a, t in zip((6 * tenth, 3 * tenth, tenth), percent, strict=True)
                    ),
                )
                for percent in printed
            ),
            *(
                rounds(f"$P_t = ({shown(percent)})$.", Q, values(percent), decimal)
                for percent, decimal in (printed | outside).items()
            ),
            rounds(
                r"Two leaves, $P_p = (\frac12, \frac12)$, $P_a = (\frac34, \frac14)$, $P_t = (\frac15, "
                r"\frac45)$: near $\log 3$, the limit for every $P_t$.",
                R,
                {
                    k: 1000,
                    **dict(zip(laws["p"], [sp.Rational(1, 2)] * 2, strict=False)),
                    **dict(zip(laws["a"], [sp.Rational(3, 4), sp.Rational(1, 4)], strict=False)),
                    **dict(zip(laws["t"], [sp.Rational(1, 5), sp.Rational(4, 5)], strict=False)),
                },
                "1.0987",
            ),
        ),
    )
