"""Rebound curves of a table with amounts: features, and crossings within a run and between runs."""

from dataclasses import replace
from functools import partial
from itertools import pairwise

import numpy as np

from . import noise
from .statistics import curves
from .statistics.estimate import Estimate
from .tables import columns


def jobs(table, datasets, chosen, eps, score, how) -> list:
    """Functions that estimate features of each dataset's curve, and where alignment meets perturbation."""
    per, amounts = how["per"], table["amount"].values
    how = {key: value for key, value in how.items() if key != "per"}
    found = []

    def feature(name, dataset, moved, unit, curve, reader, what="", rests=None):
        """`rests`: reader of the difference without which the feature is noise, called `what`."""

        def floor(read):
            return noise.propagated(partial(read, amounts), curve.mean, moved)

        one = Estimate(name, dataset, unit, curve.estimate(reader, **how), noise_floor=floor(reader))
        if np.isnan(one.value):
            one = one.warn("the mean curve never gets there within the amounts")
        if rests is not None:
            one = one.beside_noise(what, rests(amounts, curve.mean), floor(rests))
        return one.checked()

    steep = f"bits per {per} and amount"
    for dataset in datasets:
        curve = curve_of(table, dataset, per)
        moved = [noise.noise_floor(table, dataset, per=per)] * len(amounts)
        readers = [
            ("initial slope", steep, curve, curves.initial_slope, "the slope", curves.initial_slope),
            ("plateau", f"bits per {per}", curve, curves.plateau),
            ("lag", "amount", curve, curves.lag, "the whole change", whole),
        ]
        if score is not None:
            name, fall = f"fall rate at {score:g} bits per {per}", curves.fall_rate_at(score)
            readers.append((name, steep, curve, fall, "the slope", fall))
        if eps is not None and columns.known(table, "entropy", dataset):
            gap = curve_of(table, dataset, per, over=table["entropy"].values)
            readers.append((f"amount to return within {eps:g}", "amount", gap, curves.within(eps)))
        found += [partial(feature, name, dataset, moved, *rest) for name, *rest in readers]
    if chosen.alignment is not None and chosen.perturbation is not None:
        both = chosen.alignment, chosen.perturbation
        found.append(partial(crossed, [(table, name) for name in both], " and ".join(both), per, **how))
    return found


def between(runs: dict, per, how) -> list:
    """The same for crossings of a dataset's curves in each run and the next, where both have them."""
    found = []
    for one, other in pairwise(runs):
        pair = runs[one], runs[other]
        if all("amount" in table for table in pair) and np.array_equal(*(t["amount"].values for t in pair)):
            shared = [name for name in columns.names_of(pair[0]) if name in columns.names_of(pair[1])]
            for name in shared:
                places, of = [(table, name) for table in pair], f"{name}, runs {one} and {other}"
                orders = columns.same_units(pair, name)
                found.append(partial(crossed, places, of, per, orders, **how))
    return found


def whole(amounts, mean):
    """Change of a mean curve from the first amount to the last."""
    return mean[..., -1] - mean[..., 0]


def curve_of(table, dataset, per, over=0.0, order=slice(None)) -> curves.Curve:
    """A dataset's mean code length over the amounts, less `over` (responses,), units in an order."""
    own = columns.sample(table, dataset, *(table["bits"].values - over), columns.lengths(table, per))[order]
    return curves.Curve(table["amount"].values, own[:, :-1], own[:, -1])


def crossed(places, of, per, orders=None, **how) -> Estimate:
    """Where two curves cross, each of a (table, dataset), with the noise floor; paired if given orders."""
    by = orders or [slice(None)] * 2
    first, second = (curve_of(*place, per, order=order) for place, order in zip(places, by, strict=True))
    split = len(first.amounts)
    moved = [noise.noise_floor(*place, per=per) for place in places for _ in first.amounts]
    means = np.concatenate([first.mean, second.mean])
    floor = noise.propagated(
        lambda mean: curves.where_crossing(first.amounts, mean[:split], mean[split:]), means, moved
    )
    found = replace(crossing(first, second, of, paired=orders is not None, **how), noise_floor=floor)
    gap = noise.propagated(lambda mean: mean[0] - mean[split], means, moved)
    return found.beside_noise("the gap at the first amount", means[0] - means[split], gap)


def crossing(first: curves.Curve, second: curves.Curve, of: str, **how) -> Estimate:
    """Where two curves cross, with a warning where it is within noise which of them starts higher."""
    interval = curves.crossing(first, second, **how)
    found = Estimate("crossing", of, "amount", interval)
    if interval.low <= first.amounts[0]:
        found = found.warn("which curve starts higher is within its noise, and with it whether they cross")
    return found.checked()
