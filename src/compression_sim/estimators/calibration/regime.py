"""A regime is an estimator in one kind of world; its outcome is what many worlds of that kind showed."""

import zlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..statistics.estimate import Estimate
from ..statistics.intervals import Interval, binomial_band

World = Callable[[np.random.Generator], tuple[Interval | Estimate, float]]
FIELDS = ("value", "low", "high", "truth", "covered", "warned")
BAND = 0.999  # of ~60 regimes in their domains, one leaves a 99.9% band in 6% of runs


@dataclass(frozen=True)
class Regime:
    """An estimator in one kind of world. `domain` says in words where its interval can be trusted."""

    estimator: str
    regime: str
    draw: World
    domain: str
    in_domain: bool = True

    @property
    def id(self) -> str:
        """Unique among all regimes."""
        return f"{self.estimator}: {self.regime}"


@dataclass(frozen=True)
class Outcome:
    """What many worlds of a regime showed: `drawn` is (worlds, len(FIELDS)), a world per row."""

    regime: Regime
    drawn: np.ndarray

    def __getattr__(self, name):
        if name in FIELDS:
            return self.drawn[:, FIELDS.index(name)]
        raise AttributeError(name)

    @property
    def worlds(self) -> int:
        """Worlds drawn so far."""
        return len(self.drawn)

    @property
    def coverage(self) -> float:
        """Share of worlds whose interval holds the truth."""
        return float(self.covered.mean())

    @property
    def band(self) -> tuple[float, float]:
        """Where the coverage of an exact 95% interval would be seen, 99.9 times of 100."""
        return binomial_band(self.worlds, 0.95, BAND)

    @property
    def within_band(self) -> bool:
        """Whether the coverage is that of a 95% interval."""
        low, high = self.band
        return low <= self.coverage <= high

    @property
    def bias(self) -> float:
        """Median error, in units of the truth where that is not 0 (a ratio's mean need not exist)."""
        return float(np.median(self._errors))

    @property
    def rmse(self) -> float:
        """Root mean squared error, in the same unit; inf where an estimate is."""
        return float(np.sqrt(np.mean(self._errors**2)))

    @property
    def unbounded(self) -> float:
        """Share of worlds whose interval is unbounded (Fieller's outside of an interval counts)."""
        inside = (self.low <= self.truth) & (self.truth <= self.high)
        outside = (inside != self.covered.astype(bool)) & np.isfinite(self.low)
        return float(np.mean(~np.isfinite(self.low) | ~np.isfinite(self.high) | outside))

    @property
    def _errors(self):
        return (self.value - self.truth) / np.where(self.truth == 0, 1.0, np.abs(self.truth))

    def to_dict(self) -> dict:
        """A row of `calibrate --json`."""
        return {
            "name": self.regime.estimator,
            "regime": self.regime.regime,
            "worlds": self.worlds,
            "bias": self.bias,
            "rmse": self.rmse,
            "coverage": self.coverage,
            "band": list(self.band),
            "within_band": self.within_band,
            "unbounded": self.unbounded,
            "warned": float(self.warned.mean()),
            "domain": self.regime.domain,
            "in_domain": self.regime.in_domain,
        }


def draw_worlds(regime: Regime, first: int, last: int, seed: int) -> np.ndarray:
    """Worlds first..last - 1 of a regime: (worlds, len(FIELDS)).

    Each world has a stream of its own, from seed, regime and number, so that runs can be split and resumed.
    """
    rows, name = [], zlib.crc32(regime.id.encode())
    for index in range(first, last):
        found, truth = regime.draw(np.random.default_rng([seed, name, index]))
        interval = found.interval if isinstance(found, Estimate) else found
        warned = bool(getattr(found, "warnings", ()))
        rows.append((interval.value, interval.low, interval.high, truth, truth in interval, warned))
    return np.array(rows, float).reshape(-1, len(FIELDS))
