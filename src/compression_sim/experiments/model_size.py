"""Figs. 5 and 9: does the rebound grow with model size, the perturbation by SFT (5) or by DPO (9)?

Each class in sizes: layers learnt of a tree, rank, features, a transformer's width (1,330 to 19,720
parameters). A seed has the same laws in all sizes.
Curves are means over the alignment volumes, as the paper's. Effects: how much faster the largest falls than
the smallest, over the window and where both pass the same score; and by how many layers of the token tree
each size represents more than the next smaller (Asm. 3.2).
"""

from dataclasses import dataclass

import numpy as np

from ..models import num_parameters
from ._lab import effects
from ._lab.parameters import Pretrained, objectives
from ._lab.protocol import Plan, grid
from ._lab.worlds import capacity_limited, log_linear, low_rank, transformer

FAMILIES = {
    "capacity-limited-tree": {n: capacity_limited(n) for n in (1, 2, 3)},
    "low-rank": {n: low_rank(n, held_out=False) for n in (1, 2, 4)},
    "low-rank/held-out": {n: low_rank(n, held_out=True) for n in (1, 2, 4)},
    "log-linear": {n: log_linear(n, held_out=False) for n in (6, 24, 96)},
    "log-linear/held-out": {n: log_linear(n, held_out=True) for n in (6, 24, 96)},
    "transformer": {n: transformer(n, held_out=False) for n in (10, 20, 40)},
    "transformer/held-out": {n: transformer(n, held_out=True) for n in (10, 20, 40)},
}
CLAIM_OF = {"sft": "fig-5", "dpo": "fig-9"}
SPEED = {"sft": 1.0, "dpo": 2.0}  # learning rate of the perturbation relative to alignment
CLAIMS = {
    "asm-3.2": "layers of the token tree, learnt by pre-training, that each size adds at least",
    "fig-5": "mean fall over the window, largest against smallest, relative difference",
    "fig-5/matched": "the same where both pass one score",
    "fig-9": "as fig-5, the perturbation by DPO",
    "fig-9/matched": "the same where both pass one score",
}


@dataclass(frozen=True)
class Parameters(Pretrained):
    """What is trained; volumes in units of gradient steps as in `rebound`."""

    KNOWN = tuple(FAMILIES)
    SPEEDS = SPEED

    models: tuple[str, ...] = tuple(FAMILIES)  # classes of models that have sizes
    objectives: tuple[str, ...] = ("sft", "dpo")  # of the perturbation
    alignments: tuple[int, ...] = (1, 5)  # volumes of positive data
    perturbation: int = 10  # volume of negative data

    def __post_init__(self):
        super().__post_init__()
        objectives(self.objectives, SPEED)


PRESETS = {
    "quick": Parameters(models=("log-linear",), objectives=("sft",), seeds=6),
    "standard": Parameters(),
    "full": Parameters(seeds=40),
}


def run(parameters: Parameters, seed: int, cells):
    """Mean curves of every (model, scenario, objective, seed, size), and the effects."""
    import xarray

    def cell(model, scenario):
        found, sizes = [], FAMILIES[model].values()
        drawn = [size.draw(parameters.seeds, cells.rng(model, scenario), scenario) for size in sizes]
        for objective in parameters.objectives:  # each size and objective is a program of its own
            plan = parameters.plan(objective)
            records = [grid(size, *each, plan) for size, each in zip(sizes, drawn, strict=True)]
            found.append(measured(CLAIM_OF[objective], records, plan, parameters.window))
        of_bases = depths(records)
        result = xarray.concat([of_bases[list(effects.COLUMNS)], *(each[0] for each in found)], "claim")
        along = xarray.DataArray(list(parameters.objectives), dims="objective", name="objective")
        curves = xarray.concat([each[1] for each in found], along)
        return result.merge(curves).assign(
            layers=of_bases.layers,
            size=("rank", list(FAMILIES[model])),
            parameters=("rank", [_parameters(size) for size in sizes]),
        )

    return cells.grid(cell, model=parameters.models, scenario=parameters.scenarios)


def compared(claim: str, low, high, amounts, window: float, base: float):
    """Effects of two sets of curves (seeds, amounts): over the window, and halfway to the base."""
    level = (base + min(low[:, 0].mean(), high[:, 0].mean())) / 2
    pair, at_level = [low, high], effects.faster_at_matched_score(amounts, float(level))
    return effects.table({
        claim: (effects.paired(pair, effects.faster(amounts, window)), 0.01),
        claim + "/matched": (effects.paired(pair, at_level), 0.01),
    })  # fmt: skip


def depths(records):
    """Layers represented after pre-training, (seeds, sizes), and what each size adds: an xarray.Dataset."""
    layers = np.stack([each["base_layers"] for each in records], axis=1)
    added = effects.paired([layers], lambda mean: np.min(np.diff(mean, axis=-1), axis=-1))
    result = effects.table({"asm-3.2": (added, 0.01)})
    result["layers"] = ("seed", "rank"), layers
    result.layers.attrs.update(units="layers", long_name="share known of each layer's token, summed")
    return result


def _parameters(model_class) -> int:
    """How many numbers a model of a class learns."""
    rng = np.random.default_rng(0)
    return num_parameters(model_class.make(model_class.world(rng).features).init(rng))


def measured(figure: str, records, plan: Plan, window: float):
    """(effects, curves) of the sizes of one class."""
    import xarray

    curves = np.stack([each["score"].mean(axis=1) for each in records], axis=1)  # (seeds, sizes, amounts)
    bases = np.stack([each["base_score"] for each in records], axis=1)
    found = compared(figure, curves[:, 0], curves[:, -1], plan.amounts, window, bases.mean())
    stored = xarray.Dataset(
        {
            "score": (("seed", "rank", "amount"), curves.astype(np.float32)),
            "base_score": (("seed", "rank"), bases),
        },
        {"amount": plan.amounts},
    )
    stored.score.attrs.update(units="1", long_name="mean valence on test prompts, mean over alignments")
    return found, stored
