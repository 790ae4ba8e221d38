"""Fig. 7: does the rebound appear when the reverse step is DPO, KTO, SimPO or a policy gradient?

As `rebound`, with the perturbation by each objective: negative responses chosen, positive ones rejected; the
policy gradient is rewarded for valence 0. All are exact (every pair enumerated), relative to the aligned
model. Effects as fig-4-rebound and fig-4-crossing, one pair per objective.
"""

from dataclasses import dataclass

import numpy as np

from ._lab import effects
from ._lab.families import MODEL_CLASSES
from ._lab.parameters import Pretrained, objectives
from ._lab.protocol import Plan, grid

TRAINED = tuple(name for name in MODEL_CLASSES if name != "saturated")
SPEED = {"dpo": 2.0, "kto": 4.0, "simpo": 1.0, "policy-gradient": 4.0}  # learning rate over that of alignment
CLAIMS = {
    f"fig-7/{name}{part}": f"{text}, perturbation by {name}"
    for name in SPEED
    for part, text in (("", "fall as fig-4-rebound"), ("-crossing", "score as fig-4-crossing"))
}


@dataclass(frozen=True)
class Parameters(Pretrained):
    """What is trained; volumes in units of gradient steps as in `rebound`."""

    KNOWN = TRAINED
    SPEEDS = SPEED

    models: tuple[str, ...] = TRAINED
    objectives: tuple[str, ...] = tuple(SPEED)

    def __post_init__(self):
        super().__post_init__()
        objectives(self.objectives, SPEED)


PRESETS = {
    "quick": Parameters(models=("scalar",), objectives=("dpo", "kto"), seeds=6),
    "standard": Parameters(),
    "full": Parameters(seeds=40),
}


def run(parameters: Parameters, seed: int, cells):
    """Mean curves of every (model, scenario, objective, alignment), and the effects."""
    import xarray

    def cell(model_class, *drawn):
        parts = []
        for objective in parameters.objectives:  # each objective is a program of its own
            plan = parameters.plan(objective)
            records = grid(model_class, *drawn, plan)
            parts.append(measured(f"fig-7/{objective}", records, plan, parameters.window))
        along = xarray.DataArray(list(parameters.objectives), dims="objective", name="objective")
        curves = xarray.concat([part[["score"]] for part in parts], along)
        return xarray.concat([part.drop_vars("score") for part in parts], "claim").merge(curves)

    return parameters.over_worlds(cells, cell)


def measured(claim: str, records, plan: Plan, window: float):
    """Curves and effects of one class, scenario and objective: an xarray.Dataset."""
    scores = records["score"]
    pair = [scores[:, 0], scores[:, -1]]
    result = effects.table({
        claim: (effects.paired(pair, effects.faster(plan.amounts, window)), 0.01),
        claim + "-crossing": (effects.overtaken_unselected(*pair), 0.01),
    })  # fmt: skip
    result = result.assign_coords(alignment=list(plan.alignments), amount=plan.amounts[::2])
    result["score"] = ("seed", "alignment", "amount"), scores[..., ::2].astype(np.float32)
    result.score.attrs.update(units="1", long_name="mean valence of generated responses on test prompts")
    return result
