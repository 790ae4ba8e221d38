"""The families of models that experiments train. An entry of FAMILIES is all that registers one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ... import models
from .worlds import (
    OPPOSED,
    STEEP,
    ModelClass,
    capacity_limited,
    log_linear,
    low_rank,
    scalar,
    shared_gain,
    transformer,
)


@dataclass(frozen=True)
class Family:
    """Models of one name: how experiments train them, and how tables and figures show them.

    `classes`: in toy worlds, by design: "" where alignment, perturbation and test use the same prompts,
    "held-out" where each has its own. Their names are "family" and "family/held-out".
    `witnesses`: classes with the geometry that one claim asks for, for the experiment that needs them.
    `retrained(prompts, depth, rng)`: the model over 2**depth responses that `k-ratio` and
    `sequential-ratio` train; None where they have none.
    `short`, `colour`, `marker`: up to four letters in the matrix, and the looks in figures; where they are
    empty, letters come from the name and looks from a cycle.
    """

    name: str
    classes: Mapping[str, ModelClass] = field(default_factory=dict)
    retrained: Callable | None = None
    witnesses: Mapping[str, ModelClass] = field(default_factory=dict)
    short: str = ""
    colour: str = ""
    marker: str = ""


def _designs(build: Callable[..., ModelClass]) -> dict[str, ModelClass]:
    return {"": build(held_out=False), "held-out": build(held_out=True)}


FAMILIES = (  # the colours are Okabe and Ito's, with three of ours
    Family(
        "saturated",
        {"": ModelClass("saturated", lambda _: models.Saturated(6, 8), 10.0)},
        lambda prompts, depth, rng: models.Saturated(prompts, 2**depth),
        short="sat", colour="#000000", marker="o",
    ),
    Family("scalar", {"": scalar()}, short="scal"),
    Family(
        "tabular-softmax",
        {"": ModelClass("tabular-softmax", lambda _: models.TabularSoftmax(6, 8), 6.0)},
        lambda prompts, depth, rng: models.TabularSoftmax(prompts, 2**depth),
        short="tab", colour="#0072B2", marker="^",
    ),
    Family(
        "tree-softmax",
        retrained=lambda prompts, depth, rng: models.TreeSoftmax(prompts, depth),
        colour="#56B4E9", marker="v",
    ),
    Family(
        "capacity-limited-tree",
        {"": capacity_limited(2)},
        lambda prompts, depth, rng: models.TreeSoftmax(prompts, depth, known=depth - 1),
        short="tree", colour="#009E73", marker="s",
    ),
    Family(
        "node-budget-tree",
        retrained=lambda prompts, depth, rng: models.TreeSoftmax(prompts, depth, nodes=(0, 2, 5, 6)),
        colour="#6B6B00", marker="<",
    ),
    Family(
        "low-rank",
        _designs(low_rank),
        lambda prompts, depth, rng: models.LowRank(prompts, 2**depth, rank=2),
        short="rank", colour="#E69F00", marker="D",
    ),
    Family(
        "log-linear",
        _designs(log_linear),
        lambda prompts, depth, rng: models.LogLinear.random(prompts, 2**depth, 8, rng),
        {"opposed": OPPOSED, "steep": STEEP},
        short="lin", colour="#D55E00", marker="P",
    ),
    Family(
        "shared-gain",
        _designs(shared_gain),  # two responses to each of its prompts
        lambda prompts, depth, rng: models.SharedGain(rng.normal(size=(prompts * 2**depth // 2, 4))),
        short="gain", colour="#CC79A7", marker="X",
    ),
    Family(
        "transformer",
        _designs(transformer),
        lambda prompts, depth, rng: models.Transformer(prompts, depth, width=12),
        short="tran", colour="#7A4FBF", marker="*",
    ),
)  # fmt: skip


def _named(classes: str) -> dict[str, ModelClass]:
    return {
        f"{family.name}/{design}" if design else family.name: model_class
        for family in FAMILIES
        for design, model_class in getattr(family, classes).items()
    }


MODEL_CLASSES = _named("classes")
WITNESS_CLASSES = _named("witnesses")
RETRAINED = {family.name: family.retrained for family in FAMILIES if family.retrained}


def family(name: str) -> Family:
    """The family of a class; of a name that none has, one with nothing but the name."""
    own = name.partition("/")[0]
    return next((each for each in FAMILIES if each.name == own), Family(own))


def short(name: str) -> str:
    """A class in up to four letters."""
    own, _, design = name.partition("/")
    letters = family(own).short or own[:4].rstrip("-")
    return {"": letters, "held-out": letters[:2] + "/h"}.get(design, design[:4])
