"""Cell-updates per second and memory of `training.train` under vmap, beside plain jax, over the same runs.

A cell is one run (a seed at a learning rate); an update is one full-batch step of gradient descent on it.
Two peers without this package's training and without optax: the program that one would write by hand
(lax.scan under vmap), and a Python loop that calls one jitted update step by step, run by run.

    PYTHONPATH=src python benchmarks/training.py
"""

import time

import numpy as np
import optax

from compression_sim import models, training
from compression_sim.models.base import jax, jnp

SEEDS, RATES, STEPS, REPEATS = 32, np.logspace(-2, 0, 8), 200, 50
MODEL = models.TabularSoftmax(4, 8)


def ours(start, law, rate):
    """A run by `training.train`."""
    objective = training.sft(MODEL, law)
    return training.train(objective, start, optax.sgd(rate), STEPS, record=lambda _: 0.0)[0]


def cross_entropy(params, law):
    """The loss, written out."""
    return -jnp.sum(law * jax.nn.log_softmax(params, axis=1))


def by_hand(start, law, rate):
    """The same run in plain jax."""

    def step(params, _):
        return params - rate * jax.grad(cross_entropy)(params, law), None

    return jax.lax.scan(step, start, length=STEPS)[0]


@jax.jit
def update(params, law, rate):
    """One step of the loop."""
    return params - rate * jax.grad(cross_entropy)(params, law)


def loop(starts, laws, rates):
    """All runs, each update a call."""
    ends = []
    for start, law in zip(starts, laws, strict=True):
        for rate in rates:
            params = start
            for _ in range(STEPS):
                params = update(params, law, rate)
            ends.append(params)
    return jnp.stack(ends).reshape(len(starts), len(rates), *starts.shape[1:])


def program(run, *args):
    """All runs as one compiled program, and the bytes that it takes beside its input."""
    grid = jax.vmap(jax.vmap(run, (None, None, 0)), (0, 0, None))
    compiled = jax.jit(grid).lower(*args).compile()
    memory = compiled.memory_analysis()
    return compiled, memory.temp_size_in_bytes + memory.output_size_in_bytes


def seconds(function, *args) -> float:
    """Of one call, the result awaited."""
    begin = time.perf_counter()
    jax.block_until_ready(function(*args))
    return time.perf_counter() - begin


def main():
    """Print updates per second and memory, and their ratios."""
    laws = jnp.asarray(np.random.default_rng(0).dirichlet(np.ones(32), SEEDS).reshape(SEEDS, 4, 8))
    args = jnp.zeros((SEEDS, 4, 8)), laws, jnp.asarray(RATES)
    (one, size), (hand, hand_size) = (program(run, *args) for run in (ours, by_hand))
    names = {"training.train, vmapped": one, "scan and vmap by hand": hand, "plain loop": loop}
    ends = [function(*args) for function in names.values()]  # the loop compiles here
    for end in ends[1:]:
        np.testing.assert_allclose(ends[0], end, rtol=1e-10, atol=1e-12)
    # turns, so that a busy machine slows both down; the loop is slow enough once
    turns = [(seconds(one, *args), seconds(hand, *args)) for _ in range(REPEATS)]
    spent = [*np.min(turns, axis=0), seconds(loop, *args)]
    for name, taken in zip(names, spent, strict=True):
        print(f"{name:<25}{SEEDS * len(RATES) * STEPS / taken:>12,.0f} cell-updates/s")
    print(f"over the best plain jax  {spent[1] / spent[0]:>12.2f}  in speed, best of {REPEATS} turns")
    print(f"                         {size / hand_size:>12.2f}  in memory ({size:,} and {hand_size:,} bytes)")
    print(f"over the plain loop      {spent[2] / spent[0]:>12.1f}  in speed")
    print(f"on {jax.devices()[0].platform}, jax {jax.__version__}, {jnp.zeros(0).dtype}; without compilation")


if __name__ == "__main__":
    main()
