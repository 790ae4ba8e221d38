"""Tail index of leaf masses: exact discrete likelihood with x_min by Kolmogorov-Smirnov, and Hill.

A tail index alpha means P(X > x) ~ x^-alpha; the density falls as x^-(alpha + 1). Counts are discrete: from
small x_min on, the continuous formula applied to them is biased, the zeta likelihood is not. Method:
Clauset, Shalizi, Newman, SIAM Review 51 (2009) 661.
"""

from dataclasses import dataclass

import numpy as np
from scipy import special, stats

from ..._validation import integer, nonnegative_array, number
from .intervals import Interval

_ALPHAS = (0.01, 20.0)
_GOLDEN = (np.sqrt(5.0) - 1) / 2
MAX_CANDIDATES = 200


@dataclass(frozen=True)
class TailFit:
    """A fitted tail: alpha with its interval, from which value on, how many observations, and how well."""

    alpha: Interval
    x_min: float
    distance: float
    discrete: bool
    warnings: tuple[str, ...] = ()

    @property
    def observations(self) -> int:
        """Observations at or above x_min."""
        return self.alpha.units


def tail_index(
    values, *, x_min: float | None = None, confidence: float = 0.95, discrete: bool | None = None
) -> TailFit:
    """Maximum-likelihood tail index of positive observations.

    `values`: (n,), zeros are left out. `discrete`: whether they are counts (default: all integers).
    `x_min`: where the tail begins; default: the value at which the fit's KS distance is smallest. The
    interval is the profile likelihood's, for that x_min; choosing x_min from the same data is not in it.
    Raises ValueError for fewer than 10 observations in the tail, without two different values, and where no
    index from 0.01 to 20 (30 where values are continuous) fits.
    """
    x = np.sort(nonnegative_array(values, "values", ndim=1))
    x = x[x > 0]
    discrete = bool((x == np.floor(x)).all()) if discrete is None else bool(discrete)
    confidence = number(confidence, "confidence", 0.0, 1.0, open_low=True)
    if x_min is None:
        distinct = np.unique(x)
        enough = (
            distinct[: max(1, np.searchsorted(distinct, x[-10], side="right"))] if len(x) >= 10 else distinct
        )
        if len(enough) == len(distinct) > 1:
            enough = enough[:-1]  # a tail of one value, however often, has no index
        picks = np.unique(np.linspace(0, len(enough) - 1, min(len(enough), MAX_CANDIDATES)).astype(int))
        candidates = enough[picks]
    else:
        candidates = np.array([number(x_min, "x_min", 0.0, open_low=True)])
    starts = np.searchsorted(x, candidates)
    counts = len(x) - starts
    if counts.max(initial=0) < 10 or x[-1] == x[min(starts[0], len(x) - 1)]:
        raise ValueError(
            f"a tail index needs at least 10 observations of two values, got {len(x)} positive values"
            + (f", {counts.max(initial=0)} of them at least x_min = {x_min:g}" if x_min is not None else "")
        )
    logs = np.cumsum(np.log(x)[::-1])[::-1]
    means = logs[starts] / counts  # mean log of the tail
    alphas = _fit(means, candidates, discrete)
    largest = _ALPHAS[1] * (0.999 if discrete else 1.5)  # the former: at the end of the search
    fits = (alphas > _ALPHAS[0] * 1.001) & (alphas < largest)
    if not fits.any():
        raise ValueError(
            f"no tail index from {_ALPHAS[0]:g} to {largest:.2g} fits values from {x[starts[0]]:g} to "
            f"{x[-1]:g}: this is no power law"
        )
    distances = [
        _distance(x[start:], alpha, least, discrete) if fit else np.inf
        for start, alpha, least, fit in zip(starts, alphas, candidates, fits, strict=True)
    ]
    best = int(np.argmin(distances))
    interval = _profile(means[best], candidates[best], counts[best], alphas[best], discrete, confidence)
    warnings = () if x_min is not None else (
        "x_min was found in the same data, and its own error is not in the interval: it covers too rarely",
    )  # fmt: skip
    return TailFit(interval, float(candidates[best]), float(distances[best]), discrete, warnings)


def hill(values, k: int, *, confidence: float = 0.95) -> Interval:
    """Hill's estimator from the k largest of n > k positive values; interval from its gamma law.

    k / alpha_hat * alpha is Gamma(k)-distributed for an exactly Pareto tail. Biased otherwise, the more so
    the deeper k reaches into the body.
    """
    x = np.sort(nonnegative_array(values, "values", ndim=1))[::-1]
    x = x[x > 0]
    k = integer(k, "k", 1, max(len(x) - 1, 1))
    if len(x) < 2 or x[0] == x[k]:
        raise ValueError(f"Hill's estimator needs at least 2 different values, got {len(x)} positive values")
    alpha = 1.0 / np.mean(np.log(x[:k] / x[k]))
    tails = np.array([(1 - confidence) / 2, (1 + confidence) / 2])
    low, high = alpha * stats.gamma.ppf(tails, k) / k
    return Interval(float(alpha), float(low), float(high), confidence, "gamma", k)


def _log_likelihood(alpha, mean_log, x_min, discrete):
    """Per observation."""
    if discrete:
        scale = special.zeta(alpha + 1, x_min)
        with np.errstate(divide="ignore"):  # where the sum is too small for a float, alpha is far too large
            return np.where(scale > 0, -(alpha + 1) * mean_log - np.log(scale), -np.inf)
    return np.log(alpha / x_min) - (alpha + 1) * (mean_log - np.log(x_min))


def _fit(mean_log, x_min, discrete):
    """Maximum-likelihood alphas for many x_min at once; the likelihood is concave in alpha."""
    if not discrete:
        with np.errstate(divide="ignore"):
            return 1.0 / (mean_log - np.log(x_min))
    low, high = (np.full(np.shape(mean_log), end) for end in _ALPHAS)
    for _ in range(60):
        a, b = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
        left = _log_likelihood(a, mean_log, x_min, True) > _log_likelihood(b, mean_log, x_min, True)
        low, high = np.where(left, low, a), np.where(left, b, high)
    return (low + high) / 2


def _distance(tail, alpha, x_min, discrete):
    """Kolmogorov-Smirnov distance between a sorted tail and its fit."""
    values, counts = np.unique(tail, return_counts=True)
    above = 1 - np.cumsum(counts) / len(tail)  # empirical P(X > x)
    if discrete:
        scale = special.zeta(alpha + 1, x_min)
        return float(np.max(np.abs(special.zeta(alpha + 1, values + 1) / scale - above)))
    fitted = (x_min / values) ** alpha
    return float(max(np.max(np.abs(fitted - above)), np.max(np.abs(fitted - (above + counts / len(tail))))))


def _profile(mean_log, x_min, n, alpha, discrete, confidence):
    """{alpha: 2 (log-likelihood drop) <= chi-squared quantile}."""
    drop = stats.chi2.ppf(confidence, 1) / (2 * n)
    best = _log_likelihood(alpha, mean_log, x_min, discrete)
    ends = []
    for bound in (_ALPHAS[0] / 10, _ALPHAS[1] * 10):
        inside, outside = alpha, bound
        for _ in range(80):
            middle = (inside + outside) / 2
            if best - _log_likelihood(middle, mean_log, x_min, discrete) <= drop:
                inside = middle
            else:
                outside = middle
        ends.append(float(inside))
    return Interval(float(alpha), *ends, confidence, "profile likelihood", int(n))
