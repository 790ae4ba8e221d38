"""Gradient descent and gradient flow as pure functions that jit and vmap over data, rates and seeds."""

from collections.abc import Callable

import optax

from ..models.base import Params, jax, jnp


def flow(step) -> optax.GradientTransformationExtraArgs:
    """Gradient flow in the place of an optimizer: theta' = -gradient, a step by Runge and Kutta (RK4).

    `step`: the time that passes in a step, a number or a schedule; the error falls with its fourth power.
    """

    def update(k1, count, params, *, slope, **_):
        dt = step(count) if callable(step) else step

        def ahead(slopes, time):
            return slope(jax.tree.map(lambda x, g: x - time * g, params, slopes))

        k2 = ahead(k1, dt / 2)
        k3 = ahead(k2, dt / 2)
        k4 = ahead(k3, dt)
        mean = jax.tree.map(lambda a, b, c, d: -dt * (a + 2 * b + 2 * c + d) / 6, k1, k2, k3, k4)
        return mean, count + 1

    return optax.GradientTransformationExtraArgs(lambda params: jnp.zeros((), jnp.int32), update)


def stepper(objective: Callable, optimizer: optax.GradientTransformation) -> Callable:
    """One step, (params, optimizer state, *key) -> (params, optimizer state), of objective(params, *key)."""
    optimizer = optax.with_extra_args_support(optimizer)

    def step(params, state, *key):
        def slope(at):
            return jax.grad(objective)(at, *key)

        updates, state = optimizer.update(slope(params), state, params, slope=slope)
        return optax.apply_updates(params, updates), state

    return step


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
    fold_in(key, i), so a run of the same key is the same run. `optimizer`: any of optax, or `flow`. `steps`
    must be a multiple of `records`.
    """
    if steps % records:
        raise ValueError(f"steps must be a multiple of records, got {steps} and {records}")
    step = stepper(objective, optimizer)

    def one(carry, index):
        return step(*carry, *(() if key is None else (jax.random.fold_in(key, index),))), None

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
    """theta' = -grad objective from time 0: records at ascending `times` (m,), and the last state.

    `substeps` steps of `flow` between two recorded times.
    """

    def interval(params, span):
        params, _ = train(objective, params, flow(span / substeps), substeps, record=lambda _: None)
        return params, record(params)

    times = jnp.asarray(times)
    return jax.lax.scan(interval, params, jnp.diff(times, prepend=0.0))
