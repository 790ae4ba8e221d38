"""What is minimised: functions of the parameters (and a key, where minibatches are drawn), in nats."""

from collections.abc import Callable

from ..models.base import Model, Params, jax, jnp, kl_divergence, loss

Objective = Callable[[Params], jnp.ndarray]


def sft(model: Model, dataset) -> Objective:
    """Supervised fine-tuning: the mean code length of a dataset (prompts, responses)."""
    return lambda params: loss(model, params, dataset)


def mixture(model: Model, datasets, volumes) -> Objective:
    """Joint training: sum_i n_i L_i / T, for datasets (i, prompts, responses) and volumes (i,)."""
    volumes = jnp.asarray(volumes)
    joint = jnp.tensordot(volumes / jnp.sum(volumes), jnp.asarray(datasets), axes=1)
    return sft(model, joint)


def with_kl_penalty(objective: Objective, model: Model, reference: Params, weight, prompts, *, reverse=False):
    """objective + weight KL(reference || model) over prompts; `reverse`: KL(model || reference), as RLHF.

    `objective` may draw minibatches; the penalty is exact.
    """

    def penalised(params, *key):
        pair = (params, reference) if reverse else (reference, params)
        return objective(params, *key) + weight * kl_divergence(model, *pair, prompts)

    return penalised


def drawn(table, key, size: int) -> jnp.ndarray:
    """What `size` draws from a table of weights (any shape, sum 1) look like: their shares, in its shape.

    An exact objective of a drawn table is the objective of a minibatch: sft of drawn responses, dpo of drawn
    pairs, policy_gradient of drawn prompts.
    """
    table = jnp.asarray(table)
    return jnp.zeros(table.size).at[_draws(table, key, size)].add(1 / size).reshape(table.shape)


def minibatch(model: Model, dataset, size: int) -> Callable:
    """(params, key) -> mean code length of `size` responses drawn from the dataset: sft of `drawn`.

    A network scores the drawn responses only, and not all that there are.
    """

    def sampled(params, key):
        draws = _draws(jnp.asarray(dataset), key, size)
        if hasattr(model, "log_probability"):
            return -jnp.mean(model.log_probability(params, *jnp.divmod(draws, model.responses)))
        return -jnp.mean(model.log_probabilities(params).ravel()[draws])

    return sampled


def _draws(table, key, size):
    """Indices into the raveled table."""
    return jax.random.categorical(key, jnp.log(jnp.maximum(table, 1e-300)).ravel(), shape=(size,))
