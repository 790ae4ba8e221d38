"""Table 1: is a model easier to train back to what it said before than forward to what it will say?

One alignment in three slices gives models 1, 2, 3; D_k is what model k answers to test prompts, its law
exactly. Forward trains model k on D_l, inverse model l on D_k (k < l), for the time of a slice. Effects are
the forward end loss less the inverse one, nats per response: as printed (over the pairs 2-1, 3-2, 3-1); on
the same target D_2; and in excess of the target's own entropy.
"""

from dataclasses import dataclass
from functools import lru_cache

import optax

from .._jax import jit
from .._validation import integer, number
from ..models.base import jax, jnp, loss
from ..training import sft, train
from . import rebound
from ._lab import effects
from ._lab.batches import over_seeds
from ._lab.parameters import Trained
from ._lab.protocol import Plan
from ._lab.worlds import ModelClass, World

CLAIMS = {
    "table-1": "forward less inverse training loss, mean over three pairs, nats",
    "table-1/same-target": "model 1 on D_2 less model 3 on D_2, nats",
    "table-1/excess": "forward less inverse excess over the target's entropy, nats",
}
PAIRS = ((0, 1), (1, 2), (0, 2))  # (k, l): 2-1, 3-2, 3-1


@dataclass(frozen=True)
class Parameters(Trained):
    """What is trained; volumes in units of gradient steps as in `rebound`."""

    slice: int = 2  # volume of one slice of alignment, and of the training that follows
    pretraining: float = 60.0  # volume of pre-training

    def __post_init__(self):
        super().__post_init__()
        integer(self.slice, "slice", 1)
        number(self.pretraining, "pretraining", 0.0, 1e6)


PRESETS = {
    "quick": Parameters(models=rebound.QUICK, seeds=6),
    "standard": Parameters(),
    "full": Parameters(seeds=40),
}


def run(parameters: Parameters, seed: int, cells):
    """End losses of every (model, scenario, seed, start, target), and the effects."""

    def cell(model_class, *drawn):
        return measured(*end_losses(model_class, *drawn, parameters.slice, parameters.pretraining))

    return parameters.over_worlds(cells, cell)


def end_losses(model_class: ModelClass, worlds: World, starts, slice_: int, pretraining: float):
    """Losses (seeds, 3 starts, 3 targets) after training, and the targets' entropies (seeds, 3), nats."""
    return over_seeds(program(model_class, slice_, pretraining), worlds, starts)


@lru_cache(maxsize=16)  # sweeps run class by class
def program(model_class: ModelClass, slice_: int, pretraining: float):
    """The compiled program of a class, (worlds, starts) -> what `end_losses` returns: one trace per shape."""
    one = _saturated if model_class.name == "saturated" else _trained
    return jit(jax.vmap(lambda world, start: one(model_class, slice_, pretraining, world, start)))


def _trained(model_class, slice_, pretraining, world, start):
    model, step, unit = model_class.make(world.features), optax.sgd(model_class.rate), slice_ * Plan.steps
    base, _ = train(sft(model, world.pretraining_data), start, step, round(pretraining * Plan.steps))
    _, models = train(sft(model, world.positive_data), base, step, 3 * unit, records=3)
    targets = jax.vmap(lambda params: _answers(model, params, world))(models)

    def end(params, target):
        after, _ = train(sft(model, target), params, step, unit)
        return loss(model, after, target)

    return jax.vmap(jax.vmap(end, (None, 0)), (0, None))(models, targets), _entropies(world, targets)


def _saturated(model_class, slice_, pretraining, world, start):
    model, unit = model_class.make(world.features), model_class.rate * slice_
    models = [pretraining * world.pretraining_data + n * unit * world.positive_data for n in (1, 2, 3)]
    targets = jnp.stack([_answers(model, params, world) for params in models])
    losses = [[loss(model, params + unit * target, target) for target in targets] for params in models]
    return jnp.array(losses), _entropies(world, targets)


def _answers(model, params, world):
    return world.test[:, None] * jnp.exp(model.log_probabilities(params))


def _entropies(world, targets):
    """Entropy of the response given the prompt: (targets,), nats."""
    given = targets / jnp.where(world.test > 0, world.test, 1.0)[:, None]
    return -jnp.sum(jnp.where(targets > 0, targets * jnp.log(jnp.where(given > 0, given, 1.0)), 0.0), (1, 2))


def gaps(losses, entropies) -> tuple:
    """(forward - inverse loss, same on D_2, the same in excess) of (..., 3, 3) losses, (..., 3) entropies."""
    excess = losses - entropies[..., None, :]

    def mean_gap(values):
        return sum(values[..., k, other] - values[..., other, k] for k, other in PAIRS) / len(PAIRS)

    return mean_gap(losses), losses[..., 0, 1] - losses[..., 2, 1], mean_gap(excess)


def measured(losses, entropies):
    """Losses and effects of one class: an xarray.Dataset."""
    found = [effects.paired([losses, entropies], lambda a, b, i=i: gaps(a, b)[i]) for i in range(len(CLAIMS))]
    result = effects.table({claim: (each, 0.0) for claim, each in zip(CLAIMS, found, strict=True)})
    result = result.assign_coords(start=[1, 2, 3], target=[1, 2, 3])
    result["loss"] = ("seed", "start", "target"), losses
    result["entropy"] = ("seed", "target"), entropies
    for name in ("loss", "entropy"):
        result[name].attrs.update(units="nats per response")
    return result
