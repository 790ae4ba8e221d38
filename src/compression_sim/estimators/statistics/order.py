"""Order statistics: central quantiles, and an interval for a median."""

import numpy as np


def quantiles(values: np.ndarray, axis: int = -1) -> tuple[np.ndarray, np.ndarray]:
    """The central 95% of values over seeds, which must be numbers or infinite."""
    ordered = np.sort(values, axis=axis)
    n = ordered.shape[axis]
    take = lambda share: np.take(ordered, int(np.clip(round(share * (n - 1)), 0, n - 1)), axis=axis)  # noqa: E731
    return take(0.025), take(0.975)


def median_interval(values: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Median along the last axis with a 95% interval from order statistics; nan entries do not count.

    The interval is the narrowest symmetric pair of order statistics that covers the median with probability
    0.95 for any continuous law; nan where there are fewer than 6 values, for which there is none.
    """
    from scipy.stats import binom

    ordered = np.sort(values, axis=-1)  # nan at the end
    count = np.isfinite(ordered).sum(axis=-1)
    rank = binom.ppf(0.025, np.maximum(count, 1), 0.5).astype(int)  # P(B < rank) <= 0.025
    enough = count >= 6

    def at(index):
        index = np.clip(index, 0, values.shape[-1] - 1)[..., None]
        return np.take_along_axis(ordered, index, axis=-1)[..., 0]

    middle = np.where(count > 0, (at((count - 1) // 2) + at(count // 2)) / 2, np.nan)
    return middle, np.where(enough, at(rank - 1), np.nan), np.where(enough, at(count - rank), np.nan)
