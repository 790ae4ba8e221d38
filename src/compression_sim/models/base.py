"""The protocol of a model, and what follows from log-probabilities alone.

A dataset is an array (prompts, responses) of non-negative weights with sum 1: how often a prompt comes and
what answers it. Losses are nats per response, code lengths bits.
"""

from typing import Any, Protocol

import numpy as np

from .._jax import jax64

jax, jnp = jax64()

Params = Any
LN2 = float(np.log(2.0))


class Model(Protocol):
    """Parameters in, log-probabilities out; no state of its own. `convex`: its loss is, in the parameters."""

    name: str
    convex: bool

    def init(self, rng: np.random.Generator) -> Params:
        """Start parameters, a pytree of float64 arrays drawn from a NumPy generator."""
        ...

    def log_probabilities(self, params: Params) -> jnp.ndarray:
        """log p(response | prompt), nats: (prompts, responses), rows normalised."""
        ...


def code_lengths(model: Model, params: Params) -> jnp.ndarray:
    """Ideal code length of every response: (prompts, responses), bits."""
    return -model.log_probabilities(params) / LN2


def loss(model: Model, params: Params, dataset) -> jnp.ndarray:
    """Mean code length of a dataset, nats per response: the cross-entropy that training minimises."""
    logs = model.log_probabilities(params)
    return -jnp.sum(jnp.where(dataset > 0, dataset * jnp.where(dataset > 0, logs, 0.0), 0.0))


def kl_divergence(model: Model, reference: Params, params: Params, prompts) -> jnp.ndarray:
    """Mean KL(reference || params) over prompts with the weights `prompts` (prompts,), nats per response."""
    old, new = model.log_probabilities(reference), model.log_probabilities(params)
    return jnp.sum(prompts[:, None] * jnp.exp(old) * (old - new))


def score(model: Model, params: Params, scores, prompts) -> jnp.ndarray:
    """Mean score of generated responses: sum of prompts[c] p(x | c) scores[c, x]."""
    return jnp.sum(prompts[:, None] * jnp.exp(model.log_probabilities(params)) * scores)


def log_ratio(model: Model, old: Params, new: Params) -> jnp.ndarray:
    """log p_new - log p_old of every response: (prompts, responses), nats, without their cancellation.

    The derivative along the segment from old to new, integrated by Gauss-Legendre. Its error is some 1e-16 of
    the change, not of the logarithms: at volume ratios of 1e6 a change of loss is 1e-14 and still has digits.
    For parameters so near that 16 nodes resolve the way between them, as retraining's are.
    """
    step = jax.tree.map(jnp.subtract, new, old)

    def slope(share):
        at = jax.tree.map(lambda x, v: x + share * v, old, step)
        return jax.jvp(model.log_probabilities, (at,), (step,))[1]

    nodes, weights = np.polynomial.legendre.leggauss(16)
    return jnp.tensordot(weights / 2, jax.lax.map(slope, jnp.asarray((1 + nodes) / 2)), axes=1)


def loss_changes(model: Model, old: Params, new: Params, datasets) -> jnp.ndarray:
    """Change of the loss of each of datasets (i, prompts, responses) from old to new: (i,), nats."""
    return -jnp.tensordot(jnp.asarray(datasets), log_ratio(model, old, new), axes=2)


def num_parameters(params: Params) -> int:
    """How many numbers a pytree of parameters holds."""
    return sum(leaf.size for leaf in jax.tree.leaves(params))
