"""Compiled programs over seeds: one trace per shape, memory bounded by chunks of seeds."""

from collections.abc import Callable

import numpy as np

from ...models.base import jax

CHUNK = 40  # seeds at once


def over_seeds(program: Callable, *trees, chunk: int = CHUNK):
    """program(*trees) with all arrays (seeds, ...) given and returned, at most `chunk` seeds at a time.

    Chunks have one shape, so that the program compiles once; the last is filled up with seeds that were done.
    """
    seeds = len(jax.tree.leaves(trees)[0])
    size, parts = min(seeds, chunk), []
    for start in range(0, seeds, size):  # a loop over chunks; within, all seeds at once
        rows = np.arange(start, start + size) % seeds
        part = program(*jax.tree.map(lambda x: x[rows], trees))  # noqa: B023
        parts.append(jax.tree.map(np.asarray, part))
    return jax.tree.map(lambda *x: np.concatenate(x)[:seeds], *parts)
