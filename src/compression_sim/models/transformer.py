"""A small autoregressive transformer over bits, bytes or any alphabet, whole in one file.

A prompt is a token of its own in front of the response; causal attention, pre-norm blocks, learned
positions, no dropout, no biases. Every response is scored exactly: all vocabulary^depth strings in one batch,
or, where they are too many, those that are asked for. A few hundred to some millions of parameters.
"""

from dataclasses import dataclass

import numpy as np

from .base import jax, jnp


@dataclass(frozen=True)
class Transformer:
    """Strings of `depth` tokens after one of `prompts` prompt tokens; `width` must be divisible by `heads`.

    `vocabulary`: 2 for bits, 256 for bytes. A response is numbered by its tokens as digits, the first
    one highest; vocabulary^depth must be below 2^63.
    """

    prompts: int
    depth: int
    width: int = 16
    heads: int = 2
    blocks: int = 1
    vocabulary: int = 2
    name: str = "transformer"
    convex: bool = False

    @property
    def responses(self) -> int:
        return self.vocabulary**self.depth

    def init(self, rng):
        """Normal matrices of standard deviation 1/sqrt(fan-in); residual outputs and the head start small."""
        width, hidden = self.width, 4 * self.width

        def matrix(rows, columns, gain=1.0):
            return jnp.asarray(rng.normal(0.0, gain / np.sqrt(rows), (rows, columns)))

        small = 0.5 / np.sqrt(2 * self.blocks)
        block = [
            {
                "qkv": matrix(width, 3 * width),
                "out": matrix(width, width, small),
                "up": matrix(width, hidden),
                "down": matrix(hidden, width, small),
            }
            for _ in range(self.blocks)
        ]
        return {
            "token": jnp.asarray(rng.normal(0.0, 0.5, (self.prompts + self.vocabulary, width))),
            "position": jnp.asarray(rng.normal(0.0, 0.5, (self.depth, width))),
            "blocks": block,
            "head": matrix(width, self.vocabulary, 0.1),
        }

    def log_probabilities(self, params):
        prompts, responses = np.indices((self.prompts, self.responses)).reshape(2, -1)
        return self.log_probability(params, prompts, responses).reshape(self.prompts, self.responses)

    def log_probability(self, params, prompts, responses):
        """log p(response | prompt) of pairs alone, (pairs,) each: what a minibatch costs."""
        digits = self.vocabulary ** np.arange(self.depth)[::-1]
        tokens = responses[:, None] // digits % self.vocabulary
        seen = jnp.concatenate([prompts[:, None], self.prompts + tokens[:, :-1]], axis=1)
        x = params["token"][seen] + params["position"]
        for block in params["blocks"]:
            x = x + self._attend(block, _norm(x))
            x = x + jax.nn.gelu(_norm(x) @ block["up"]) @ block["down"]
        logs = jax.nn.log_softmax(_norm(x) @ params["head"], axis=-1)
        return jnp.sum(jnp.take_along_axis(logs, tokens[:, :, None], axis=2), axis=(1, 2))

    def _attend(self, block, x):
        batch, length, width = x.shape
        split = (batch, length, 3, self.heads, width // self.heads)
        q, k, v = jnp.moveaxis((x @ block["qkv"]).reshape(split), 2, 0)
        scores = jnp.einsum("bihd,bjhd->bhij", q, k) / np.sqrt(width // self.heads)
        causal = np.tril(np.ones((length, length), bool))
        weights = jax.nn.softmax(jnp.where(causal, scores, -jnp.inf), axis=-1)
        return jnp.einsum("bhij,bjhd->bihd", weights, v).reshape(batch, length, width) @ block["out"]


def _norm(x):
    """Root-mean-square norm without gain."""
    return x / jnp.sqrt(jnp.mean(x * x, axis=-1, keepdims=True) + 1e-6)
