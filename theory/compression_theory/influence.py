"""Influence: how a minimum answers to a little more of one dataset.

The elastic response is the saturated case of a formula that every smooth model obeys: a dataset's loss
answers to another's volume through the inverse Hessian of the whole training loss. On a softmax with free
logits that Hessian is T times the Fisher information, whatever the data, and the formula turns into the
chi-squared product G of the leaf distributions. What it needs is curvature, not just a minimum.
"""

import sympy as sp

from .derivation import Derivation, Part, Total, computed, eq, identity, implies, limit, series, slope, summed
from .notation import LEAVES, PD, Pt, d, j, leaf, m

g, c, v, w = (sp.Function(name, real=True) for name in ("g_i", "g_t", "v", "w"))
H = sp.Function("H", real=True)
ROWS, COLUMNS = (j, 1, d), (m, 1, d)
s, ell = sp.symbols("n_t l", positive=True)
Pi, G = leaf("P_i"), sp.Symbol("G_{it}", real=True)


def derive() -> tuple[Derivation, ...]:
    """Any smooth model; the saturated one; a flat minimum."""
    return (_smooth(), _saturated(), _flat())


def _smooth() -> Derivation:
    step, form = sp.Symbol("h", real=True), sp.Symbol("{g_i' H^{-1} g_t}", real=True)
    array = sp.Sum(w(m) * H(m, j) * v(j), ROWS, COLUMNS)
    own = sp.symbols("c_0:3", real=True)  # gradient and Hessian of L_t in the first parameter
    rest = sp.symbols("r_1:3", real=True)  # Hessian of the others
    motion = [v(1), v(2)]
    curvature = [rest[m] + s * own[m + 1] for m in range(2)]  # the first row of H
    gradient = -s * own[0] + sum(rest[m] * step * motion[m] for m in range(2))  # of the others
    gradient += (s + step) * (own[0] + sum(own[m + 1] * step * motion[m] for m in range(2)))
    return Derivation(
        claim="influence-form",
        title="The influence form for smooth models",
        source="ours (an influence function, with volumes for weights)",
        assumptions=(
            r"Twice differentiable losses $L_i(\theta)$, gradients $g_i(j)$, $g_t(j)$, $j = 1..d$; $\theta$ "
            r"minimises $\sum_i n_i L_i$, where the symmetric $H = \sum_i n_i \nabla^2 L_i$ is positive "
            r"definite.",
            r"$v(j) = d\theta_j/dn_t$; $w = H^{-1}g_i$, that is $\sum_m H(j,m)w(m) = g_i(j)$. $R$ lumps the "
            r"other datasets: $\sum_{i\ne t} n_i L_i$.",
        ),
        statement=r"$dL_i/dn_t = \sum_j g_i(j)v(j) = -g_i' H^{-1} g_t$.",
        scope="any number of datasets and parameters (the chain rule written out for two)",
        totals=(
            Total(H(m, j) * v(j), ROWS, -c(m)),
            Total(H(j, m) * w(m), COLUMNS, g(j)),
            Total(w(m) * c(m), COLUMNS, form),
        ),
        given=(eq(H(m, j), H(j, m)),),
        parts=(
            Part(
                "influence-form/minimum",
                eq(sp.Sum(g(j) * v(j), ROWS), -form),
                (
                    eq(H(m, j), H(j, m)),
                    eq(sp.Sum(H(m, j) * v(j), ROWS), -c(m)),
                    eq(sp.Sum(H(j, m) * w(m), COLUMNS), g(j)),
                ),
            ),
        ),
        steps=(
            series(
                "At the minimum the others' gradient is $-n_t g_t$. When $n_t$ grows by $h$ and $\\theta$ "
                "moves by $hv$, the training loss gains $h(g_t + Hv)$ of gradient, which must vanish. In one "
                "of two parameters, with $c_0 = g_t(1)$ and the first row of $H$ split into $r + n_t c$:",
                gradient,
                step,
                step * (own[0] + curvature[0] * motion[0] + curvature[1] * motion[1]),
                2,
            ),
            summed(
                "So $Hv = -g_t$. Weigh parameter $m$ with $w(m)$,",
                w(m) * H(m, j) * v(j),
                ROWS,
                [(w(m), H(m, j) * v(j), -c(m))],
                -w(m) * c(m),
            ),
            summed(
                "and sum over all of them: the influence form.",
                sp.Sum(w(m) * H(m, j) * v(j), ROWS),
                COLUMNS,
                [(-1, w(m) * c(m), form)],
                -form,
            ),
            implies(
                "$H$ is symmetric,",
                [eq(H(m, j), H(j, m))],
                eq(w(m) * H(m, j) * v(j) - H(j, m) * w(m) * v(j), 0),
                [w(m) * v(j)],
            ),
            summed(
                "so that the other order of summation meets $Hw = g_i$ first,",
                w(m) * H(m, j) * v(j),
                COLUMNS,
                [
                    (1, w(m) * H(m, j) * v(j) - H(j, m) * w(m) * v(j), 0),
                    (v(j), H(j, m) * w(m), g(j)),
                ],
                g(j) * v(j),
            ),
            summed(
                "and gives the slope of $L_i$, $\\sum_j g_i(j)v(j)$.",
                sp.Sum(w(m) * H(m, j) * v(j), COLUMNS),
                ROWS,
                [(1, g(j) * v(j), sp.Sum(g(j) * v(j), ROWS))],
                sp.Sum(g(j) * v(j), ROWS),
            ),
            implies(
                "The two are one sum.",
                [eq(array, -form), eq(array, sp.Sum(g(j) * v(j), ROWS))],
                eq(sp.Sum(g(j) * v(j), ROWS), -form),
                [1, -1],
            ),
        ),
    )


def _saturated() -> Derivation:
    z, y = sp.symbols("z_x z_y", real=True)
    other, p, q, total = sp.symbols("R p_x p_y T", positive=True)
    partition = sp.exp(z) + sp.exp(y) + other
    loss = sp.log(partition) - Pi * z  # what depends on z_x
    at_x, at_y = sp.exp(z) / partition, sp.exp(y) / partition
    weight = (PD - Pi) / (total * PD)
    row = sp.Symbol(r"{(Hw)_x}")
    average = sp.Symbol(r"\bar{w}", real=True)
    return Derivation(
        claim="influence-form",
        title="On a softmax with free logits the influence form is the elastic response",
        source="ours",
        assumptions=(
            r"$P_D(x) = e^{z_x}/\sum_y e^{z_y}$ at the optimum, the joint; $R$ lumps the leaves other than "
            r"$x$ and $y$. $L_i = -\sum_x P_i(x)\log P_D(x)$.",
            r"Logits have a gauge: adding a constant changes nothing. All gradients are orthogonal to it, so "
            r"that any solution $w$ of $Hw = g_i$ serves for the inverse.",
        ),
        statement=r"$H = T\cdot$Fisher, and $dL_i/dn_t = -G(i,t)/T$.",
        totals=(
            Total(PD, LEAVES, 1),
            Total(Pi, LEAVES, 1),
            Total(Pt, LEAVES, 1),
            Total(Pi * Pt / PD, LEAVES, 1 + G),
        ),
        constants=(total,),
        where={row: total * (PD * weight - PD * average)},
        parts=(Part("influence-form/saturated", eq(sp.Sum(-weight * (PD - Pt), LEAVES), -G / total)),),
        steps=(
            slope("A dataset's gradient is what the model has in excess,", loss, z, at_x - Pi),
            slope("its Hessian does not depend on the dataset, off", at_x - Pi, y, -at_x * at_y),
            slope("and on the diagonal,", at_x - Pi, z, at_x * (1 - at_x)),
            identity(
                "and is the Fisher information: the mean product of the scores $1[X = x] - p_x$,",
                p * (1 - p) * (-q) + q * (-p) * (1 - q) + (1 - p - q) * p * q,
                -p * q,
            ),
            identity("or the mean square of one.", p * (1 - p) ** 2 + (1 - p) * p**2, p * (1 - p)),
            summed(
                "So $H = T(\\mathrm{diag}\\,p - pp')$. The vector $w = g_i/(T P_D)$ has mean 0,",
                PD * weight,
                LEAVES,
                [(1 / total, PD, 1), (-1 / total, Pi, 1)],
                0,
            ),
            computed(
                "so that it solves $Hw = g_i$, of which row $x$ reads (its mean called $\\bar w = 0$)",
                row,
                {average: 0},
                PD - Pi,
            ),
            summed(
                "and the influence form $-w' g_t$ is the elastic response.",
                -weight * (PD - Pt),
                LEAVES,
                [
                    (-1 / total, PD, 1),
                    (1 / total, Pi, 1),
                    (1 / total, Pt, 1),
                    (-1 / total, Pi * Pt / PD, G + 1),
                ],
                -G / total,
            ),
        ),
    )


def _flat() -> Derivation:
    theta = sp.Symbol("theta", real=True)
    at, left = ell ** sp.Rational(1, 3), sp.Symbol(r"{\theta^3 - l}")
    return Derivation(
        claim="influence-form",
        title="A flat minimum answers without bound",
        source="ours",
        assumptions=(r"One parameter, $k L_p + L_a = \theta^4/4$, $L_t = -\theta$.",),
        statement=r"The minimum $\theta = 0$ is strict, but $H = 0$ there: $d\theta/dl$ is infinite at $l = "
        r"0$.",
        role="boundary",
        scope="one parameter",
        where={left: theta**3 - ell},
        steps=(
            slope("The loss is minimal where", theta**4 / 4 - ell * theta, theta, theta**3 - ell),
            computed(
                "vanishes, at $\\theta = l^{1/3}$,",
                left,
                {theta: at},
                0,
            ),
            slope("which moves at", at, ell, 1 / (3 * at**2)),
            limit("without bound as $l \\to 0$.", 1 / sp.diff(at, ell), ell, 0, 0),
        ),
    )
