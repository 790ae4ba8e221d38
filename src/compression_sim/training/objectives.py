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
    """objective + weight KL(reference || model) over prompts; `reverse`: KL(model || reference), as RLHF."""

    def penalised(params):
        pair = (params, reference) if reverse else (reference, params)
        return objective(params) + weight * kl_divergence(model, *pair, prompts)

    return penalised


def minibatch(model: Model, dataset, size: int) -> Callable:
    """(params, key) -> mean code length of `size` responses drawn from the dataset with that key."""
    logits = jnp.log(jnp.maximum(dataset, 1e-300)).ravel()

    def sampled(params, key):
        drawn = jax.random.categorical(key, logits, shape=(size,))
        if hasattr(model, "log_probability"):  # a network scores the drawn responses only
            return -jnp.mean(model.log_probability(params, *jnp.divmod(drawn, model.responses)))
        return -jnp.mean(model.log_probabilities(params).ravel()[drawn])

    return sampled
