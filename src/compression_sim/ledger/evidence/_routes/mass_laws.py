"""Mixtures whose leaf masses are drawn from a law, in parts of equal or of other shares."""

import numpy as np

from .... import elasticity, masses
from ....mixtures import Mixture

EQUAL = (1 / 3, 1 / 3, 1 / 3)
HEAVY = masses.Pareto(1.5)
LAWS = (HEAVY, masses.Pareto(5), masses.LogNormal(1), masses.Gamma(1), masses.Uniform(1))
SAMPLERS = {
    "Pareto 1.5": lambda rng, shape: rng.pareto(1.5, shape) + 1,
    "Pareto 3": lambda rng, shape: rng.pareto(3.0, shape) + 1,
    "log-normal 1": lambda rng, shape: rng.lognormal(0, 1, shape),
    "exponential": lambda rng, shape: rng.exponential(size=shape),
}


def normalized(masses):
    """Masses divided by their sum over the leaves."""
    return masses / masses.sum(axis=-1, keepdims=True)


def mixture(law, k, leaves, rng, shares=EQUAL) -> Mixture:
    """(D_p, D_a, D_t) at l = 0: D_p of parts with these shares, D_a like part 2 of them, D_t like part 3."""
    rows = law.distributions(len(shares), leaves, rng)
    return Mixture([np.asarray(shares) @ rows, rows[1], rows[2]], [k, 1, 0])


def responses(law, k, leaves, draws, rng, shares=EQUAL) -> np.ndarray:
    """T d gamma_a/dn_t = -G(a, t) of single draws, nats per leaf: (draws,)."""
    mixtures = (mixture(law, k, leaves, rng, shares) for _ in range(draws))
    return (k + 1) * np.log(2.0) * np.array([elasticity.elastic_response(mix, 2)[1] for mix in mixtures])


def weights(k, shares=EQUAL) -> np.ndarray:
    """The parts' weights in the joint: D_a is merged in part 2."""
    return k * np.asarray(shares) + np.eye(len(shares))[1]
