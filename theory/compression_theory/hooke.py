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
from .notation import LEAVES, P0, T0, Gat, Gpt, Gtt, Pa, Pl, Pp, Pt, ell, k, leaf

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
            r"The divergences change by $-f/k$ and $f$, $f \ne 0$ (here $f > 0$).",
        ),
        statement="The picture of springs in series gives the inverse proportion of the sizes, and the "
        "wrong sign.",
        role="boundary",
        scope="every $k$",
        condition=FORWARD,
        steps=(
            nonnegative("Extensions of springs in series have the same sign.", F / c1 * F / c2, strict=True),
            nonnegative(
                "Changes of the divergences have opposite signs.", -(-f / k) * f, f**2 / k, strict=True
            ),
            identity("Both are inversely proportional in size.", (F / c1) / (F / c2) - c2 / c1, 0),
        ),
    )


def _reverse() -> Derivation:
    rho = leaf(r"\rho")
    a, b, c = sp.symbols("a b c", positive=True)
    below, above = sp.symbols("u w", positive=True)  # b - a and c - b
    z, s, e = sp.symbols("z s epsilon", real=True)
    p = sp.symbols("p_1:4", positive=True)
    moment = sp.Matrix([[1, 1, 1], [a, b, c], [sp.log(a), sp.log(b), sp.log(c)]])
    gap = above * (sp.log(b) - sp.log(a)) - below * (sp.log(c) - sp.log(b))
    joint = Pp * (1 + (rho - 1) / T0)  # P_0
    at_a, at_c = sp.log(b) + (a - b) / b - sp.log(a), sp.log(b) + (c - b) / b - sp.log(c)
    solution = (moment * sp.diag(*p)).adjugate() * sp.Matrix([0, 1, z])
    det = moment.det() * sp.prod(p)
    return Derivation(
        claim="hooke-reverse",
        title="The printed divergence gives any quotient",
        source="Sec. 4",
        assumptions=(
            r"Saturated model, $l = 0$, $k \to \infty$; $\rho = P_a/P_p$, $\tau = P_t/P_p$; $E_p$ is the "
            r"mean over $P_p$, so that $E_p\rho = E_p\tau = 1$.",
            r"In the steps on three values: $\rho$ takes $a < b < c$ with $P_p$-masses $p_1, p_2, p_3$ ($c "
            r"- b = w$, $b - a = u$), and $\tau = 1 + \epsilon h$ with small $\epsilon$.",
        ),
        statement=r"$-\frac{d\,\mathrm{KL}(P_D\|P_a)}{k\,d\,\mathrm{KL}(P_D\|P_p)} \to \frac{E_p[(\tau - "
        r"1)\log\rho]}{E_p[(\tau - 1)(\rho - 1)]}$, which Hooke's law says is 1. As $P_t$ varies the "
        r"quotient takes every real value if $\rho$ takes three values or more, and only one if it takes "
        r"two.",
        role="counterexample",
        scope="any number of leaves",
        steps=(
            identity(
                "One leaf's part of the slope of a reverse divergence, in $n_t$ at the joint; the constant "
                "part sums to 0.",
                sp.diff(
                    (leaf("P_D") + e * (Pt - leaf("P_D")))
                    * sp.log((leaf("P_D") + e * (Pt - leaf("P_D"))) / Pa),
                    e,
                ).subs(e, 0),
                (Pt - leaf("P_D")) * (sp.log(leaf("P_D") / Pa) + 1),
            ),
            identity("The joint, in terms of $\\rho$.", P0.subs(Pa, rho * Pp), joint),
            limit(
                r"Pre-training: $k\log(P_0/P_p) \to \rho - 1$.",
                k * sp.log(1 + (rho - 1) / T0),
                k,
                sp.oo,
                rho - 1,
            ),
            limit(
                r"Alignment: $-\log(P_0/P_a) \to \log\rho$.",
                -sp.log((k + rho) / (T0 * rho)),
                k,
                sp.oo,
                sp.log(rho),
                simplify=sp.simplify,
            ),
            minimum("The lemma $\\log y \\le y - 1$, strict but at $y = 1$.", y - 1 - sp.log(y), y, 1, 1 / y),
            implies(
                r"At $y = a/b$ and $y = c/b$ it gives strict concavity: $(\log a, \log b, \log c)$ is not "
                r"on a line "
                "over $(a, b, c)$.",
                [gt(at_a, 0), gt(at_c, 0), eq(b - a, below), eq(c - b, above)],
                gt(gap, 0),
                [above, below, above / b, -below / b],
            ),
            identity(
                "So the determinant of $(1, \\rho, \\log\\rho)$ over the three values is not 0.",
                moment.det().subs({a: b - below, c: b + above}),
                -gap.subs({a: b - below, c: b + above}),
                simplify=sp.expand,
            ),
            *(
                identity(says, row.dot(sp.diag(*p) * solution / det), value)
                for says, row, value in (
                    (r"Then there is $h$, for any $z$, with $E_p h = 0$,", moment.row(0), 0),
                    (r"$E_p[h\rho] = 1$,", moment.row(1), 1),
                    (r"$E_p[h\log\rho] = z$: the quotient is $z$.", moment.row(2), z),
                )
            ),
            identity(
                r"With two values $E_p h = 0$ leaves one direction, $h = (s/p_1, -s/p_2)$, and one quotient.",
                (p[0] * s / p[0] * sp.log(a) - p[1] * s / p[1] * sp.log(b))
                / (p[0] * s / p[0] * a - p[1] * s / p[1] * b),
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
