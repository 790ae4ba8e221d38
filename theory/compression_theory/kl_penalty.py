"""A KL penalty makes k_eff what one sets it to.

Alignment with a penalty lambda times the pre-training loss, trained to convergence, balances the two
gradients; so whatever the next update is, it trades the two losses at the rate lambda. The penalty takes the
place of the volume of pre-training data, exactly. Stopping early adds to it. The reverse divergence, which
reinforcement learning from human feedback penalises, does the same only as lambda grows, with a constant
offset that the skewness of the alignment data sets.
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
from .notation import LEAVES, PD, Pp, d, j, k, x

lam, tau, s = sp.symbols("lambda tau s", positive=True)
ha, hp = sp.symbols("h_a h_p", positive=True)
target = sp.Symbol("vartheta", nonzero=True)
pull = ha + lam * hp
KEFF = sp.Symbol(r"{k_{\mathrm{eff}}}")
ROWS = (j, 1, d)
LA, LP = sp.Symbol(r"{\Delta L_a}", real=True), sp.Symbol(r"{\Delta L_p}", nonzero=True)


def derive() -> tuple[Derivation, ...]:
    """At convergence, before it, and for two other penalties."""
    return (_converged(), _stopped(), _distance(), _reverse())


def _converged() -> Derivation:
    gp, ga, update = (sp.Function(name, real=True)(j) for name in ("g_p", "g_a", "Delta"))
    entropy, loss = sp.symbols("H_p L_p", real=True)
    stationary = eq(ga, -lam * gp)
    both = ga * update + lam * gp * update
    return Derivation(
        claim="kl-penalty",
        title="At convergence k_eff is lambda",
        source="ours",
        assumptions=(
            r"Differentiable losses at a stationary point of $L_a + \lambda L_p$: $g_a(j) = -\lambda g_p(j)$ "
            r"for every parameter $j = 1..d$.",
            r"An update $\Delta(j)$, from any optimiser and any $D_t$, and the changes to first order in it: "
            r"$\Delta L_i = \sum_j g_i(j)\Delta(j)$, $\Delta L_p \ne 0$.",
        ),
        statement=r"$k_\mathrm{eff} = -\Delta L_a/\Delta L_p = \lambda$.",
        scope="any number of parameters, any model",
        totals=(
            Total(gp * update, ROWS, LP),
            Total(ga * update, ROWS, LA),
            Total(Pp * sp.log(Pp), LEAVES, -entropy),
            Total(Pp * sp.log(PD), LEAVES, -loss),
        ),
        constants=(lam,),
        given=(stationary,),
        parts=(
            Part(
                "kl-penalty/converged",
                eq(-LA / LP, lam),
                (stationary, eq(sp.Sum(gp * update, ROWS), LP)),
            ),
        ),
        steps=(
            implies(
                "In one parameter the changes cancel with the weights 1 and $\\lambda$,",
                [stationary],
                eq(both, 0),
                [update],
            ),
            summed("so in sum:", both, ROWS, [(1, both, 0)], 0),
            summed("that is,", both, ROWS, [(1, ga * update, LA), (lam, gp * update, LP)], LA + lam * LP),
            implies(
                "so that the ratio is $\\lambda$.",
                [eq(sp.Sum(both, ROWS), 0), eq(sp.Sum(both, ROWS), LA + lam * LP)],
                eq(-LA / LP, lam),
                [-1 / LP, 1 / LP],
            ),
            summed(
                "The forward KL of a reference model $P_p$ is such a penalty: it differs from the loss on "
                "samples of that model by its entropy, which no parameter moves.",
                Pp * sp.log(Pp) - Pp * sp.log(PD),
                LEAVES,
                [(1, Pp * sp.log(Pp), -entropy), (-1, Pp * sp.log(PD), -loss)],
                loss - entropy,
            ),
        ),
    )


def _stopped() -> Derivation:
    y, r = sp.symbols("y r", positive=True)  # E = 1/(1 + y); r = h_a/h_p
    at = fade = 1 / (1 + y)
    delta = ha * target / pull * (1 - sp.exp(-pull * s))
    end = ha * target / pull * (1 - fade)
    formula = (lam + ha / hp * fade) / (1 - fade)
    return Derivation(
        claim="kl-penalty",
        title="Before convergence k_eff is larger",
        source="ours",
        assumptions=(
            r"One mode of quadratic losses: $L_p = h_p\theta^2/2$, $L_a = h_a(\theta-\vartheta)^2/2$, flow "
            r"of $L_a + \lambda L_p$ from $\theta = 0$ for a time $\tau$; $E = e^{-\tau(h_a+\lambda h_p)} = "
            r"1/(1+y)$.",
        ),
        statement=r"$k(\tau) = (\lambda + (h_a/h_p)E)/(1-E)$: above $\lambda$, and $\lambda$ at convergence.",
        scope="one mode; several average as in the sequential ratio",
        parts=(
            Part("kl-penalty/stopped", eq(-ha * (end - target) / (hp * end), formula)),
            Part(
                "kl-penalty/larger",
                sp.Gt((lam + r * at) / (1 - at) - lam, 0, evaluate=False),
            ),
        ),
        steps=(
            slope("The flow:", delta, s, -ha * (delta - target) - lam * hp * delta),
            identity("Its ratio $-g_a/g_p$:", -ha * (end - target) / (hp * end), formula),
            nonnegative(
                "It exceeds $\\lambda$; with $E = 1/(1+y)$ and $r = h_a/h_p$ the excess is",
                (lam + r * at) / (1 - at) - lam,
                (lam + r) / y,
                strict=True,
            ),
            limit("and vanishes at convergence, $E \\to 0$.", ((lam + r * at) / (1 - at) - lam), y, sp.oo, 0),
        ),
    )


def _distance() -> Derivation:
    delta, c = sp.symbols("delta c", nonzero=True)
    optimum = sp.Symbol(r"{\vartheta_k}")
    return Derivation(
        claim="kl-penalty",
        title="A penalty on the distance from the base is weighed by curvature",
        source="ours",
        assumptions=(
            r"Converged alignment with the penalty $\lambda|\theta-\theta_0|^2/2$ in place of $\lambda L_p$: "
            r"$g_a = -\lambda\delta$; $L_p$ is quadratic about $\theta_0$, $g_p = h_p\delta$ in a mode; a "
            r"step $c$.",
        ),
        statement=r"$k = \lambda/h_p$ in a mode: not $\lambda$, and not the same for all steps.",
        role="boundary",
        scope="one mode; several average as in the sequential ratio",
        where={KEFF: -LA / LP, optimum: ha * target / (ha + hp * k)},
        steps=(
            computed("The mode's ratio:", KEFF, {LA: -lam * delta * c, LP: hp * delta * c}, lam / hp),
            computed(
                "Its optimum is that of the mixture with $\\lambda/h_p$ for $k$:",
                optimum,
                {k: lam / hp},
                ha * target / (ha + lam),
            ),
        ),
    )


def _reverse() -> Derivation:
    rho, v = sp.Function("rho", real=True)(x), sp.Function("v", real=True)(x)
    small = sp.Symbol("epsilon", positive=True)
    w = small * rho + small**2 * v  # q/P_p - 1
    first, second, other = sp.symbols("S_1 S_2 V", nonzero=True)  # sums of rho, rho^2, v over the step
    up = first + small * (other - second / 2)  # both divided by epsilon
    down = first + small * (other - second)
    return Derivation(
        claim="kl-penalty",
        title="The reverse KL penalty reaches lambda only in the limit",
        source="ours",
        assumptions=(
            r"Saturated model $q$ that minimises $L_a + \lambda\,\mathrm{KL}(q\|P_p)$; $P_a = (1+\rho)P_p$, "
            r"$\sum_x P_p\rho = 0$; $\epsilon = 1/\lambda$ is small.",
            r"A step $\delta(x)$, $\sum_x\delta = 0$, changes $L_a$ by $-\sum_x (P_a/q)\delta$ and $L_p$ by "
            r"$-\sum_x(P_p/q)\delta$. $S_1 = \sum_x\rho\,\delta$, $S_2 = \sum_x\rho^2\delta$, $V = \sum_x "
            r"v\,\delta$.",
        ),
        statement=r"$k_\mathrm{eff} = \lambda + S_2/(2S_1) + O(1/\lambda)$: never free of the step's "
        r"direction.",
        role="boundary",
        scope="any number of leaves",
        steps=(
            series(
                "Stationarity holds one constant for all leaves, $-(P_a/q) + \\lambda\\log(q/P_p)$, which at "
                "leading order is $-1$ when $q = P_p(1+\\epsilon\\rho+\\epsilon^2 v)$.",
                small * (-(1 + rho) / (1 + w)) + sp.log(1 + w),
                small,
                -small,
                2,
            ),
            series(
                "So $P_a/q$ is a constant plus $\\lambda$ times",
                sp.log(1 + w),
                small,
                small * rho + small**2 * (v - rho**2 / 2),
                3,
            ),
            series("and $P_p/q$ is", 1 / (1 + w), small, 1 - small * rho - small**2 * (v - rho**2), 3),
            series(
                "Summed over the step, the quotient of the two is $k_\\mathrm{eff}/\\lambda$: what is left "
                "of the difference between logarithm and reciprocal is half the second moment.",
                up / down,
                small,
                1 + small * second / (2 * first),
                2,
            ),
        ),
    )
