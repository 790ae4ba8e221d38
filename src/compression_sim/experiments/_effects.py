"""What a claim says, as one number with an interval over seeds: the effect, positive where the claim shows.

Effects are read off mean curves by the estimators that also serve language models; a seed (a world with its
training) is what is resampled, all curves of a seed together.
"""

from collections.abc import Callable, Mapping

import numpy as np

from ..estimators.statistics import curves
from ..estimators.statistics.intervals import Interval, Resampling, bootstrap

RESAMPLES = 1999
INTERVAL = "95%, expanded BCa bootstrap over seeds"
COLUMNS = ("effect", "effect_low", "effect_high", "threshold")  # of `table`
SHOWS, NOT, MISSING = "shows", "does not show", "not applicable"


def paired(arrays, statistic: Callable) -> Interval:
    """statistic(*means over seeds) of arrays (seeds, ...), seeds resampled for all arrays together.

    `statistic` takes means (..., *shape) with any leading axes, and gives (...).
    """
    arrays = [np.asarray(a, float) for a in arrays]
    n, shapes = len(arrays[0]), [a.shape[1:] for a in arrays]
    ends = np.cumsum([int(np.prod(shape)) for shape in shapes])

    def from_sums(sums):
        parts = np.split(sums / n, ends[:-1], axis=-1)
        return statistic(*(p.reshape(p.shape[:-1] + s) for p, s in zip(parts, shapes, strict=True)))

    columns = np.concatenate([a.reshape(n, -1) for a in arrays], axis=1)
    return bootstrap(columns, from_sums, Resampling(resamples=RESAMPLES))


def mean_interval(values) -> dict[str, np.ndarray]:
    """Mean over the first axis and its 95% interval by Student's t: {"": ..., "_low": ..., "_high": ...}."""
    from scipy.stats import t

    mean, n = values.mean(axis=0), len(values)
    half = t.ppf(0.975, n - 1) * values.std(axis=0, ddof=1) / np.sqrt(n)
    return {"": mean, "_low": mean - half, "_high": mean + half}


def faster(amounts, window: float) -> Callable:
    """(low, high) -> how much faster `high` falls over the first `window`, relative to `low`."""
    ends = [0, int(np.searchsorted(amounts, window))]
    span = np.asarray(amounts)[ends]

    def statistic(low, high):
        slopes = [curves.initial_slope(span, each[..., ends]) for each in (high, low)]
        return np.where(slopes[1] < 0, _ratio(*slopes) - 1, np.nan)

    return statistic


def faster_at_matched_score(amounts, level: float) -> Callable:
    """(low, high) -> how much faster `high` falls where it passes `level`, relative to `low`."""
    read = curves.fall_rate_at(level)
    return lambda low, high: _ratio(read(amounts, high), read(amounts, low)) - 1


def overtaken(low, high):
    """How far `high` comes to lie under `low`; negative if it never does, nan if it does not start above."""
    gap = high - low
    return np.where(gap[..., 0] > 0, -np.min(gap, axis=-1), np.nan)


def overtaken_unselected(low, high) -> Interval:
    """`overtaken` without the luck of the deepest point, for curves (seeds, amounts) that are noisy.

    Half of the seeds (every other one) say at which amount, the other half how far; the mean of both ways.
    """
    gap = np.asarray(high, float) - np.asarray(low, float)
    halves = [gap[::2], gap[1::2]]

    def statistic(*sums):
        one, other = (total / len(half) for total, half in zip(sums, halves, strict=True))
        read = [_at(other, np.argmin(one, axis=-1)), _at(one, np.argmin(other, axis=-1))]
        starts_above = (one + other)[..., 0] > 0
        return np.where(starts_above, -(read[0] + read[1]) / 2, np.nan)

    return bootstrap(halves, statistic, Resampling(resamples=RESAMPLES))


def _at(curve, index):
    return np.take_along_axis(curve, index[..., None], axis=-1)[..., 0]


def order_kept(low, high):
    """The least difference of two curves, in the sign of their first one: negative if they cross."""
    gap = high - low
    return np.min(gap * np.sign(gap[..., :1]), axis=-1)


def crossing_amount(amounts) -> Callable:
    """(low, high) -> amount at which the curve that starts higher has fallen to the other; inf: never."""
    return lambda low, high: curves.first_below(amounts, high - low, 0.0)


def near_base(amounts, within: float) -> Callable:
    """(curve, base) -> `within` less the distance of the plateau from the base, in units of the rise."""

    def statistic(curve, base):
        distance = np.abs(curves.plateau(amounts, curve) - base)
        return within - _ratio(distance, curve[..., 0] - base)

    return statistic


def flat_start(amounts, curve):
    """Half the steepest slope less the initial one, relative to the steepest: positive after a flat start."""
    slopes = -np.diff(curve, axis=-1) / np.diff(amounts)
    return 0.5 - _ratio(slopes[..., 0], np.max(slopes, axis=-1))


def fewer_to_return(amounts, eps: float) -> Callable:
    """(low, high) divergence curves -> share by which `high` needs fewer data to come within eps."""

    def statistic(low, high):
        return 1 - _ratio(curves.first_below(amounts, high, eps), curves.first_below(amounts, low, eps))

    return statistic


def _ratio(a, b):
    """a / b; nan where both are infinite or b is 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(np.isinf(a) & np.isinf(b) | (b == 0), np.nan, np.divide(a, b))


def table(effects: Mapping[str, tuple[Interval, float]]):
    """An xarray.Dataset over `claim`: effect, its interval, and the threshold that it must exceed to show."""
    import xarray

    pairs = list(effects.values())
    columns = {
        "effect": [each.value for each, _ in pairs],
        "effect_low": [each.low for each, _ in pairs],
        "effect_high": [each.high for each, _ in pairs],
        "threshold": [threshold for _, threshold in pairs],
    }
    result = xarray.Dataset(
        {k: ("claim", np.array(v, float)) for k, v in columns.items()}, {"claim": list(effects)}
    )
    result.effect.attrs["interval"] = INTERVAL
    return result


def verdicts(result) -> np.ndarray:
    """What each cell says, as result.effect.

    `shows` where the whole interval exceeds the threshold; `not applicable` where what the claim compares
    does not exist (a model without sizes, a curve that never returns); else `does not show`.
    """
    found = np.where(result.effect_low.values > result.threshold.values, SHOWS, NOT)
    return np.where(np.isnan(result.effect.values), MISSING, found)


def lines(result, units: Mapping[str, str]) -> list[str]:
    """One line per claim, setting and class: effect, interval, verdict."""
    out = []
    found = verdicts(result[list(COLUMNS)].transpose("claim", "setting", "kind"))
    for i, claim in enumerate(result.claim.values):
        out.append(f"{claim}: {units[claim]}")
        for j, setting in enumerate(result.setting.values):
            for k, kind in enumerate(result.kind.values):
                one = result.sel(claim=claim, setting=setting, kind=kind)
                low, high = one.effect_low.item(), one.effect_high.item()
                effect = f"{one.effect.item():>9.3f} [{low:.3f}, {high:.3f}]"
                out.append(f"  {setting:<8}{kind:<24}{effect}  {found[i, j, k]}")
    return out
