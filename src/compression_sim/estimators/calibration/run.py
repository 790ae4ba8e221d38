"""Bias and coverage of every estimator on toy worlds whose answer is known.

A `Regime` draws one world and returns the estimator's interval and the truth. `calibrate` repeats it and
compares the share of covered truths with the binomial band of a 95% interval. The checker is checked
first: it must pass the exact t interval of a normal mean, and catch one that is too short and one too long.
"""

import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import xarray as xr
from scipy import stats

from ... import __version__
from ..._files import replacing
from ..._provenance import code_hash, commit
from ..._validation import choice, integer
from ..statistics.intervals import Interval
from .domains import regimes
from .regime import FIELDS, Outcome, Regime, World, draw_worlds

WORLDS = {"quick": 60, "standard": 400, "full": 10_000}
BATCH = 20
SAVE_EVERY = 5.0  # seconds


def normal_mean(stretch: float) -> World:
    """The t interval of a normal mean, exact at stretch 1 and wrong otherwise: it validates the checker."""

    def draw(rng):
        x = rng.normal(3.0, 2.0, 12)
        half = stretch * stats.t.ppf(0.975, 11) * x.std(ddof=1) / np.sqrt(12)
        return Interval(float(x.mean()), float(x.mean() - half), float(x.mean() + half), 0.95, "t", 12), 3.0

    return draw


def check_the_checker(seed: int = 0, worlds: int = 1000) -> dict:
    """Whether the band passes an exact interval and catches those a fifth too short, two fifths too long."""
    exact, short, long = (
        Outcome(regime, draw_worlds(regime, 0, worlds, seed))
        for regime in (
            Regime("normal mean", "exact", normal_mean(1.0), "exact"),
            Regime("normal mean", "a fifth too short", normal_mean(0.8), "nowhere", False),
            Regime("normal mean", "two fifths too long", normal_mean(1.4), "nowhere", False),
        )
    )
    low, high = exact.band
    return {
        "passed": exact.within_band and short.coverage < low and long.coverage > high,
        "worlds": worlds,
        "exact": exact.coverage,
        "too_short": short.coverage,
        "too_long": long.coverage,
        "band": [low, high],
    }


class Calibration:
    """Worlds drawn so far, regime by regime; can be stopped, stored and taken up again.

    `estimators`: names, all by default; ValueError for an unknown one, with the nearest.
    """

    def __init__(self, estimators: Iterable[str] | None = None, worlds: int = 400, seed: int = 0):
        self.worlds, self.seed = integer(worlds, "worlds", 1), integer(seed, "seed", 0)
        known = regimes()
        names = list(dict.fromkeys(regime.estimator for regime in known))
        wanted = [choice(name, "estimator", names) for name in estimators or names]
        self.regimes = [regime for regime in known if regime.estimator in wanted]
        self.drawn = {regime.id: np.zeros((0, len(FIELDS))) for regime in self.regimes}

    @property
    def done(self) -> int:
        """Worlds drawn, all regimes together."""
        return sum(map(len, self.drawn.values()))

    @property
    def total(self) -> int:
        """Worlds to draw, all regimes together."""
        return self.worlds * len(self.regimes)

    @property
    def outcomes(self) -> list[Outcome]:
        """Of every regime of which a world was drawn."""
        return [Outcome(r, self.drawn[r.id]) for r in self.regimes if len(self.drawn[r.id])]

    @property
    def failures(self) -> list[Outcome]:
        """Regimes in an estimator's domain whose coverage lies outside of the band."""
        return [o for o in self.outcomes if o.regime.in_domain and not o.within_band]

    def run(
        self, path=None, progress: Callable[[int, int, str], None] = lambda done, total, what: None
    ) -> bool:
        """Draw what is lacking; whether it was interrupted (ctrl-C), with what was drawn kept.

        `path`: where to save now and then, and at the end; `progress(done, total, regime)`.
        """
        saved = time.monotonic()
        try:
            for regime in self.regimes:
                while (first := len(self.drawn[regime.id])) < self.worlds:
                    progress(self.done, self.total, regime.id)
                    batch = draw_worlds(regime, first, min(first + BATCH, self.worlds), self.seed)
                    self.drawn[regime.id] = np.concatenate([self.drawn[regime.id], batch])
                    if path is not None and time.monotonic() - saved > SAVE_EVERY:
                        self.save(path)
                        saved = time.monotonic()
        except KeyboardInterrupt:
            pass
        if path is not None:
            self.save(path)
        return self.done < self.total

    def save(self, path) -> None:
        """Write the worlds drawn so far as netCDF, whole or not at all."""
        path = Path(path).resolve()  # through a link, to the file that it names
        drawn = np.full((len(self.regimes), self.worlds, len(FIELDS)), np.nan)
        for row, regime in zip(drawn, self.regimes, strict=True):
            row[: len(self.drawn[regime.id])] = self.drawn[regime.id]
        table = xr.Dataset(
            {"drawn": (("regime", "world", "field"), drawn)},
            coords={"regime": [regime.id for regime in self.regimes], "field": list(FIELDS)},
            attrs={"seed": self.seed, "code": made_by()},
        )
        try:
            with replacing(path) as part:
                table.to_netcdf(part, engine="h5netcdf")
        except OSError as error:
            raise ValueError(f"{path} cannot be written: {os.strerror(error.errno or 5)}") from None

    def resume(self, path) -> None:
        """Take up the worlds that `save` wrote, of these regimes or of some of them.

        Raises ValueError for another file, seed or number of worlds, and for worlds that other code drew.
        """
        try:
            table = xr.load_dataset(path, engine="h5netcdf")
            drawn = table["drawn"].transpose("regime", "world", "field").sel(field=list(FIELDS)).values
            ids, seed, code = table["regime"].values.tolist(), int(table.attrs["seed"]), table.attrs["code"]
        except (ValueError, KeyError, OSError):
            raise ValueError(f"{path} exists and holds no calibration; --force replaces it") from None
        if not set(ids) <= set(self.drawn) or drawn.shape[1] != self.worlds or seed != self.seed:
            raise ValueError(
                f"{path} holds a calibration of {len(ids)} regimes, {drawn.shape[1]} worlds and seed {seed}, "
                f"not of these {len(self.regimes)}, {self.worlds} and {self.seed}; --force replaces it"
            )
        if code != made_by():
            raise ValueError(f"{path} was drawn by {code}, and this is {made_by()}; --force replaces it")
        for name, row in zip(ids, drawn, strict=True):
            self.drawn[name] = row[~np.isnan(row[:, FIELDS.index("covered")])]


def made_by() -> str:
    """Version, commit if there is one, hash of the sources: what other code drew must not be mixed in."""
    at = commit()
    return f"compression-sim {__version__}" + f" at {at}" * bool(at) + f", sources {code_hash()[:12]}"


def take_up(calibration: Calibration, path, replace: bool = False) -> None:
    """Resume from a file if there is one (or forget it); ValueError where it cannot be used or written."""
    path = Path(path)
    if path.suffix != ".nc":
        raise ValueError(f"{path}: worlds are kept as netCDF, in a file that ends in .nc")
    if path.is_dir() or not path.parent.is_dir():
        raise ValueError(
            f"{path} is a folder" if path.is_dir() else f"{path}: there is no folder {path.parent}"
        )
    if path.exists() and not replace:
        calibration.resume(path)
        if calibration.done == calibration.total:
            raise ValueError(f"{path} exists and is complete; --force replaces it")
    elif not path.exists():
        calibration.save(path)  # what cannot be written is better known before the worlds are drawn


def calibrate(estimators=None, worlds: int = 400, seed: int = 0) -> list[Outcome]:
    """Run every regime (or those of the named estimators) and return their outcomes."""
    calibration = Calibration(estimators, worlds, seed)
    calibration.run()
    return calibration.outcomes
