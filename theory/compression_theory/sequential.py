"""Sequential fine-tuning: elasticity without a mixture.

Practice trains on one dataset after another; there is no joint and no k. Yet alignment that stops after a
short time tau leaves the model where a mixture would have left it in which pre-training outweighs alignment
by 1/(tau * curvature). That ratio depends on how long alignment ran, not on how much pre-training there
was, and it needs a start where pre-training has converged: a residual gradient makes the ratio finite at
once, of either sign. In a quadratic world the whole course is explicit, mode by mode.
"""

import sympy as sp

from .derivation import (
    Derivation,
    Part,
    Total,
    computed,
    eq,
    identity,
    implies,
    limit,
    nonnegative,
    series,
    slope,
    summed,
)
from .notation import d, i

tau, s = sp.symbols("tau s", positive=True)
ha, hp, a = sp.symbols("h_a h_p a", positive=True)  # curvatures of a mode, and its learning rate
target = sp.Symbol("vartheta", nonzero=True)  # alignment's optimum in the mode, from the base
q = sp.Function("q")  # g_a(s)' A H_p(theta_s) B g_t, the curvature that alignment's path meets
top, mean, residual = sp.symbols("a_0 q_0 r_0", nonzero=True)
a1, a2, q1, q2 = sp.symbols("a_1 a_2 q_1 q_2", real=True)
fade = sp.exp(-a * ha * tau)
spectral = (ha / hp) / (sp.exp(a * ha * tau) - 1)  # k_i(tau)


def derive() -> tuple[Derivation, ...]:
    """The law for smooth losses, its spectral form, and a start that has not converged."""
    return (_smooth(), _spectral(), _residual())


def _smooth() -> Derivation:
    g1, g2 = sp.symbols("g_1 g_2", real=True)
    row, first, second = (
        sp.symbols("h_1:3", real=True),
        sp.symbols("A_11 A_12", real=True),
        sp.symbols("A_21 A_22", real=True),
    )
    base = sp.Symbol("g_p1", real=True)
    t1, t2 = (sp.Function(f"vartheta_{n}", real=True)(s) for n in (1, 2))
    flow = [sp.Derivative(t1, s), sp.Derivative(t2, s)]
    down = [first[0] * g1 + first[1] * g2, second[0] * g1 + second[1] * g2]  # A g_a
    steepest = [eq(motion, -fall) for motion, fall in zip(flow, down, strict=True)]
    path = base + row[0] * t1 + row[1] * t2
    chain = row[0] * flow[0] + row[1] * flow[1]
    keff, form = sp.Symbol(r"{k_{\mathrm{eff}}}"), sp.Symbol("q_0")
    la, lp = sp.Symbol(r"{\Delta L_a}", real=True), sp.Symbol(r"{\Delta L_p}", nonzero=True)
    fall, x = sp.Symbol("D", nonzero=True), sp.Symbol("x", real=True)
    x1, x2, y1, y2, h11, h12, h22 = sp.symbols("x_1 x_2 y_1 y_2 h_11 h_12 h_22", real=True)
    ratio = (top + a1 * tau + a2 * tau**2) / (tau * (mean + q1 * tau + q2 * tau**2))
    return Derivation(
        claim="sequential-ratio",
        title="The ratio after early-stopped alignment",
        source="ours",
        assumptions=(
            r"Twice differentiable losses; $\theta_0$ with $\nabla L_p(\theta_0) = 0$. Alignment is the flow "
            r"$\theta' = -A g_a$ for a time $\tau$, the reversal a small step $\Delta = -\epsilon B g_t$; "
            r"$A$, $B$ are any fixed matrices (Adam's diagonals among them).",
            r"$k_\mathrm{eff} = -\Delta L_a/\Delta L_p$, to first order in the step. "
            r"$q(s) = g_a(s)' A H_p(\theta_s) B g_t$ with $g_t$ taken at $\theta_\tau$; $q_0 \ne 0$, "
            r"$a_0 \ne 0$ are the values of $q$ and of $g_a' B g_t$ at $\tau = 0$.",
        ),
        statement=r"$k_\mathrm{eff}(\tau) = g_a(\tau)' B g_t\,/\int_0^\tau q(s)\,ds$, so that "
        r"$\tau\, k_\mathrm{eff}\, q_0/a_0 \to 1$ as $\tau \to 0$: no volume of pre-training appears.",
        scope="any number of parameters (the chain rule written out for two)",
        given=tuple(steepest),
        where={
            keff: -la / lp,
            form: x1 * (h11 * y1 + h12 * y2) + x2 * (h12 * y1 + h22 * y2),
        },
        steps=(
            slope(
                "Along alignment's path the pre-training gradient moves by $H_p\\theta'$; in one of two "
                "parameters, with $h$ the row of $H_p$,",
                path,
                s,
                chain,
            ),
            implies(
                "that is $-H_p A g_a$, the flow being $\\theta' = -A g_a$ ($g = g_a$).",
                [eq(sp.Derivative(path, s), chain), *steepest],
                eq(sp.Derivative(path, s), -row[0] * down[0] - row[1] * down[1]),
                [1, *row],
            ),
            slope(
                "Projected on $Bg_t$ and summed up from $g_p(\\theta_0) = 0$, that is minus the integral of "
                "$q$, whose slope in $\\tau$ is",
                -sp.Integral(q(s), (s, 0, tau)),
                tau,
                -q(tau),
            ),
            computed(
                "With $D = \\int q$ and a step of $-\\epsilon B g_t$ the exact law follows; the size of the "
                "step cancels ($x = g_a'Bg_t$).",
                keff,
                {la: -s * x, lp: s * fall},
                x / fall,
            ),
            series(
                "As $\\tau \\to 0$ numerator and mean of $q$ go to their values at 0 (here to second order, "
                "$a_1$, $q_1$ being the slopes of $g_a' Bg_t$ and of that mean): the error is of first "
                "order in $\\tau$.",
                tau * ratio * mean / top,
                tau,
                1 + tau * (a1 / top - q1 / mean),
                2,
            ),
            computed(
                "Its sign is not given: $q_0$ is a mixed form. With $g_a = (1,0)$, $Bg_t = (1,-1)$, $A = 1$ "
                "and the positive definite $H_p = (1, 2; 2, 5)$ it is negative, while $a_0 = 1$.",
                form,
                {x1: 1, x2: 0, y1: 1, y2: -1, h11: 1, h12: 2, h22: 5},
                -1,
            ),
        ),
    )


def _spectral() -> Derivation:
    delta = (1 - sp.exp(-a * ha * s)) * target  # the mode's displacement at time s
    end = (1 - fade) * target
    volume, weight, least = sp.symbols("kappa W k_{\\min}", positive=True)
    kappa, w = sp.Function("kappa", positive=True), sp.Function("w", positive=True)
    average = sp.Symbol("k_\\mathrm{eff}", positive=True)
    return Derivation(
        claim="sequential-ratio",
        title="Mode by mode: quadratic losses that share their axes",
        source="ours",
        assumptions=(
            r"$L_p = \sum_i h_{p,i}\theta_i^2/2$, $L_a = \sum_i h_{a,i}(\theta_i - \vartheta_i)^2/2$; $A$ is "
            r"diagonal with entries $a_i > 0$, $B$ is any matrix. One mode is written without its index.",
            r"$\kappa(i)$ is the value of $k_i$ below, $w(i) = g_{p,i}(Bg_t)_i$ its weight, $W$ their sum.",
        ),
        statement=r"$k_i(\tau) = (h_a/h_p)/(e^{a\tau h_a} - 1)$ and $k_\mathrm{eff} = \sum_i w_i k_i/\sum_i "
        r"w_i$.",
        scope="any number of modes",
        totals=(Total(w(i), (i, 1, d), weight), Total(kappa(i) * w(i), (i, 1, d), average * weight)),
        parts=(Part("sequential-ratio/modes", eq(-ha * (end - target) / (hp * end), spectral)),),
        steps=(
            slope("Alignment's flow relaxes each mode.", delta, s, -a * ha * (delta - target)),
            identity(
                "The mode's ratio $-g_a/g_p$ at time $\\tau$:",
                -ha * (end - target) / (hp * end),
                spectral,
            ),
            summed(
                "All modes: $-g_a' Bg_t$ is the weighted sum of the modes' ratios, so that $k_{\\rm "
                "eff}$ is their weighted mean,",
                (kappa(i) - average) * w(i),
                (i, 1, d),
                [(1, kappa(i) * w(i), average * weight), (-average, w(i), weight)],
                0,
            ),
            nonnegative(
                "no less than the least of them if the weights share a sign (and no more than the largest).",
                (least + kappa(i)) * w(i) - least * w(i),
                kappa(i) * w(i),
                strict=True,
            ),
            identity(
                "It is a mixture in disguise: the optimum of $\\kappa L_p + L_a$ is where alignment stopped "
                "iff $\\kappa = k_i$.",
                (ha * target / (volume * hp + ha)).subs(volume, spectral),
                end,
            ),
            limit("Short alignment: $k_i \\approx 1/(a\\tau h_p)$.", tau * spectral, tau, 0, 1 / (a * hp)),
            limit(
                "Long alignment: $k_i$ decays like $e^{-a\\tau h_a}$ (this is their quotient), and "
                "elasticity with it.",
                (ha / hp) / (1 - fade),
                tau,
                sp.oo,
                ha / hp,
            ),
        ),
    )


def _residual() -> Derivation:
    ratio = -(top + a1 * tau) / (residual - tau * (mean + q1 * tau))
    return Derivation(
        claim="sequential-ratio",
        title="A start that has not converged",
        source="ours",
        assumptions=(
            r"As before, but $r_0 = \nabla L_p(\theta_0)' B g_t \ne 0$: weight decay, or pre-training "
            r"that was stopped, as in every language model.",
        ),
        statement=r"$k_\mathrm{eff} \to -a_0/r_0$, finite and of either sign: the law needs $g_p(\theta_0) = "
        r"0$, or $\tau|q_0| \gg |r_0|$.",
        role="boundary",
        scope="any number of parameters",
        steps=(
            limit("The integral now starts from $-r_0$.", ratio, tau, 0, -top / residual),
            limit("Against the law's own scale that is nothing.", ratio * tau * mean / top, tau, 0, 0),
        ),
    )
