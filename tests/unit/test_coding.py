"""Code lengths and streams: edge cases by hand, and what they refuse."""

import struct
import time
import zlib
from collections import Counter
from itertools import islice

import numpy as np
import pytest

import compression_sim as cs
from compression_sim import coding
from compression_sim.coding import bitstream

INFORMATION = (cs.entropy, lambda p: cs.cross_entropy(p, p), lambda p: cs.kl_divergence(p, p))
LENGTHS = (cs.ideal_code_lengths, cs.shannon_code_lengths, lambda p: coding.mean_code_length(p, 1.0))


def test_values_by_hand():
    assert cs.entropy([0.5, 0.25, 0.25, 0]) == 1.5
    assert cs.entropy([1.0]) == 0
    assert not np.signbit(cs.entropy([1.0, 0.0]))
    assert cs.cross_entropy([0.5, 0.5], [0.25, 0.75]) == pytest.approx(2 - np.log2(3) / 2, rel=1e-15)
    assert cs.kl_divergence([1, 0], [0.5, 0.5]) == pytest.approx(1, rel=1e-15)
    assert cs.kl_divergence([0.5, 0.5], [1, 0]) == cs.cross_entropy([0.5, 0.5], [1, 0]) == np.inf
    assert cs.shannon_code_lengths([0.5, 0.3, 0.2, 0]).tolist() == [1, 2, 3, np.inf]
    assert cs.ideal_code_lengths([0.5, 0.5, 0]).tolist() == [1, 1, np.inf]
    assert cs.huffman_code_lengths([0.2, 0.5, 0, 0.3]).tolist() == [2, 1, 0, 2]
    assert cs.huffman_code_lengths([3.0]).tolist() == [0]
    assert cs.huffman_code_lengths([0, 3.0]).tolist() == [0, 0]
    assert coding.canonical_codewords([2, 1, 0, 2]) == ["10", "0", "", "11"]


@pytest.mark.parametrize("function", [*INFORMATION, *LENGTHS])
@pytest.mark.parametrize(
    ("p", "says"),
    [
        ([0.5, 0.6], r"must sum to 1 within 1e-09, got 1\.1; cs\.normalize"),
        ([[0.5, 0.5], [0.5, 0.4]], "row 1 of p must sum to 1"),
        ([0.5, np.nan], "must not contain NaN"),
        ([1.5, -0.5], "non-negative"),
        ([np.inf, 0], "finite"),
        ([0.0, 0.0], "must sum to 1"),
        ([], "must not be empty"),
        (1.0, "at least 1 dimension"),
        ([[0.5, 0.5], [1.0]], "rectangular array"),
        ("half", "rectangular array of real numbers"),
    ],
)
def test_bad_distributions(function, p, says):
    with pytest.raises(ValueError, match=says):
        function(p)


def test_shapes():
    p = np.full((2, 3, 4), 0.25)
    assert cs.entropy(p).shape == cs.kl_divergence(p, p[0, 0]).shape == (2, 3)
    assert cs.ideal_code_lengths(p).shape == cs.shannon_code_lengths(p).shape == p.shape
    for q, says in (
        ([0.5, 0.5], "same number of leaves, got 4 and 2"),
        (np.full((5, 4), 0.25), "must broadcast"),
    ):
        for function in (cs.cross_entropy, cs.kl_divergence):
            with pytest.raises(ValueError, match=says):
                function(p, q)
    with pytest.raises(ValueError, match="must broadcast"):
        coding.mean_code_length(p, [1, 2, 3])


@pytest.mark.parametrize(
    ("weights", "says"),
    [
        ([], "must not be empty"),
        ([0, 0], "must not be all 0"),
        ([1, -1], "non-negative"),
        ([1, np.nan], "NaN"),
        ([1, np.inf], "finite"),
        ([[1, 1]], "1 dimension"),
        (3, "1 dimension"),
    ],
)
def test_bad_weights(weights, says):
    for function in (
        cs.huffman_code_lengths,
        lambda w: coding.encode_leaves([0], w),
        lambda w: coding.optimal_length_range(w, [0.5, 0.5]),
    ):
        with pytest.raises(ValueError, match=says):
            function(weights)


def test_bad_range():
    with pytest.raises(ValueError, match=r"one entry per weight \(2\)"):
        coding.optimal_length_range([1, 1], [1.0])
    with pytest.raises(ValueError, match="no mass where the weights are 0"):
        coding.optimal_length_range([1, 0], [0.5, 0.5])
    assert coding.optimal_length_range([1, 0], [[1.0, 0.0]])[0].tolist() == [0]


@pytest.mark.parametrize("lengths", [[1, 1, 1], [0.5], [-1], [np.inf], [1, 2, 2, 3]])
def test_lengths_without_a_code(lengths):
    with pytest.raises(ValueError, match="lengths must"):
        coding.canonical_codewords(lengths)


@pytest.mark.parametrize(
    ("leaves", "weights", "says"),
    [
        ([2], [1, 1], r"lie in 0\.\.1, got 2\.\.2"),
        ([-1], [1, 1], r"lie in 0\.\.1"),
        ([0.5], [1, 1], "1-D array of leaf indices"),
        ([[0]], [1, 1], "1-D array of leaf indices"),
        ([0, 1, 1], [1, 0], "2 chunk.* weight 0, whose code length is inf"),
    ],
)
def test_bad_leaves(leaves, weights, says):
    with pytest.raises(ValueError, match=says):
        coding.encode_leaves(leaves, weights)


def test_more_leaves_than_the_coder_has_units(monkeypatch):
    monkeypatch.setattr(coding.bitstream, "PRECISION", 4)
    assert coding.bitstream.quantised_weights(np.ones(15)).sum() == 16
    with pytest.raises(ValueError, match=r"fewer than 2\^4 leaves, got 16"):
        coding.encode_leaves([0], np.ones(16))


def test_no_chunks_and_one_leaf_take_no_bits():
    assert coding.encode_leaves([], [1, 1]).bits == coding.encode_leaves([0] * 9, [7]).bits == 0
    assert coding.decode_leaves([], 9, [7]).tolist() == [0] * 9
    assert coding.decode(coding.encode(b"").blob) == b""


def test_a_leaf_rarer_than_the_coder_s_unit_costs_24_bits():
    stream = coding.encode_leaves([1], [1.0, 1e-300])
    assert stream.ideal_bits == pytest.approx(300 * np.log2(10))
    assert stream.ideal_bits + stream.quantisation_bits == pytest.approx(24)


def test_what_encode_and_decode_refuse():
    model = coding.LeafModel.of(cs.TokenTree.from_bytes(b"abc", 8))
    with pytest.raises(ValueError, match="1 of 3 chunks are not among the model's leaves"):
        coding.encode(b"ax", model=model)
    with pytest.raises(ValueError, match="data must be bytes"):
        coding.encode("text")
    with pytest.raises(ValueError, match="at most 255 bytes"):
        coding.encode(b"a", records=b"x" * 300)
    alone, shared = coding.encode(b"abc").blob, coding.encode(b"abc", model=model).blob
    for blob, given in ((alone, model), (shared, None)):
        with pytest.raises(ValueError, match="needs the model"):
            coding.decode(blob, given)
    for bad in (b"", b"short", b"x" * 60, None):
        with pytest.raises(ValueError, match="made by encode, got something else"):
            coding.decode(bad)
    other = coding.LeafModel.of(cs.TokenTree.from_bytes(b"cba\nxyz", 8))
    with pytest.raises(ValueError, match="another model"):
        coding.decode(shared, other)


def test_damage_is_seen():
    blob = coding.encode(b"some text\nof two lines\n", 8).blob
    for at in range(len(blob)):
        torn = bytearray(blob)
        torn[at] ^= 0x55
        with pytest.raises(ValueError, match=r"damaged|something else"):
            coding.decode(bytes(torn))
        with pytest.raises(ValueError, match=r"damaged|something else"):
            coding.decode(blob[:at])


HEAD = "<4sBBBQQQI"  # magic, depth, flags, separator's length, bytes, chunks, table's length, checksum
LARGEST = {1: 255, 2: 255, 3: 255, 4: 2**64 - 1, 5: 2**64 - 1, 6: 2**64 - 1, 7: 2**32 - 1}


def sealed(body):
    return bytes(body) + struct.pack("<I", zlib.crc32(bytes(body)))


def with_head(blob, table=None, **changes):
    """A blob with other numbers in its header, another table, and the checksum right."""
    head, start = list(struct.unpack_from(HEAD, blob)), struct.calcsize(HEAD)
    separator, rest = blob[start : start + head[3]], blob[start + head[3] + head[6] : -4]
    kept = blob[start + head[3] : start + head[3] + head[6]] if table is None else table
    head[6] = len(kept)
    for at, value in changes.items():
        head[int(at[1:])] = value
    return sealed(struct.pack(HEAD, *head) + separator + kept + rest)


def hostile(rng):
    """(blob, its model, the text): headers and tables rewritten, bits changed, ends cut, checksums right."""
    texts = [b"some text\nof two lines\n\nof it", b"a" * 3000, b"\n\n", bytes(range(256)) * 2, b""]
    model = coding.LeafModel.of(*(cs.TokenTree.from_bytes(text, 8) for text in texts[:4]))
    while True:
        text, given = texts[rng.integers(5)], model if rng.random() < 0.4 else None
        records = b"\n" if given else [b"\n", b"ab", None][rng.integers(3)]
        blob = coding.encode(text, int(rng.choice([1, 3, 8, 32])), records, given).blob
        head, start = struct.unpack_from(HEAD, blob), struct.calcsize(HEAD)
        kind = rng.integers(4)
        if kind == 0:
            at = int(rng.integers(1, 8))
            most = LARGEST[at]
            value = int(rng.choice([0, 1, 2, 10**6, 2**33, most // 2]))
            value = [value, most, head[at] + 1, head[at] - 1][rng.integers(4)]
            yield with_head(blob, **{f"_{at}": min(max(value, 0), most)}), given, text
        elif kind == 1:
            body = bytearray(blob[:-4])
            body[rng.integers(4, len(body))] ^= 1 << rng.integers(8)
            yield sealed(body), given, text
        elif kind == 2:
            yield sealed(blob[: rng.integers(start, len(blob))]), given, text
        elif head[6]:
            at = start + head[3]
            table = np.frombuffer(zlib.decompress(blob[at : at + head[6]]), "<u8").copy()
            table[rng.integers(len(table))] = rng.choice(
                np.array([0, 1, 7, 2**40, 2**63, 2**64 - 1], np.uint64)
            )
            chunks = (
                min(sum(map(int, table[len(table) // 2 :])), 2**64 - 1) if rng.random() < 0.7 else head[5]
            )
            yield with_head(blob, zlib.compress(table.tobytes()), _5=chunks), given, text


def test_hostile_blobs_are_a_value_error_or_the_text():
    seen = Counter()
    for blob, model, text in islice(hostile(np.random.default_rng(0)), 2000):
        try:
            seen[coding.decode(blob, model) == text] += 1
        except ValueError:
            seen["refused"] += 1
    assert seen[False] == 0
    assert seen["refused"] > 1000


def test_what_a_blob_says_of_its_size_is_not_believed():
    blob = coding.encode(b"a" * 100_000, 8).blob  # 100,001 chunks in 80 bytes
    assert len(blob) < 100
    assert coding.decode(blob) == b"a" * 100_000
    assert coding.decode(blob, limit=100_000) == b"a" * 100_000
    with pytest.raises(ValueError, match="holds 100000 bytes; limit=99999 allows no more"):
        coding.decode(blob, limit=99_999)
    for changes in ({"_5": 2**40}, {"_4": 2**29}, {"_4": 2**29, "_5": 2**29 + 1}):
        with pytest.raises(ValueError, match="damaged"):
            coding.decode(with_head(blob, **changes))
    bomb = zlib.compress(b"\0" * 10**8)
    before = time.perf_counter()
    with pytest.raises(ValueError, match="damaged"):
        coding.decode(with_head(blob, bomb))
    assert time.perf_counter() - before < 0.5
    with pytest.raises(ValueError, match="fit into the memory"):
        coding.decode_leaves([], 2**50, [1, 2])


def test_blobs_of_several_blocks_are_decoded(monkeypatch):
    monkeypatch.setattr(bitstream, "BLOCK", 7)
    for records in (b"\n", None):
        for depth in (3, 8):
            text = b"some text\nof lines\n\n" * 9
            assert coding.decode(coding.encode(text, depth, records).blob) == text
    assert (
        coding.decode_leaves(coding.encode_leaves([0, 1] * 9, [1, 2]).words, 18, [1, 2]).tolist()
        == [0, 1] * 9
    )


def test_ideal_bits_of_weights_at_the_ends_of_the_range():
    for weights, bits in (
        ([1e308, 1e308], 2.0),
        ([1e-300, 1e300], 600 * np.log2(10)),
        ([5e-324, 1.0], 1074.0),
        ([5e-324, 5e-324], 2.0),
    ):
        stream = coding.encode_leaves([0, 1], weights)
        assert stream.ideal_bits == pytest.approx(bits, rel=1e-14)
        assert np.isfinite([stream.quantisation_bits, stream.truncation_bits]).all()
        assert coding.decode_leaves(stream.words, 2, weights).tolist() == [0, 1]
