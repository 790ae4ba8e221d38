"""Parameters that experiments share, each with its check: classes and worlds, stages, pre-training."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar

from ..._validation import choice, integer, number
from .families import MODEL_CLASSES
from .protocol import Plan
from .worlds import SCENARIOS, ModelClass


@dataclass(frozen=True)
class Trained:
    """Which classes are trained, in how many worlds."""

    KNOWN: ClassVar[tuple[str, ...]] = tuple(MODEL_CLASSES)

    models: tuple[str, ...] = tuple(MODEL_CLASSES)  # classes of models
    scenarios: tuple[str, ...] = SCENARIOS  # where the base lies between both kinds of data
    seeds: int = 20  # worlds

    def __post_init__(self):
        for name, known in (("models", self.KNOWN), ("scenarios", SCENARIOS)):
            for value in getattr(self, name):
                choice(value, name, known)
        integer(self.seeds, "seeds", 4)  # halves of two: `overtaken_unselected`

    def over_worlds(self, cells, compute: Callable, classes: Mapping[str, ModelClass] = MODEL_CLASSES):
        """compute(class, worlds, starts), an xarray.Dataset, of every class of models in every scenario."""

        def cell(model, scenario):
            model_class = classes[model]
            drawn = model_class.draw(self.seeds, cells.rng(model, scenario), scenario)
            return compute(model_class, *drawn)

        return cells.grid(cell, model=self.models, scenario=self.scenarios)


@dataclass(frozen=True)
class Stages(Trained):
    """Alignment and perturbation; volumes in units of `Plan.steps` gradient steps."""

    alignments: tuple[int, ...] = (1, 2, 5, 10)  # volumes of positive data
    perturbation: int = 20  # volume of negative data
    window: float = 4.0  # volume of negative data over which the fall is measured

    def __post_init__(self):
        super().__post_init__()
        ascending(self.alignments, "alignments")
        number(self.window, "window", 0.0, self.perturbation, open_low=True)
        self.plan_of()

    def plan_of(self, **others) -> Plan:
        """The stages, and what else a plan says."""
        return Plan(
            alignments=self.alignments, perturbation=self.perturbation, points=2 * self.perturbation, **others
        )


@dataclass(frozen=True)
class Pretrained(Stages):
    """From one volume of pre-training, the perturbation by one objective or several."""

    SPEEDS: ClassVar[dict[str, float]] = {"sft": 1.0}  # objectives, with learning rates over alignment's

    pretraining: float = 60.0  # volume of pre-training
    optimizer: str = "sgd"  # sgd, adam or flow
    schedule: str = "constant"  # of the rate in each stage: constant or cosine
    batch: int = 0  # responses drawn for a step; 0: exact expectations

    def __post_init__(self):
        super().__post_init__()
        for objective in self.SPEEDS:
            self.plan(objective)
        if "saturated" in self.models:
            others = [model for model in self.models if model != "saturated"] or ["scalar"]
            self.plan().refuse_training(f"; leave it out: models={','.join(others)}")

    def plan(self, objective: str = "sft") -> Plan:
        """The stages with the perturbation by an objective."""
        return self.plan_of(
            pretraining=self.pretraining, objective=objective, speed=self.SPEEDS[objective],
            optimizer=self.optimizer, schedule=self.schedule, batch=self.batch,
        )  # fmt: skip


def ascending(volumes, name: str) -> None:
    """Refuse fewer than two volumes, and volumes that do not ascend."""
    if len(volumes) < 2 or list(volumes) != sorted(set(volumes)):
        raise ValueError(f"{name} must be at least 2 ascending volumes, got {volumes}")


def objectives(names, speeds) -> None:
    """Refuse objectives that an experiment does not know."""
    for name in names:
        choice(name, "objectives", speeds)
