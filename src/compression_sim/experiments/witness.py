"""The least that crosses: `rebound` and `return-kl` on two weights whose test context opposes the alignment.

One context each for alignment, perturbation and test, near (1, 1), (1, 0) and (1, -1/2): off the
perturbation's context the test lies opposite to the alignment, as crossing-two-dim asks (beta = 1/2). The
other classes do not have that geometry on purpose; this one says whether the estimators see a crossing where
theory puts one.
"""

from dataclasses import asdict, dataclass

from . import _effects as effects
from . import rebound, return_kl
from ._rebounds import grid
from ._worlds import OPPOSED, SETTINGS

NAME = "log-linear/opposed"
UNITS = rebound.UNITS | return_kl.UNITS


@dataclass(frozen=True)
class Parameters:
    """What is trained; volumes in units of gradient steps as in `rebound`."""

    settings: tuple[str, ...] = SETTINGS
    alignments: tuple[int, ...] = (1, 2, 5, 10)  # volumes of positive data
    perturbation: int = 40  # volume of negative data
    window: float = 4.0  # volume of negative data over which the fall is measured
    pretraining: float = 60.0  # volume of pre-training
    eps: float = 0.05  # of the KL after the least alignment, at which the model counts as back
    seeds: int = 20  # worlds

    def __post_init__(self):
        _ = self.as_return_kl

    @property
    def as_return_kl(self) -> return_kl.Parameters:
        """The same in `return-kl`, which refuses what is not allowed."""
        return return_kl.Parameters(**asdict(self))


PRESETS = {"quick": Parameters(seeds=6), "standard": Parameters(), "full": Parameters(seeds=40)}


def run(parameters: Parameters, seed: int, progress):
    """Curves of both kinds in every setting, and the effects."""
    import xarray

    def cell(kind, setting):
        drawn = OPPOSED.draw(parameters.seeds, progress.rng(kind, setting), setting)
        plan = parameters.as_return_kl.plan
        records = grid(OPPOSED, *drawn, plan)
        scores = rebound.measured(records, plan, parameters.window)
        divergences = return_kl.measured(records, plan, parameters.eps)
        kept = scores.isel(amount=slice(None, None, return_kl.KEPT))
        curves = [each.drop_dims("claim") for each in (kept, divergences)]
        table = xarray.concat([each[list(effects.COLUMNS)] for each in (scores, divergences)], "claim")
        return xarray.merge([table, *curves], join="exact")

    return progress.grid(cell, kind=(NAME,), setting=parameters.settings)


def summary(result) -> list[str]:
    """Effects, one line each."""
    return effects.lines(result, UNITS)
