"""Fig. 8: does the rebound appear with the roles exchanged, negative data first and positive data after?

As `rebound`, in the same worlds; the score is the share of responses of valence 0.
"""

from dataclasses import dataclass

from . import _effects as effects
from . import rebound
from ._parameters import Pretrained
from ._rebounds import grid

UNITS = {
    "fig-8": "as fig-4-rebound, roles exchanged",
    "fig-8/matched": "as fig-4-matched, roles exchanged",
    "fig-8/crossing": "as fig-4-crossing, roles exchanged",
}


@dataclass(frozen=True)
class Parameters(Pretrained):
    """As `rebound`."""


PRESETS = {
    level: Parameters(kinds=preset.kinds, seeds=preset.seeds) for level, preset in rebound.PRESETS.items()
}


def run(parameters: Parameters, seed: int, progress):
    """Scores of every (kind, setting, seed, alignment, amount) and the effects."""
    plan = parameters.plan()

    def cell(kind, worlds, starts):
        records = grid(kind, worlds.exchanged(), starts, plan)
        found = rebound.measured(records, plan, parameters.window)
        kept = found.sel(claim=["fig-4-rebound", "fig-4-matched", "fig-4-crossing"])
        return kept.assign_coords(claim=list(UNITS))

    return parameters.over_worlds(progress, cell)


def summary(result) -> list[str]:
    """Effects, one line each."""
    return effects.lines(result, UNITS)
