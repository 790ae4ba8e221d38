"""The dot products that first-order probes need, from a model's gradients (`estimators.statistics.probes`).

With an update d theta of the perturbation and the alignment gradient g_a: of every response r the gradient of
its loss times the update, and v' H_r d theta, H_r the Hessian of its loss (v = g_a, or preconditioned). Both
are derivatives along given directions, of all responses at once: forward mode, and no gradient of a single
response nor any Hessian is ever formed.
"""

from collections.abc import Callable

import numpy as np

from ..models.base import LN2, Model, Params, jax, jnp

Losses = Callable[[Params], jnp.ndarray]


def response_losses(model: Model, prompts, responses) -> Losses:
    """Code lengths of given responses as a function of the parameters: (n,), bits.

    `prompts`, `responses`: (n,) indices into the model's log-probabilities.
    """
    at = jnp.asarray(prompts), jnp.asarray(responses)
    return lambda params: -model.log_probabilities(params)[at] / LN2


def update_along(losses: Losses, params: Params, rate: float = 1.0) -> Params:
    """The update of a gradient step on the mean loss: -rate times its gradient, a pytree like `params`."""
    slopes = jax.grad(lambda at: jnp.mean(losses(at)))(params)
    return jax.tree.map(lambda slope: -rate * slope, slopes)


def probe_dots(losses: Losses, params: Params, update: Params) -> np.ndarray:
    """Gradient of every response's loss times the update: (n,), the column `probe`."""
    return np.asarray(jax.jvp(losses, (params,), (update,))[1])


def curvature_dots(losses: Losses, params: Params, along: Params, update: Params) -> np.ndarray:
    """along' (Hessian of every response's loss) update: (n,), the column `curvature`.

    `along`: the direction in which the alignment flow leaves `params`, its gradient g_a (or A g_a). One
    Hessian-vector product of the mean loss, kept apart by response.
    """

    def slope(at):
        return jax.jvp(losses, (at,), (update,))[1]

    return np.asarray(jax.jvp(slope, (params,), (along,))[1])
