"""Trees against a plain reading of the chunk convention, token by token."""

from collections import Counter

import numpy as np
import pytest

import compression_sim as cs
from compression_sim.trees import union_of_leaves


def slow_leaves(responses, depth):
    """Every chunk as (tokens, ends in EOS), by the convention's own words."""
    for response in responses:
        response = tuple(int(token) for token in response)
        for start in range(0, len(response) // depth * depth, depth):
            yield response[start : start + depth], False
        yield response[len(response) // depth * depth :], True


def slow_bits(record: bytes):
    return [int(bit) for byte in record for bit in f"{byte:08b}"]


def leaves_of(tree):
    return [
        (tuple(tokens.tolist()), bool(eos))
        for tokens, eos in zip(tree.leaf_tokens, tree.leaf_is_eos, strict=True)
    ]


@pytest.mark.parametrize("depth", [1, 2, 3, 5, 8, 13, 31, 32])
def test_leaves_are_the_chunks_of_the_convention(depth):
    rng = np.random.default_rng(depth)
    responses = [rng.integers(0, 2, rng.integers(0, 4 * depth + 1)) for _ in range(60)] + [[]]
    tree = cs.TokenTree.from_sequences(responses, depth)
    expected = Counter(slow_leaves(responses, depth))
    assert leaves_of(tree) == sorted(expected)  # tuples sort by tokens, EOS never ties
    assert tree.leaf_counts.tolist() == [expected[leaf] for leaf in leaves_of(tree)]
    assert tree.num_tokens == sum(map(len, responses))
    assert tree.num_responses == len(responses)
    assert tree.num_chunks == sum(len(response) // depth + 1 for response in responses)
    in_order = [leaves_of(tree)[leaf] for leaf in tree.chunk_leaves]
    assert in_order == list(slow_leaves(responses, depth))
    for decoded, response in zip(tree.decode(tree.chunk_leaves), responses, strict=True):
        assert decoded.tolist() == list(response)


@pytest.mark.parametrize("records", [b"\n", b"\n\n", b"ab", None])
@pytest.mark.parametrize("data", [b"ab\n\ncd\n", b"\n", b"\n\n\n", b"x", bytes(range(256)) * 3, b"aababb"])
def test_records_split_as_bytes_do(data, records):
    parts = [data] if records is None else data.split(records)
    if records is not None and parts[-1] == b"":
        parts.pop()
    expected = Counter(slow_leaves(map(slow_bits, parts), 11))
    tree = cs.TokenTree.from_bytes(data, 11, records)
    assert dict(zip(leaves_of(tree), tree.leaf_counts.tolist(), strict=True)) == expected
    assert tree.num_responses == len(parts)


@pytest.mark.parametrize("depth", [1, 3, 7, 16])
def test_pruning_merges_what_shares_the_first_tokens(depth):
    rng = np.random.default_rng(depth)
    responses = [rng.integers(0, 2, rng.integers(0, 40)) for _ in range(80)]
    tree = cs.TokenTree.from_sequences(responses, 16)
    expected = Counter((tokens[:depth], len(tokens) < depth) for tokens, _ in slow_leaves(responses, 16))
    pruned = tree.prune(depth)
    assert dict(zip(leaves_of(pruned), pruned.leaf_counts.tolist(), strict=True)) == expected
    assert pruned.num_chunks == tree.num_chunks


def test_the_union_of_trees_is_the_pooled_tree():
    rng = np.random.default_rng(0)
    parts = [[rng.integers(0, 2, rng.integers(0, 20)) for _ in range(n)] for n in (5, 9, 30)]
    trees = [cs.TokenTree.from_sequences(part, 4) for part in parts]
    pooled = cs.TokenTree.from_sequences([response for part in parts for response in part], 4)
    volumes = np.array([tree.num_chunks for tree in trees])
    joint = volumes @ union_of_leaves(trees) / volumes.sum()
    np.testing.assert_allclose(joint, pooled.leaf_probabilities, rtol=1e-14)
