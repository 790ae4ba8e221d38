"""Intervals for estimates from responses: paired bootstrap (percentile, BCa), Fieller, binomial bands.

A statistic here is a function of column sums: `columns` is (units, c), one row per response (or cluster) with
everything that was measured on it, and `statistic` maps sums (..., c) to values (...,). A resample is then a
row of counts, and all resamples are one matrix product; pairing across checkpoints is kept because a
response brings all of its columns along.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from scipy import special, stats

from ..._validation import choice, integer, number, real_array

METHODS = ("expanded bca", "bca", "percentile")
_CHUNK = 1 << 18  # resampled indices held at a time: they stay in the cache


@dataclass(frozen=True)
class Resampling:
    """How an interval is made: its confidence; for a bootstrap also resamples, their seed, the method.

    `seed`: an integer, or a Generator, which moves on with every interval. Intervals that need no resamples
    (Fieller's, of a likelihood) go by the confidence alone. Raises ValueError for what is not allowed.
    """

    confidence: float = 0.95
    resamples: int = 9999
    seed: int | np.random.Generator = 0
    method: str = "expanded bca"

    def __post_init__(self):
        number(self.confidence, "confidence", 0.0, 1.0, open_low=True)
        integer(self.resamples, "resamples", 100)
        choice(self.method, "method", METHODS)


DEFAULT = Resampling()


@dataclass(frozen=True)
class Interval:
    """An interval for a value. `low > high` never; infinite ends mean that the data do not bound it.

    `disjoint`: Fieller's set is the OUTSIDE of (low, high), which happens when the denominator may be 0.
    `units`: independent responses or clusters. `effective`: how many of them carry the variance
    (`effective_units`); nan where the method has no such number.
    """

    value: float
    low: float
    high: float
    confidence: float
    method: str
    units: int
    disjoint: bool = False
    effective: float = np.nan

    def __contains__(self, x: float) -> bool:
        inside = self.low <= x <= self.high
        return (x <= self.low or x >= self.high) if self.disjoint else bool(inside)

    @property
    def bounded(self) -> bool:
        """Whether the data bound the value on both sides."""
        return bool(np.isfinite(self.low) and np.isfinite(self.high) and not self.disjoint)

    def scaled(self, factor: float) -> "Interval":
        """The interval of `factor` times the value, factor > 0."""
        return replace(self, value=factor * self.value, low=factor * self.low, high=factor * self.high)


@dataclass(frozen=True)
class Moments:
    """An estimate that is normal for many units: its value and variance, from how many units."""

    value: float
    variance: float
    units: int
    effective: float = np.nan


def effective_units(influence) -> float:
    """How many units carry the variance of a mean: 3 (sum d^2)^2 / sum d^4, d the units' influence.

    The number of units for normal data, about 3 where a single one carries everything.
    """
    d = np.asarray(influence, float)
    d = d / max(np.abs(d).max(initial=0.0), np.finfo(float).tiny)
    fourth = np.sum(d**4)
    return float(3 * np.sum(d**2) ** 2 / fourth) if fourth > 0 else float(d.size)


def cluster_sums(columns, clusters=None) -> np.ndarray:
    """Columns added up within clusters (documents), so that clusters are what is resampled.

    `columns`: (responses, c); `clusters`: (responses,) labels, or None for one cluster per response.
    Returns (clusters, c), in the order of the sorted labels.
    """
    columns = real_array(columns, "columns", ndim=2)
    if clusters is None:
        return columns
    labels = np.asarray(clusters)
    if labels.shape != columns.shape[:1]:
        raise ValueError(f"clusters must have one label per response ({len(columns)}), got {labels.shape}")
    _, which = np.unique(labels, return_inverse=True)
    sums = np.zeros((which.max(initial=-1) + 1, columns.shape[1]))
    np.add.at(sums, which, columns)
    return sums


def resampled_sums(columns, resamples: int, seed) -> np.ndarray:
    """Column sums of `resamples` draws of len(columns) rows with replacement: (resamples, c)."""
    columns = real_array(columns, "columns", ndim=2)
    rng, n = np.random.default_rng(seed), len(columns)
    kind = np.uint16 if n <= 1 << 14 else np.uint32  # near 2^16 many draws of 16 bits are drawn again
    # two columns at a time, as one complex number: the gather is what takes the time
    padded = np.pad(columns, ((0, 0), (0, columns.shape[1] % 2)))
    pairs = np.ascontiguousarray(padded.reshape(n, -1, 2)).view(complex)[..., 0].T
    sums = np.empty((resamples, len(pairs)), complex)
    step = max(1, _CHUNK // n)
    for start in range(0, resamples, step):
        drawn = rng.integers(0, n, size=(min(step, resamples - start), n), dtype=kind)
        for index, pair in enumerate(pairs):
            sums[start : start + step, index] = pair[drawn].sum(axis=1)
    return sums.view(float)[:, : columns.shape[1]]


def bootstrap(
    samples,
    statistic: Callable[..., np.ndarray],
    resampling: Resampling = DEFAULT,
) -> Interval:
    """Bootstrap interval of statistic(*column sums), one argument per independent sample.

    `samples`: one (units, c) array, or a list of them that are resampled independently (alignment and
    pre-training responses, say). "bca" corrects the percentile interval for bias and acceleration (Efron
    1987; acceleration from the jackknife over all samples); "percentile" does not. Either is too short for
    few units, as a normal interval with 1/n in the variance is: "expanded bca" reads tails that are `widened`
    to those of Student's. Raises ValueError for a sample of fewer than two units. Needs a statistic that is
    smooth in the sums; its coverage from few units, or of ratios whose denominator is within noise, is poor:
    `compression-sim calibrate` says where.
    """
    samples = samples if isinstance(samples, list | tuple) else [samples]
    samples = [real_array(sample, "samples", ndim=2) for sample in samples]
    confidence, method = resampling.confidence, resampling.method
    units = min(len(sample) for sample in samples)
    if units < 2:
        raise ValueError(f"an interval needs at least 2 responses or clusters, got {units}")
    totals = [sample.sum(axis=0) for sample in samples]
    value = float(statistic(*totals))
    streams = np.random.default_rng(resampling.seed).spawn(len(samples))
    drawn = zip(samples, streams, strict=True)
    sums = [resampled_sums(sample, resampling.resamples, rng) for sample, rng in drawn]
    draws = np.asarray(statistic(*sums), float)
    draws = np.sort(draws[~np.isnan(draws)])
    if not draws.size or np.isnan(value):
        return Interval(value, -np.inf, np.inf, confidence, method, units)
    pulls = _influence([_left_out(samples, totals, i, statistic) for i in range(len(samples))])
    influence = np.concatenate(pulls) if pulls else np.zeros(0)
    z = special.ndtri(np.array([(1 - confidence) / 2, (1 + confidence) / 2]))
    if method == "expanded bca":
        z = widened(z, pulls or [np.ones(units)])
    if method != "percentile" and np.isfinite(value):
        below = (np.sum(draws < value) + 0.5 * np.sum(draws == value)) / draws.size
        below = np.clip(below, 0.5 / draws.size, 1 - 0.5 / draws.size)
        z = bca_normal(z, special.ndtri(below), acceleration(influence))
    # the i-th of B ordered draws is the i/(B + 1) quantile: B = 999 reads the 25th and the 975th
    order = np.rint(special.ndtr(z) * (draws.size + 1)).astype(int) - 1
    low, high = draws[np.clip(order, 0, draws.size - 1)]  # some may be inf
    effective = effective_units(influence) if influence.size else np.nan
    return Interval(value, float(low), float(high), confidence, method, units, effective=effective)


def _left_out(samples, totals, index, statistic) -> np.ndarray:
    """The statistic with each unit of one sample left out: (units,)."""
    n = len(samples[index])
    shrunk = (totals[index] - samples[index]) * (n / (n - 1))  # sums of n units, as the others' are
    sums = (shrunk if i == index else np.broadcast_to(t, (n, t.size)) for i, t in enumerate(totals))
    return np.asarray(statistic(*sums), float)


def _influence(left_out) -> list[np.ndarray]:
    """Each unit's pull on the statistic, sample by sample, from jackknife values; [] if one is not finite."""
    if not all(np.isfinite(values).all() for values in left_out):
        return []
    return [(values.mean() - values) * (len(values) - 1) / len(values) for values in left_out]


def acceleration(influence) -> float:
    """BCa's acceleration, sum d^3 / (6 (sum d^2)^(3/2)), from the units' influence."""
    spread = np.sum(influence**2)
    return float(np.sum(influence**3) / (6 * spread**1.5)) if spread > 0 else 0.0


def bca_normal(z: np.ndarray, bias: float, acceleration: float) -> np.ndarray:
    """Normal quantiles at which BCa reads the bootstrap distribution, for z of the confidence."""
    return bias + (bias + z) / (1 - acceleration * (bias + z))


def widened(z: np.ndarray, influence: list[np.ndarray]) -> np.ndarray:
    """Normal quantiles as far out as Student's interval goes beyond the normal one with 1/n in the variance.

    z sqrt(n/(n - 1)) t/z for one sample of n units (Hesterberg, The American Statistician 69 (2015) 371,
    "expanded percentile"); for several, the variance is the sum of theirs and the degrees of freedom are
    Welch and Satterthwaite's. `influence`: each unit's pull on the statistic, sample by sample.
    """
    n = np.array([len(pull) for pull in influence], float)
    parts = np.array([np.sum(pull**2) for pull in influence])
    parts = parts / parts.sum() if parts.sum() > 0 else np.full(len(n), 1 / len(n))
    unbiased = parts * n / (n - 1)
    freedom = unbiased.sum() ** 2 / np.sum(unbiased**2 / (n - 1))
    return stats.t.ppf(special.ndtr(z), freedom) * np.sqrt(unbiased.sum())


def ratio_of_sums(sums):
    """sums[..., 0] / sums[..., 1]: mean bits per token."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return sums[..., 0] / sums[..., 1]


def ratio_moments(columns) -> Moments:
    """Moments of sum(columns[:, 0])/sum(columns[:, 1]), linearised over units; a mean for ones."""
    columns = real_array(columns, "columns", ndim=2)
    n = len(columns)
    if n < 2:
        raise ValueError(f"an interval needs at least 2 responses or clusters, got {n}")
    top, bottom = columns.mean(axis=0)
    value = top / bottom
    influence = (columns[:, 0] - value * columns[:, 1]) / bottom
    return Moments(
        float(value), float(np.var(influence, ddof=1) / n), n, effective_units(influence - influence.mean())
    )


def fieller(
    numerator: Moments, denominator: Moments, covariance: float = 0.0, *, confidence=0.95
) -> Interval:
    """Fieller's confidence set for the ratio of two means m1/m2 with a given covariance.

    The set of r with (m1 - r m2)^2 <= q^2 (v11 - 2 r v12 + r^2 v22), q of Student's t with the smaller
    number of units, less one, as degrees of freedom. Exact for normal means. Unbounded, or the outside of an
    interval, where the denominator is within noise of 0, and then reported as such, never clipped.
    """
    confidence = number(confidence, "confidence", 0.0, 1.0, open_low=True)
    units = min(numerator.units, denominator.units)
    rest = {"confidence": confidence, "method": "fieller", "units": units,
            "effective": min(numerator.effective, denominator.effective)}  # fmt: skip
    q2 = stats.t.ppf((1 + confidence) / 2, units - 1) ** 2
    m1, v1, m2, v2 = numerator.value, numerator.variance, denominator.value, denominator.variance
    a, b, c = m2**2 - q2 * v2, m1 * m2 - q2 * covariance, m1**2 - q2 * v1
    with np.errstate(divide="ignore", invalid="ignore"):
        value = float(np.float64(m1) / m2)
    discriminant = b * b - a * c
    if a > 0:  # the denominator is away from 0: an ordinary interval
        root = np.sqrt(max(discriminant, 0.0))
        far = b + np.copysign(root, b)  # the root without cancellation, the other by their product
        ends = sorted((far / a, c / far if far else 0.0))
        return Interval(value, *map(float, ends), **rest)
    if a < 0 and discriminant > 0:
        root = np.sqrt(discriminant)
        ends = sorted(((b - root) / a, (b + root) / a))
        return Interval(value, *map(float, ends), **rest, disjoint=True)
    return Interval(value, -np.inf, np.inf, **rest)


def binomial_band(worlds: int, probability: float, confidence: float = 0.99) -> tuple[float, float]:
    """Where a coverage of `probability` would be seen in `worlds` independent worlds (central band)."""
    low, high = stats.binom.interval(confidence, worlds, probability)
    return float(low / worlds), float(high / worlds)
