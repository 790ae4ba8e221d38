"""Finite perturbations: the Theta of Theorem 4.2 with explicit constants and range, without derivatives.

The exact change of a rate is the mean of a logarithm. One elementary inequality, used twice, encloses it
between G at the start and G at the end; a second one adds the curvature. Together they bound the ratio of
finite changes from both sides: at least k always, and at most k times a factor that is near 1 as long as l
is a fraction of the critical volume.
"""

import sympy as sp

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
    summed,
)
from .notation import LEAVES, MIXTURE, P0, T0, Gtt, Pa, Pi, Pl, Pp, Pt, T, ell, k, mu

y = sp.Symbol("y", positive=True)
r = sp.Symbol("r", nonnegative=True)  # P_t/P_0 at a leaf
ratio = Pt / P0
Git, Gilt, Vi, Vp, Va = sp.symbols("G_{it} G_{it}(l) V_i V_p V_a", real=True)
moved = sp.Symbol(r"\Delta\gamma_i", real=True)
square = ell**2 / (2 * T0**2)
BELOW = Part("finite-l/below", ge(moved, -mu * Git))
CURVED = Part("finite-l/second-order", ge(-mu * Git + square * Vi, moved))
g = sp.Symbol("g", positive=True)  # -G_0(a,t)


def derive() -> tuple[Derivation, ...]:
    """The enclosure of each change, and of the ratio."""
    return (_changes(), _ratio())


def _changes() -> Derivation:
    line = 1 + mu * (ratio - 1)  # P_l/P_0
    change = -Pi * sp.log(line)
    lemma = ge(y - 1 - sp.log(y), 0)
    parabola = sp.log((T0 + ell * r) / T) - mu * (r - 1) + square * (r - 1) ** 2
    rest_below = sp.Sum(Pi * (line - 1 - sp.log(line)), LEAVES)
    rest_above = sp.Sum(Pi * (1 / line - 1 + sp.log(line)), LEAVES)
    rest_curved = sp.Sum(Pi * (sp.log(line) - mu * (ratio - 1) + square * (ratio - 1) ** 2), LEAVES)
    rest_cap = sp.Sum(Pi * sp.log(1 + ell * ratio / T0), LEAVES)
    cap = sp.log(1 + ell / T0)
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
        r"\frac{l^2}{2T_0^2}V_i,\ \log(1 + l/T_0)\}$ for every dataset and every $l > 0$.",
        scope="any number of leaves; all data but $D_a$ and $D_t$ count as $D_p$",
        abbreviations=MIXTURE,
        totals=(
            Total(Pp, LEAVES, 1),
            Total(Pa, LEAVES, 1),
            Total(Pt, LEAVES, 1),
            Total(Pi, LEAVES, 1),
            Total(Pi * Pt / P0, LEAVES, 1 + Git),
            Total(Pi * Pt / Pl, LEAVES, 1 + Gilt),
            Total(Pi * (ratio - 1) ** 2, LEAVES, Vi),
            Total(change, LEAVES, moved),
        ),
        parts=(
            BELOW,
            Part("finite-l/end", ge(-ell / T0 * Gilt, moved)),
            CURVED,
            Part("finite-l/cap", ge(cap, moved)),
        ),
        steps=(
            identity("The joint moves on a straight line.", Pl / P0, line),
            minimum(r"The tangent of the logarithm: $\log y \le y - 1$.", y - 1 - sp.log(y), y, 1, 1 / y),
            implies(
                "At $y = P_l/P_0$ ...", [Instance(lemma, {y: line})], ge(line - 1 - sp.log(line), 0), [1]
            ),
            nonnegative("... and in the mean over $P_i$:", rest_below),
            summed(
                "that mean is what the change has above its tangent.",
                rest_below.function,
                LEAVES,
                [(mu, Pi * Pt / P0, 1 + Git), (-mu, Pi, 1), (1, change, moved)],
                mu * Git + moved,
            ),
            implies(
                r"From below: $\Delta\gamma_i \ge -\mu G_{it}$.",
                [ge(rest_below, 0), eq(rest_below, mu * Git + moved)],
                BELOW.relation,
                [1, -1],
            ),
            implies(
                "At $y = P_0/P_l$ ...",
                [Instance(lemma, {y: 1 / line})],
                ge(1 / line - 1 + sp.log(line), 0),
                [1],
            ),
            nonnegative("... and in the mean:", rest_above),
            summed(
                "that mean, with $P_0/P_l - 1 = -\\frac{l}{T_0}(P_t/P_l - 1)$.",
                rest_above.function,
                LEAVES,
                [(-ell / T0, Pi * Pt / Pl, 1 + Gilt), (ell / T0, Pi, 1), (-1, change, moved)],
                -ell / T0 * Gilt - moved,
            ),
            implies(
                "From above, by the end of the way.",
                [ge(rest_above, 0), eq(rest_above, -ell / T0 * Gilt - moved)],
                ge(-ell / T0 * Gilt, moved),
                [1, -1],
            ),
            minimum(
                "To second order: a parabola above the change of one leaf's code length, touching it at $r "
                "= 1$.",
                parabola,
                r,
                1,
                ell**3 * (T0 + T * r) / (T0**2 * T * (T0 + ell * r)),
            ),
            implies(
                "At $r = P_t/P_0$, where $(T_0 + lr)/T$ is $P_l/P_0$, ...",
                [Instance(ge(parabola, 0), {r: ratio})],
                ge(sp.log(line) - mu * (ratio - 1) + square * (ratio - 1) ** 2, 0),
                [1],
            ),
            nonnegative("... and in the mean:", rest_curved),
            summed(
                "the parabola, summed over the leaves.",
                rest_curved.function,
                LEAVES,
                [
                    (-1, change, moved),
                    (-mu, Pi * Pt / P0, 1 + Git),
                    (mu, Pi, 1),
                    (square, Pi * (ratio - 1) ** 2, Vi),
                ],
                -moved - mu * Git + square * Vi,
            ),
            implies(
                "From above, to second order.",
                [ge(rest_curved, 0), eq(rest_curved, -moved - mu * Git + square * Vi)],
                CURVED.relation,
                [1, -1],
            ),
            nonnegative(
                "A cap: the joint keeps $T_0/T$ of every leaf's mass, so that no code length grows by more "
                r"than $\log(T/T_0)$, ...",
                rest_cap,
            ),
            summed(
                "... nor does their mean.",
                rest_cap.function,
                LEAVES,
                [(-1, change, moved), (sp.log(T / T0), Pi, 1)],
                sp.log(T / T0) - moved,
            ),
            implies(
                r"So no rate rises by more than $\log(1 + l/T_0)$.",
                [ge(rest_cap, 0), eq(rest_cap, sp.log(T / T0) - moved)],
                ge(cap, moved),
                [1, -1],
            ),
        ),
    )


def _ratio() -> Derivation:
    a, b = sp.symbols(r"\Delta\gamma_a \Delta\gamma_p", real=True)
    Gp, Ga = sp.symbols("G_{pt} G_{at}", real=True)
    bend = ell * T / (2 * T0**2 * g)
    x_of_l, y_of_l = k * bend * Vp, bend * Va
    small, inside = eq(Ga, -g), gt(1 - x_of_l, 0)
    weighted = sp.Sum(k * Pp * Pt / P0 + Pa * Pt / P0, LEAVES)
    spread = sp.Sum(Pa * (ratio - 1) ** 2, LEAVES)
    quoted = {
        "p": (ge(b, -mu * Gp), ge(-mu * Gp + square * Vp, b), {moved: b, Git: Gp, Vi: Vp, Pi: Pp}),
        "a": (ge(a, -mu * Ga), ge(-mu * Ga + square * Va, a), {moved: a, Git: Ga, Vi: Va, Pi: Pa}),
    }
    falls = gt(0, b)
    lower, upper = ge(-a / b, k), ge(k * (1 + y_of_l) / (1 - x_of_l), -a / b)
    return Derivation(
        claim="finite-l",
        title="The ratio of finite changes, enclosed",
        source="ours",
        assumptions=(
            r"The page before; $G$ at $l = 0$, $g = -G_{at} > 0$.",
            r"$x = klTV_p/(2T_0^2g) < 1$.",
        ),
        statement=r"$k \le -\Delta\gamma_a/\Delta\gamma_p \le k\,(1 + \frac{lT}{2T_0^2g}V_a)/(1 - x)$: the "
        r"theorem's $\Theta(-k)$ for finite $l$. As $k \to \infty$, $x \to l/(2l^*)$.",
        scope="any number of leaves; all data but $D_a$ and $D_t$ count as $D_p$",
        abbreviations=MIXTURE,
        totals=(
            Total(Pp, LEAVES, 1),
            Total(Pa, LEAVES, 1),
            Total(Pt, LEAVES, 1),
            Total(Pp * Pt / P0, LEAVES, 1 + Gp),
            Total(Pa * Pt / P0, LEAVES, 1 + Ga),
            Total(Pp * (ratio - 1) ** 2, LEAVES, Vp),
            Total(Pa * (ratio - 1) ** 2, LEAVES, Va),
            Total(-Pp * sp.log(1 + mu * (ratio - 1)), LEAVES, b),
            Total(-Pa * sp.log(1 + mu * (ratio - 1)), LEAVES, a),
            Total(Pt**2 / Pp, LEAVES, 1 + Gtt),
        ),
        given=(
            small,
            inside,
            *(Given(below, "finite-l/below", at) for below, _, at in quoted.values()),
            *(Given(above, "finite-l/second-order", at) for _, above, at in quoted.values()),
        ),
        parts=(
            Part("finite-l/falls", falls, (small, inside)),
            Part("finite-l/ratio-below", lower, (small, inside)),
            Part("finite-l/ratio-above", upper, (small, inside)),
        ),
        steps=(
            summed(
                "At $l = 0$ the volume-weighted $G$ leave $P_t$ alone.",
                weighted.function,
                LEAVES,
                [(T0, Pt, 1)],
                T0,
            ),
            summed(
                "The same by their definitions.",
                weighted.function,
                LEAVES,
                [(k, Pp * Pt / P0, 1 + Gp), (1, Pa * Pt / P0, 1 + Ga)],
                k * (1 + Gp) + 1 + Ga,
            ),
            implies(
                "So $G_{pt} = g/k$.",
                [eq(weighted, T0), eq(weighted, k * (1 + Gp) + 1 + Ga), small],
                eq(Gp, g / k),
                [1 / k, -1 / k, -1 / k],
            ),
            implies(
                "The pre-training rate falls while $x < 1$.",
                [quoted["p"][1], eq(Gp, g / k), inside],
                falls,
                [1, mu, mu * g / k],
            ),
            implies(
                "The ratio from below: both rates stay above their tangents at $l = 0$.",
                [quoted["a"][0], small, quoted["p"][0], eq(Gp, g / k)],
                lower,
                [-1 / b, mu / b, -k / b, k * mu / b],
            ),
            nonnegative("$V_a$ is a mean of squares,", spread),
            implies("so not negative.", [ge(spread, 0), eq(spread, Va)], ge(Va, 0), [1, -1]),
            implies(
                "And from above: both stay below their parabolas.",
                [quoted["a"][1], small, quoted["p"][1], eq(Gp, g / k)],
                upper,
                [
                    -1 / b,
                    -mu / b,
                    -k * (1 + y_of_l) / (b * (1 - x_of_l)),
                    -k * (1 + y_of_l) / (b * (1 - x_of_l)) * mu,
                ],
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
