"""Training to the end: damped Newton steps on all parameters, with the gradient norm reported.

Directions in which the objective is flat (a softmax's gauge) are left alone: a pseudo-inverse.
"""

from typing import NamedTuple

from jax.flatten_util import ravel_pytree

from ..models.base import Params, jax, jnp


class Stationary(NamedTuple):
    """Where training ended, how large the gradient still is (Euclidean norm), and after how many steps."""

    params: Params
    gradient_norm: jnp.ndarray
    steps: jnp.ndarray


def stationary(objective, params: Params, *, tolerance: float = 1e-12, max_steps: int = 200) -> Stationary:
    """Minimise a smooth objective of up to a few thousand parameters from `params`.

    Newton with absolute curvatures (so that a saddle is left downhill) and a halved step until the objective
    does not rise. Ends at a gradient norm of `tolerance`, or where no step helps any more: look at
    `gradient_norm`. Jit and vmap as any function.
    """
    start, unravel = ravel_pytree(params)

    def value(x):
        return objective(unravel(x))

    gradient, hessian = jax.grad(value), jax.hessian(value)

    def step(state):
        x, g, count, _ = state
        curvature, basis = jnp.linalg.eigh(hessian(x))
        size = jnp.abs(curvature)
        keep = size > 1e-13 * jnp.max(size)
        direction = -basis @ jnp.where(keep, basis.T @ g / jnp.where(keep, size, 1.0), 0.0)
        here = value(x)

        def too_far(scale):
            rises = value(x + scale * direction) > here + 1e-15 * jnp.abs(here)
            return (rises | ~jnp.isfinite(value(x + scale * direction))) & (scale > 1e-10)

        scale = jax.lax.while_loop(too_far, lambda s: s / 2, 1.0)
        moved = x + scale * direction
        after = gradient(moved)
        # at rounding level the objective no longer tells: go on as long as the gradient falls
        better = (value(moved) < here) | (jnp.linalg.norm(after) < jnp.linalg.norm(g))
        x, g = jnp.where(better, moved, x), jnp.where(better, after, g)
        return x, g, count + 1, ~better

    def goes_on(state):
        _, g, count, stuck = state
        return (jnp.linalg.norm(g) > tolerance) & (count < max_steps) & ~stuck

    x, g, count, _ = jax.lax.while_loop(goes_on, step, (start, gradient(start), 0, False))
    return Stationary(unravel(x), jnp.linalg.norm(g), count)
