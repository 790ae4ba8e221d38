"""Fig. 6: does the rebound grow with the volume of pre-training data?

Bases after several volumes of one pre-training, aligned and perturbed as in `rebound`; curves are means over
the alignment volumes. Effects: how much faster the most pre-trained model falls than the least, over the
window, and where both pass the same score (without which a higher start alone may do it).
"""

from dataclasses import dataclass

import numpy as np

from .._validation import number
from ._lab.parameters import Stages, ascending
from ._lab.protocol import Plan, grid
from .model_size import compared

CLAIMS = {
    "fig-6": "mean fall over the window, most against least pre-trained, relative difference",
    "fig-6/matched": "the same where both pass one score",
}


@dataclass(frozen=True)
class Parameters(Stages):
    """What is trained; volumes in units of gradient steps as in `rebound`."""

    pretrainings: tuple[float, ...] = (20.0, 60.0, 200.0, 600.0)  # volumes of pre-training
    alignments: tuple[int, ...] = (1, 5)  # volumes of positive data
    perturbation: int = 10  # volume of negative data

    def __post_init__(self):
        super().__post_init__()
        ascending(self.pretrainings, "pretrainings")
        for volume in self.pretrainings:
            number(volume, "pretrainings", 0.0)


PRESETS = {
    "quick": Parameters(models=("saturated", "scalar", "shared-gain"), pretrainings=(20.0, 60.0), seeds=6),
    "standard": Parameters(),
    "full": Parameters(seeds=40),
}


def run(parameters: Parameters, seed: int, cells):
    """Mean curves of every (model, scenario, seed, pretraining), and the effects."""
    plan = parameters.plan_of()

    def cell(model_class, *drawn):
        records = grid(model_class, *drawn, plan, parameters.pretrainings)
        return measured(records, plan, parameters.pretrainings, parameters.window)

    return parameters.over_worlds(cells, cell)


def measured(records, plan: Plan, pretrainings, window: float):
    """Curves and effects of one class: an xarray.Dataset."""
    curves, bases = records["score"].mean(axis=2), records["base_score"]  # (volumes, seeds, amounts)
    result = compared("fig-6", curves[0], curves[-1], plan.amounts, window, bases.mean())
    result = result.assign_coords(pretraining=list(pretrainings), amount=plan.amounts)
    result["score"] = ("pretraining", "seed", "amount"), curves.astype(np.float32)
    result["base_score"] = ("pretraining", "seed"), bases
    result["base_loss"] = ("pretraining", "seed"), records["base_loss_pretraining"]
    result.score.attrs.update(units="1", long_name="mean valence on test prompts, mean over alignments")
    result.base_loss.attrs.update(units="nats per response", long_name="loss on pre-training data")
    return result
