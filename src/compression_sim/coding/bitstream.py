"""A bit stream that attains the ideal code lengths: chunks through constriction's range coder.

Where the bits of a stream go, beyond the ideal -sum log2 q(leaf), is measured for every stream:

* quantisation: the coder works with q rounded to multiples of 2^-24, at least one each;
* truncation: its 64-bit range is cut to a multiple of 2^24 steps, under log2(256/255) bits per chunk;
* termination: the open range is closed and filled up to a 32-bit word, at most two words per stream.
"""

import struct
import zlib
from dataclasses import dataclass
from itertools import pairwise

import constriction
import numpy as np

from .. import _kernels
from .._chunks import MAX_DEPTH, spell
from .._validation import integer, nonnegative_array
from ..trees import TokenTree, split_records

PRECISION = 24
_MAGIC, _HEAD = b"CSB1", "<4sBBBQQQI"  # magic, depth, flags, separator's length, bytes, chunks, leaves, crc
_OWN_MODEL, _ONE_RECORD, _TRAILING = 1, 2, 4


@dataclass(frozen=True, eq=False)
class LeafModel:
    """What encoder and decoder share: the leaves of one depth, and weights in proportion to probability.

    `leaf_keys`: (leaves,) uint64, sorted; `weights`: (leaves,). Counts make a stream portable: their sums are
    exact on every machine.
    """

    depth: int
    leaf_keys: np.ndarray
    weights: np.ndarray

    @classmethod
    def of(cls, *trees: TokenTree) -> "LeafModel":
        """The joint distribution of trees of one depth, chunks as volumes: their pooled counts."""
        pooled = TokenTree.pool(trees)
        return cls(pooled.depth, pooled.leaf_keys, pooled.leaf_counts)


@dataclass(frozen=True, eq=False)
class Stream:
    """Encoded leaves: 32-bit `words` for `num_chunks` chunks, and what each cause adds to the ideal length.

    `bits` = ideal + quantisation + truncation + termination. A leaf rarer than 2^-24 costs 24 bits, less than
    ideal, so quantisation may be negative.
    """

    words: np.ndarray
    num_chunks: int
    ideal_bits: float
    quantisation_bits: float
    truncation_bits: float
    termination_bits: float

    @property
    def bits(self) -> int:
        """Length of the stream."""
        return 32 * len(self.words)


@dataclass(frozen=True, eq=False)
class Encoded:
    """Encoded bytes: `blob` holds the stream and, in `header_bits`, all else.

    That is the data's shape, the model where it is the data's own, and two checksums.
    """

    blob: bytes
    header_bits: int
    stream: Stream


def encode_leaves(leaves, weights) -> Stream:
    """Range-code leaf indices against one distribution, given by weights: (chunks,), (leaves,) -> Stream.

    Raises ValueError for indices outside the weights, for a leaf of weight 0 (its ideal length is inf), and
    for 2^24 leaves or more.
    """
    weights, leaves = _weights(weights), np.asarray(leaves)
    if leaves.ndim != 1 or (leaves.size and leaves.dtype.kind not in "iu"):
        raise ValueError(f"leaves must be a 1-D array of leaf indices, got {leaves.dtype} of {leaves.shape}")
    if leaves.size and (leaves.min() < 0 or leaves.max() >= len(weights)):
        raise ValueError(f"leaves must lie in 0..{len(weights) - 1}, got {leaves.min()}..{leaves.max()}")
    counts = np.bincount(leaves.astype(np.int64), minlength=len(weights))
    impossible = int(counts[weights == 0].sum())
    if impossible:
        raise ValueError(f"{impossible} chunk(s) fall on leaves of weight 0, whose code length is inf")
    units, occurs = quantised_weights(weights), counts > 0
    nats = -_kernels.log_probability(np, weights / weights.sum())
    ideal = counts[occurs] @ nats[occurs] / np.log(2.0)
    quantised = counts[occurs] @ (PRECISION - np.log2(units[occurs]))
    words, used = np.zeros(0, np.uint32), 0.0
    if len(weights) > 1 and leaves.size:
        encoder = constriction.stream.queue.RangeEncoder()
        encoder.encode(leaves.astype(np.int32), _coder_model(units))
        words, (done, (_, width)) = encoder.get_compressed(), encoder.pos()
        used = 32 * done + 64 - np.log2(float(width))  # what the open range of `width` in 2^64 tells
    return Stream(
        words,
        len(leaves),
        float(ideal),
        float(quantised - ideal),
        float(used - quantised),
        float(32 * len(words) - used),
    )


def decode_leaves(words, num_chunks: int, weights) -> np.ndarray:
    """The leaf indices that `encode_leaves` coded: (num_chunks,) int64.

    Raises ValueError where the stream cannot be decoded under these weights.
    """
    weights, num_chunks = _weights(weights), integer(num_chunks, "num_chunks", 0)
    if len(weights) == 1 or num_chunks == 0:
        return np.zeros(num_chunks, np.int64)
    decoder = constriction.stream.queue.RangeDecoder(np.ascontiguousarray(words, np.uint32))
    try:
        return decoder.decode(_coder_model(quantised_weights(weights)), num_chunks).astype(np.int64)
    except AssertionError:  # constriction's answer to words that no encoder makes
        raise ValueError("the stream is damaged, or was encoded with other weights") from None


def encode(
    data: bytes, depth: int = 16, records: bytes | None = b"\n", model: LeafModel | None = None
) -> Encoded:
    """Encode any bytes, chunk by chunk; `decode` returns them exactly.

    Records and chunks are those of `TokenTree.from_bytes`. Without `model` the data's own leaves and counts
    travel in the header, zlib-compressed, so that the blob is self-contained. With `model`, e.g. the joint of
    several datasets, only the data's shape does; `depth` is then the model's. Raises ValueError for data
    with chunks that the model lacks, as their code length under it is inf.
    """
    if not isinstance(data, bytes | bytearray):
        raise ValueError(f"data must be bytes, got {type(data).__name__}")
    if model is not None:
        depth = model.depth
    depth = integer(depth, "depth", 1, MAX_DEPTH)
    flags = _OWN_MODEL * (model is None) | _ONE_RECORD * (records is None)
    separator, table = records or b"", b""
    if len(separator) > 255:
        raise ValueError(f"records must be at most 255 bytes to be stored, got {len(separator)}")
    stream = encode_leaves([], [1.0])
    if data:
        starts, lengths = split_records(data, records)
        flags |= _TRAILING * bool(starts[-1] + lengths[-1] < len(data))
        tree = TokenTree.from_bytes(data, depth, records)
        if model is None:
            model = LeafModel.of(tree)
            table = zlib.compress(
                tree.leaf_keys.astype("<u8").tobytes() + model.weights.astype("<u8").tobytes()
            )
        stream = encode_leaves(_places(tree, model)[tree.chunk_leaves], model.weights)
    head = struct.pack(
        _HEAD,
        _MAGIC,
        depth,
        flags,
        len(separator),
        len(data),
        stream.num_chunks,
        len(table),
        zlib.crc32(data),
    )
    body = head + separator + table + stream.words.astype("<u4").tobytes()
    blob = body + struct.pack("<I", zlib.crc32(body))
    return Encoded(blob, 8 * len(blob) - stream.bits, stream)


def decode(blob: bytes, model: LeafModel | None = None) -> bytes:
    """The bytes that `encode` was given. Raises ValueError for anything damaged, or another model."""
    fixed = struct.calcsize(_HEAD)
    if not isinstance(blob, bytes | bytearray) or len(blob) < fixed + 4 or blob[:4] != _MAGIC:
        raise ValueError("blob must be bytes made by encode, got something else")
    body, (checksum,) = blob[:-4], struct.unpack("<I", blob[-4:])
    if zlib.crc32(body) != checksum:
        raise ValueError("the blob is damaged")
    _, depth, flags, separator_length, size, chunks, table_length, data_checksum = struct.unpack_from(
        _HEAD, body
    )
    if (model is None) != bool(flags & _OWN_MODEL):
        raise ValueError("decode needs the model that encode was given, and none if it was given none")
    if not size:
        return b""
    separator, table, words = np.split(
        np.frombuffer(body[fixed:], np.uint8), [separator_length, separator_length + table_length]
    )
    if model is None:
        keys, counts = np.frombuffer(zlib.decompress(table), "<u8").reshape(2, -1)
        model = LeafModel(depth, keys.astype(np.uint64), counts.astype(np.int64))
    try:
        leaves = decode_leaves(words.view("<u4"), chunks, model.weights)
        data = _read_records(leaves, model, separator.tobytes(), flags)
    except ValueError:
        data = b""
    if len(data) != size or zlib.crc32(data) != data_checksum:
        raise ValueError("the blob was encoded with another model")
    return data


def quantised_weights(weights) -> np.ndarray:
    """Weights in units of 2^-24 of their sum: (leaves,) int64, at least 1 each, sum 2^24.

    Leaves rarer than a unit get one; the others share the rest in proportion, by largest remainders.
    """
    weights, unit = _weights(weights), 2**PRECISION
    if len(weights) >= unit:
        raise ValueError(f"the coder takes fewer than 2^{PRECISION} leaves, got {len(weights)}")
    weights = np.ldexp(weights, -np.frexp(weights.max())[1])  # exact, and no quotient below overflows
    rare, more = np.zeros(len(weights), bool), True
    while np.any(more):
        scaled = weights * ((unit - rare.sum()) / weights[~rare].sum())
        more = (scaled < 1) & ~rare
        rare |= more
    units = np.where(rare, 1, np.floor(scaled)).astype(np.int64)
    remainders = np.where(rare, -1.0, scaled - np.floor(scaled))
    units[np.argsort(-remainders, kind="stable")[: unit - units.sum()]] += 1
    return units


def _coder_model(units):
    # constriction adds one unit to each leaf and shares the rest in proportion: exactly these units
    return constriction.stream.model.Categorical((units - 1).astype(float), perfect=False)


def _weights(weights):
    weights = nonnegative_array(weights, "weights", ndim=1)
    if not weights.any():
        raise ValueError("weights must not be all 0")
    return weights


def _places(tree, model):
    """Index of each of the tree's leaves among the model's."""
    place = np.minimum(np.searchsorted(model.leaf_keys, tree.leaf_keys), len(model.leaf_keys) - 1)
    missing = model.leaf_keys[place] != tree.leaf_keys
    if missing.any():
        raise ValueError(
            f"{int(tree.leaf_counts[missing].sum())} of {tree.num_chunks} chunks are not among the model's "
            "leaves, so that their code length is inf; encode without a model, or pool the data into it"
        )
    return place


def _read_records(leaves, model, separator, flags):
    tokens, ends = spell(model.leaf_keys, model.depth, leaves)
    data = np.packbits(tokens).tobytes()
    if flags & _ONE_RECORD:
        return data
    joined = separator.join(data[low:high] for low, high in pairwise([0, *(ends // 8).tolist()]))
    return joined + separator if flags & _TRAILING else joined
