"""Estimates that need several runs: where their rebound curves cross, and scaling exponents."""

from collections.abc import Iterator
from functools import partial
from itertools import pairwise

import numpy as np

from . import noise
from .rebound_curves import crossing_of
from .statistics import scaling
from .statistics.estimate import FEW_CHANGES, Estimate
from .statistics.intervals import DEFAULT, Resampling, ratio_moments
from .tables import columns
from .tables.comparison import Comparison


def crossings(runs: dict, per: str, resampling: Resampling = DEFAULT) -> Iterator[Estimate]:
    """Where a dataset's curves in each run and the next cross, if both have them over the same amounts."""
    for one, other in pairwise(runs):
        pair = runs[one], runs[other]
        if not all("amount" in table for table in pair):
            continue
        if not np.array_equal(*(table["amount"].values for table in pair)):
            continue
        for name in _shared(pair):
            places, of = [(table, name) for table in pair], f"{name}, runs {one} and {other}"
            yield crossing_of(places, of, per, columns.same_units(pair, name), resampling)


def exponents(
    runs: dict, compared: dict[str, Comparison], resampling: Resampling = DEFAULT
) -> Iterator[Estimate]:
    """Exponents of |change| over the pre-training volume, for each dataset and pair that all runs have.

    None where the runs do not differ in a positive pre-training volume.
    """
    tables, first = list(runs.values()), next(iter(compared.values()))
    if not all("volume" in table and compared[run].pretraining for run, table in runs.items()):
        return
    volumes = [columns.per_dataset(runs[run], "volume")[own.pretraining] for run, own in compared.items()]
    if len(set(volumes)) < 2 or min(volumes) <= 0:
        return
    for pair in first.pairs:
        if all(pair in own.pairs for own in compared.values()):
            for dataset in _shared(tables):
                yield _exponent(tables, volumes, dataset, pair, first.per, resampling)


def _exponent(tables, volumes, dataset, pair, per, resampling) -> Estimate:
    moved = [columns.changes(table, dataset, *pair, per) for table in tables]
    orders = columns.same_units(tables, dataset)
    if orders is not None:
        moved = [units[order] for units, order in zip(moved, orders, strict=True)]
    interval = scaling.scaling_exponent(volumes, moved, paired=orders is not None, resampling=resampling)
    floors = [noise.change_floor(table, dataset, per=per) for table in tables]
    means = [ratio_moments(units).value for units in moved]
    floor = noise.propagated(partial(scaling.slope, np.array(volumes)), means, floors)
    of = f"{dataset}, {pair[0]} to {pair[1]}, over {len(tables)} volumes"
    found = Estimate("scaling exponent", of, "1", interval, noise_floor=floor)
    for volume, mean, floor in zip(volumes, means, floors, strict=True):
        found = found.beside_noise(f"the change at volume {volume:g}", mean, floor)
    return found.checked(FEW_CHANGES)


def _shared(tables) -> list[str]:
    """The datasets that all tables have, in the order of the first."""
    everywhere = set.intersection(*(set(columns.names_of(table)) for table in tables))
    return [name for name in columns.names_of(tables[0]) if name in everywhere]
