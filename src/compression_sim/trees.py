"""Token trees of binary responses as flat arrays of leaves (the paper's Definitions 3.1 and 3.3).

Chunk convention: a response of n tokens gives floor(n/d) chunks of d tokens, each a continuation leaf at
layer d, then one chunk of n mod d tokens that ends in EOS, an EOS leaf at layer (n mod d) + 1. The last chunk
may hold no token. So the leaves of a response, in order, spell it and say where it ends.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from . import _tree_files
from ._chunks import MAX_DEPTH, chunk_keys, distinct, key_bits, key_lengths, leaf_key, spell
from ._validation import integer, nonnegative_array


@dataclass(frozen=True, eq=False)
class TokenTree:
    """The leaves of a dataset's tree cut at `depth`, and the leaves of each response in order.

    Made by `from_sequences`, `from_bytes` or `from_file`. Only leaves that occur are stored.

    `leaf_keys`: (leaves,) uint64, sorted by (tokens, EOS); equal keys are equal leaves in any tree of the
    same depth. `chunk_leaves`: (chunks,) int32, the leaf of every chunk of every response, in order.
    `response_offsets`: (responses + 1,), response r has chunks offsets[r]:offsets[r + 1].
    `num_tokens`: binary tokens of the responses, EOS not counted.
    """

    depth: int
    leaf_keys: np.ndarray
    chunk_leaves: np.ndarray
    response_offsets: np.ndarray
    num_tokens: int

    def __post_init__(self):
        for array in (self.leaf_keys, self.chunk_leaves, self.response_offsets):
            array.flags.writeable = False

    def __repr__(self):
        return (
            f"TokenTree(depth={self.depth}, num_leaves={self.num_leaves}, num_chunks={self.num_chunks}, "
            f"num_responses={self.num_responses}, num_tokens={self.num_tokens})"
        )

    # -- from data ---------------------------------------------------------------------------------

    @classmethod
    def from_sequences(cls, sequences: Iterable, depth: int) -> "TokenTree":
        """The tree of responses given as 1-D arrays of tokens 0 and 1, of any lengths, possibly empty.

        Raises ValueError without a response, for other tokens, another rank, or a depth outside 1..32.
        """
        depth = integer(depth, "depth", 1, MAX_DEPTH)
        try:
            responses = [np.asarray(response) for response in sequences]
        except (TypeError, ValueError):
            raise ValueError(
                f"sequences must be an iterable of 1-D arrays of 0 and 1, got {type(sequences).__name__}"
            ) from None
        for index, response in enumerate(responses):
            if response.ndim != 1 or response.dtype.kind not in "buif":
                raise ValueError(
                    f"each response must be a 1-D array of 0 and 1, got shape {response.shape} of "
                    f"{response.dtype} at index {index}"
                )
        if not responses:
            raise ValueError("sequences must hold at least one response, got none")
        tokens = np.concatenate(responses)
        wrong = np.flatnonzero((tokens != 0) & (tokens != 1))
        if wrong.size:
            raise ValueError(f"tokens must be 0 or 1, got {tokens[wrong[0]]!s}")
        lengths = np.array([len(response) for response in responses])
        return cls._from_packed(np.packbits(tokens == 1), np.cumsum(lengths) - lengths, lengths, depth)

    @classmethod
    def from_bytes(cls, data: bytes, depth: int, records: bytes | None = b"\n") -> "TokenTree":
        """The tree of real text: records are responses, each byte 8 tokens, most significant bit first.

        `records` separates as in `bytes.split`; one trailing separator starts no record, an empty record is
        an empty response. None: all of `data` is one response. Raises ValueError for data that are empty or
        no bytes, an empty separator, or a depth outside 1..32.
        """
        depth = integer(depth, "depth", 1, MAX_DEPTH)
        starts, lengths = split_records(data, records)
        return cls._from_packed(np.frombuffer(data, np.uint8), 8 * starts, 8 * lengths, depth)

    @classmethod
    def from_file(cls, path, depth: int, records: bytes | None = b"\n") -> "TokenTree":
        """`from_bytes` of a file's content. Raises ValueError also for a file that cannot be read."""
        return cls.from_bytes(_read(path), depth, records)

    @classmethod
    def _from_packed(cls, packed, starts, lengths, depth):
        keys, chunk_leaves = distinct(chunk_keys(packed, starts, lengths, depth))
        offsets = np.concatenate([[0], np.cumsum(lengths // depth + 1)])
        return cls(depth, keys, chunk_leaves, offsets, int(lengths.sum()))

    # -- what it holds -----------------------------------------------------------------------------

    @property
    def num_leaves(self) -> int:
        """Leaves that occur."""
        return len(self.leaf_keys)

    @property
    def num_chunks(self) -> int:
        """Chunks of all responses: the volume that a mixture uses."""
        return len(self.chunk_leaves)

    @property
    def num_responses(self) -> int:
        """Responses, the empty ones included."""
        return len(self.response_offsets) - 1

    @property
    def leaf_counts(self) -> np.ndarray:
        """Chunks at each leaf: (leaves,) int64."""
        return np.bincount(self.chunk_leaves, minlength=self.num_leaves)

    @property
    def leaf_probabilities(self) -> np.ndarray:
        """Share of the chunks at each leaf: (leaves,), sum 1."""
        return self.leaf_counts / self.num_chunks

    @property
    def leaf_lengths(self) -> np.ndarray:
        """Tokens of each leaf, EOS not counted: (leaves,) int64."""
        return key_lengths(self.leaf_keys)

    @property
    def leaf_is_eos(self) -> np.ndarray:
        """Whether each leaf ends its response: (leaves,) bool. The others are continuation leaves."""
        return self.leaf_lengths < self.depth

    @property
    def leaf_layers(self) -> np.ndarray:
        """Layer of each leaf in 1..depth: (leaves,) int64; tokens + 1 for EOS, depth for continuation."""
        return np.minimum(self.leaf_lengths + 1, self.depth)

    @property
    def leaf_tokens(self) -> list[np.ndarray]:
        """The tokens of each leaf, as uint8 arrays."""
        bits, lengths = key_bits(self.leaf_keys), self.leaf_lengths
        return [row[:length] for row, length in zip(bits, lengths, strict=True)]

    def reweighted_counts(self, weights) -> np.ndarray:
        """Chunks at each leaf if response r is counted `weights[r]` times: (..., responses) -> (..., leaves).

        Bootstrap samples of responses, half splits and permutations are all choices of weights. Raises
        ValueError for negative or non-finite weights or another number of responses.
        """
        from scipy.sparse import csr_array

        weights = nonnegative_array(weights, "weights")
        if weights.ndim == 0 or weights.shape[-1] != self.num_responses:
            raise ValueError(
                f"weights must have one entry per response ({self.num_responses}), got shape {weights.shape}"
            )
        shape = (self.num_responses, self.num_leaves)
        ones = np.ones(self.num_chunks)
        table = csr_array((ones, self.chunk_leaves, self.response_offsets), shape=shape)
        flat = weights.reshape(-1, self.num_responses)
        return (table.T @ flat.T).T.reshape(*weights.shape[:-1], self.num_leaves)

    # -- other trees -------------------------------------------------------------------------------

    def prune(self, depth: int) -> "TokenTree":
        """The tree cut at a smaller depth: a leaf of `depth` or more tokens becomes the continuation leaf of
        its first `depth`. This marginalises; a tree built at `depth` differs, since its chunks restart.
        """
        depth = integer(depth, "depth", 1, self.depth)
        tokens, lengths = self.leaf_keys >> np.uint64(6), np.minimum(self.leaf_lengths, depth)
        keys, merged = np.unique(leaf_key(tokens, lengths), return_inverse=True)
        return TokenTree(
            depth,
            keys,
            merged.astype(np.int32)[self.chunk_leaves],
            self.response_offsets.copy(),
            self.num_tokens,
        )

    @staticmethod
    def pool(trees: Sequence["TokenTree"]) -> "TokenTree":
        """The tree of all responses of several trees of one depth, one dataset after the other.

        Raises ValueError for no trees or different depths.
        """
        trees = same_depth(trees)
        keys = np.unique(np.concatenate([tree.leaf_keys for tree in trees]))
        places = [np.searchsorted(keys, tree.leaf_keys).astype(np.int32) for tree in trees]
        chunks = np.concatenate([place[tree.chunk_leaves] for place, tree in zip(places, trees, strict=True)])
        per_response = np.concatenate([np.diff(tree.response_offsets) for tree in trees])
        offsets = np.concatenate([[0], np.cumsum(per_response)])
        return TokenTree(trees[0].depth, keys, chunks, offsets, sum(tree.num_tokens for tree in trees))

    def sample(self, responses: int, rng) -> list[np.ndarray]:
        """Responses drawn from the tree as a memoryless source of chunks, each until its EOS leaf.

        `rng`: a numpy Generator or a seed. Raises ValueError if no leaf ends a response.
        """
        responses, rng = integer(responses, "responses", 1), np.random.default_rng(rng)
        p, eos = self.leaf_probabilities, self.leaf_is_eos
        if not eos.any():
            raise ValueError(
                "the tree must have an EOS leaf to sample responses, got continuation leaves only"
            )
        chunks = rng.geometric(min(p[eos].sum(), 1.0), responses)
        last = np.cumsum(chunks) - 1
        leaves = np.empty(last[-1] + 1, np.int64)
        ends = np.zeros(len(leaves), bool)
        ends[last] = True
        for part, mask in ((eos, ends), (~eos, ~ends)):
            if mask.any():
                leaves[mask] = rng.choice(np.flatnonzero(part), mask.sum(), p=p[part] / p[part].sum())
        return self.decode(leaves)

    def decode(self, leaves) -> list[np.ndarray]:
        """The responses that a sequence of leaf indices spells: a list of uint8 arrays of 0 and 1.

        Exactly the responses that the tree was made of, for its `chunk_leaves`. Raises ValueError for an
        index that is no leaf, and if the last leaf does not end a response.
        """
        leaves = np.asarray(leaves)
        if leaves.ndim != 1 or leaves.size == 0 or leaves.dtype.kind not in "iu":
            raise ValueError(f"leaves must be a non-empty 1-D array of leaf indices, got {leaves!r}")
        if leaves.min() < 0 or leaves.max() >= self.num_leaves:
            raise ValueError(
                f"leaves must be indices in 0..{self.num_leaves - 1}, got {leaves.min()}..{leaves.max()}"
            )
        if not self.leaf_is_eos[leaves[-1]]:
            raise ValueError("the last leaf must end its response, got a continuation leaf")
        tokens, ends = spell(self.leaf_keys, self.depth, leaves)
        return np.split(tokens, ends[:-1])

    # -- files -------------------------------------------------------------------------------------

    def save(self, path, *, overwrite: bool = False) -> None:
        """Write the tree as an npz file, whole or not at all.

        Raises ValueError if `path` exists, unless asked to overwrite it, and where it cannot be written.
        """
        _tree_files.save(path, {name: getattr(self, name) for name in _tree_files.FIELDS}, overwrite)

    @classmethod
    def load(cls, path) -> "TokenTree":
        """Read a tree that `save` wrote. Raises ValueError for anything else, damage included."""
        return cls(**_tree_files.load(path))


def split_records(data: bytes, records: bytes | None) -> tuple[np.ndarray, np.ndarray]:
    """(start, length) in bytes of every record of `data`, by the rule of `TokenTree.from_bytes`."""
    if not isinstance(data, bytes | bytearray):
        raise ValueError(f"data must be bytes, got {type(data).__name__}")
    if len(data) == 0:
        raise ValueError("data must not be empty, got no bytes")
    if records is None:
        return np.array([0]), np.array([len(data)])
    if not isinstance(records, bytes | bytearray) or not records:
        raise ValueError(f"records must be a non-empty separator as bytes, or None, got {records!r}")
    parts = data.split(records)
    lengths = np.fromiter(map(len, parts), np.int64, len(parts))
    starts = np.cumsum(lengths + len(records)) - lengths - len(records)
    kept = len(parts) - (lengths[-1] == 0)
    return starts[:kept], lengths[:kept]


def union_of_leaves(trees: Sequence[TokenTree]) -> np.ndarray:
    """Leaf probabilities of several trees over the union of their leaves: (trees, leaves).

    Raises ValueError for no trees, or trees of different depths: their leaves are not comparable.
    """
    trees = same_depth(trees)
    keys = np.unique(np.concatenate([tree.leaf_keys for tree in trees]))
    table = np.zeros((len(trees), len(keys)))
    for row, tree in zip(table, trees, strict=True):
        row[np.searchsorted(keys, tree.leaf_keys)] = tree.leaf_probabilities
    return table


def same_depth(trees):
    """The trees as a list. Raises ValueError for no trees, for anything else, or for several depths."""
    given, trees = trees, list(trees) if isinstance(trees, Iterable) else []
    if not trees or not all(isinstance(tree, TokenTree) for tree in trees):
        raise ValueError(f"trees must be a non-empty sequence of TokenTree, got {given!r:.60}")
    depths = {tree.depth for tree in trees}
    if len(depths) > 1:
        raise ValueError(f"trees must have one depth, got {sorted(depths)}; TokenTree.prune makes them equal")
    return trees


def _read(path) -> bytes:
    try:
        return Path(path).read_bytes()
    except (OSError, TypeError, ValueError) as error:
        raise ValueError(f"cannot read {path}: {getattr(error, 'strerror', None) or error}") from None
