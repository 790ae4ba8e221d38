"""Autoregressive softmax over the nodes of a token tree, whole or cut at a depth.

Responses are the 2^depth binary strings of one length, in order; a node is a prefix and has one logit, that
of its next token being 1. Cut at `known` layers the model is capacity-limited: below them every
continuation is equally likely, as in a pruned tree whose leaves are coded and the rest sent plain.
"""

from dataclasses import dataclass

import numpy as np

from .base import jax, jnp


@dataclass(frozen=True)
class TreeSoftmax:
    """`prompts` token trees of `depth` layers, of which the first `known` (default: all) are learnt."""

    prompts: int
    depth: int
    known: int | None = None

    convex: bool = True

    @property
    def name(self) -> str:
        whole = self.known in (None, self.depth)
        return "tree-softmax" if whole else "capacity-limited-tree"

    @property
    def responses(self) -> int:
        return 2**self.depth

    @property
    def layers(self) -> int:
        """Layers that the model learns."""
        return self.depth if self.known is None else self.known

    def init(self, rng):
        """Logits 0: every token is a fair coin."""
        del rng
        return jnp.zeros((self.prompts, 2**self.layers - 1))

    def log_probabilities(self, params):
        leaves = np.arange(self.responses)
        result = jnp.full((self.prompts, self.responses), -(self.depth - self.layers) * np.log(2.0))
        for layer in range(self.layers):  # a loop over layers; each handles all nodes and leaves at once
            prefix = leaves >> (self.depth - layer)
            token = (leaves >> (self.depth - layer - 1)) & 1
            logits = params[:, 2**layer - 1 + prefix]
            result = result + jax.nn.log_sigmoid(jnp.where(token == 1, logits, -logits))
        return result
