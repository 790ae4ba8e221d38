"""The smallest model whose rebound curves cross: two weights, and a test context that opposes the alignment.

One context each for alignment, perturbation and test, near (1, 1), (1, 0) and (1, -1/2): off the
perturbation's context the test lies opposite to the alignment, as crossing-two-dim asks (beta = 1/2). The
other classes do not have that geometry on purpose; this one says whether the estimators see a crossing where
theory puts one.
"""

from dataclasses import dataclass

from . import rebound, return_kl
from ._lab import effects
from ._lab.families import WITNESS_CLASSES
from ._lab.protocol import grid

NAME = "log-linear/opposed"
CLAIMS = rebound.CLAIMS | return_kl.CLAIMS


@dataclass(frozen=True)
class Parameters(return_kl.Parameters):
    """As `return-kl`."""

    KNOWN = (NAME,)

    models: tuple[str, ...] = (NAME,)


PRESETS = {"quick": Parameters(seeds=6), "standard": Parameters(), "full": Parameters(seeds=40)}


def run(parameters: Parameters, seed: int, cells):
    """Curves of both kinds in every scenario, and the effects."""
    import xarray

    plan = parameters.plan()

    def cell(model_class, *drawn):
        records = grid(model_class, *drawn, plan)
        scores = rebound.measured(records, plan, parameters.window)
        divergences = return_kl.measured(records, plan, parameters.eps)
        kept = scores.isel(amount=slice(None, None, return_kl.KEPT))
        curves = [each.drop_dims("claim") for each in (kept, divergences)]
        table = xarray.concat([each[list(effects.COLUMNS)] for each in (scores, divergences)], "claim")
        return xarray.merge([table, *curves], join="exact")

    return parameters.over_worlds(cells, cell, WITNESS_CLASSES)
