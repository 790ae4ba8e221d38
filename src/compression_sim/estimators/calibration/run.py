"""Bias and coverage of every estimator on toy worlds whose answer is known.

A `Regime` draws one world and returns the estimator's interval and the truth. `calibrate` repeats it and
compares the share of covered truths with the binomial band of a 95% interval. The checker is checked
first: it must pass the exact t interval of a normal mean, and catch one that is too short and one too long.
"""

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

import numpy as np
from scipy import stats

from ... import __version__
from ..._provenance import commit
from ..._runner import Cells, CellsFailed
from ..._store import Damaged, read_netcdf, refuse_existing, write_netcdf
from ..._validation import choice, integer
from ..statistics.intervals import Interval
from .domains import regimes
from .draws import digest, draw_batch
from .regime import FIELDS, Outcome, Regime, World, draw_worlds

WORLDS = {"quick": 60, "standard": 400, "full": 10_000}
BATCH = 20  # worlds in a cell
AT_ONCE = 5  # cells between two looks at the clock; what ctrl-C loses where nothing is kept


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
    """Worlds drawn so far, regime by regime; can be stopped, and taken up again where they are kept.

    `estimators`: names, all by default; ValueError for an unknown one, with the nearest. `out`: a netCDF file
    for all worlds; until it is whole, those drawn are kept in the folder OUT.cells, and a run of the same
    seed and of code that draws the same goes on from them. `overwrite`: replace the file (what is
    kept of the same code is used all the same). ValueError where `out` cannot be used or written, and where
    it exists.
    """

    def __init__(
        self,
        estimators: Iterable[str] | None = None,
        worlds: int = 400,
        seed: int = 0,
        *,
        out=None,
        overwrite: bool = False,
    ):
        self.worlds, self.seed = integer(worlds, "worlds", 1), integer(seed, "seed", 0)
        known = regimes()
        names = list(dict.fromkeys(regime.estimator for regime in known))
        wanted = [choice(name, "estimator", names) for name in estimators or names]
        self.regimes = [regime for regime in known if regime.estimator in wanted]
        self.drawn = {regime.id: np.zeros((0, len(FIELDS))) for regime in self.regimes}
        self.out, self.overwrite = None if out is None else Path(out), overwrite
        if self.out is not None:
            self._check_out()

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

    def run(self, progress: Callable[[int, int, str], None] = lambda done, total, what: None) -> bool:
        """Draw what is lacking; whether it was interrupted (ctrl-C), with what was drawn kept.

        `progress(done, total, regime)`. Raises ValueError, after all others are drawn, for worlds that
        cannot be drawn, and where nothing can be written.
        """
        folder = None if self.out is None else self.out.with_name(self.out.name + ".cells")
        failed = []
        with Cells(self.seed, folder=folder) as cells:
            try:
                for regime in self.regimes:
                    failed += self._draw(regime, cells, progress)
            except KeyboardInterrupt:
                return True
            if failed:
                kept = f" (the others are kept in {folder}, and so are the tracebacks)" if folder else ""
                raise ValueError(f"{len(failed)} batches of worlds failed{kept}: {'; '.join(failed[:3])}")
            if self.out is not None:
                write_netcdf(self.out, self._dataset())
                cells.finish()
        return False

    def _draw(self, regime, cells: Cells, progress) -> list[str]:
        """What is lacking of one regime; what cannot be drawn, in words."""
        compute, failed = partial(draw_batch, seed=self.seed), []
        firsts = range(len(self.drawn[regime.id]), self.worlds, BATCH)
        batches = [(regime.id, first, min(first + BATCH, self.worlds)) for first in firsts]
        for start in range(0, len(batches), AT_ONCE):
            progress(self.done, self.total, regime.id)
            try:
                found = cells.map(compute, batches[start : start + AT_ONCE])
            except CellsFailed as error:
                failed.append(str(error))
                continue
            self.drawn[regime.id] = np.concatenate([self.drawn[regime.id], *(f.drawn.values for f in found)])
        return failed

    def _dataset(self):
        import xarray

        drawn = np.stack([self.drawn[regime.id] for regime in self.regimes])
        return xarray.Dataset(
            {"drawn": (("regime", "world", "field"), drawn)},
            coords={"regime": [regime.id for regime in self.regimes], "field": list(FIELDS)},
            attrs={"seed": self.seed, "code": made_by()},
        )

    def _check_out(self) -> None:
        """Refuse a place that cannot be written, or holds something, before a world is drawn."""
        if self.out.suffix != ".nc":
            raise ValueError(f"{self.out}: worlds are kept as netCDF, in a file that ends in .nc")
        refuse_existing(self.out, overwrite=True)
        if not self.out.exists() or self.overwrite:
            return
        ids, worlds, seed = read_worlds(self.out)[1:]
        if (ids, worlds, seed) == ([regime.id for regime in self.regimes], self.worlds, self.seed):
            raise ValueError(f"{self.out} exists and is complete; --force replaces it")
        raise ValueError(
            f"{self.out} holds a calibration of {len(ids)} regimes, {worlds} worlds and seed {seed}, "
            f"not of these {len(self.regimes)}, {self.worlds} and {self.seed}; --force replaces it"
        )


def read_worlds(path):
    """(dataset, regime ids, worlds, seed) of a file that `Calibration` wrote; ValueError for any other."""
    try:
        table = read_netcdf(path)
        drawn = table["drawn"].transpose("regime", "world", "field").sel(field=list(FIELDS))
        return table, table["regime"].values.tolist(), drawn.sizes["world"], int(table.attrs["seed"])
    except Damaged as error:
        raise ValueError(f"{error}; --force replaces it") from None
    except (ValueError, KeyError):
        raise ValueError(f"{path} exists and holds no calibration; --force replaces it") from None


def made_by() -> str:
    """Version, commit if there is one, digest of the code that draws: what other code drew is told apart."""
    at = commit()
    return f"compression-sim {__version__}" + f" at {at}" * bool(at) + f", code {digest()[:12]}"


def calibrate(estimators=None, worlds: int = 400, seed: int = 0) -> list[Outcome]:
    """Run every regime (or those of the named estimators) and return their outcomes."""
    calibration = Calibration(estimators, worlds, seed)
    calibration.run()
    return calibration.outcomes
