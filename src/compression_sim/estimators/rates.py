"""Estimates from the table of code lengths: rates, changes, k_eff, conservation, Hooke forces.

Rates are sums over sums (bits over tokens or bytes), so that a long response counts by its length. Changes
are paired by response. Datasets are independent samples; responses of one cluster are resampled together.
"""

from dataclasses import dataclass, replace

import numpy as np
import xarray as xr
from scipy import stats

from .._validation import choice
from .intervals import Interval, bootstrap, cluster_sums, fieller, ratio_moments
from .table import scorings_of

UNITS = {"token": "tokens", "byte": "bytes"}
FEW_UNITS = 50  # calibration sees intervals of rates and of features of curves hold from here on,
FEW_CHANGES = 200  # and those of changes, which are more skewed since some leaves move far, from here
FEW_EFFECTIVE = 60  # the same where rare responses carry most of the variance (calibration: rare leaves)


@dataclass(frozen=True)
class Estimate:
    """A value with its interval and unit, and what a reader must know before trusting it.

    `noise_floor`: how far the value moves (RMS) between scorings of one checkpoint that should agree (batch
    layout, dtype, seed), in the same unit; None where the table holds no repeated scoring. Of a statistic of
    several rates: to first order, each rate moving by its own.
    """

    name: str
    of: str
    unit: str
    interval: Interval
    warnings: tuple[str, ...] = ()
    noise_floor: float | None = None

    @property
    def value(self) -> float:
        """The point estimate."""
        return self.interval.value

    def warn(self, *sentences: str) -> "Estimate":
        """The same estimate with more warnings."""
        return replace(self, warnings=(*self.warnings, *sentences))

    def beside_noise(self, what: str, value: float, floor: float | None) -> "Estimate":
        """With a warning where `what` it rests on, a value with a noise floor, is within twice that floor."""
        if floor is None or not abs(value) < 2 * floor:
            return self
        return self.warn(f"{what} is within twice the noise of scoring")

    def checked(self, few: int = FEW_UNITS) -> "Estimate":
        """With a warning below `few` units, or where few of them carry the variance (calibration)."""
        units, effective = self.interval.units, self.interval.effective
        if units < few:
            return self.warn(
                f"{units} independent units: this kind of interval is seen to hold from {few} on"
            )
        if effective < min(FEW_EFFECTIVE, units / 2):
            return self.warn(
                f"few responses carry most of the variance ({units} units count as {effective:.0f}): "
                "intervals cover too rarely, and rarer ones may not have been drawn at all"
            )
        return self


def sample(table: xr.Dataset, dataset: str, *columns: np.ndarray) -> np.ndarray:
    """Columns of one dataset's responses, summed within clusters: (units, c).

    Each of `columns` is (responses,) of the whole table. Raises ValueError for an unknown dataset.
    """
    labels = table["dataset_of"].values
    own = labels == choice(dataset, "dataset", list(dict.fromkeys(labels.tolist())))
    clusters = table["cluster"].values[own] if "cluster" in table else None
    return cluster_sums(np.stack(columns, axis=1)[own], clusters)


def names_of(table) -> list[str]:
    """The table's datasets, in order."""
    return list(dict.fromkeys(table["dataset_of"].values.tolist()))


def known(table, name, dataset, checkpoint=None) -> bool:
    """Whether a column is given for a dataset (at a checkpoint)."""
    if name not in table:
        return False
    values = table[name].values[..., table["dataset_of"].values == dataset]
    if checkpoint is not None:
        values = values[table["checkpoint"].values.tolist().index(checkpoint)]
    return bool(np.isfinite(values).all())


def unit_names(table, dataset) -> list[str] | None:
    """What a dataset's units are called, in the order of `sample`; None where the table has no names."""
    own = table["dataset_of"].values == dataset
    if "cluster" in table:
        return np.unique(table["cluster"].values[own]).tolist()
    return table["name_of"].values[own].tolist() if "name_of" in table.variables else None


def same_units(tables, dataset) -> list[np.ndarray] | None:
    """Each table's rows of `sample` in the first one's order; None where units differ or have no names."""
    names = [unit_names(table, dataset) for table in tables]
    if None in names or any(sorted(own) != sorted(names[0]) for own in names):
        return None
    rank = np.argsort(np.argsort(names[0], kind="stable"))
    return [np.argsort(own, kind="stable")[rank] for own in names]


def lengths(table: xr.Dataset, per: str) -> np.ndarray:
    """Tokens or bytes of every response: (responses,)."""
    name = UNITS[choice(per, "unit of length", UNITS)]
    if name not in table:
        raise ValueError(f"rates per {per} need a column {name!r}, which the table lacks")
    return table[name].values


def bits(table: xr.Dataset, checkpoint) -> np.ndarray:
    """Code lengths of every response at one checkpoint: (responses,), bits."""
    names = table["checkpoint"].values.tolist()
    return table["bits"].values[names.index(choice(checkpoint, "checkpoint", names))]


def ratio_of_sums(sums):
    """sums[..., 0] / sums[..., 1]: mean bits per token."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return sums[..., 0] / sums[..., 1]


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


def noise_interval(table, dataset, *, per="token", name="bits", level=0.95) -> Interval | None:
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
    low, high = np.sqrt(squares / stats.chi2.ppf([(1 + level) / 2, (1 - level) / 2], freedom))
    return Interval(float(np.sqrt(squares / freedom)), float(low), float(high), level, "chi-squared", freedom)


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


def compression_rate(table, dataset, checkpoint, *, per="token", **how) -> Estimate:
    """Mean code length per token or byte of one dataset at one checkpoint; `how` goes to `bootstrap`."""
    columns = sample(table, dataset, bits(table, checkpoint), lengths(table, per))
    interval = bootstrap(columns, ratio_of_sums, **how)
    floor = noise_floor(table, dataset, per=per)
    return Estimate(
        "rate", f"{dataset} at {checkpoint}", f"bits per {per}", interval, noise_floor=floor
    ).checked()


def normalized_rate(table, dataset, checkpoint, *, per="token", leaves=None, **how) -> Estimate:
    """The rate less log2(number of leaves) (the paper's Def. 4.1); by default of the table.

    A shift by a known constant: intervals and changes are those of the rate.
    """
    shift = np.log2(per_dataset(table, "leaves")[dataset] if leaves is None else leaves)
    rate = compression_rate(table, dataset, checkpoint, per=per, **how)
    found = rate.interval
    moved = replace(found, value=found.value - shift, low=found.low - shift, high=found.high - shift)
    return replace(rate, name="normalised rate", unit=f"bits per {per} - log2(leaves)", interval=moved)


def excess_rate(table, dataset, checkpoint, *, per="token", **how) -> Estimate:
    """Rate above the source's own entropy (column `entropy`): the divergence part of a loss."""
    if "entropy" not in table:
        raise ValueError("an excess needs a column 'entropy', the response's code length under its source")
    gap = bits(table, checkpoint) - table["entropy"].values
    columns = sample(table, dataset, gap, lengths(table, per))
    interval = bootstrap(columns, ratio_of_sums, **how)
    floor, of = noise_floor(table, dataset, per=per), f"{dataset} at {checkpoint}"
    return Estimate("excess rate", of, f"bits per {per}", interval, noise_floor=floor).checked()


def rate_change(table, dataset, before, after, *, per="token", **how) -> Estimate:
    """Change of a dataset's rate from one checkpoint to another, paired by response."""
    interval = bootstrap(changes(table, dataset, before, after, per), ratio_of_sums, **how)
    return _difference(table, "change", dataset, (before, after), per, interval)


def k_eff(table, pretraining, alignment, before, after, *, per="token", level=0.95) -> Estimate:
    """-(change of the alignment rate)/(change of the pre-training rate), with Fieller's interval.

    The theory's effective volume ratio. The set is unbounded where the pre-training change is within its
    noise, which it is at large k long before the alignment change is: `responses_needed` plans for that. In a
    saturated model the spread of the pre-training changes is about k times their mean, so that n must grow as
    k^2; and where single rare responses carry the change, intervals cover too rarely (a warning says so).
    """
    top = ratio_moments(changes(table, alignment, before, after, per))
    bottom = ratio_moments(changes(table, pretraining, before, after, per))
    interval = fieller(replace(top, value=-top.value), bottom, level=level)
    floors = [change_floor(table, name, per=per) for name in (alignment, pretraining)]
    own = propagated(lambda d: -d[0] / d[1], [top.value, bottom.value], floors)
    of = f"{alignment} / {pretraining}, {before} to {after}"
    found = Estimate("k_eff", of, "1", interval, noise_floor=own)
    if not interval.bounded:
        found = found.warn(
            f"the change of {pretraining} is within its noise: the data do not bound the ratio"
        )
    return found.beside_noise(f"the change of {pretraining}", bottom.value, floors[1]).checked(FEW_CHANGES)


def hooke_force(table, dataset, before, after, *, per="token", **how) -> Estimate:
    """Volume times change of the rate, n_i Delta KL(P_i || model): what is conserved in sum.

    Needs the column `volume`, in tokens (or bytes) for a force in bits.
    """
    interval = bootstrap(changes(table, dataset, before, after, per), ratio_of_sums, **how)
    volume = per_dataset(table, "volume")[dataset]
    return _difference(table, "Hooke force", dataset, (before, after), per, interval, volume)


def conservation_residual(table, before, after, *, per="token", **how) -> Estimate:
    """sum_i n_i Delta rate_i over all datasets: 0 to first order at a stationary point of the joint loss."""
    names, weights = zip(*per_dataset(table, "volume").items(), strict=True)
    samples = [changes(table, name, before, after, per) for name in names]

    def statistic(*sums):
        return sum(weight * ratio_of_sums(s) for weight, s in zip(weights, sums, strict=True))

    interval = bootstrap(samples, statistic, **how)
    floors = [change_floor(table, name, per=per) for name in names]
    floor = propagated(lambda moved: np.dot(weights, moved), np.zeros(len(names)), floors)
    unit = f"volume x bits per {per}"
    found = Estimate("conservation residual", f"{before} to {after}", unit, interval, noise_floor=floor)
    return found.beside_noise("the residual", found.value, floor).checked(FEW_CHANGES)


def per_dataset(table, name) -> dict[str, float]:
    """A column with one number per dataset, by dataset of the table; ValueError where it is lacking."""
    if name not in table:
        raise ValueError(f"this estimate needs a column {name!r}, one number per dataset")
    present = set(table["dataset_of"].values.tolist())
    pairs = zip(table["dataset"].values.tolist(), table[name].values.tolist(), strict=True)
    return {dataset: value for dataset, value in pairs if dataset in present}


def changes(table, dataset, before, after, per) -> np.ndarray:
    """Change of bits, and length, of every unit of a dataset: (units, 2)."""
    return sample(table, dataset, bits(table, after) - bits(table, before), lengths(table, per))


def _difference(table, name, dataset, pair, per, interval, volume=None) -> Estimate:
    """A difference of two scorings with its noise floor, sqrt(2) times that of one."""
    floor, unit = change_floor(table, dataset, per=per), f"bits per {per}"
    if volume is not None:
        interval, unit = interval.scaled(volume), f"volume x {unit}"
        floor = None if floor is None else floor * volume
    found = Estimate(name, f"{dataset}, {pair[0]} to {pair[1]}", unit, interval, noise_floor=floor)
    return found.beside_noise("the difference", found.value, floor).checked(FEW_CHANGES)
