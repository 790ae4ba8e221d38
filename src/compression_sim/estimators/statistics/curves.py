"""Rebound curves: a score over the amount of perturbation data, and what is read off it.

`scores`: (responses, amounts), each response (prompt) scored after every amount, amounts ascending from 0.
Everything is a function of the mean curve; intervals resample responses, all amounts of a response together.
Features that lie where the curve jumps or that need it to have a sign (`crossing`) are trusted only where the
curve is far from that; `compression-sim calibrate` says how far.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..._validation import nonnegative_array, number, real_array
from .intervals import DEFAULT, Interval, Resampling, bootstrap

Reader = Callable[[np.ndarray, np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Curve:
    """Scores of one rebound run: (responses, amounts) over ascending amounts.

    `lengths`: (responses,), positive in sum; the mean curve is then sum(scores)/sum(lengths), a rate.
    """

    amounts: np.ndarray
    scores: np.ndarray
    lengths: np.ndarray | None = None

    def __post_init__(self):
        amounts = nonnegative_array(self.amounts, "amounts", ndim=1)
        scores = real_array(self.scores, "scores", ndim=2)
        if len(amounts) < 2 or (np.diff(amounts) <= 0).any():
            raise ValueError(f"amounts must be at least 2 ascending numbers, got {amounts.tolist()}")
        if scores.shape[1] != len(amounts) or not np.isfinite(scores).all():
            raise ValueError(f"scores must be finite, (responses, {len(amounts)}), got {scores.shape}")
        lengths = np.ones(len(scores)) if self.lengths is None else self.lengths
        lengths = nonnegative_array(lengths, "lengths", ndim=1)
        if len(lengths) != len(scores) or not lengths.any():
            raise ValueError(f"lengths must be one number per response ({len(scores)}), not all 0")
        object.__setattr__(self, "amounts", amounts)
        object.__setattr__(self, "scores", scores)
        object.__setattr__(self, "lengths", lengths)

    @property
    def columns(self) -> np.ndarray:
        """Scores, and the lengths as a last column: what is resampled."""
        return np.column_stack([self.scores, self.lengths])

    @property
    def mean(self) -> np.ndarray:
        """The mean curve: (amounts,)."""
        return mean_curve(self.columns.sum(axis=0))

    def estimate(self, read: Reader, resampling: Resampling = DEFAULT) -> Interval:
        """read(amounts, mean curves (..., amounts)) -> (...), with a bootstrap interval over responses."""
        return bootstrap(self.columns, lambda sums: read(self.amounts, mean_curve(sums)), resampling)


def mean_curve(sums):
    """Mean curves (..., amounts) from column sums (..., amounts + 1)."""
    return sums[..., :-1] / sums[..., -1:]


def initial_slope(amounts, mean):
    """Slope of the first segment, score per unit of volume."""
    return (mean[..., 1] - mean[..., 0]) / (amounts[1] - amounts[0])


def plateau(amounts, mean):
    """Mean score over the last quarter of the amounts (at least the last one)."""
    return mean[..., -max(1, len(amounts) // 4) :].mean(axis=-1)


def whole_change(amounts, mean):
    """Change of the mean score from the first amount to the last."""
    return mean[..., -1] - mean[..., 0]


def lag(amounts, mean):
    """Amount at which a tenth of the total change is done; 0-delay curves (convex ones) have it early.

    nan where the curve ends where it began.
    """
    start, end = mean[..., :1], mean[..., -1:]
    found = first_passed(amounts, mean, start + 0.1 * (end - start))
    return np.where(start[..., 0] == end[..., 0], np.nan, found)


def first_passed(amounts, mean, level):
    """Smallest amount at which the curve is at `level` or beyond, seen from where it starts; inf: never."""
    sign = np.where(mean[..., :1] < level, -1.0, 1.0)
    return first_below(amounts, sign * mean, sign * level)


def first_below(amounts, mean, level):
    """Smallest amount at which the curve, linear between amounts, is at or below `level`; inf: never."""
    gap = mean - level
    below = gap <= 0
    index = np.argmax(below, axis=-1)
    never = ~below.any(axis=-1)
    previous = np.maximum(index - 1, 0)
    g0 = np.take_along_axis(gap, previous[..., None], -1)[..., 0]
    g1 = np.take_along_axis(gap, index[..., None], -1)[..., 0]
    share = np.where(index == previous, 0.0, g0 / np.where(g0 == g1, 1.0, g0 - g1))
    return np.where(never, np.inf, amounts[previous] + share * (amounts[index] - amounts[previous]))


def fall_rate_at(score: float) -> Callable:
    """Reader: slope of the curve where it first passes `score`: the rate to compare at a matched score.

    nan where the curve never passes it.
    """
    score = number(score, "score")

    def read(amounts, mean):
        where = first_passed(amounts, mean, score)
        segment = np.clip(np.searchsorted(amounts, where, side="left") - 1, 0, len(amounts) - 2)
        slopes = np.diff(mean, axis=-1) / np.diff(amounts)
        return np.where(np.isinf(where), np.nan, np.take_along_axis(slopes, segment[..., None], -1)[..., 0])

    return read


def samples_to_return(divergences: Curve, eps: float, resampling: Resampling = DEFAULT) -> Interval:
    """Amount of perturbation data after which the mean divergence to the base is at most `eps`."""
    return divergences.estimate(within(eps), resampling)


def within(eps: float) -> Callable:
    """Reader: smallest amount at which the curve is at most `eps`."""
    eps = number(eps, "eps", 0.0, open_low=True)
    return lambda amounts, mean: first_below(amounts, mean, eps)


def where_crossing(amounts, first, second):
    """Where the mean curve (..., amounts) that starts higher falls to the other; inf: never."""
    sign = np.where(first[..., :1] < second[..., :1], -1.0, 1.0)
    return first_below(amounts, sign * (first - second), 0.0)


def crossing(
    first: Curve, second: Curve, *, paired: bool = False, resampling: Resampling = DEFAULT
) -> Interval:
    """Amount at which the curve that starts higher falls to the other; inf: they never cross.

    Which one starts higher is read off the data once: a resample that starts the other way round has
    crossed at the first amount, so that an interval from there on says that the start is within its noise.
    Curves of the same prompts (`paired=True`) are resampled together, otherwise independently.
    """
    if not np.array_equal(first.amounts, second.amounts):
        raise ValueError("curves must be scored at the same amounts to look for a crossing")
    if paired and len(first.scores) != len(second.scores):
        raise ValueError(
            f"paired curves need the same prompts, got {len(first.scores)} and {len(second.scores)}"
        )
    sign = np.sign(first.mean[0] - second.mean[0]) or 1.0

    def statistic(one, two):
        return first_below(first.amounts, sign * (mean_curve(one) - mean_curve(two)), 0.0)

    if not paired:
        return bootstrap([first.columns, second.columns], statistic, resampling)
    width = len(first.amounts) + 1
    both = np.hstack([first.columns, second.columns])
    return bootstrap(both, lambda sums: statistic(sums[..., :width], sums[..., width:]), resampling)
