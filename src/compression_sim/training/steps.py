"""Gradient descent and gradient flow as pure functions that jit and vmap over data, rates and seeds."""

from collections.abc import Callable

import optax

from ..models.base import Params, jax, jnp


def train(
    objective: Callable,
    params: Params,
    optimizer: optax.GradientTransformation,
    steps: int,
    *,
    key=None,
    records: int = 1,
    record: Callable[[Params], object] = lambda params: params,
):
    """`steps` optimizer steps; (parameters, record at `records` even intervals, the start not included).

    objective(params), or objective(params, key) where a `key` is given: step i draws its minibatch from
    fold_in(key, i), so a run of the same key is the same run. `steps` must be a multiple of `records`.
    """
    if steps % records:
        raise ValueError(f"steps must be a multiple of records, got {steps} and {records}")

    def one(carry, index):
        params, state = carry
        args = (params,) if key is None else (params, jax.random.fold_in(key, index))
        updates, state = optimizer.update(jax.grad(objective)(*args), state, params)
        return (optax.apply_updates(params, updates), state), None

    def interval(carry, indices):
        carry, _ = jax.lax.scan(one, carry, indices)
        return carry, record(carry[0])

    indices = jnp.arange(steps).reshape(records, -1)
    (params, _), recorded = jax.lax.scan(interval, (params, optimizer.init(params)), indices)
    return params, recorded


def gradient_flow(
    objective: Callable[[Params], object],
    params: Params,
    times,
    substeps: int,
    *,
    record: Callable[[Params], object] = lambda params: params,
):
    """theta' = -grad objective from time 0, by RK4: records at ascending `times` (m,), and the last state.

    `substeps` Runge-Kutta steps between two recorded times: the error falls with their fourth power.
    """

    def slope(params):
        return jax.tree.map(jnp.negative, jax.grad(objective)(params))

    def move(params, slopes, amount):
        return jax.tree.map(lambda x, v: x + amount * v, params, slopes)

    def rk4(params, dt):
        k1 = slope(params)
        k2 = slope(move(params, k1, dt / 2))
        k3 = slope(move(params, k2, dt / 2))
        k4 = slope(move(params, k3, dt))
        mean = jax.tree.map(lambda a, b, c, d: (a + 2 * b + 2 * c + d) / 6, k1, k2, k3, k4)
        return move(params, mean, dt), None

    def interval(params, span):
        dts = jnp.full(substeps, span / substeps)
        params, _ = jax.lax.scan(rk4, params, dts)
        return params, record(params)

    times = jnp.asarray(times)
    return jax.lax.scan(interval, params, jnp.diff(times, prepend=0.0))
