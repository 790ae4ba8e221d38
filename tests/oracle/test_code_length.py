"""Huffman lengths against a heap, constriction and all codes; the other lengths against their definitions."""

import heapq
from fractions import Fraction
from itertools import count, permutations
from math import log2

import constriction
import mpmath
import numpy as np
import pytest
import scipy.stats

import compression_sim as cs
from compression_sim import coding
from compression_sim.coding import bitstream


def heap_lengths(weights):
    """The textbook rule one merge at a time: smallest first, on ties leaves in order, then nodes in order."""
    order, parent = count(), {}
    heap = [(w, 0, leaf) for leaf, w in enumerate(weights) if w > 0]
    heapq.heapify(heap)
    while len(heap) > 1:
        (a, *left), (b, *right), node = heapq.heappop(heap), heapq.heappop(heap), [1, next(order)]
        parent[tuple(left)] = parent[tuple(right)] = tuple(node)
        heapq.heappush(heap, (a + b, *node))

    def depth(node):
        return depth(parent[node]) + 1 if node in parent else 0

    return [depth((0, leaf)) for leaf in range(len(weights))]


def complete_codes(leaves):
    codes = {(0,)}
    for _ in range(leaves - 1):
        codes = {code[:i] + (code[i] + 1,) * 2 + code[i + 1 :] for code in codes for i in range(len(code))}
    return np.array(sorted({p for code in codes for p in permutations(code)}))


LAWS = {
    "few distinct": lambda rng, n: rng.integers(0, 6, n),
    "Pareto": lambda rng, n: rng.pareto(0.7, n) + 1,
    "equal": lambda rng, n: np.ones(n),
    "wide": lambda rng, n: 10.0 ** rng.uniform(-300, 300, n),
    "doubling": lambda rng, n: 2.0 ** np.arange(n),
    "Fibonacci": lambda rng, n: np.array([((1 + 5**0.5) / 2) ** (i + 1) / 5**0.5 for i in range(n)]).round(),
    "subnormal": lambda rng, n: 5e-324 * rng.integers(1, 5, n),
    "huge": lambda rng, n: 1.7e308 * (1 - 0.5 * rng.random(n)),
}


@pytest.mark.parametrize("law", LAWS)
def test_huffman_is_the_sequential_rule_ties_included(law):
    rng = np.random.default_rng(sum(map(ord, law)))
    for _ in range(60):
        weights = LAWS[law](rng, int(rng.integers(2, 90)))
        if np.any(weights):
            exact = weights.tolist() if law != "huge" else (weights * 2.0**-64).tolist()
            assert cs.huffman_code_lengths(weights).tolist() == heap_lengths(exact)


@pytest.mark.parametrize("size", [2**k + off for k in (1, 5, 10, 14) for off in (-1, 0, 1)])
def test_huffman_costs_what_constriction_s_tree_costs(size):
    p = np.random.default_rng(size).pareto(1.5, size) + 1
    p /= p.sum()
    leaves = np.random.default_rng(0).choice(size, 300, p=p)
    encoder = constriction.symbol.QueueEncoder()
    book = constriction.symbol.huffman.EncoderHuffmanTree(p)
    for leaf in leaves.tolist():
        encoder.encode_symbol(leaf, book)
    assert cs.huffman_code_lengths(p)[leaves].sum() == encoder.get_compressed()[1]  # no ties: one code


@pytest.mark.parametrize("seed", range(40))
def test_huffman_and_its_range_against_all_codes(seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 7))
    weights, p = rng.integers(1, 6, n), rng.dirichlet(np.ones(n), 3)
    codes = complete_codes(n)
    cost = codes @ weights
    optimal = codes[cost == cost.min()]
    lengths = cs.huffman_code_lengths(weights)
    assert lengths @ weights == cost.min()
    assert lengths.max() == optimal.max(axis=1).min()  # least maximum length
    spread = (optimal**2) @ weights
    assert lengths**2 @ weights == spread.min()  # least variance: the mean is common
    low, high = coding.optimal_length_range(weights, p)
    np.testing.assert_allclose(low, (p @ optimal.T).min(axis=1), rtol=1e-12)
    np.testing.assert_allclose(high, (p @ optimal.T).max(axis=1), rtol=1e-12)


def test_the_example_of_ties():
    joint, minority = [2, 2, 1, 1], [0.1, 0.2, 0.3, 0.4]
    assert cs.huffman_code_lengths(joint).tolist() == [2, 2, 2, 2]
    np.testing.assert_allclose(coding.optimal_length_range(joint, minority), [2.0, 2.6])


@pytest.mark.parametrize("seed", range(20))
def test_shannon_lengths_are_exact_where_a_logarithm_is_not(seed):
    rng = np.random.default_rng(seed)
    counts = rng.integers(0, 40, 16)
    counts[0] += 1024 - counts.sum()  # masses in units of 2^-10: exact in floating point
    p = counts / 1024
    lengths = cs.shannon_code_lengths(p)
    for mass, length in zip(counts.tolist(), lengths.tolist(), strict=True):
        if mass == 0:
            assert length == np.inf
        else:  # the least length with 2^-length <= mass
            assert Fraction(1, 2 ** int(length)) <= Fraction(mass, 1024) < Fraction(2, 2 ** int(length))


def test_ideal_lengths_are_exact_near_one():
    lengths = cs.ideal_code_lengths([1.0, 1e-300, 0.0])
    np.testing.assert_allclose(lengths, [1e-300 / np.log(2), -log2(1e-300), np.inf], rtol=1e-14)


def test_entropies_are_scipy_s_where_scipy_is_accurate():
    rng = np.random.default_rng(0)
    p, q = rng.dirichlet(np.ones(20), (2, 3, 4))
    np.testing.assert_allclose(cs.entropy(p), scipy.stats.entropy(p, base=2, axis=-1), rtol=1e-12)
    kl = scipy.stats.entropy(p, q, base=2, axis=-1)
    np.testing.assert_allclose(cs.kl_divergence(p, q), kl, rtol=1e-12)
    np.testing.assert_allclose(cs.cross_entropy(p, q), cs.entropy(p) + kl, rtol=1e-12)
    np.testing.assert_allclose(
        cs.cross_entropy(p[0, 0], q), cs.cross_entropy(np.broadcast_to(p[0, 0], q.shape), q)
    )


@pytest.mark.parametrize("scale", [1e-14, 1e-10, 1e-6, 1e-3, 0.1, 3.0])
@pytest.mark.parametrize("widest", [3, 300])
def test_kl_of_near_and_far_masses_to_fifty_digits(scale, widest):
    """Rows are divided by their exact sums: what rounding did to a sum must not count as divergence."""
    rng = np.random.default_rng([widest, int(-10 * np.log10(scale)) + 100])
    with mpmath.workdps(700):
        for _ in range(30):
            n = int(rng.integers(1, 12))
            p = 10.0 ** rng.uniform(-widest, 0, n)
            p /= p.sum()
            q = p * np.exp(np.clip(scale * rng.standard_normal(n), -9, 9))
            q *= (
                rng.choice([1, 1 + 1e-10]) / q.sum()
            )  # a sum may miss 1 by 1e-9: at 1e-14 that cancels 4 digits
            if q.min() < 1e-306:
                continue
            P, Q = ([mpmath.mpf(float(v)) for v in row] for row in (p, q))
            P, Q = ([v / mpmath.fsum(row) for v in row] for row in (P, Q))
            exact = mpmath.fsum(a * mpmath.log(a / b, 2) for a, b in zip(P, Q, strict=True))
            assert cs.kl_divergence(p, q) == pytest.approx(float(exact), rel=1e-10, abs=1e-300)


def test_the_coder_works_with_exactly_the_weights_that_are_accounted_for():
    p = np.random.default_rng(0).pareto(0.4, 40)
    units = bitstream.quantised_weights(p)
    for leaf in range(40):
        encoder = constriction.stream.queue.RangeEncoder()
        encoder.encode(np.array([leaf], np.int32), bitstream._coder_model(units))
        done, (_, width) = encoder.pos()
        assert (done, width) == (0, (2**40 - 1) * int(units[leaf]))
