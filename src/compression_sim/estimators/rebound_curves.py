"""Rebound curves of a table with amounts: their features, and where two of them cross."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import numpy as np

from .noise import noise_floor, propagated
from .statistics import curves
from .statistics.estimate import Estimate
from .statistics.intervals import DEFAULT, Resampling
from .tables import columns
from .tables.comparison import Comparison


def estimates(
    table,
    compared: Comparison,
    *,
    eps: float | None = None,
    score: float | None = None,
    resampling: Resampling = DEFAULT,
) -> Iterator[Estimate]:
    """Features of each dataset's curve over the amounts, and where alignment meets perturbation.

    `eps`: bits of excess that count as returned; `score`: bits per token (or byte) at which fall rates are
    compared. Nothing for a table without amounts, or of one checkpoint.
    """
    if "amount" not in table or table.sizes["checkpoint"] < 2:
        return
    per = compared.per
    steep = f"bits per {per} and amount"
    for dataset in columns.names_of(table):
        curve, floor = curve_of(table, dataset, per), noise_floor(table, dataset, per=per)
        feature = partial(_feature, dataset, floor, resampling)
        slope = curves.initial_slope
        yield feature("initial slope", steep, curve, slope, "the slope", slope)
        yield feature("plateau", f"bits per {per}", curve, curves.plateau)
        yield feature("lag", "amount", curve, curves.lag, "the whole change", curves.whole_change)
        if score is not None:
            fall = curves.fall_rate_at(score)
            yield feature(f"fall rate at {score:g} bits per {per}", steep, curve, fall, "the slope", fall)
        if eps is not None and columns.known(table, "entropy", dataset):
            excess = curve_of(table, dataset, per, over=table["entropy"].values)
            yield feature(f"amount to return within {eps:g}", "amount", excess, curves.within(eps))
    both = compared.alignment, compared.perturbation
    if None not in both:
        places = [(table, name) for name in both]
        yield crossing_of(places, " and ".join(both), per, resampling=resampling)


def _feature(dataset, floor, resampling, name, unit, curve, reader, what="", rests=None) -> Estimate:
    """What `reader` reads off a curve. `rests` reads the difference, `what`, without which it is noise."""
    floors = [floor] * len(curve.amounts)

    def moved(read):
        return propagated(partial(read, curve.amounts), curve.mean, floors)

    found = Estimate(name, dataset, unit, curve.estimate(reader, resampling), noise_floor=moved(reader))
    if np.isnan(found.value):
        found = found.warn("the mean curve never gets there within the amounts")
    if rests is not None:
        found = found.beside_noise(what, rests(curve.amounts, curve.mean), moved(rests))
    return found.checked()


def curve_of(table, dataset, per, over=0.0, order=slice(None)) -> curves.Curve:
    """A dataset's mean code length over the amounts, less `over` (responses,), units in an order."""
    bits = table["bits"].values - over
    units = columns.sample(table, dataset, *bits, columns.lengths(table, per))[order]
    return curves.Curve(table["amount"].values, units[:, :-1], units[:, -1])


def crossing_of(places, of: str, per, orders=None, resampling: Resampling = DEFAULT) -> Estimate:
    """Where two curves cross, each of a (table, dataset), with the noise floor; paired if given orders."""
    by = orders or [slice(None)] * 2
    first, second = (curve_of(*place, per, order=order) for place, order in zip(places, by, strict=True))
    split = len(first.amounts)
    floors = [noise_floor(*place, per=per) for place in places for _ in first.amounts]
    means = np.concatenate([first.mean, second.mean])
    floor = propagated(
        lambda mean: curves.where_crossing(first.amounts, mean[:split], mean[split:]), means, floors
    )
    found = crossing(first, second, of, paired=orders is not None, resampling=resampling)
    gap = propagated(lambda mean: mean[0] - mean[split], means, floors)
    found = replace(found, noise_floor=floor)
    return found.beside_noise("the gap at the first amount", means[0] - means[split], gap)


def crossing(
    first: curves.Curve,
    second: curves.Curve,
    of: str,
    *,
    paired: bool = False,
    resampling: Resampling = DEFAULT,
) -> Estimate:
    """Where two curves cross, with a warning where it is within noise which of them starts higher."""
    interval = curves.crossing(first, second, paired=paired, resampling=resampling)
    found = Estimate("crossing", of, "amount", interval)
    if interval.low <= first.amounts[0]:
        found = found.warn("which curve starts higher is within its noise, and with it whether they cross")
    return found.checked()
