"""Conservation: whatever one dataset gains, the others lose, weighted by volume.

A model that fits a mixture at a stationary point of its own training loss cannot help every dataset: to
first order the volume-weighted sum of all the rates, the perturbation's included, does not move. The paper
has the two datasets that its theorem names; nothing in the argument depends on there being two, on the
laws of their masses, or on the model being saturated. A regulariser breaks the law by its own slope.
"""

import sympy as sp

from .derivation import Derivation, Part, Total, eq, minimum, slope, summed
from .notation import DATASETS, LEAVES, PD, Pi, Pt, d, i, j, leaf, n

total, nt, rest = sp.symbols(r"T n_t {\bar{n}}", positive=True)
y = sp.Symbol("y", positive=True)
PARAMETERS = (j, 1, d)


def derive() -> tuple[Derivation, ...]:
    """The law for the saturated model and for any differentiable one."""
    return (_saturated(), _stationary())


def _saturated() -> Derivation:
    others = leaf("R")  # the other datasets' weights at the leaf, lumped: sum over i != t of n_i P_i(x)
    joint = (others + nt * Pt) / (rest + nt)
    motion = (Pt - joint) / (rest + nt)
    weighted = -n(i) * Pi * (Pt - PD) / (total * PD)
    return Derivation(
        claim="conservation-law",
        title="Conservation in the saturated model",
        source="ours",
        assumptions=(
            r"$N$ datasets with volumes $n_i$ and leaf distributions $P_i$; $T = \sum_i n_i$.",
            r"The model is saturated: it is the joint $P_D = \sum_i n_iP_i/T$, positive on every leaf "
            r"that some dataset of positive volume has.",
            r"$\gamma_i = -\sum_x P_i\log P_D$, in nats per leaf. $R$ and $\bar n$ lump all datasets but "
            r"$D_t$: their weight at the leaf and their volume.",
        ),
        statement=r"The volume-weighted sum of the slopes of all rates in $n_t$, $D_t$'s own included, is 0.",
        abbreviations={rest + nt: total, others + nt * Pt: total * PD},
        totals=(
            Total(leaf("Q"), LEAVES, 1),
            Total(Pi, LEAVES, 1),
            Total(Pt, LEAVES, 1),
            Total(PD, LEAVES, 1),
            Total(n(i), DATASETS, total),
            Total(n(i) * Pi, DATASETS, total * PD),
        ),
        constants=(total,),
        parts=(Part("conservation-law/saturated", eq(sp.Sum(sp.Sum(weighted, DATASETS), LEAVES), 0)),),
        steps=(
            minimum("The lemma behind every step: $\\log y \\le y - 1$.", y - 1 - sp.log(y), y, 1, 1 / y),
            summed(
                "The joint fits the mixture best. Against another distribution $Q$ put $y = Q/P_D$ in the "
                "lemma and average over $P_D$: the bound is 0, so that no $Q$ has a smaller loss.",
                PD * (leaf("Q") / PD - 1),
                LEAVES,
                [(1, leaf("Q"), 1), (-1, PD, 1)],
                0,
            ),
            slope(
                "A leaf's joint weight moves with the volume of $D_t$ in proportion to what it lacks.",
                joint,
                nt,
                motion,
            ),
            slope(
                "So does its code length.",
                -sp.log(joint),
                nt,
                -motion / joint,
            ),
            summed(
                "At one leaf, over all datasets: the slopes, weighted by $n_iP_i$, add to $P_D - P_t$.",
                weighted,
                DATASETS,
                [(-(Pt - PD) / (total * PD), n(i) * Pi, total * PD)],
                PD - Pt,
            ),
            summed(
                "Over all leaves that is 0.",
                sp.Sum(weighted, DATASETS),
                LEAVES,
                [(1, PD, 1), (-1, Pt, 1)],
                0,
            ),
        ),
    )


def _stationary() -> Derivation:
    g, theta, R = (sp.Function(name, real=True) for name in "gvr")
    lost = sp.Symbol(r"\dot{R}", real=True)
    return Derivation(
        claim="conservation-law",
        title="Conservation at a stationary point of any differentiable model",
        source="ours",
        assumptions=(
            r"Losses $L_i(\theta)$ with gradients $g_{i,j} = \partial L_i/\partial\theta_j$, $j = 1..d$, at "
            r"a stationary point of $\sum_i n_iL_i + R$: $\sum_i n_ig_{i,j} = -r_j$ with "
            r"$r_j = \partial R/\partial\theta_j$ ($R = 0$: no regulariser).",
            r"The stationary point moves differentiably in $n_t$: $v_j = d\theta_j/dn_t$.",
        ),
        statement=r"The volume-weighted sum of the slopes $dL_i/dn_t = \sum_j g_{i,j}v_j$ is "
        r"$-\nabla R\cdot d\theta/dn_t$: zero without a regulariser.",
        scope="any number of datasets and parameters",
        totals=(Total(n(i) * g(i, j), DATASETS, -R(j)), Total(R(j) * theta(j), PARAMETERS, lost)),
        parts=(
            Part(
                "conservation-law/stationary",
                eq(sp.Sum(sp.Sum(n(i) * g(i, j) * theta(j), DATASETS), PARAMETERS), -lost),
                (eq(sp.Sum(n(i) * g(i, j), DATASETS), -R(j)),),
            ),
        ),
        steps=(
            summed(
                "In one parameter, over all datasets: the volumes meet the gradients first.",
                n(i) * g(i, j) * theta(j),
                DATASETS,
                [(theta(j), n(i) * g(i, j), -R(j))],
                -R(j) * theta(j),
            ),
            summed(
                "Over all parameters what is left is the regulariser's slope along the motion.",
                sp.Sum(n(i) * g(i, j) * theta(j), DATASETS),
                PARAMETERS,
                [(-1, R(j) * theta(j), lost)],
                -lost,
            ),
        ),
    )
