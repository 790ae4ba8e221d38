"""The smallest model whose return counts fall: `return-kl` on two weights, on both sides of a known bound.

Two weights with pure responses and contexts (1, 1) for alignment, (1, 0) for perturbation, g (1, -beta) for
the test, pre-trained exactly. falling-count-witness: counts can fall iff the perturbation's logit is below
(1 + beta)/(1 - beta) log beta, about -2. It is -6 in the scenario `near` and -1 in `midway`. They fall from
an alignment of 4 volumes on, not from 1 to 2; a count is a first passage: curves may go on beyond the base.
"""

from dataclasses import dataclass

from . import return_kl
from ._lab.families import WITNESS_CLASSES
from ._lab.protocol import grid

NAME = "log-linear/steep"
CLAIMS = return_kl.CLAIMS


@dataclass(frozen=True)
class Parameters(return_kl.Parameters):
    """As `return-kl`, aligned farther."""

    KNOWN = (NAME,)

    models: tuple[str, ...] = (NAME,)
    alignments: tuple[int, ...] = (4, 6, 8, 10)  # volumes of positive data


PRESETS = {"quick": Parameters(seeds=6), "standard": Parameters(), "full": Parameters(seeds=40)}


def run(parameters: Parameters, seed: int, cells):
    """Divergences in both scenarios, returns, and the effects."""
    plan = parameters.plan()

    def cell(model_class, *drawn):
        return return_kl.measured(grid(model_class, *drawn, plan), plan, parameters.eps)

    return parameters.over_worlds(cells, cell, WITNESS_CLASSES)
