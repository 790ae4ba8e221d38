"""Fitting a network to a whole distribution: Gauss-Newton, solved among the responses."""

import numpy as np

from ..models.base import Model, Params, jax, jnp
from .stationary import Stationary

DAMPINGS = np.array([1e-12, 1e-9, 1e-6, 1e-4, 1e-3, 1e-2, 1e-1, 1.0, 10.0, 1e3])


def fit(
    model: Model, target, params: Params, *, tolerance: float = 1e-15, max_steps: int = 200
) -> Stationary:
    """Minimise the mean code length of `target` (prompts, responses; sum 1) from `params`.

    Natural-gradient steps (J'FJ + damping) d = J'(target - model), F the Fisher information of the responses;
    the system solved has the size of the responses, so that networks with many more parameters cost little.
    Converges quadratically where the model can represent the target, linearly elsewhere. The gradient norm
    tells how far it came; that the point is a global minimum is nowhere said. Jit and vmap as any function.
    """
    target = jnp.asarray(target)
    shape, weights = target.shape, jnp.sum(target, axis=1)
    start, unravel = jax.flatten_util.ravel_pytree(params)

    def logs(x):
        return model.log_probabilities(unravel(x)).ravel()

    def value(x):
        return -jnp.sum(target.ravel() * logs(x))

    gradient = jax.grad(value)

    def step(state):
        x, norm, count, _ = state
        jacobian, here = jax.jacrev(logs)(x), value(x)
        p = jnp.exp(logs(x)).reshape(shape)
        missing = (target - weights[:, None] * p).ravel()
        rows = weights[:, None, None] * (p[:, :, None] * jnp.eye(shape[1]) - p[:, :, None] * p[:, None, :])
        kernel = (jacobian @ jacobian.T).reshape(*shape, -1)
        bend = jnp.einsum("cxy,cyj->cxj", rows, kernel).reshape(target.size, -1)
        scale = jnp.trace(bend) / target.size

        def tried(damping):
            solved = jnp.linalg.solve(bend + damping * scale * jnp.eye(target.size), missing)
            there = x + jacobian.T @ solved
            change, after = value(there) - here, jnp.linalg.norm(gradient(there))
            level = jnp.abs(change) <= 1e-14 * jnp.abs(here)
            return there, after, jnp.where(level, 0.0, change), jnp.where(level, after < norm, change < 0)

        there, after, change, helps = jax.lax.map(tried, DAMPINGS)
        # the deepest fall; where rounding hides the falls, the smallest gradient
        best = jnp.argmin(jnp.where(helps, jnp.where(jnp.any(change < 0), change, after), jnp.inf))
        better = helps[best]
        return jnp.where(better, there[best], x), jnp.where(better, after[best], norm), count + 1, ~better

    def goes_on(state):
        _, norm, count, stuck = state
        return (norm > tolerance) & (count < max_steps) & ~stuck

    first = (start, jnp.linalg.norm(gradient(start)), 0, False)
    x, norm, count, _ = jax.lax.while_loop(goes_on, step, first)
    return Stationary(unravel(x), norm, count)
