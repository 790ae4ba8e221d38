"""Finite perturbations: the Theta of Theorem 4.2 with explicit constants and range, without derivatives.

The exact change of a rate is the mean of a logarithm. One elementary inequality, used twice, encloses it
between G at the start and G at the end; a second one adds the curvature. Together they bound the ratio of
finite changes from both sides: at least k always, and at most k times a factor that is near 1 as long as l
is a fraction of the critical volume.
"""

import sympy as sp

from .derivation import Derivation, eq, ge, gt, identity, implies, limit, minimum, summed
from .notation import LEAVES, MIXTURE, P0, T0, Gtt, Pa, Pi, Pl, Pp, Pt, T, ell, k, mu

y = sp.Symbol("y", positive=True)
r = sp.Symbol("r", nonnegative=True)  # P_t/P_0 at a leaf
ratio = Pt / P0
Git, Gilt, Vi, Vp, Va = sp.symbols("G_{it} G_{it}(l) V_i V_p V_a", real=True)
g = sp.Symbol("g", positive=True)  # -G_0(a,t)
c = sp.Symbol("c", positive=True)  # 1 - x
rise, fall, w = sp.Symbol("A", real=True), sp.Symbol("F", positive=True), sp.Symbol("w", nonnegative=True)


def derive() -> tuple[Derivation, ...]:
    """The enclosure of each change, and of the ratio."""
    return (_changes(), _ratio())


def _changes() -> Derivation:
    tangent = y - 1  # of log y at 1
    square = ell**2 / (2 * T0**2)
    return Derivation(
        claim="finite-l",
        title="Each finite change, enclosed",
        source="ours",
        assumptions=(
            r"Saturated model, volumes $k, 1, l$; $P_0, P_l$ the joints at 0 and $l$, $P_t$ within the "
            r"support of $P_0$; $T_0 = k + 1$, $T = T_0 + l$, $\mu = l/T$, $r = P_t/P_0$.",
            r"$G_{it} = \sum_x P_iP_t/P_0 - 1$, $G_{it}(l)$ the same at $P_l$, $V_i = \sum_x P_i(r-1)^2$.",
            r"$\Delta\gamma_i = -\sum_x P_i\log(P_l/P_0)$.",
        ),
        statement=r"$-\mu G_{it} \le \Delta\gamma_i \le \min\{-\frac{l}{T_0}G_{it}(l),\ -\mu G_{it} + "
        r"\frac{l^2}{2T_0^2}V_i\}$ for every dataset and every $l \ge 0$.",
        scope="any number of leaves; all data but $D_a$ and $D_t$ count as $D_p$",
        abbreviations=MIXTURE,
        steps=(
            identity("The joint moves on a straight line.", Pl / P0, 1 + mu * (ratio - 1)),
            minimum(r"The tangent of the logarithm: $\log y \le y - 1$.", tangent - sp.log(y), y, 1, 1 / y),
            summed(
                r"From below, with $y = P_l/P_0$: $\Delta\gamma_i \ge -\sum_x P_i(y - 1)$.",
                -Pi * tangent.subs(y, Pl / P0),
                LEAVES,
                [(-mu, Pi * Pt / P0, 1 + Git), (mu, Pi, 1)],
                -mu * Git,
            ),
            summed(
                r"From above, with $y = P_0/P_l$: $\Delta\gamma_i \le \sum_x P_i(y - 1)$.",
                Pi * tangent.subs(y, P0 / Pl),
                LEAVES,
                [(-ell / T0, Pi * Pt / Pl, 1 + Gilt), (ell / T0, Pi, 1)],
                -ell / T0 * Gilt,
            ),
            minimum(
                "To second order: a parabola above the change of one leaf's code length, touching it at $r "
                "= 1$.",
                sp.log((T0 + ell * r) / T) - mu * (r - 1) + square * (r - 1) ** 2,
                r,
                1,
                ell**3 * (T0 + T * r) / (T0**2 * T * (T0 + ell * r)),
            ),
            identity("(There $P_l/P_0$ is as above.)", 1 + mu * (r - 1), (T0 + ell * r) / T),
            summed(
                "The parabola, summed over the leaves.",
                -mu * Pi * (ratio - 1) + square * Pi * (ratio - 1) ** 2,
                LEAVES,
                [(-mu, Pi * Pt / P0, 1 + Git), (mu, Pi, 1), (square, Pi * (ratio - 1) ** 2, Vi)],
                -mu * Git + square * Vi,
            ),
        ),
    )


def _ratio() -> Derivation:
    b = sp.Symbol("b", real=True)  # the change of gamma_p
    Gp, Ga = sp.symbols("G_{pt} G_{at}", real=True)
    bend = ell * T / (2 * T0**2 * g)
    x_of_l = k * bend * Vp
    upper_a = mu * g + ell**2 * Va / (2 * T0**2)
    return Derivation(
        claim="finite-l",
        title="The ratio of finite changes, enclosed",
        source="ours",
        assumptions=(
            r"The page before; $G$ at $l = 0$, $g = -G_{at} > 0$.",
            r"$x = klTV_p/(2T_0^2g) < 1$, written $x = 1 - c$ with $c > 0$.",
            r"$a$ and $b$ are the changes of $\gamma_a$ and $\gamma_p$; $A = a$, $F = -b > 0$ in the last "
            r"steps, and $w = lTV_a/(2T_0^2g)$.",
        ),
        statement=r"$k \le -\Delta\gamma_a/\Delta\gamma_p \le k\,(1 + \frac{lT}{2T_0^2g}V_a)/(1 - x)$: the "
        r"theorem's $\Theta(-k)$ for finite $l$. As $k \to \infty$, $x \to l/(2l^*)$.",
        scope="any number of leaves; all data but $D_a$ and $D_t$ count as $D_p$",
        abbreviations=MIXTURE,
        steps=(
            summed(
                "At $l = 0$ the volume-weighted $G$ leave $P_t$ alone.",
                k * Pp * Pt / P0 + Pa * Pt / P0,
                LEAVES,
                [(T0, Pt, 1)],
                T0,
            ),
            implies(
                "So $G_{pt} = g/k$.",
                [eq(k * (1 + Gp) + 1 + Ga, T0), eq(Ga, -g)],
                eq(Gp, g / k),
                [1 / k, -1 / k],
            ),
            identity(
                "The second-order bound on $\\gamma_p$, in $x$.",
                -mu * g / k + ell**2 * Vp / (2 * T0**2),
                -mu * g / k * (1 - x_of_l),
            ),
            identity("The one on $\\gamma_a$.", upper_a, mu * g * (1 + bend * Va)),
            implies(
                "The pre-training rate falls while $x < 1$.",
                [ge(-mu * g / k * c, b), gt(c, 0)],
                gt(0, b),
                [1, mu * g / k],
            ),
            implies(
                "The ratio from below: both rates stay above their tangents at $l = 0$.",
                [ge(rise, mu * g), ge(-fall, -mu * g / k)],
                ge(rise / fall, k),
                [1 / fall, k / fall],
            ),
            implies(
                "And from above: both stay below their parabolas.",
                [ge(mu * g * (1 + w), rise), ge(fall, mu * g / k * c)],
                ge(k * (1 + w) / c, rise / fall),
                [1 / fall, k * (1 + w) / (c * fall)],
            ),
            limit(
                r"The range for large $k$: the factor of $V_p/g$ in $x$ tends to $l/2$,",
                k * ell * T / (2 * T0**2),
                k,
                sp.oo,
                ell / 2,
            ),
            limit(
                r"and $V_p$, leaf by leaf, to $\sum_x (P_t - P_p)^2/P_p = G_{tt}$ at $P_p$: so $x \to "
                r"lG_{tt}/(2g) = l/(2l^*)$.",
                Pp * (ratio - 1) ** 2,
                k,
                sp.oo,
                (Pt - Pp) ** 2 / Pp,
            ),
            summed(
                "(That is $G_{tt}$.)",
                (Pt - Pp) ** 2 / Pp,
                LEAVES,
                [(1, Pt**2 / Pp, 1 + Gtt), (-2, Pt, 1), (1, Pp, 1)],
                Gtt,
            ),
        ),
    )
