"""What holds of every tree, code and stream: round trips, sums, and where the bits of a stream go."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import compression_sim as cs
from compression_sim import coding
from compression_sim.coding.bitstream import quantised_weights

tokens = st.lists(st.integers(0, 1), max_size=70)
responses = st.lists(tokens, min_size=1, max_size=12)
depths = st.integers(1, 32)
separators = st.sampled_from([b"\n", b"\n\n", b"ab", None])
data = st.binary(max_size=200) | st.text("ab\n", max_size=60).map(str.encode)
weights = st.lists(st.integers(0, 2**40) | st.floats(0, 1e300), min_size=1, max_size=80).filter(any)
ARRAYS = ("leaf_keys", "chunk_leaves", "response_offsets")


def assert_same(one, two):
    for name in ARRAYS:
        assert getattr(one, name).tolist() == getattr(two, name).tolist()
    assert (one.depth, one.num_tokens) == (two.depth, two.num_tokens)


@given(responses, depths)
def test_leaves_spell_the_responses(responses, depth):
    tree = cs.TokenTree.from_sequences(responses, depth)
    assert [r.tolist() for r in tree.decode(tree.chunk_leaves)] == responses
    assert tree.leaf_counts.sum() == tree.num_chunks == tree.response_offsets[-1]
    assert all(a < b for a, b in pairwise(tree.leaf_keys.tolist()))
    assert (tree.leaf_counts > 0).all()
    assert tree.leaf_counts[tree.leaf_is_eos].sum() == tree.num_responses
    assert tree.leaf_layers.tolist() == np.where(tree.leaf_is_eos, tree.leaf_lengths + 1, depth).tolist()


@given(responses, depths, st.data())
def test_pruning_in_steps_is_pruning_at_once(responses, depth, draw):
    tree = cs.TokenTree.from_sequences(responses, depth)
    middle = draw.draw(st.integers(1, depth))
    low = draw.draw(st.integers(1, middle))
    assert_same(tree.prune(low), tree.prune(middle).prune(low))
    assert_same(tree.prune(depth), tree)


@given(responses, depths, st.data())
def test_reweighted_counts_are_the_counts_of_repeated_responses(responses, depth, draw):
    tree = cs.TokenTree.from_sequences(responses, depth)
    times = draw.draw(st.lists(st.integers(0, 3), min_size=len(responses), max_size=len(responses)))
    counts = tree.reweighted_counts([times, [1] * len(times)])
    assert counts[1].tolist() == tree.leaf_counts.tolist()
    repeated = [r for r, n in zip(responses, times, strict=True) for _ in range(n)]
    expected = dict.fromkeys(tree.leaf_keys.tolist(), 0)
    if repeated:
        again = cs.TokenTree.from_sequences(repeated, depth)
        expected |= dict(zip(again.leaf_keys.tolist(), again.leaf_counts.tolist(), strict=True))
    assert counts[0].tolist() == list(expected.values())


@given(st.lists(responses, min_size=1, max_size=4), depths)
def test_pooling_is_the_tree_of_all_responses(parts, depth):
    pooled = cs.TokenTree.pool([cs.TokenTree.from_sequences(part, depth) for part in parts])
    assert_same(pooled, cs.TokenTree.from_sequences([r for part in parts for r in part], depth))


@given(data.filter(bool), depths, separators)
def test_bytes_and_their_bits_have_one_tree(data, depth, records):
    parts = [data] if records is None else data.split(records)
    parts = parts[:-1] if records is not None and parts[-1] == b"" else parts
    bits = [np.unpackbits(np.frombuffer(part, np.uint8)) for part in parts]
    assert_same(cs.TokenTree.from_bytes(data, depth, records), cs.TokenTree.from_sequences(bits, depth))


@given(weights)
def test_huffman_code_is_complete_and_near_entropy(weights):
    weights = np.array(weights, float)
    lengths, p = cs.huffman_code_lengths(weights), weights / weights.max()
    occurs = weights > 0
    assert (lengths[~occurs] == 0).all()
    words = [word for word, o in zip(coding.canonical_codewords(lengths), occurs, strict=True) if o]
    if occurs.sum() > 1:
        longest = int(lengths.max())
        assert sum(2 ** (longest - length) for length in lengths[occurs].tolist()) == 2**longest
        assert not any(b.startswith(a) for a, b in pairwise(sorted(words)))
    p = p / p.sum()
    mean, entropy = coding.mean_code_length(p, lengths), cs.entropy(p)
    assert entropy - 1e-9 <= mean <= entropy + 1
    order = np.argsort(weights[occurs], kind="stable")
    assert (np.diff(lengths[occurs][order]) <= 0).all()  # a likelier leaf is never longer


@given(data, depths, separators)
def test_any_bytes_survive_the_stream(data, depth, records):
    code = coding.encode(data, depth, records)
    assert coding.decode(code.blob) == data
    assert code.header_bits + code.stream.bits == 8 * len(code.blob)
    if data:
        tree = cs.TokenTree.from_bytes(data, depth, records)
        model = coding.LeafModel.of(tree, cs.TokenTree.from_bytes(b"another\ndataset", depth))
        assert coding.decode(coding.encode(data, records=records, model=model).blob, model) == data


@given(st.integers(1, 300), st.integers(0, 3000), st.integers(0, 2**32), st.floats(0.05, 3))
def test_every_bit_of_a_stream_is_accounted_for(leaves, chunks, seed, alpha):
    rng = np.random.default_rng(seed)
    p = rng.pareto(alpha, leaves) + 1e-9
    p /= p.sum()
    drawn = rng.choice(leaves, chunks, p=p)
    stream = coding.encode_leaves(drawn, p)
    assert coding.decode_leaves(stream.words, chunks, p).tolist() == drawn.tolist()
    parts = (stream.ideal_bits, stream.quantisation_bits, stream.truncation_bits, stream.termination_bits)
    assert sum(parts) == pytest.approx(stream.bits, abs=1e-6)
    assert stream.ideal_bits == pytest.approx(cs.ideal_code_lengths(p)[drawn].sum(), rel=1e-9, abs=1e-9)
    units = quantised_weights(p)
    rounded = np.sum(24 - np.log2(units[drawn]))
    assert stream.ideal_bits + stream.quantisation_bits == pytest.approx(rounded, rel=1e-9, abs=1e-9)
    assert -1e-6 <= stream.truncation_bits <= chunks * np.log2(256 / 255) + 1e-6
    assert 0 <= stream.termination_bits <= 64


@given(weights)
@example([5e-324])
def test_quantised_weights_round_by_less_than_a_unit(weights):
    units, p = quantised_weights(weights), np.array(weights, float) / max(weights)
    p = p / p.sum() * 2**24
    assert units.sum() == 2**24
    assert units.min() >= 1
    rare = np.maximum(1 - p, 0).sum()  # units that leaves rarer than one are given, at the others' cost
    assert (units <= np.maximum(p, 1) + 1).all()
    assert (units >= p * (1 - (rare + len(p)) / 2**24) - 1).all()
