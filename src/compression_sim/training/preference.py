"""Preference objectives, exact: every pair of responses enters with its probability, nothing is sampled.

Values and gradients are those of Hugging Face's TRL 0.24 (tests/oracle/test_preference_peers.py).

Each is the published loss on a model whose responses can be listed. `reference` are the parameters that the
published formula calls the reference policy; nothing flows back into them. Nats; logs are natural.
"""

from ..models.base import Model, Params, jax, jnp, kl_divergence
from .objectives import Objective


def pairs(chosen, rejected) -> jnp.ndarray:
    """(prompts, chosen, rejected): probability of every pair, prompts as in `chosen`, both sides independent.

    `chosen`, `rejected`: datasets (prompts, responses). A prompt that only `chosen` has cannot form a pair
    and drops out; what is left has sum 1.
    """
    rejected, chosen = jnp.asarray(rejected), jnp.asarray(chosen)
    total = jnp.sum(rejected, axis=1, keepdims=True)
    given = jnp.where(total > 0, rejected / jnp.where(total > 0, total, 1.0), 0.0)
    joint = chosen[:, :, None] * given[:, None, :]
    return joint / jnp.sum(joint)


def dpo(model: Model, reference: Params, pairs, *, beta: float = 0.1) -> Objective:
    """Direct preference optimisation (arXiv 2305.18290, Eq. 7): -E log sigmoid(beta (r_w - r_l)).

    r = log model - log reference of the chosen (w) and the rejected response (l).
    """

    def objective(params):
        reward = _log_ratio(model, reference, params)
        margin = reward[:, :, None] - reward[:, None, :]
        return -jnp.sum(pairs * jax.nn.log_sigmoid(beta * margin))

    return objective


def simpo(model: Model, pairs, lengths, *, beta: float = 2.0, margin: float = 1.0) -> Objective:
    """SimPO (arXiv 2405.14734, Eq. 6): rewards beta/|y| log model(y), chosen ahead by `margin`; no reference.

    `lengths`: (responses,), tokens of each response.
    """

    def objective(params):
        reward = beta * model.log_probabilities(params) / jnp.asarray(lengths)
        ahead = reward[:, :, None] - reward[:, None, :]
        return -jnp.sum(pairs * jax.nn.log_sigmoid(ahead - margin))

    return objective


def kto(
    model: Model, reference: Params, desirable, undesirable, *, beta: float = 0.1, weights=(1.0, 1.0)
) -> Objective:
    """KTO (arXiv 2402.01306, Eq. 7 in TRL): each response by itself, against z_0 = KL(model || reference).

    Half of the data is `desirable`, half `undesirable` (datasets); a desirable response's value is
    weights[0] sigmoid(beta (r - z_0)), an undesirable one's weights[1] sigmoid(beta (z_0 - r)), the loss the
    mean of weight - value. z_0 is the exact mean over the prompts of the data, where TRL has an estimate from
    other prompts' responses, cut off at 0; no gradient flows through it.
    """
    good, bad = jnp.asarray(desirable) / 2, jnp.asarray(undesirable) / 2
    prompts = jnp.sum(good + bad, axis=1)

    def objective(params):
        reward = _log_ratio(model, reference, params)
        anchor = jax.lax.stop_gradient(kl_divergence(model, params, reference, prompts))
        gain = weights[0] * jax.nn.sigmoid(beta * (anchor - reward))  # 1 - sigmoid(x) = sigmoid(-x)
        loss = weights[1] * jax.nn.sigmoid(beta * (reward - anchor))
        return jnp.sum(good * gain + bad * loss)

    return objective


def policy_gradient(model: Model, reference: Params, rewards, prompts, *, penalty: float = 0.1) -> Objective:
    """-(E reward - penalty KL(model || reference)): what PPO ascends, with its gradient exact.

    `rewards`: (prompts, responses) or (responses,); `prompts`: (prompts,) weights. The expectation is a sum
    over responses, so that its gradient is the policy gradient without variance, and no clipping is needed:
    the mean of what TRL's RLOO draws (rloo_trainer.py), where the KL is taken off the reward as well.
    """

    def objective(params):
        model_law = jnp.exp(model.log_probabilities(params))
        gain = rewards - penalty * _log_ratio(model, reference, params)
        return -jnp.sum(jnp.asarray(prompts)[:, None] * model_law * gain)

    return objective


def _log_ratio(model, reference, params):
    """log model - log reference of every response: (prompts, responses), nats."""
    fixed = jax.lax.stop_gradient(model.log_probabilities(reference))
    return model.log_probabilities(params) - fixed
