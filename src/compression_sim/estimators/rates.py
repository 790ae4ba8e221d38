"""Estimates from the table of code lengths: rates, changes, k_eff, conservation, Hooke forces.

Rates are sums over sums (bits over tokens or bytes), so that a long response counts by its length. Changes
are paired by response. Datasets are independent samples; responses of one cluster are resampled together.
"""

from dataclasses import replace

import numpy as np

from .noise import change_floor, noise_floor, propagated
from .statistics.estimate import FEW_CHANGES, Estimate
from .statistics.intervals import DEFAULT, bootstrap, fieller, ratio_moments, ratio_of_sums
from .tables.columns import bits, changes, lengths, per_dataset, sample


def compression_rate(table, dataset, checkpoint, *, per="token", resampling=DEFAULT) -> Estimate:
    """Mean code length per token or byte of one dataset at one checkpoint."""
    columns = sample(table, dataset, bits(table, checkpoint), lengths(table, per))
    interval = bootstrap(columns, ratio_of_sums, resampling)
    floor = noise_floor(table, dataset, per=per)
    return Estimate(
        "rate", f"{dataset} at {checkpoint}", f"bits per {per}", interval, noise_floor=floor
    ).checked()


def normalized_rate(table, dataset, checkpoint, *, per="token", leaves=None, resampling=DEFAULT) -> Estimate:
    """The rate less log2(number of leaves) (the paper's Def. 4.1); by default of the table.

    A shift by a known constant: intervals and changes are those of the rate.
    """
    shift = np.log2(per_dataset(table, "leaves")[dataset] if leaves is None else leaves)
    rate = compression_rate(table, dataset, checkpoint, per=per, resampling=resampling)
    found = rate.interval
    moved = replace(found, value=found.value - shift, low=found.low - shift, high=found.high - shift)
    return replace(rate, name="normalised rate", unit=f"bits per {per} - log2(leaves)", interval=moved)


def excess_rate(table, dataset, checkpoint, *, per="token", resampling=DEFAULT) -> Estimate:
    """Rate above the source's own entropy (column `entropy`): the divergence part of a loss."""
    if "entropy" not in table:
        raise ValueError("an excess needs a column 'entropy', the response's code length under its source")
    gap = bits(table, checkpoint) - table["entropy"].values
    columns = sample(table, dataset, gap, lengths(table, per))
    interval = bootstrap(columns, ratio_of_sums, resampling)
    floor, of = noise_floor(table, dataset, per=per), f"{dataset} at {checkpoint}"
    return Estimate("excess rate", of, f"bits per {per}", interval, noise_floor=floor).checked()


def rate_change(table, dataset, before, after, *, per="token", resampling=DEFAULT) -> Estimate:
    """Change of a dataset's rate from one checkpoint to another, paired by response."""
    interval = bootstrap(changes(table, dataset, before, after, per), ratio_of_sums, resampling)
    return _difference(table, "change", dataset, (before, after), per, interval)


def k_eff(table, pretraining, alignment, before, after, *, per="token", confidence=0.95) -> Estimate:
    """-(change of the alignment rate)/(change of the pre-training rate), with Fieller's interval.

    The theory's effective volume ratio. The set is unbounded where the pre-training change is within its
    noise, which it is at large k long before the alignment change is: `responses_needed` plans for that. In a
    saturated model the spread of the pre-training changes is about k times their mean, so that n must grow as
    k^2; and where single rare responses carry the change, intervals cover too rarely (a warning says so).
    """
    top = ratio_moments(changes(table, alignment, before, after, per))
    bottom = ratio_moments(changes(table, pretraining, before, after, per))
    interval = fieller(replace(top, value=-top.value), bottom, confidence=confidence)
    floors = [change_floor(table, name, per=per) for name in (alignment, pretraining)]
    own = propagated(lambda d: -d[0] / d[1], [top.value, bottom.value], floors)
    of = f"{alignment} / {pretraining}, {before} to {after}"
    found = Estimate("k_eff", of, "1", interval, noise_floor=own)
    if not interval.bounded:
        found = found.warn(
            f"the change of {pretraining} is within its noise: the data do not bound the ratio"
        )
    return found.beside_noise(f"the change of {pretraining}", bottom.value, floors[1]).checked(FEW_CHANGES)


def hooke_force(table, dataset, before, after, *, per="token", resampling=DEFAULT) -> Estimate:
    """Volume times change of the rate, n_i Delta KL(P_i || model): what is conserved in sum.

    Needs the column `volume`, in tokens (or bytes) for a force in bits.
    """
    interval = bootstrap(changes(table, dataset, before, after, per), ratio_of_sums, resampling)
    volume = per_dataset(table, "volume")[dataset]
    return _difference(table, "Hooke force", dataset, (before, after), per, interval, volume)


def conservation_residual(table, before, after, *, per="token", resampling=DEFAULT) -> Estimate:
    """sum_i n_i Delta rate_i over all datasets: 0 to first order at a stationary point of the joint loss."""
    names, weights = zip(*per_dataset(table, "volume").items(), strict=True)
    samples = [changes(table, name, before, after, per) for name in names]

    def statistic(*sums):
        return sum(weight * ratio_of_sums(s) for weight, s in zip(weights, sums, strict=True))

    interval = bootstrap(samples, statistic, resampling)
    floors = [change_floor(table, name, per=per) for name in names]
    floor = propagated(lambda moved: np.dot(weights, moved), np.zeros(len(names)), floors)
    unit = f"volume x bits per {per}"
    found = Estimate("conservation residual", f"{before} to {after}", unit, interval, noise_floor=floor)
    return found.beside_noise("the residual", found.value, floor).checked(FEW_CHANGES)


def _difference(table, name, dataset, pair, per, interval, volume=None) -> Estimate:
    """A difference of two scorings with its noise floor, sqrt(2) times that of one."""
    floor, unit = change_floor(table, dataset, per=per), f"bits per {per}"
    if volume is not None:
        interval, unit = interval.scaled(volume), f"volume x {unit}"
        floor = None if floor is None else floor * volume
    found = Estimate(name, f"{dataset}, {pair[0]} to {pair[1]}", unit, interval, noise_floor=floor)
    return found.beside_noise("the difference", found.value, floor).checked(FEW_CHANGES)
