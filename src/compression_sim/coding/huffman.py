"""Huffman code lengths by the canonical rule, the range over all optimal codes, and canonical codewords."""

import numpy as np

from .._validation import nonnegative_array, probability_rows, real_array


def huffman_code_lengths(weights) -> np.ndarray:
    """Lengths of the canonical Huffman code: (leaves,) -> (leaves,) int64, bits.

    Of the optimal codes it is the one of two queues over a stable ascending sort, the leaf first on ties,
    which has the least maximum length and variance. Weights need not sum to 1. Leaves of weight 0 never occur
    and are left out of the code: they get length 0, as does a leaf that is alone. Raises ValueError for
    weights that are negative, not finite, all 0 or not one-dimensional.
    """
    weights = _weights(weights)
    lengths = np.zeros(len(weights), np.int64)
    occurs = np.flatnonzero(weights)
    lengths[occurs] = _two_queues(weights[occurs])
    return lengths


def optimal_length_range(weights, p) -> tuple[np.ndarray, np.ndarray]:
    """(least, largest) mean length that a dataset pays over all codes that are optimal for `weights`.

    `p`: (..., leaves), the datasets' leaf distributions; both results have shape (...), bits. Exact for
    weights whose sums are exact in floating point, as counts are: whether two codes tie depends on that.
    Raises ValueError as `huffman_code_lengths` does, and for mass where the weights have none.
    """
    weights, p = _weights(weights), probability_rows(p, "p")
    if p.shape[-1] != len(weights):
        raise ValueError(f"p must have one entry per weight ({len(weights)}), got shape {p.shape}")
    occurs = np.flatnonzero(weights)
    rows = p.reshape(-1, p.shape[-1])
    if (rows.sum(axis=1) > rows[:, occurs].sum(axis=1)).any():
        raise ValueError("p must have no mass where the weights are 0: no codeword is there")
    # Huffman's algorithm minimises in any ordered group: complex numbers are ordered by real, then imaginary
    # part, so w + ip breaks the ties of w by the dataset's mass, w - ip against it.
    ends = [
        [row[occurs] @ _two_queues(weights[occurs] + sign * row[occurs]) for row in rows]
        for sign in (1j, -1j)
    ]
    low, high = (np.array(end).reshape(p.shape[:-1]) for end in ends)
    return low, high


def canonical_codewords(lengths) -> list[str]:
    """The canonical prefix code with these lengths: a list of strings of 0 and 1, "" for length 0.

    Codewords ascend with (length, index). Raises ValueError for lengths that are no non-negative integers or
    break Kraft's inequality.
    """
    given = real_array(lengths, "lengths", ndim=1)
    if not ((given >= 0) & (given == np.floor(given)) & np.isfinite(given)).all():
        raise ValueError("lengths must be non-negative integers")
    lengths = [int(length) for length in given]
    words, code, previous = [""] * len(lengths), 0, 0
    for index in sorted((i for i, length in enumerate(lengths) if length), key=lambda i: (lengths[i], i)):
        code <<= lengths[index] - previous
        previous = lengths[index]
        if code >> previous:
            raise ValueError("lengths must satisfy Kraft's inequality, sum 2^-length <= 1")
        words[index] = format(code, f"0{previous}b")
        code += 1
    return words


def _weights(weights):
    weights = nonnegative_array(weights, "weights", ndim=1)
    if not weights.any():
        raise ValueError("weights must not be all 0")
    return weights


def _two_queues(weights):
    """Depths of the leaves in the tree of the two-queue rule, merged in batches.

    Everything at or under the sum of the two smallest is merged before any node made from now on, so it is
    paired at once. The bound grows at least by half each round: rounds are bounded by the float range.
    """
    n = len(weights)
    order = np.argsort(weights, kind="stable")
    leaves = weights[order]
    if leaves[-1].real > 1e290:  # their sum must stay finite; a power of two keeps every ratio
        leaves = leaves * 2.0**-64
    inner = np.empty(max(n - 1, 0), leaves.dtype)
    parent = np.zeros(2 * n - 1, np.int64)  # leaves in sorted order, then inner nodes in order of creation
    rounds = []
    i = j = m = 0  # heads of both queues, inner nodes made
    while m < n - 1:
        heads = np.sort(np.concatenate([leaves[i : i + 2], inner[j : min(j + 2, m)]]))
        cut = heads[0] + heads[1]
        a = int(np.searchsorted(leaves[i:], cut, side="right"))
        b = int(np.searchsorted(inner[j:m], cut, side="right"))
        if (a + b) % 2:  # the last in line waits for the next round
            if b and (a == 0 or inner[j + b - 1] >= leaves[i + a - 1]):
                b -= 1
            else:
                a -= 1
        left, right = leaves[i : i + a], inner[j : j + b]
        place_left = np.arange(a) + np.searchsorted(right, left, side="left")  # the leaf first on ties
        place_right = np.arange(b) + np.searchsorted(left, right, side="right")
        merged = np.empty(a + b, leaves.dtype)
        merged[place_left], merged[place_right] = left, right
        parent[i : i + a] = n + m + place_left // 2
        parent[n + j : n + j + b] = n + m + place_right // 2
        made = (a + b) // 2
        inner[m : m + made] = merged[0::2] + merged[1::2]
        rounds.append((i, i + a, n + j, n + j + b))
        i, j, m = i + a, j + b, m + made
    depths = np.zeros(2 * n - 1, np.int64)
    for leaf_low, leaf_high, inner_low, inner_high in reversed(rounds):
        depths[leaf_low:leaf_high] = depths[parent[leaf_low:leaf_high]] + 1
        depths[inner_low:inner_high] = depths[parent[inner_low:inner_high]] + 1
    result = np.empty(n, np.int64)
    result[order] = depths[:n]
    return result
