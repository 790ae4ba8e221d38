"""Mixtures that evidence is computed on: next to exact ones, with disjoint supports, with Pareto masses."""

from fractions import Fraction

import numpy as np

from ....mixtures import Mixture
from . import rationals

LN2 = np.log(2.0)
P, A, T = 0, 1, 2  # pre-training, alignment, perturbation


def mixture(laws, volumes) -> Mixture:
    """The float mixture next to an exact one."""
    return Mixture(rationals.floats(laws), rationals.floats(volumes))


def disjoint_supports(k, q, ell):
    """D_t on one leaf, of which D_p has the mass q; D_a on another; D_p alone on two more: exact."""
    q = Fraction(q)
    rest = (1 - q) / 4
    return np.array([[rest, rest, 2 * rest, q], [0, 0, 1, 0], [0, 0, 0, 1]]), np.array([k, 1, Fraction(ell)])


def pareto_mixture(rng, alpha, leaves, k, ell, parts=3):
    """D_p of equal parts with independent Pareto leaf masses, D_a ~ D_2, D_t ~ D_3."""
    laws = rng.pareto(alpha, (parts, leaves)) + 1
    laws /= laws.sum(axis=1, keepdims=True)
    return Mixture([laws.mean(axis=0), laws[1], laws[2]], [k, 1.0, ell])
