"""The noise floor: how far rates move between repeated scorings of one checkpoint, and its propagation."""

import numpy as np
from scipy import stats

from .statistics.intervals import Interval
from .tables.columns import lengths
from .tables.layout import scorings_of


def noise_floor(table, dataset, *, per="token", name="bits") -> float | None:
    """RMS deviation of a dataset's rate between repeated scorings of a checkpoint; None: not measured.

    `name`: "probe" or "curvature" for those per token (or byte) instead.
    """
    found = noise_interval(table, dataset, per=per, name=name)
    return None if found is None else found.value


def change_floor(table, dataset, *, per="token") -> float | None:
    """The noise floor of a difference of two scorings of a dataset's rate."""
    floor = noise_floor(table, dataset, per=per)
    return None if floor is None else float(np.sqrt(2) * floor)


def noise_interval(table, dataset, *, per="token", name="bits", confidence=0.95) -> Interval | None:
    """The noise floor with its chi-squared interval, exact for normal noise that is alike at all checkpoints.

    `units`: degrees of freedom, repeats less one of every checkpoint. Two scorings of two checkpoints bound
    the floor to between half and six times its estimate.
    """
    if scorings_of(name) not in table:
        return None
    own = table["dataset_of"].values == dataset
    rates = table[scorings_of(name)].values[..., own].sum(axis=-1) / lengths(table, per)[own].sum()
    repeats = (~np.isnan(rates)).sum(axis=1)
    rates, repeats = rates[repeats > 1], repeats[repeats > 1]
    freedom = int(np.sum(repeats - 1))
    if not freedom:
        return None
    squares = np.nansum((rates - np.nanmean(rates, axis=1, keepdims=True)) ** 2)
    low, high = np.sqrt(squares / stats.chi2.ppf([(1 + confidence) / 2, (1 - confidence) / 2], freedom))
    return Interval(
        float(np.sqrt(squares / freedom)), float(low), float(high), confidence, "chi-squared", freedom
    )


def propagated(statistic, values, floors) -> float | None:
    """How far statistic(values) moves (RMS) as each value moves by its own floor; None if a floor is.

    `values`, `floors`: (n,), independent of each other. To first order: differences over steps that are small
    against the floor (and seen beside the value); inf or nan where the statistic is not finite that near.
    """
    if any(floor is None for floor in floors):
        return None
    values, floors = np.asarray(values, float), np.asarray(floors, float)
    steps = np.minimum(floors, 1e-6 * floors + 1e-9 * np.abs(values))
    with np.errstate(divide="ignore", invalid="ignore"):
        pulls = [
            float(statistic(values + move) - statistic(values - move)) / 2 * (floor / step)
            for move, step, floor in zip(np.diag(steps), steps, floors, strict=True)
            if floor
        ]
    return float(np.sqrt(np.sum(np.square(pulls))))
