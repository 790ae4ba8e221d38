"""Every complete prefix code on a few labelled leaves, by enumeration."""

from functools import cache
from itertools import permutations

import numpy as np


@cache
def complete_codes(leaves):
    """Every length vector of a complete binary code (Kraft's sum 1): an array, one code a row."""
    shapes = {(0,)}
    for _ in range(leaves - 1):
        shapes = {
            tuple(sorted(shape[:at] + shape[at + 1 :] + (length + 1, length + 1)))
            for shape in shapes
            for at, length in enumerate(shape)
        }
    return np.array(sorted({code for shape in shapes for code in permutations(shape)}))
