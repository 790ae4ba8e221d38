"""Pre-train, align to several volumes, perturb from each: the grid behind the paper's figures 4 to 9.

Volumes count gradient steps (one unit is `steps` of them) on exact expectations or on minibatches, in the
saturated class the volumes of the mixture. All seeds and all alignment volumes of a class are one compiled
program; the models of a seed are given the same minibatches.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import optax

from ..._jax import jit
from ..._validation import choice, integer, number
from ...models.base import jax, jnp, kl_divergence, loss, score
from ...training import drawn, flow, preference, sft, train
from .batches import over_seeds
from .worlds import ModelClass, World

RECORDED = ("score", "kl_from_base", "kl_to_base", "loss_pretraining", "loss_alignment", "loss_perturbation")


@dataclass(frozen=True)
class Plan:
    """How long each stage is. Volumes are in units of `steps` gradient steps."""

    pretraining: float = 60.0  # volume k of pre-training
    alignments: tuple[int, ...] = (1, 2, 5, 10)  # volumes of positive data
    perturbation: int = 20  # volume of negative data
    points: int = 40  # amounts of negative data at which is recorded, besides 0
    steps: int = 4  # gradient steps per unit of volume
    objective: str = "sft"  # of the perturbation: sft, dpo, kto, simpo, policy-gradient
    speed: float = 1.0  # its learning rate, relative to that of alignment
    optimizer: str = "sgd"  # sgd, adam, flow (gradient flow, over the times of sgd's rates)
    schedule: str = "constant"  # of the rate in every stage: constant, cosine (to 0 at its end)
    batch: int = 0  # responses, pairs or prompts drawn for a step; 0: exact expectations

    def __post_init__(self):
        choice(self.optimizer, "optimizer", OPTIMIZERS)
        choice(self.schedule, "schedule", SCHEDULES)
        integer(self.batch, "batch", 0)
        for name in ("perturbation", "points", "steps"):
            integer(getattr(self, name), name, 1)
        for volume in self.alignments:
            integer(volume, "alignments", 1)
        number(self.pretraining, "pretraining", 0.0, 1e6)
        if (self.perturbation * self.steps) % self.points:
            raise ValueError(f"points must divide perturbation * steps, got {self.points} and "
                             f"{self.perturbation * self.steps}")  # fmt: skip
        if self.objective not in OBJECTIVES:
            raise ValueError(f"objective must be one of {', '.join(OBJECTIVES)}, got {self.objective!r}")

    @property
    def amounts(self) -> np.ndarray:
        return np.linspace(0.0, self.perturbation, self.points + 1)

    def refuse_training(self, hint: str = "") -> None:
        """Refuse what the saturated class, which is not trained, would ignore."""
        for name in ("objective", "speed", "optimizer", "schedule", "batch"):
            if (value := getattr(self, name)) != getattr(Plan, name):
                raise ValueError(f"saturated is not trained and takes no {name}, got {value!r}{hint}")


def _sides(world: World):
    """Responses that the perturbation wants, and those that it does not, to its prompts."""
    return world.negative_data, world.positive * world.perturb[:, None]


def _dpo(model, world, start, draw):
    return preference.dpo(model, start, draw(preference.pairs(*_sides(world))), beta=0.5)


def _kto(model, world, start, draw):
    return preference.kto(model, start, *2 * draw(jnp.stack(_sides(world)) / 2), beta=0.5)


def _simpo(model, world, start, draw):
    lengths = np.full(world.valence.shape, 3.0)
    return preference.simpo(model, draw(preference.pairs(*_sides(world))), lengths, beta=2.0, margin=1.0)


def _policy_gradient(model, world, start, draw):
    return preference.policy_gradient(model, start, 1.0 - world.valence, draw(world.perturb), penalty=0.1)


OBJECTIVES = {  # of (model, world, start of the perturbation, draw); draw(table): all of it, or a minibatch
    "sft": lambda model, world, start, draw: sft(model, draw(world.negative_data)),
    "dpo": _dpo,
    "kto": _kto,
    "simpo": _simpo,
    "policy-gradient": _policy_gradient,
}
OPTIMIZERS = {"sgd": optax.sgd, "adam": optax.adam, "flow": flow}
SCHEDULES = {  # share of the rate after a share of the stage, 0 at its end
    "constant": lambda done: 1.0 * (done < 1),
    "cosine": lambda done: (1 + jnp.cos(jnp.pi * jnp.minimum(done, 1.0))) / 2,
}


def read(model, world: World, base, params) -> dict:
    """What is recorded of a model: score and divergences on test prompts, mean losses of the datasets."""
    data = world.pretraining_data, world.positive_data, world.negative_data
    values = (
        score(model, params, world.valence, world.test),
        kl_divergence(model, base, params, world.test),
        kl_divergence(model, params, base, world.test),
        *(loss(model, params, each) for each in data),
    )
    return dict(zip(RECORDED, values, strict=True))


def layers(model, params, data):
    """Layers of the token tree that a model represents, () out of log2(responses).

    Of each layer the share of what data tell about its token (its prefix given) that the model has learnt:
    1 where it codes like the data's own law, 0 where like a fair coin.
    """
    law, weights = jnp.exp(model.log_probabilities(params)), jnp.sum(data, axis=1, keepdims=True)
    given = data / jnp.where(weights > 0, weights, 1.0)
    total = 0.0
    for layer in range(data.shape[1].bit_length() - 1):  # a loop over layers; each handles all its nodes
        p, q = (_next_token(each, layer) for each in (given, law))
        known, missed = (jnp.sum(weights * jnp.sum(p[0] * part, axis=1, keepdims=True))
                         for part in (jnp.log(2 * p[1]), jnp.log(p[1] / q[1])))  # fmt: skip
        total = total + 1 - missed / known
    return total


def _next_token(law, layer: int):
    """(probability of the first layer + 1 tokens, of the last of them given the others): (prompts, nodes)."""
    nodes = law.reshape(law.shape[0], 2 ** (layer + 1), -1).sum(axis=2)
    pairs = nodes.reshape(law.shape[0], 2**layer, 2)
    return nodes, (pairs / pairs.sum(axis=2, keepdims=True)).reshape(nodes.shape)


def grid(
    model_class: ModelClass, worlds: World, starts, plan: Plan, pretrainings=None
) -> dict[str, np.ndarray]:
    """Records (seeds, alignments, 1 + points) by name; those of the base, (seeds,), as "base_" + name.

    Also `base_layers`, see `layers`, and `drive`: (seeds, alignments), the speed of the score under SFT on
    the negative data at the base over that at the aligned model (R of the level criterion). With
    `pretrainings` (m,), ascending volumes, every array has them as its first axis, all from one run of
    pre-training.
    """
    several = (plan.pretraining,) if pretrainings is None else tuple(pretrainings)
    found = over_seeds(program(model_class, plan, several), worlds, starts)
    found = {name: np.moveaxis(values, 0, 1) for name, values in found.items()}
    return {name: values[0] for name, values in found.items()} if pretrainings is None else found


@lru_cache(maxsize=16)  # sweeps run class by class
def program(model_class: ModelClass, plan: Plan, pretrainings: tuple[float, ...]):
    """The compiled program of a class and plan, (worlds, starts) -> records: one trace per shape."""
    one = _saturated if model_class.name == "saturated" else _trained
    return jit(jax.vmap(lambda world, start: one(model_class, plan, pretrainings, world, start)))


def _trained(model_class, plan, pretrainings, world, start):
    model = model_class.make(world.features)
    first, second, third = jax.random.split(jax.random.key(world.draws), 3)

    def stage(objective, params, key, length, steps, speed=1.0, **records):
        """`steps` steps of objective(draw), whose schedule ends after `length` (maybe traced) of them."""
        rate = (model_class.adam if plan.optimizer == "adam" else model_class.rate) * speed
        share = SCHEDULES[plan.schedule]
        optimizer = OPTIMIZERS[plan.optimizer](
            lambda step: rate * share(1.0 * step / length)
        )  # not in float32
        if not plan.batch:
            return train(objective(lambda table: table), params, optimizer, steps, **records)

        def sampled(params, key):
            return objective(lambda table: drawn(table, key, plan.batch))(params)

        return train(sampled, params, optimizer, steps, key=key, **records)

    bases = []
    for i, volume in enumerate(np.diff(pretrainings, prepend=0.0)):  # a loop over stages of pre-training
        steps = round(volume * plan.steps)
        objective = lambda draw: sft(model, draw(world.pretraining_data))  # noqa: E731
        start, _ = stage(objective, start, jax.random.fold_in(first, i), steps, steps)
        bases.append(start)

    def from_base(base):
        lengths = plan.steps * np.asarray(plan.alignments)
        objective = lambda draw: sft(model, draw(world.positive_data))  # noqa: E731
        aligned, _ = jax.vmap(lambda length: stage(objective, base, second, length, lengths.max()))(lengths)

        def perturbed(params):
            objective = lambda draw: OBJECTIVES[plan.objective](model, world, params, draw)  # noqa: E731
            steps = plan.perturbation * plan.steps
            look = lambda p: read(model, world, base, p)  # noqa: E731
            _, curve = stage(
                objective, params, third, steps, steps, plan.speed, records=plan.points, record=look
            )
            return jax.tree.map(lambda first, rest: jnp.concatenate([first[None], rest]), look(params), curve)

        def speed(params):
            rise = jax.grad(lambda p: score(model, p, world.valence, world.test))(params)
            pull = jax.grad(sft(model, world.negative_data))(params)
            return sum(jnp.vdot(a, b) for a, b in zip(*map(jax.tree.leaves, (rise, pull)), strict=True))

        of_base = {"base_" + name: value for name, value in read(model, world, base, base).items()}
        of_base["base_layers"] = layers(model, base, world.pretraining_data)
        drive = speed(base) / jax.vmap(speed)(aligned)
        return jax.vmap(perturbed)(aligned) | of_base | {"drive": drive}

    return jax.vmap(from_base)(jax.tree.map(lambda *parts: jnp.stack(parts), *bases))


def _saturated(model_class, plan, pretrainings, world, start):
    """The mixture itself: no training, the volumes are those of the joint distribution."""
    plan.refuse_training()
    model = model_class.make(world.features)
    datasets = world.pretraining_data, world.positive_data, world.negative_data

    def cell(k, aligned, amount):
        return read(
            model,
            world,
            datasets[0],
            model.fit(datasets, (k, model_class.rate * aligned, model_class.rate * amount)),
        )

    ks, alignments = jnp.asarray(pretrainings, float), jnp.asarray(plan.alignments, float)
    over = jax.vmap(jax.vmap(jax.vmap(cell, (None, None, 0)), (None, 0, None)), (0, None, None))
    curves = over(ks, alignments, jnp.asarray(plan.amounts))
    of_base = {"base_" + name: jnp.broadcast_to(value, ks.shape)
               for name, value in read(model, world, datasets[0], datasets[0]).items()}  # fmt: skip
    of_base["base_layers"] = jnp.broadcast_to(layers(model, datasets[0], datasets[0]), ks.shape)
    own = jnp.sum(world.test * (world.negative @ world.valence))
    drive = (of_base["base_score"][:, None] - own) / (curves["score"][..., 0] - own)
    return curves | of_base | {"drive": drive}
