"""Binary responses as packed bits, and their chunks as integer keys: no Python loop over tokens.

A leaf's key is `tokens << 6 | length`: its `length` <= 32 tokens left-aligned in 32 bits, then their number.
Sorted keys are sorted by tokens, a prefix before what continues it. In a tree of depth d the leaf ends in
EOS if and only if its length is below d.
"""

import numpy as np

MAX_DEPTH = 32
LENGTH_BITS = np.uint64(6)
LENGTH_MASK = np.uint64(63)
BLOCK = 1 << 20  # chunks handled at a time: bounds the memory at any depth


def leaf_key(tokens, length):
    """Keys of leaves whose tokens are left-aligned in 32 bits; bits past `length` are dropped."""
    tokens, length = np.asarray(tokens, np.uint64), np.asarray(length, np.uint64)
    spare = np.uint64(32) - length
    return (tokens >> spare << spare) << LENGTH_BITS | length


def key_lengths(keys) -> np.ndarray:
    """Number of tokens of each leaf."""
    return (keys & LENGTH_MASK).astype(np.int64)


def key_bits(keys) -> np.ndarray:
    """The tokens of each leaf, (leaves, 32) of 0 and 1; those past the leaf's length are 0."""
    tokens = (keys >> LENGTH_BITS).astype(">u4")
    return np.unpackbits(tokens[:, None].view(np.uint8), axis=1)


def spell(keys, depth, leaves):
    """(all tokens as uint8, where each response ends among them) of leaf indices in order."""
    lengths = key_lengths(keys)[leaves]
    bits = key_bits(keys)[:, :depth][leaves]
    return bits[np.arange(depth) < lengths[:, None]], np.cumsum(lengths)[lengths < depth]


def windows(packed: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """The 32 bits that begin at each bit index of `packed` (bytes, most significant bit first)."""
    first, result = starts >> 3, np.zeros(len(starts), np.uint64)
    if not packed.size:  # only empty responses
        return result
    for offset in range(5):  # 32 bits touch at most five bytes
        byte = np.take(packed, first + offset, mode="clip").astype(np.uint64)
        result = result << np.uint64(8) | byte
    return result >> (np.uint64(8) - (starts & 7).astype(np.uint64)) & np.uint64(0xFFFFFFFF)


def chunk_keys(packed, starts, lengths, depth):
    """Keys of all chunks, block by block, of responses that begin at bit `starts` with `lengths` tokens.

    Yields uint64 arrays; together they hold floor(n/depth) full chunks and one EOS chunk per response,
    in order.
    """
    ends = np.cumsum(lengths // depth + 1)
    for low in range(0, int(ends[-1]), BLOCK):
        chunk = np.arange(low, min(low + BLOCK, int(ends[-1])))
        response = np.searchsorted(ends, chunk, side="right")
        done = (chunk - (ends[response] - lengths[response] // depth - 1)) * depth
        length = np.minimum(lengths[response] - done, depth)
        yield leaf_key(windows(packed, starts[response] + done), length)


def distinct(blocks):
    """(sorted distinct keys, for every key its index among them), over blocks of keys."""
    parts = [np.unique(block, return_inverse=True) for block in blocks]
    if len(parts) == 1:
        return parts[0][0], parts[0][1].astype(np.int32)
    keys = np.unique(np.concatenate([part for part, _ in parts]))
    return keys, np.concatenate(
        [np.searchsorted(keys, part).astype(np.int32)[inverse] for part, inverse in parts]
    )
