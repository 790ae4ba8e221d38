"""Fig. 8: does the rebound appear with the roles exchanged, negative data first and positive data after?

As `rebound`, in the same worlds; the score is the share of responses of valence 0.
"""

from dataclasses import dataclass

from . import rebound
from ._lab.parameters import Pretrained
from ._lab.protocol import grid

CLAIMS = {
    "fig-8": "as fig-4-rebound, roles exchanged",
    "fig-8/matched": "as fig-4-matched, roles exchanged",
    "fig-8/crossing": "as fig-4-crossing, roles exchanged",
}


@dataclass(frozen=True)
class Parameters(Pretrained):
    """As `rebound`."""


PRESETS = {
    level: Parameters(models=preset.models, seeds=preset.seeds) for level, preset in rebound.PRESETS.items()
}


def run(parameters: Parameters, seed: int, cells):
    """Scores of every (model, scenario, seed, alignment, amount) and the effects."""
    plan = parameters.plan()

    def cell(model_class, worlds, starts):
        records = grid(model_class, worlds.exchanged(), starts, plan)
        found = rebound.measured(records, plan, parameters.window)
        kept = found.sel(claim=["fig-4-rebound", "fig-4-matched", "fig-4-crossing"])
        return kept.assign_coords(claim=list(CLAIMS))

    return parameters.over_worlds(cells, cell)
