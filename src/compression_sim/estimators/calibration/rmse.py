"""How fast errors fall with the number of responses: RMSE against n, for every estimator.

Where an estimate is smooth in means, its error falls as n^-1/2 (a tail index of n values likewise). Only
values are drawn, not intervals, in worlds of `worlds`.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from ..._validation import choice, integer
from ..statistics import curves
from . import worlds
from .regime import Regime, World, draw_worlds

SIZES = (50, 200, 800)
GROWTH_WORLDS = {"quick": 15, "standard": 100, "full": 400}
KEPT = 0.99  # share of worlds, the best: a ratio has no moments
ONE = {"resamples": 100}

GROWING: dict[str, Callable[[int], World]] = {
    "rate": lambda n: worlds.rate(responses=n, **ONE),
    "normalised rate": lambda n: worlds.normalized_rate(responses=n, **ONE),
    "excess rate": lambda n: worlds.excess_rate(responses=n, **ONE),
    "change": lambda n: worlds.change(responses=n, **ONE),
    "k_eff": lambda n: worlds.normal_k_eff(1e3, responses=n),
    "conservation residual": lambda n: worlds.conservation_residual(responses=n, **ONE),
    "Hooke force": lambda n: worlds.hooke_force(k=1.0, responses=n, **ONE),
    "noise floor": lambda n: worlds.noise_floor(n, responses=20),
    "tail index": lambda n: worlds.tail_index(1.2, n, discrete=True, x_min=1),
    "Hill": lambda n: worlds.hill(1.5, 10 * n, n),
    "initial slope": lambda n: worlds.curve_feature(curves.initial_slope, n, **ONE),
    "plateau": lambda n: worlds.curve_feature(curves.plateau, n, **ONE),
    "lag": lambda n: worlds.curve_feature(curves.lag, n, **ONE),
    "fall rate at a score": lambda n: worlds.curve_feature(curves.fall_rate_at(0.45), n, **ONE),
    "samples to return": lambda n: worlds.samples_to_return(n, **ONE),
    "crossing": lambda n: worlds.crossing(n, **ONE),
    "scaling exponent": lambda n: worlds.scaling_exponent(-1.0, n, 1.0, **ONE),
    "first-order k_eff": lambda n: worlds.first_order_k_eff(1e6, n, 2.0),
    "sequential k_eff": lambda n: worlds.sequential_k_eff(1e-3, n),
    "levelling ratio": lambda n: worlds.levelling_ratio(0.5, n),
}


@dataclass(frozen=True)
class Growth:
    """RMS error at several n, in units of the RMS truth: `sizes`, `errors` (sizes,)."""

    estimator: str
    sizes: tuple[int, ...]
    errors: tuple[float, ...]

    @property
    def exponent(self) -> float:
        """Of n, from the first size to the last: -1/2 for what is a mean."""
        return float(np.log(self.errors[-1] / self.errors[0]) / np.log(self.sizes[-1] / self.sizes[0]))

    def to_dict(self) -> dict:
        """A row of `calibrate --json`."""
        rows = {"n": list(self.sizes), "rmse": list(self.errors), "exponent": self.exponent}
        return {"name": self.estimator} | rows


def rmse_against_n(
    estimators: Iterable[str] | None = None,
    worlds: int = 400,
    seed: int = 0,
    *,
    sizes: Iterable[int] = SIZES,
    progress: Callable[[int, int, str], None] = lambda done, total, what: None,
) -> list[Growth]:
    """RMS error over RMS truth at each of `sizes` responses (or values), of the best 99% of worlds.

    Of the noise floor n counts repeats; of Hill's estimator the largest values taken, of ten times as many.
    `estimators`: names, all by default; ValueError for an unknown one.
    """
    names = [choice(name, "estimator", list(GROWING)) for name in estimators or GROWING]
    worlds, sizes = integer(worlds, "worlds", 2), tuple(sizes)
    found = []
    for done, name in enumerate(names):
        progress(done, len(names), f"{name}: RMSE against n")
        errors = [_error(Regime(name, f"{n}", GROWING[name](n), ""), worlds, seed) for n in sizes]
        found.append(Growth(name, sizes, tuple(errors)))
    return found


def _error(regime, worlds, seed) -> float:
    value, _, _, truth, *_ = draw_worlds(regime, 0, worlds, seed).T
    squares = np.sort((value - truth) ** 2)[: int(np.ceil(KEPT * worlds))]
    return float(np.sqrt(np.mean(squares) / np.mean(truth**2)))
