"""Where random numbers come from: a generator for a cell of work, the same alone as among others."""

import json
from hashlib import sha256

import numpy as np

from ._validation import integer

LARGEST_SEED = 2**63 - 1  # what every file can hold


def checked_seed(seed) -> int:
    """`seed` as an int in 0..2^63 - 1; raises ValueError."""
    return integer(seed, "seed", 0, LARGEST_SEED)


def generator(seed: int, *cell: str | int | float) -> np.random.Generator:
    """A generator that depends on the seed and the cell only."""
    words = np.frombuffer(sha256(json.dumps(cell).encode()).digest(), np.uint32)
    return np.random.default_rng([seed, *words.tolist()])
