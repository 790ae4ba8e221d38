"""Worlds in which models are pre-trained, aligned and perturbed, and the classes of models that live there.

A response has a valence, 1 (positive) or 0. Pre-training data have a law of responses for every prompt;
positive data tilt it towards valence 1, negative data towards 0, each with quirks of its own, so that one is
not the mirror of the other. Half of every law is shared by the prompts, half is the prompt's own. In the
design `same` alignment, perturbation and test use all prompts; in `held-out` each has a third of its own
(pre-training has all): only models that generalise over prompts have anything to show there.

Two scenarios: `midway`, where the base lies halfway between both kinds of data (as the paper's IMDb), and
`near`, where negative data are close to what the base says (as its BeaverTails).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ... import models
from ..._validation import choice
from ...models.base import jax, jnp

TILT, QUIRK, SPREAD = 3.0, 1.0, 0.7  # nats: log-odds of valence, and deviations of a logit
NEAR_QUIRK = 0.1  # of negative data, where they are close to the base
SCENARIOS = ("midway", "near")


class World(NamedTuple):
    """One draw. Laws are (prompts, responses) with rows of sum 1, roles (prompts,) weights of sum 1."""

    base: np.ndarray
    positive: np.ndarray
    negative: np.ndarray
    valence: np.ndarray  # (responses,)
    align: np.ndarray
    perturb: np.ndarray
    test: np.ndarray
    features: np.ndarray  # what the class sees of prompts and responses
    draws: np.ndarray  # the seed of its minibatches

    @property
    def pretraining_data(self):
        return self.base / self.base.shape[0]

    @property
    def positive_data(self):
        return self.positive * self.align[:, None]

    @property
    def negative_data(self):
        return self.negative * self.perturb[:, None]

    def exchanged(self) -> "World":
        """Roles exchanged: negative data first, then positive, and the score counts valence 0."""
        return self._replace(positive=self.negative, negative=self.positive, valence=1 - self.valence)


def _none(rng, prompts, responses):
    return np.zeros(0)


def _random_features(width):
    """Half of what is seen of a response is the same for every prompt."""

    def draw(rng, prompts, responses):
        shared, own = rng.normal(size=(1, responses, width)), rng.normal(size=(prompts, responses, width))
        return (shared + own) / np.sqrt(2 * width)

    return draw


def _inputs(rng, prompts, responses, width=4):
    """Unit vectors that share a direction: (prompts, width)."""
    shared, own = rng.normal(size=(1, width)), rng.normal(size=(prompts, width))
    inputs = shared + own
    return inputs / np.linalg.norm(inputs, axis=1, keepdims=True)


@dataclass(frozen=True)
class ModelClass:
    """A class of models in its world (families.py lists them). `make(features)`: the model.

    `rate`: the size of a gradient step; in the saturated class how much alignment or perturbation
    data a unit of volume is. `adam`: Adam's.
    """

    name: str
    make: Callable
    rate: float
    prompts: int = 6
    responses: int = 8
    held_out: bool = False
    features: Callable = _none
    adam: float = 0.1

    def world(self, rng, scenario: str = "midway") -> World:
        """Draw a world of this class."""
        c, x = self.prompts, self.responses

        def logits(spread):
            return spread * (rng.normal(size=(1, x)) + rng.normal(size=(c, x))) / np.sqrt(2)

        def law(z):
            z = np.exp(z - z.max(axis=1, keepdims=True))
            return z / z.sum(axis=1, keepdims=True)

        valence = rng.permutation(np.arange(x) % 2).astype(float)
        near = choice(scenario, "scenario", SCENARIOS) == "near"
        base = logits(SPREAD) - near * TILT * valence
        third = np.arange(c) * 3 // c
        roles = [(third == i if self.held_out else third >= 0) for i in range(3)]
        return World(
            law(base),
            law(base + (1 + near) * TILT * valence + logits(QUIRK)),
            law(base - (1 - near) * TILT * valence + logits(NEAR_QUIRK if near else QUIRK)),
            valence,
            *(role / role.sum() for role in roles),
            self.features(rng, c, x),
            rng.spawn(1)[0].integers(2**32, dtype=np.uint32),  # without a change of what is drawn next
        )

    def draw(self, seeds: int, rng, scenario: str = "midway") -> tuple[World, object]:
        """`seeds` worlds and start parameters, stacked along a new first axis."""
        streams = rng.spawn(seeds)  # a seed has the same laws in every size of a class
        worlds = [self.world(stream, scenario) for stream in streams]
        starts = [self.make(w.features).init(stream) for w, stream in zip(worlds, streams, strict=True)]
        return tuple(jax.tree.map(lambda *parts: jnp.stack(parts), *each) for each in (worlds, starts))


def log_linear(width: int = 24, *, held_out: bool) -> ModelClass:
    """Random features of a width, at any size of unit length on average."""
    return ModelClass(
        "log-linear", models.LogLinear, 2.0, 12, held_out=held_out, features=_random_features(width)
    )


def low_rank(rank: int = 3, *, held_out: bool) -> ModelClass:
    """A table of logits of a rank."""
    return ModelClass(
        "low-rank", lambda _: models.LowRank(12, 8, rank), 1.0, 12, held_out=held_out, adam=0.05
    )


def transformer(width: int = 8, *, held_out: bool, depth: int = 3) -> ModelClass:
    """One block, two heads."""
    make = lambda _: models.Transformer(6, depth, width)  # noqa: E731
    return ModelClass("transformer", make, 0.15, 6, 2**depth, held_out=held_out, adam=0.02)


def shared_gain(*, held_out: bool) -> ModelClass:
    """Two responses, four inputs."""
    return ModelClass("shared-gain", models.SharedGain, 0.5, 12, 2, held_out=held_out, features=_inputs)


def capacity_limited(known: int) -> ModelClass:
    """Trees of 3 layers of which `known` are learnt; all of them: the whole tree."""
    tree = models.TreeSoftmax(6, 3, known)
    return ModelClass(tree.name, lambda _: tree, 8.0)


def scalar() -> ModelClass:
    """One number: the logit of the first of two responses to one prompt."""
    return ModelClass("scalar", models.LogLinear, 1.0, 1, 2, features=lambda *_: np.array([[[1.0], [0.0]]]))


def _opposed(rng, prompts, responses):
    """Contexts near (1, 1), (1, 0), (1, -1/2) as logits of the first response."""
    inputs = np.array([[1.0, 1.0], [1.0, 0.0], [1.0, -0.5]]) + 0.1 * rng.normal(size=(3, 2))
    return np.stack([inputs, np.zeros_like(inputs)], axis=1)


@dataclass(frozen=True)
class Steep(ModelClass):
    """Two weights with the geometry in which return counts fall (falling-count-witness), pre-trained exactly.

    Contexts of alignment (1, 1), perturbation (1, 0) and test g (1, -beta), pure responses; the base is at
    logit 0 on the test and at z on the perturbation: far below -2 where negative data are `near`, -1 midway.
    """

    def world(self, rng, scenario: str = "midway") -> World:
        """Draw z, beta near 0.9 and g near 4.2."""
        z = (-6.0 if choice(scenario, "scenario", SCENARIOS) == "near" else -1.0) * rng.uniform(0.99, 1.01)
        beta, gain = rng.uniform(0.89, 0.91), rng.uniform(4.1, 4.3)
        inputs = np.array([[1.0, 1.0], [1.0, 0.0], [gain, -beta * gain]])
        first = 1 / (1 + np.exp(-(inputs @ [z, z / beta])))
        pure = np.tile([1.0, 0.0], (3, 1))
        roles = np.eye(3)
        features = np.stack([inputs, np.zeros_like(inputs)], axis=1)
        base = np.stack([first, 1 - first], axis=1)
        draws = rng.integers(2**32, dtype=np.uint32)
        return World(base, pure, pure[:, ::-1], np.array([1.0, 0.0]), *roles, features, draws)

    def draw(self, seeds: int, rng, scenario: str = "midway") -> tuple[World, object]:
        """As for any class; it starts where pre-training ends."""
        worlds, _ = super().draw(seeds, rng, scenario)
        inputs = worlds.features[:, :2, 0]
        logits = jnp.log(worlds.base[:, :2, 0] / worlds.base[:, :2, 1])
        return worlds, jnp.linalg.solve(inputs, logits[..., None])[..., 0]


STEEP = Steep("log-linear", models.LogLinear, 0.1, 3, 2, held_out=True, features=_none)
OPPOSED = ModelClass("log-linear", models.LogLinear, 1.0, 3, 2, held_out=True, features=_opposed)
