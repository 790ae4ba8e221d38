"""The critical share q*(alpha) below which one dominating part reverses both signs of Thm. 4.2.

D_p has shares (1 - 2q, q, q) of parts with independent Pareto masses, D_a ~ D_2, D_t ~ D_3, l = 0. The curve
is the limit of many leaves; beside it, where the mean of G(a, t) over draws crosses zero.
"""

from dataclasses import dataclass

import numpy as np

from .. import elasticity, limits
from .._validation import integer, number
from ..masses import Pareto
from ._lab.three_parts import three_roles

RESAMPLES = 1000

FIGURE = "critical_share"


@dataclass(frozen=True)
class Parameters:
    """What is drawn."""

    ks: tuple[float, ...] = (10.0, 100.0, np.inf)  # pre-training volumes; inf is drawn at 1e9
    curve_points: int = 40  # alphas of the curve, from 1.02 to 12
    alphas: tuple[float, ...] = (1.3, 1.5, 2.0, 3.0, 5.0, 10.0)  # that are also drawn
    leaves: int = 20_000
    draws: int = 40

    def __post_init__(self):
        for k in self.ks:
            if k != np.inf:
                number(k, "ks", 1, open_low=True)
        for alpha in self.alphas:
            number(alpha, "alphas", 1, open_low=True)
        integer(self.curve_points, "curve_points", 2)
        integer(self.leaves, "leaves", 2)
        integer(self.draws, "draws", 2)


PRESETS = {
    "quick": Parameters(curve_points=10, alphas=(1.5, 3.0), leaves=2000, draws=20),
    "standard": Parameters(),
    "full": Parameters(leaves=100_000, draws=60),
}


def run(parameters: Parameters, seed: int, cells):
    """q* of the limit on a grid of alphas, and of draws at some of them with 95% intervals, for every k."""
    import xarray

    curve = np.geomspace(0.02, 11.0, parameters.curve_points) + 1

    def drawn(k, alpha):
        return _drawn(k, alpha, parameters, cells.rng(k, alpha))

    result = cells.grid(drawn, k=parameters.ks, alpha=parameters.alphas)
    limit = [[limits.critical_share(Pareto(a), k) for a in curve] for k in parameters.ks]
    result["limit"] = xarray.DataArray(limit, {"curve_alpha": curve}, ("k", "curve_alpha"))
    result.limit.attrs.update(units="1", long_name="q* of the limit of many leaves")
    result.share.attrs.update(
        units="1",
        long_name="q at which the mean of G(a, t) over draws is 0",
        interval=f"95%, percentile bootstrap over {parameters.draws} draws",
    )
    return result


def _drawn(k, alpha, parameters, rng):
    """Where the mean of G(a, t) over draws crosses 0, with the limit's q* for comparison."""
    import xarray

    expected = limits.critical_share(Pareto(alpha), k)
    shares = np.minimum(expected * np.geomspace(0.3, 2.5, 13), 0.45)
    volume = 1e9 if k == np.inf else k
    laws = [Pareto(alpha).distributions(3, parameters.leaves, rng) for _ in range(parameters.draws)]
    splits = [(1 - 2 * q, q, q) for q in shares]
    inner = np.array(
        [[elasticity.inner_products(three_roles(x, s, volume), 2)[1] for s in splits] for x in laws]
    )
    picks = rng.integers(0, parameters.draws, (RESAMPLES, parameters.draws))
    roots = _crossing(shares, inner[picks].mean(axis=1))
    low, high = np.quantile(roots, (0.025, 0.975))
    return xarray.Dataset(
        {
            "share": _crossing(shares, inner.mean(axis=0)[None])[0],
            "share_low": low,
            "share_high": high,
            "expected": expected,
        }
    )


def _crossing(shares, means):
    """The first share at which each row falls to 0, linear between shares; its ends where it does not."""
    below = means <= 0
    after = np.where(below.any(axis=1), below.argmax(axis=1), means.shape[1] - 1)
    before = np.maximum(after - 1, 0)
    rows = np.arange(len(means))
    high, low = means[rows, before], means[rows, after]
    part = np.where(high > low, high / np.where(high > low, high - low, 1.0), 0.0)
    return shares[before] + np.clip(part, 0.0, 1.0) * (shares[after] - shares[before])


def summary(result) -> list[str]:
    """One line per k and alpha: the limit's q*, and the draws'."""
    lines = ["k        alpha    q* (limit)   q* of draws [95%]"]
    for k in result.k.values:
        for alpha in result.alpha.values:
            one = result.sel(k=k, alpha=alpha)
            lines.append(
                f"{k:<8g} {alpha:<8g} {one.expected.item():<12.4f} {one.share.item():.4f} "
                f"[{one.share_low.item():.4f}, {one.share_high.item():.4f}]"
            )
    inside = (result.share_low <= result.expected) & (result.expected <= result.share_high)
    lines.append(f"the limit lies in the interval in {int(inside.sum())} of {inside.size} cells")
    return lines


def findings(result) -> list[str]:
    """What docs/experiments.md says of it."""
    inside = (result.share_low <= result.expected) & (result.expected <= result.share_high)
    known = np.isfinite(result.share)
    return [
        f"the draws' critical share agrees with the limit's within its interval in {int(inside.sum())} of "
        f"{int(known.sum())} cells of (k, alpha)"
    ]
