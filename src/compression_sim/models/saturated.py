"""The saturated model: it learns any joint distribution exactly, so nothing has to be trained."""

from dataclasses import dataclass

from .base import jnp


@dataclass(frozen=True)
class Saturated:
    """Parameters are the weights of the joint data themselves, (prompts, responses), in any unit.

    `log_probabilities` conditions on the prompt. `fit` gives the exact minimiser of the mixture's loss.
    """

    prompts: int
    responses: int
    name: str = "saturated"
    convex: bool = True

    def init(self, rng):
        """Uniform weights."""
        del rng
        return jnp.ones((self.prompts, self.responses))

    def log_probabilities(self, params):
        return jnp.log(params) - jnp.log(jnp.sum(params, axis=1, keepdims=True))

    def fit(self, datasets, volumes):
        """sum_i n_i P_i: what training to the end on the mixture learns."""
        return jnp.tensordot(jnp.asarray(volumes), jnp.asarray(datasets), axes=1)
