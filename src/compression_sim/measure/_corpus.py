"""Three token trees over the union of their leaves, with the leaves of each response as a sparse table."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .._validation import integer
from ..trees import TokenTree
from ._texts import ROLES, Text


@dataclass(frozen=True, eq=False)
class Corpus:
    """`tables[i]`: (responses, leaves) CSR counts of role i; `lengths`: (leaves,) tokens of each leaf.

    Resampling responses is a matrix product on these tables, so nothing loops over tokens.
    """

    trees: tuple[TokenTree, TokenTree, TokenTree]
    tables: tuple
    lengths: np.ndarray

    @classmethod
    def of_texts(cls, texts: Sequence[Text], depth: int) -> "Corpus":
        """Trees of the three texts; raises ValueError for a depth outside 1..32 or fewer than 2 responses."""
        depth = integer(depth, "depth", 1, 32)
        trees = []
        for role, text in zip(ROLES, texts, strict=True):
            tree = TokenTree.from_bytes(text.data, depth, text.separator)
            if tree.num_responses < 2:
                raise ValueError(
                    f"the {role} text must hold at least two responses, got one {text.records} in "
                    f"{text.source}"
                    + ("; --records line makes every line one" if text.records == "paragraph" else "")
                )
            if tree.num_tokens == 0:
                raise ValueError(
                    f"the {role} text must hold some tokens, got empty responses in {text.source}"
                )
            trees.append(tree)
        return cls.of_trees(trees)

    @classmethod
    def of_trees(cls, trees: Sequence[TokenTree]) -> "Corpus":
        """Trees of one depth in the order of ROLES."""
        from scipy.sparse import csr_array

        keys = np.unique(np.concatenate([tree.leaf_keys for tree in trees]))
        lengths = np.zeros(len(keys), np.int64)
        tables = []
        for tree in trees:
            place = np.searchsorted(keys, tree.leaf_keys)
            lengths[place] = tree.leaf_lengths
            table = csr_array(
                (np.ones(tree.num_chunks), place[tree.chunk_leaves], tree.response_offsets.copy()),
                shape=(tree.num_responses, len(keys)),
            )
            table.sum_duplicates()
            tables.append(table)
        return cls(tuple(trees), tuple(tables), lengths)

    @property
    def depth(self) -> int:
        """Layers of the pruned trees."""
        return self.trees[0].depth

    @property
    def counts(self) -> np.ndarray:
        """Chunks at each leaf: (roles, leaves)."""
        return np.stack([table.sum(axis=0) for table in self.tables])

    def resampled(self, replicates: int, rng: np.random.Generator, batch: int = 32):
        """Yield `replicates` times the counts, (roles, leaves), of responses with Dirichlet(1) weights.

        The Bayesian bootstrap (Rubin 1981): every response keeps a positive weight, so that no leaf that was
        seen gets lost, which in the ordinary bootstrap inflates the unseen mass.
        """
        for low in range(0, replicates, batch):
            size = min(batch, replicates - low)
            parts = []
            for table in self.tables:
                weights = rng.standard_exponential((table.shape[0], size))
                weights *= table.shape[0] / weights.sum(axis=0)
                parts.append((table.T @ weights).T)
            yield from np.stack(parts, axis=1)
