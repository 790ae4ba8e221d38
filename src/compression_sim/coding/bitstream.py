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
from .._chunks import BLOCK, MAX_DEPTH, key_lengths, leaf_key, spell
from .._validation import integer, nonnegative_array
from ..trees import TokenTree, split_records

PRECISION = 24
_MAGIC, _HEAD = b"CSB1", "<4sBBBQQQI"  # magic, depth, flags, separator's length, bytes, chunks, leaves, crc
_OWN_MODEL, _ONE_RECORD, _TRAILING = 1, 2, 4
_DAMAGED, _OTHER_MODEL = "the blob is damaged", "the blob was encoded with another model"


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
    nats = _ideal_nats(weights)
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
    try:
        leaves = np.empty(num_chunks, np.int64)
    except (MemoryError, ValueError):
        raise ValueError(f"num_chunks must fit into the memory, got {num_chunks}") from None
    for low, block in enumerate(_decoded(words, num_chunks, weights)):
        leaves[low * BLOCK : (low + 1) * BLOCK] = block
    return leaves


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


def decode(blob: bytes, model: LeafModel | None = None, *, limit: int = 2**30) -> bytes:
    """The bytes that `encode` was given. Raises ValueError for anything damaged, or another model.

    A few bytes may encode any number of equal ones: a blob that says that it holds more than `limit` bytes is
    refused, with a ValueError, before any are made.
    """
    fixed = struct.calcsize(_HEAD)
    if not isinstance(blob, bytes | bytearray) or len(blob) < fixed + 4 or blob[:4] != _MAGIC:
        raise ValueError("blob must be bytes made by encode, got something else")
    body, (checksum,) = bytes(blob[:-4]), struct.unpack("<I", blob[-4:])
    if zlib.crc32(body) != checksum:
        raise ValueError("the blob is damaged")
    head = _Head(*struct.unpack_from(_HEAD, body)[1:])
    if (model is None) != bool(head.flags & _OWN_MODEL):
        raise ValueError("decode needs the model that encode was given, and none if it was given none")
    if head.size > integer(limit, "limit", 0):
        raise ValueError(f"the blob says that it holds {head.size} bytes; limit={limit} allows no more")
    separator, table, words = _split(body[fixed:], head)
    if model is None and head.size:
        model = _own_model(table, head, len(separator))
    elif model is not None and model.depth != head.depth:
        raise ValueError(_OTHER_MODEL)
    data = _read_records(words, head, model, separator) if head.size else b""
    if len(data) != head.size or zlib.crc32(data) != head.checksum:
        raise ValueError(_DAMAGED if head.flags & _OWN_MODEL else _OTHER_MODEL)
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


def _ideal_nats(weights):
    """-log of the share of each weight: inf where it is 0, and only there."""
    largest = np.frexp(weights.max())[1]
    scaled = np.ldexp(weights, -largest)  # exact where nothing is lost below 2^-1074 of the largest
    shares = scaled / scaled.sum()
    with np.errstate(divide="ignore"):
        rare = np.log(scaled.sum()) + largest * np.log(2.0) - np.log(weights)
    return np.where(shares > np.finfo(float).tiny, -_kernels.log_probability(np, shares), rare)


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


@dataclass(frozen=True)
class _Head:
    """What a blob says of itself: nothing is allocated by it that does not follow from `size`."""

    depth: int
    flags: int
    separator: int
    size: int
    chunks: int
    table: int
    checksum: int


def _split(rest: bytes, head: _Head) -> tuple[bytes, bytes, np.ndarray]:
    """(separator, table, words), where the header can be that of any blob."""
    one, own, start = head.flags & _ONE_RECORD, head.flags & _OWN_MODEL, head.separator + head.table
    most = 8 * head.size // max(head.depth, 1) + (1 if one else head.size + 1) if head.size else 0
    if (
        not 1 <= head.depth <= MAX_DEPTH
        or head.flags & ~(_OWN_MODEL | _ONE_RECORD | _TRAILING)
        or bool(one) != (head.separator == 0)
        or bool(head.table) != bool(own and head.size)
        or bool(head.chunks) != bool(head.size)
        or head.chunks > most
        or start > len(rest)
        or (len(rest) - start) % 4
        or (not head.size and len(rest) > start)
    ):
        raise ValueError(_DAMAGED)
    words = np.frombuffer(rest[start:], "<u4").astype(np.uint32)
    return rest[: head.separator], rest[head.separator : start], words


def _own_model(table: bytes, head: _Head, separator: int) -> LeafModel:
    """The leaves and counts that travel with the data: those of `size` bytes in `chunks` chunks."""
    most = 16 * min(head.chunks, 2**PRECISION)
    unpacker = zlib.decompressobj()
    try:
        table = unpacker.decompress(table, most + 1)
    except zlib.error:
        raise ValueError(_DAMAGED) from None
    if not unpacker.eof or unpacker.unused_data or not table or len(table) % 16 or len(table) > most:
        raise ValueError(_DAMAGED)
    keys, counts = np.frombuffer(table, "<u8").reshape(2, -1).astype(np.uint64)
    lengths = key_lengths(keys)
    if (
        (keys[1:] <= keys[:-1]).any()
        or (lengths > head.depth).any()
        or (keys >> np.uint64(38)).any()
        or (leaf_key(keys >> np.uint64(6), lengths) != keys).any()
        or (counts < 1).any()
        or (counts > head.chunks).any()
        or int(counts.sum()) != head.chunks  # at most 2^24 counts under 2^35: no overflow
    ):
        raise ValueError(_DAMAGED)
    counts = counts.astype(np.int64)
    records = int(counts[lengths < head.depth].sum())
    separators = 0 if head.flags & _ONE_RECORD else records - 1 + bool(head.flags & _TRAILING)
    if int(counts @ lengths) != 8 * (head.size - separators * separator):
        raise ValueError(_DAMAGED)
    return LeafModel(head.depth, keys, counts)


def _read_records(words, head: _Head, model: LeafModel, separator: bytes) -> bytes:
    """The bytes that the chunks spell, with separators; stops where there are more than the header says."""
    whole, rest, at, ends = [], np.zeros(0, np.uint8), 0, []
    for leaves in _decoded(words, head.chunks, model.weights):
        tokens, last = spell(model.leaf_keys, model.depth, leaves)
        ends.append(at + last)
        at += len(tokens)
        if at > 8 * head.size:
            return b""
        tokens = np.concatenate([rest, tokens])
        cut = len(tokens) - len(tokens) % 8
        whole.append(np.packbits(tokens[:cut]).tobytes())
        rest = tokens[cut:]
    data, ends = b"".join(whole), np.concatenate(ends)
    if len(rest) or not len(ends) or ends[-1] != at or (ends % 8).any():
        return b""
    if head.flags & _ONE_RECORD:
        return data if len(ends) == 1 else b""
    count = len(ends) - 1 + bool(head.flags & _TRAILING)
    if len(data) + count * len(separator) != head.size:
        return b""
    joined = separator.join(data[low:high] for low, high in pairwise([0, *(ends // 8).tolist()]))
    return joined + separator if head.flags & _TRAILING else joined


def _decoded(words, num_chunks: int, weights):
    """Leaf indices, block by block. Raises ValueError where the words are none of these weights'."""
    if len(weights) == 1:
        yield from (np.zeros(min(BLOCK, num_chunks - low), np.int64) for low in range(0, num_chunks, BLOCK))
        return
    decoder = constriction.stream.queue.RangeDecoder(np.ascontiguousarray(words, np.uint32))
    coder_model = _coder_model(quantised_weights(weights))
    for low in range(0, num_chunks, BLOCK):
        try:
            yield decoder.decode(coder_model, min(BLOCK, num_chunks - low)).astype(np.int64)
        except AssertionError:  # constriction's answer to words that no encoder makes
            raise ValueError("the stream is damaged, or was encoded with other weights") from None
