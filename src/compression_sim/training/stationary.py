"""Training to the end: damped Newton steps on all parameters, with the gradient norm reported.

Directions in which the objective is flat (a softmax's gauge) are left alone: a pseudo-inverse.
"""

from typing import NamedTuple

import numpy as np
from jax.flatten_util import ravel_pytree

from ..models.base import Params, jax, jnp

FLAT = 1e-13  # a curvature below this share of the largest counts as none
DAMPINGS = np.array([0.0, *np.logspace(-6, 3, 10)])  # in units of the largest curvature: none, to tiny steps


class Stationary(NamedTuple):
    """Where training ended, how large the gradient still is (Euclidean norm), and after how many steps.

    A small gradient says stationary, not minimal: a non-convex model may stand at a local minimum.
    """

    params: Params
    gradient_norm: jnp.ndarray
    steps: jnp.ndarray


def stationary(objective, params: Params, *, tolerance: float = 1e-15, max_steps: int = 200) -> Stationary:
    """Minimise a smooth objective of up to about a thousand parameters from `params`.

    Newton with absolute curvatures (so that a saddle is left downhill) and the least of a few of Levenberg's
    dampings with which the objective falls. Ends at a gradient norm of `tolerance`, after
    `max_steps`, or where no step helps any more, as rounding makes it: look at `gradient_norm`. Train a
    network by `train` first: far from a minimum each step costs a Hessian and gains little. Jit and vmap as
    any function.
    """
    start, unravel = ravel_pytree(params)

    def value(x):
        return objective(unravel(x))

    gradient, hessian = jax.grad(value), jax.hessian(value)

    def step(state):
        x, g, count, _ = state
        curvature, basis = jnp.linalg.eigh(hessian(x))
        size = jnp.abs(curvature)
        largest = jnp.max(size)
        here, slopes = value(x), basis.T @ g

        def tried(damping):
            bend = size + damping * largest
            along = jnp.where(size > FLAT * largest, slopes / jnp.where(bend > 0, bend, 1.0), 0.0)
            there = x - basis @ along
            change, after = value(there) - here, gradient(there)
            # at rounding level the objective no longer tells: go on as long as the gradient falls
            level = jnp.abs(change) <= 1e-14 * jnp.abs(here)
            falls = jnp.linalg.norm(after) < jnp.linalg.norm(g)
            return there, after, jnp.where(level, falls, change < 0)

        there, after, helps = jax.lax.map(tried, DAMPINGS)
        first = jnp.argmax(helps)
        better = helps[first]
        return jnp.where(better, there[first], x), jnp.where(better, after[first], g), count + 1, ~better

    def goes_on(state):
        _, g, count, stuck = state
        return (jnp.linalg.norm(g) > tolerance) & (count < max_steps) & ~stuck

    x, g, count, _ = jax.lax.while_loop(goes_on, step, (start, gradient(start), 0, False))
    return Stationary(unravel(x), jnp.linalg.norm(g), count)
