"""What only several runs show: how changes scale with the pre-training volume."""

from functools import partial

import numpy as np

from . import noise
from .statistics import scaling
from .statistics.estimate import FEW_CHANGES, Estimate
from .statistics.intervals import ratio_moments
from .tables import columns


def jobs(runs: dict, chosen: list, how) -> list:
    """Functions that estimate exponents of |change| over the pre-training volume, where runs differ in it."""
    tables = list(runs.values())
    with_volume = len(runs) > 1 and all(
        "volume" in t and c.pretraining for t, c in zip(tables, chosen, strict=True)
    )
    if not with_volume:
        return []
    volumes = [columns.per_dataset(t, "volume")[c.pretraining] for t, c in zip(tables, chosen, strict=True)]
    if len(set(volumes)) < 2 or min(volumes) <= 0:
        return []
    how = {key: value for key, value in how.items() if key != "per"}
    per = chosen[0].per

    def exponent(dataset, pair):
        moved = [columns.changes(table, dataset, *pair, per) for table in tables]
        orders = columns.same_units(tables, dataset)
        if orders is not None:
            moved = [own[order] for own, order in zip(moved, orders, strict=True)]
        found = scaling.scaling_exponent(volumes, moved, paired=orders is not None, **how)
        floors = [noise.change_floor(table, dataset, per=per) for table in tables]
        means = [moment.value for moment in map(ratio_moments, moved)]
        floor = noise.propagated(partial(scaling.slope, np.array(volumes)), means, floors)
        of = f"{dataset}, {pair[0]} to {pair[1]}, over {len(runs)} volumes"
        one = Estimate("scaling exponent", of, "1", found, noise_floor=floor)
        for volume, mean, floor in zip(volumes, means, floors, strict=True):
            one = one.beside_noise(f"the change at volume {volume:g}", mean, floor)
        return one.checked(FEW_CHANGES)

    datasets = [
        name
        for name in columns.names_of(tables[0])
        if all(name in columns.names_of(table) for table in tables)
    ]
    pairs = [pair for pair in chosen[0].pairs if all(pair in one.pairs for one in chosen)]
    return [partial(exponent, dataset, pair) for pair in pairs for dataset in datasets]
