"""Models that see features: what is learnt on one prompt moves the others.

`LogLinear` has fixed features and a convex loss. `SharedGain` learns one feature and its gain,
f = a (w . x): the smallest model whose tangent kernel grows with training.
"""

from dataclasses import dataclass, field

import numpy as np

from .base import jax, jnp


@dataclass(frozen=True, eq=False)
class LogLinear:
    """p(response | prompt) = softmax over responses of features[prompt, response] . w."""

    features: np.ndarray = field(repr=False)  # (prompts, responses, parameters)
    name: str = "log-linear"
    convex: bool = True

    @classmethod
    def logistic(cls, inputs) -> "LogLinear":
        """Two responses per prompt, logit inputs[prompt] . w for the first: (prompts, parameters)."""
        inputs = np.asarray(inputs, float)
        return cls(np.stack([inputs, np.zeros_like(inputs)], axis=1))

    @classmethod
    def random(cls, prompts: int, responses: int, parameters: int, rng) -> "LogLinear":
        """Standard normal features over sqrt(parameters)."""
        return cls(rng.normal(size=(prompts, responses, parameters)) / np.sqrt(parameters))

    def init(self, rng):
        """Weights 0: the uniform model."""
        del rng
        return jnp.zeros(self.features.shape[2])

    def log_probabilities(self, params):
        return jax.nn.log_softmax(jnp.asarray(self.features) @ params, axis=1)


@dataclass(frozen=True, eq=False)
class SharedGain:
    """Two responses per prompt, logit a (w . inputs[prompt]) for the first: (prompts, features)."""

    inputs: np.ndarray = field(repr=False)
    scale: float = 0.05
    name: str = "shared-gain"
    convex: bool = False

    def init(self, rng):
        """A balanced small start: |w| = a = `scale` in a random direction."""
        direction = rng.normal(size=self.inputs.shape[1])
        return jnp.asarray(self.scale), jnp.asarray(self.scale * direction / np.linalg.norm(direction))

    def log_probabilities(self, params):
        gain, weights = params
        logits = gain * (jnp.asarray(self.inputs) @ weights)
        return jnp.stack([jax.nn.log_sigmoid(logits), jax.nn.log_sigmoid(-logits)], axis=1)
