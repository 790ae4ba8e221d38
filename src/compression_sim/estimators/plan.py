"""What it takes to see k_eff: responses needed, from a table's own changes and spreads."""

from dataclasses import dataclass

import numpy as np

from .statistics.estimate import FEW_UNITS
from .statistics.intervals import ratio_moments
from .statistics.planning import responses_needed
from .tables import columns
from .tables.comparison import Comparison


@dataclass(frozen=True)
class Plan:
    """Responses (or clusters) per dataset that k_eff needs: to be bounded, and to be known to a quarter."""

    k: float
    before: str
    after: str
    now: int
    bounded: int
    quarter: int
    warnings: tuple[str, ...] = ()
    run: str = ""


def plans(table, compared: Comparison, k: float, run: str = "") -> list[Plan]:
    """What it takes to see k_eff at a given k, for each pair, from the table's own changes and spreads.

    The alignment change and both spreads are taken as they are in the table; the pre-training change as
    1/k of the alignment change. Raises ValueError without both datasets or without two checkpoints.
    """
    if compared.pretraining is None or compared.alignment is None:
        raise ValueError("a plan for k_eff needs a pretraining and an alignment dataset")
    if not compared.pairs:
        raise ValueError("a plan for k_eff needs two checkpoints, got one")
    found = []
    for before, after in compared.pairs:
        top, bottom = (
            ratio_moments(columns.changes(table, name, before, after, compared.per))
            for name in (compared.alignment, compared.pretraining)
        )
        spreads = [float(np.sqrt(m.variance * m.units)) for m in (top, bottom)]
        needed = [responses_needed(k, top.value, *spreads, precision=w) for w in (None, 0.25)]
        now = min(top.units, bottom.units)
        warnings = []
        if abs(top.value) < 2 * np.sqrt(top.variance):
            warnings.append("the alignment change is within its own noise: the plan is a guess")
        if now < FEW_UNITS:
            warnings.append(f"spreads of {now} units are a guess, and with them the plan")
        found.append(Plan(k, str(before), str(after), now, *needed, tuple(warnings), run))
    return found
