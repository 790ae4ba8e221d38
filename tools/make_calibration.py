"""Make the stored result behind the figures of the estimators, from toy worlds alone.

    python tools/make_calibration.py [RESULT.nc [WORLDS.nc ...]]
    compression-sim figures --out FIGURES

RESULT.nc is src/compression_sim/results/calibration.nc by default. It holds what `compression-sim calibrate`
prints (same seed), estimates beside their truth, errors against n. WORLDS.nc: what `calibrate --level full
--out WORLDS.nc` kept, in one file or in several (named estimators each); 400 worlds a regime are drawn
without it. Takes a few minutes besides.
"""

import datetime
import sys
from pathlib import Path

import numpy as np
import xarray

from compression_sim import results
from compression_sim._provenance import commit, versions
from compression_sim.estimators import calibrate, hill, rmse_against_n, tail_index
from compression_sim.estimators.calibration import worlds
from compression_sim.estimators.calibration.domains import regimes
from compression_sim.estimators.calibration.regime import Outcome
from compression_sim.estimators.calibration.run import made_by, read_worlds

SEED, WORLDS, SHOWN, REPEATS = 0, 400, 70, 200
SIZES = (50, 100, 200, 400, 800, 1600, 3200)
FIRST = 4  # worlds of each regime that are stored, to be drawn again by tests
COLUMNS = ("name", "coverage", "bias", "rmse", "warned", "unbounded")


def kept(files) -> tuple[list[Outcome], list[str]]:
    """Outcomes of every regime, from files that `calibrate --out` wrote, and the code that drew them."""
    tables = [read_worlds(file)[0] for file in files]
    made = sorted({(table.attrs["code"], int(table.seed), table.sizes["world"]) for table in tables})
    if len(made) > 1 or made[0][1] != SEED:
        sys.exit(f"worlds must be of one code, equally many, and of seed {SEED}, got {made}")
    drawn = {
        name: one for table in tables for name, one in zip(table.regime.values, table.drawn, strict=True)
    }
    lacking = [
        one.id for one in regimes() if one.id not in drawn or drawn[one.id].isnull().all("field").any()
    ]
    if lacking:
        sys.exit(f"worlds must be complete, and of these some are lacking: {', '.join(lacking)}")
    return [Outcome(regime, drawn[regime.id].values) for regime in regimes()], [made[0][0]]


def coverage(outcomes) -> xarray.Dataset:
    """The calibration table: a row per regime."""
    rows = [outcome.to_dict() for outcome in outcomes]
    table = {name: ("regime", [row[name] for row in rows]) for name in COLUMNS}
    table["in_domain"] = ("regime", [int(row["in_domain"]) for row in rows])
    low, high = outcomes[0].band
    names = [row["regime"] for row in rows]
    table |= {"band": ("end", [low, high]), "worlds_of": ("regime", names)}
    table["first"] = ("regime", "world", "field"), np.stack([one.drawn[:FIRST] for one in outcomes])
    return xarray.Dataset(table)


def ratios() -> xarray.Dataset:
    """k_eff beside its truth: k from 1 to 1e6, the pre-training change from within noise to clear of it."""
    rng = np.random.default_rng([SEED, 1])
    rows = []
    for k, mean in zip(10 ** rng.uniform(0, 6, SHOWN), 10 ** rng.uniform(-0.9, 0.2, SHOWN), strict=True):
        found, truth = worlds.normal_k_eff(k, mean=mean)(rng)
        interval = found.interval
        rows.append((truth, found.value, interval.low, interval.high, interval.bounded))
    names = ("truth", "value", "low", "high", "bounded")
    columns = zip(names, np.array(rows, float).T, strict=True)
    return xarray.Dataset({f"k_{name}": ("shown", column) for name, column in columns})


def indices() -> xarray.Dataset:
    """The tail index of counts beside its truth: exact likelihood, the continuous formula, Hill."""
    rng = np.random.default_rng([SEED, 2])
    truths = np.linspace(0.5, 3.0, SHOWN)
    fits = np.empty((3, SHOWN, 3))
    for index, alpha in enumerate(truths):
        counts = rng.zipf(alpha + 1, 400).astype(float)
        counts = counts[counts < 2.0**52]
        found = (
            tail_index(counts, x_min=1.0).alpha,
            tail_index(counts, x_min=1.0, discrete=False).alpha,
            hill(counts + rng.random(len(counts)), 40),
        )
        fits[:, index] = [(one.value, one.low, one.high) for one in found]
    methods = ["exact discrete likelihood", "formula for continuous values", "Hill, largest tenth"]
    return xarray.Dataset(
        {"alpha_truth": ("shown", truths), "alpha": (("method", "shown", "what"), fits)},
        coords={"method": methods, "what": ["value", "low", "high"]},
    )


def errors() -> xarray.Dataset:
    """RMS error over RMS truth, against n, of every estimator."""
    found = rmse_against_n(worlds=REPEATS, seed=SEED, sizes=SIZES)
    coords = {"estimator": [one.estimator for one in found], "n": list(SIZES)}
    return xarray.Dataset({"error": (("estimator", "n"), [one.errors for one in found])}, coords=coords)


def main(path: Path, files: list[str]) -> None:
    """All parts into one netCDF file."""
    outcomes, code = kept(files) if files else (calibrate(worlds=WORLDS, seed=SEED), [made_by()])
    parts = xarray.merge([coverage(outcomes), ratios(), indices(), errors()])
    results.save(
        parts,
        path,
        seed=SEED,
        parameters={
            "worlds": outcomes[0].worlds,
            "worlds_drawn_by": code,
            "repeats": REPEATS,
            "shown": SHOWN,
            "resamples": worlds.RESAMPLES,
        },
        versions=versions("numpy", "scipy", "xarray"),
        commit=commit(Path(__file__)),
        date=datetime.date.today().isoformat(),
        sources={},
    )
    print(f"{path}: {path.stat().st_size} bytes")


if __name__ == "__main__":
    stored = Path(__file__).parents[1] / "src" / "compression_sim" / "results" / "calibration.nc"
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else stored, sys.argv[2:])
