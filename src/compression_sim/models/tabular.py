"""Softmax tables: one logit per prompt and response, or a table of low rank."""

from dataclasses import dataclass

from .base import jax, jnp


@dataclass(frozen=True)
class TabularSoftmax:
    """One free logit for every response to every prompt: saturated, but trained by gradients."""

    prompts: int
    responses: int
    name: str = "tabular-softmax"
    convex: bool = True

    def init(self, rng):
        """Logits 0: the uniform model."""
        del rng
        return jnp.zeros((self.prompts, self.responses))

    def log_probabilities(self, params):
        return jax.nn.log_softmax(params, axis=1)


@dataclass(frozen=True)
class LowRank:
    """Logits U V' of a small rank: prompts share what they know about responses."""

    prompts: int
    responses: int
    rank: int
    name: str = "low-rank"
    convex: bool = False

    def init(self, rng):
        """Small normal factors: at exactly 0 both gradients vanish."""
        shapes = (self.prompts, self.rank), (self.responses, self.rank)
        return tuple(jnp.asarray(rng.normal(0.0, 0.3, shape)) for shape in shapes)

    def log_probabilities(self, params):
        left, right = params
        return jax.nn.log_softmax(left @ right.T, axis=1)
