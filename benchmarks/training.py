"""Cell-updates per second: one vmapped, scanned program against a plain jax loop, over the same runs.

A cell is one run (a seed at a learning rate); an update is one full-batch step of gradient descent on it.
The plain loop jits the same update and calls it step by step, run by run. Prints a ratio from one run:

    PYTHONPATH=src python benchmarks/training.py
"""

import time

import numpy as np
import optax

from compression_sim import models, training
from compression_sim.models.base import jax, jnp

SEEDS, RATES, STEPS = 32, np.logspace(-2, 0, 8), 200


def objective(model, law):
    """Supervised training on one law."""
    return training.sft(model, law)


def vectorised(model):
    """All runs as one program: (starts, laws) -> parameters after STEPS updates, (seeds, rates, ...)."""

    def run(start, law, rate):
        return training.train(objective(model, law), start, optax.sgd(rate), STEPS, record=lambda _: 0.0)[0]

    grid = jax.vmap(jax.vmap(run, (None, None, 0)), (0, 0, None))
    program = jax.jit(grid)
    return lambda starts, laws: program(starts, laws, jnp.asarray(RATES))


def loop(model):
    """The same runs, each update a call of one jitted function."""

    @jax.jit
    def update(params, law, rate):
        slopes = jax.grad(objective(model, law))(params)
        return jax.tree.map(lambda x, g: x - rate * g, params, slopes)

    def runs(starts, laws):
        ends = []
        for start, law in zip(starts, laws, strict=True):
            for rate in RATES:
                params = start
                for _ in range(STEPS):
                    params = update(params, law, rate)
                ends.append(params)
        return jnp.stack(ends).reshape(len(starts), len(RATES), *starts.shape[1:])

    return runs


def timed(function, *args):
    """(seconds of the second call, result): compilation is left out."""
    jax.block_until_ready(function(*args))
    begin = time.perf_counter()
    result = jax.block_until_ready(function(*args))
    return time.perf_counter() - begin, result


def main():
    """Print updates per second of both, and their ratio."""
    model = models.TabularSoftmax(4, 8)
    laws = jnp.asarray(np.random.default_rng(0).dirichlet(np.ones(32), SEEDS).reshape(SEEDS, 4, 8))
    starts = jnp.zeros((SEEDS, 4, 8))
    updates = SEEDS * len(RATES) * STEPS
    (fast, one), (slow, other) = (timed(function(model), starts, laws) for function in (vectorised, loop))
    np.testing.assert_allclose(one, other, rtol=1e-10, atol=1e-12)
    for name, seconds in (("one program", fast), ("plain loop", slow)):
        print(f"{name:<12}{updates / seconds:>12,.0f} cell-updates/s")
    print(f"ratio       {slow / fast:>12.1f}  ({jax.devices()[0].platform}, compilation included in neither)")


if __name__ == "__main__":
    main()
