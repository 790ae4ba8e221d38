"""Fig. 4: align with several volumes of positive data, then give negative data: rebound, crossing, level.

Every class of models in both scenarios (see `_lab/worlds.py`). Effects over seeds: how much faster the most
aligned model falls than the least aligned; how far it comes to lie under it; whether it stops near the base;
whether it starts flat. `drive` is R of the level criterion.
"""

from dataclasses import dataclass

import numpy as np

from ._lab import effects
from ._lab.parameters import Pretrained
from ._lab.protocol import Plan, grid

FIGURE = "rebound"
CLAIMS = {
    "fig-4-rebound": "mean fall over the window, most against least aligned, relative difference",
    "fig-4-matched": "fall rate halfway between base and least aligned, relative difference",
    "fig-4-crossing": "score by which the most aligned comes to lie under the least aligned",
    "fig-4-level": "0.25 less the distance of the last quarter from the base, in units of the rise",
    "fig-4-flat-start": "0.5 less the initial over the steepest slope, most aligned",
}


@dataclass(frozen=True)
class Parameters(Pretrained):
    """What is trained; volumes in units of gradient steps."""


QUICK = ("saturated", "scalar", "shared-gain")
PRESETS = {
    "quick": Parameters(models=QUICK, seeds=6),
    "standard": Parameters(),
    "full": Parameters(seeds=40),
}


def run(parameters: Parameters, seed: int, cells):
    """Scores of every (model, scenario, seed, alignment, amount) and the effects."""
    plan = parameters.plan()

    def cell(model_class, *drawn):
        return measured(grid(model_class, *drawn, plan), plan, parameters.window)

    return parameters.over_worlds(cells, cell)


def measured(records, plan: Plan, window: float):
    """Curves and effects of one class: an xarray.Dataset."""
    scores, base, amounts = records["score"], records["base_score"], plan.amounts
    low, high = scores[:, 0], scores[:, -1]
    halfway = float((base + low[:, 0]).mean() / 2)
    pair = [low, high]
    result = effects.table({
        "fig-4-rebound": (effects.paired(pair, effects.faster(amounts, window)), 0.01),
        "fig-4-matched": (effects.paired(pair, effects.faster_at_matched_score(amounts, halfway)), 0.01),
        "fig-4-crossing": (effects.overtaken_unselected(low, high), 0.01),
        "fig-4-level": (effects.paired([high, base], effects.near_base(amounts, 0.25)), 0.0),
        "fig-4-flat-start": (effects.paired([high], lambda mean: effects.flat_start(amounts, mean)), 0.0),
    })  # fmt: skip
    where = effects.paired(pair, effects.crossing_amount(amounts))
    result = result.assign_coords(alignment=list(plan.alignments), amount=amounts)
    result["score"] = ("seed", "alignment", "amount"), scores.astype(np.float32)
    result["base_score"] = ("seed",), base
    for name, values in effects.mean_interval(scores).items():
        result["curve" + name] = ("alignment", "amount"), values.astype(np.float32)
    result["curve"].attrs.update(units="1", interval="95% for the mean over seeds, Student's t")
    result["order"] = ("seed",), effects.order_kept(low, high)
    result["drive"] = ("seed", "alignment"), records["drive"]
    result["crossing"], result["crossing_low"], result["crossing_high"] = where.value, where.low, where.high
    result.score.attrs.update(units="1", long_name="mean valence of generated responses on test prompts")
    result.order.attrs.update(units="1", long_name="least difference of the curves; negative: they cross")
    result.amount.attrs.update(units="units of `steps` gradient steps")
    result.crossing.attrs.update(units="as amount", interval=effects.INTERVAL + "; inf: never")
    return result
