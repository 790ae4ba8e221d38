"""Hooke's law: right forwards, with the opposite sign; wrong as printed.

With the divergence from the data to the model, KL(P_i || P_theta), the volume-weighted changes of the
pre-training and the alignment divergence are equal in size to first order, and what is left at second order
is known. But they are opposite: two springs in series would both grow. With the divergence as printed,
KL(P_theta || P_i), the two changes are different linear functionals of the perturbation, and their quotient
takes every real value as soon as P_a/P_p takes three.
"""

import sympy as sp

from .derivation import (
    Derivation,
    eq,
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
from .notation import LEAVES, MIXTURE, P0, T0, Gat, Gpt, Gtt, Pa, Pl, Pp, Pt, ell, k, leaf

y = sp.Symbol("y", positive=True)
FORWARD = "to first order in l, between D_p and D_a, P_t within their support; the two changes are opposite"


def derive() -> tuple[Derivation, ...]:
    """The forward law, the springs, and the reverse law's refutation in two steps."""
    return (_forward(), _springs(), _reverse(), _three_leaves())


def _forward() -> Derivation:
    excess = -T0 * P0 * sp.log(Pl / P0)
    second = -(ell - ell**2 / T0) * (Pt - P0) + ell**2 * (Pt - P0) ** 2 / (2 * T0 * P0)
    return Derivation(
        claim="hooke-forward",
        title="Hooke's law with the divergence from data to model",
        source="Sec. 4",
        assumptions=(
            r"Saturated model, volumes $k, 1, l$; $P_t$ within the support of $P_0$; $G$ at $l = 0$.",
            r"$\mathrm{KL}(P_i\|P_l) = \gamma_i - H(P_i)$, so that its changes are those of the rate.",
        ),
        statement=r"$k\,\Delta\mathrm{KL}(P_p\|P_l) + \Delta\mathrm{KL}(P_a\|P_l) = "
        r"T_0\,\mathrm{KL}(P_0\|P_l) = \frac{l^2}{2T_0}G_{tt} + O(l^3) \ge 0$: to first order "
        r"$k\,\Delta\mathrm{KL}_p = -\Delta\mathrm{KL}_a$.",
        scope="any number of leaves; all data but $D_a$ and $D_t$ count as $D_p$",
        condition=FORWARD,
        abbreviations=MIXTURE,
        steps=(
            identity(
                "At one leaf the weighted changes add up to the joint's own.",
                k * (-Pp * sp.log(Pl / P0)) - Pa * sp.log(Pl / P0),
                excess,
            ),
            minimum(
                r"That is at least 0 in sum, by $\log y \le y - 1$ at $y = P_l/P_0$.",
                y - 1 - sp.log(y),
                y,
                1,
                1 / y,
            ),
            series("To second order in $l$, at one leaf.", excess, ell, second, 3),
            summed(
                r"Summed over the leaves the first order vanishes, and the second is "
                r"$\frac{l^2}{2T_0}G_{tt}$.",
                second,
                LEAVES,
                [
                    (-(ell - ell**2 / T0) - ell**2 / T0, Pt, 1),
                    ((ell - ell**2 / T0) + ell**2 / (2 * T0), P0, 1),
                    (ell**2 / (2 * T0), Pt**2 / P0, 1 + Gtt),
                ],
                ell**2 * Gtt / (2 * T0),
            ),
            implies(
                "The forces at $l = 0$: $k$ times the slope of one is minus the slope of the other.",
                [eq(k * Gpt + Gat, 0)],
                eq(k * (-Gpt / T0), -(-Gat / T0)),
                [-1 / T0],
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
    a, b, c = sp.symbols("a b c", positive=True)
    below, above = sp.symbols("u w", positive=True)  # b - a and c - b
    z, s, r, e = sp.symbols("z s r epsilon", real=True)
    Ee, Ef = sp.symbols(r"{E_p[e\log\rho]} {E_p[f\log\rho]}", real=True)
    secant = sp.Symbol("sigma", real=True)
    delta = sp.Symbol("delta", positive=True)
    moved = PD + e * (Pt - PD)

    def tangent(value):
        return sp.log(b) + (value - b) / b - sp.log(value)

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
        steps=(
            identity(
                "One leaf's part of the slope of a reverse divergence as the joint moves towards $P_t$; the "
                "constant in it sums to 0.",
                sp.Subs(sp.Derivative(moved * sp.log(moved / Pa), e), e, 0).doit(),
                (Pt - PD) * (sp.log(PD / Pa) + 1),
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
            minimum("The lemma $\\log y \\le y - 1$, strict but at $y = 1$.", y - 1 - sp.log(y), y, 1, 1 / y),
            implies(
                r"At $y = a/b$ and $y = c/b$ it says that the logarithm is strictly concave: $\delta > 0$, "
                r"where $\delta = (c-a)\log b - (c-b)\log a - (b-a)\log c$.",
                [gt(tangent(a), 0), gt(tangent(c), 0), eq(b - a, below), eq(c - b, above)],
                gt(-on_e(sp.log), 0),
                [above, below, sp.log(b) - sp.log(c) + above / b, sp.log(b) - sp.log(a) - below / b],
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
                r"With two values $E_ph = 0$ leaves one direction, $h = (s/p_1, -s/p_2)$, and one quotient.",
                (s * sp.log(a) - s * sp.log(b)) / (s * a - s * b),
                (sp.log(a) - sp.log(b)) / (a - b),
            ),
            limit(
                r"Only as $P_a \to P_p$, $\rho = 1 + \epsilon s$, do the two functionals agree.",
                sp.log(1 + e * s) / e,
                e,
                0,
                s,
            ),
        ),
    )


def quotient(Pp, Pa, Pt, k):
    """-n_a dKL(P_D || P_a)/(n_p dKL(P_D || P_p)) at l = 0, for exact masses: Hooke's law says 1."""
    joint = [(k * p + a) / (k + 1) for p, a in zip(Pp, Pa, strict=True)]

    def slope(law):
        return sum((t - j) * sp.log(j / i) for t, j, i in zip(Pt, joint, law, strict=True))

    return -slope(Pa) / (k * slope(Pp))


def _three_leaves() -> Derivation:
    half, third, tenth = (sp.Rational(1, j) for j in (2, 3, 10))
    Pp, Pa = [third] * 3, [6 * tenth, 3 * tenth, tenth]
    printed = {
        (10, 10, 80): "1.3765",
        (20, 75, 5): "4.3953",
        (2, 90, 8): "-0.4675",
        (50, 2, 48): "-0.7501",
        (42, 12, 46): "-50.9396",
    }
    laws = {percent: [sp.Rational(p, 100) for p in percent] for percent in printed}
    Q = sp.Symbol("Q", real=True)
    return Derivation(
        claim="hooke-reverse",
        title="Three leaves on which the printed law fails in size and in sign",
        source="Sec. 4",
        assumptions=(
            r"Three leaves, $P_p$ uniform, $P_a = (.6, .3, .1)$, $k = 1000$, $l = 0$; $Q$ is minus the "
            r"quotient of the printed forces, of $D_a$ and of $D_p$.",
        ),
        statement=r"Hooke's law says $Q = 1$. For $P_t = (.02, .9, .08)$ $Q$ is negative, both divergences "
        r"moving the same way, and for $P_t = (.2, .75, .05)$ it is above 4. On two leaves it is a "
        r"constant, but not 1.",
        role="counterexample",
        scope="these laws",
        abbreviations=MIXTURE,
        steps=(
            *(
                rounds(
                    f"$P_t = ({', '.join(f'{p / 100:g}' for p in percent)})$.",
                    Q,
                    quotient(Pp, Pa, law, 1000),
                    printed[percent],
                )
                for percent, law in laws.items()
            ),
            rounds(
                r"Two leaves, $P_p = (\frac12, \frac12)$, $P_a = (\frac34, \frac14)$, $P_t = (\frac15, "
                r"\frac45)$: near $\log 3$, the limit for every $P_t$.",
                Q,
                quotient(
                    [sp.Rational(1, 2)] * 2,
                    [3 * half / 2, half / 2],
                    [sp.Rational(1, 5), sp.Rational(4, 5)],
                    1000,
                ),
                "1.0987",
            ),
        ),
    )
