"""Autoregressive softmax over the nodes of a token tree: whole, cut at a depth, or on a budget of nodes.

Responses are the 2^depth binary strings of one length, in order; a node is a prefix and has one logit, that
of its next token being 1. A tree that is cut or on a budget is capacity-limited: at the nodes that it does
not have both tokens are equally likely, as in a pruned tree whose leaves are coded and the rest sent plain.
"""

from dataclasses import dataclass

import numpy as np

from .._validation import integer
from .base import jax, jnp


@dataclass(frozen=True)
class TreeSoftmax:
    """`prompts` token trees of `depth` layers, of which the first `known` (default: all) are learnt.

    With `nodes`, those are learnt instead: 0 is the root, 2j + 1 and 2j + 2 follow j by token 0 and 1.
    """

    prompts: int
    depth: int
    known: int | None = None
    nodes: tuple[int, ...] | None = None

    convex: bool = True

    def __post_init__(self):
        nodes = [integer(node, "nodes", 0, 2**self.depth - 2) for node in self.nodes or ()]
        if len(set(nodes)) < len(nodes):
            raise ValueError(f"nodes must be different, got {self.nodes}")

    @classmethod
    def on_budget(cls, budget: int, law) -> "TreeSoftmax":
        """The best tree of `budget` nodes for data (prompts, 2^depth): no other choice codes them shorter.

        A learnt node saves its mass times (1 bit - the entropy of its next token), whatever else is learnt.
        """
        integer(budget, "budget", 1)
        law = np.asarray(law, float)
        prompts, depth = law.shape[0], law.shape[1].bit_length() - 1
        saved = []
        for layer in range(depth):  # a loop over layers; each handles all nodes at once
            mass = law.reshape(prompts, 2**layer, 2, -1).sum(axis=3)  # of both continuations
            total = mass.sum(axis=2, keepdims=True)
            share = np.divide(mass, total, out=np.full_like(mass, 0.5), where=total > 0)
            bits = np.log2(share, out=np.zeros_like(share), where=share > 0)
            saved.append((mass * (1 + bits)).sum(axis=(0, 2)))
        best = np.argsort(-np.concatenate(saved), kind="stable")[:budget]
        return cls(prompts, depth, nodes=tuple(sorted(best.tolist())))

    @property
    def name(self) -> str:
        if self.nodes is not None:
            return "node-budget-tree"
        return "tree-softmax" if self.known in (None, self.depth) else "capacity-limited-tree"

    @property
    def responses(self) -> int:
        return 2**self.depth

    @property
    def learnt(self) -> np.ndarray:
        """The nodes that have a logit."""
        if self.nodes is not None:
            return np.array(self.nodes, int)
        return np.arange(2 ** (self.depth if self.known is None else self.known) - 1)

    def init(self, rng):
        """Logits 0: every token is a fair coin."""
        del rng
        return jnp.zeros((self.prompts, len(self.learnt)))

    def log_probabilities(self, params):
        logits = jnp.zeros((self.prompts, 2**self.depth - 1)).at[:, self.learnt].set(params)
        leaves, result = np.arange(self.responses), 0.0
        for layer in range(self.depth):  # a loop over layers; each handles all nodes and leaves at once
            prefix = leaves >> (self.depth - layer)
            token = (leaves >> (self.depth - layer - 1)) & 1
            here = logits[:, 2**layer - 1 + prefix]
            result = result + jax.nn.log_sigmoid(jnp.where(token == 1, here, -here))
        return result
