"""Make the stored result behind the figures of the estimators, from toy worlds alone.

    python examples/calibration.py [RESULT.nc]
    compression-sim figures --out FIGURES

Takes a few minutes. RESULT.nc is src/compression_sim/data/calibration.nc by default. It holds what
`compression-sim calibrate` prints (same seed and worlds), estimates beside their truth, errors against n.
"""

import datetime
import sys
from pathlib import Path

import numpy as np
import xarray

from compression_sim import data
from compression_sim._provenance import commit, versions
from compression_sim.estimators import Calibration, hill, tail_index, worlds
from compression_sim.estimators.calibration import Outcome, Regime, draw_worlds

SEED, WORLDS, SHOWN, REPEATS = 0, 400, 70, 200
SIZES = (50, 100, 200, 400, 800, 1600, 3200)
GROWING = {
    "rate": lambda n: worlds._rate(responses=n),
    "change of the rate": lambda n: worlds._change(responses=n),
    "k_eff (k = 1000)": lambda n: worlds._normal_k_eff(1e3, responses=n),
    "tail index": lambda n: worlds._tail(1.2, n, discrete=True, x_min=1),
}


def coverage() -> xarray.Dataset:
    """The calibration table: a row per regime."""
    run = Calibration(worlds=WORLDS, seed=SEED)
    run.run()
    rows = [outcome.to_dict() for outcome in run.outcomes]
    table = {
        name: ("regime", [row[name] for row in rows]) for name in ("name", "coverage", "warned", "unbounded")
    }
    table["in_domain"] = ("regime", [int(row["in_domain"]) for row in rows])
    low, high = run.outcomes[0].band
    names = [row["regime"] for row in rows]
    return xarray.Dataset(table | {"band": ("end", [low, high])}).assign(worlds_of=("regime", names))


def ratios() -> xarray.Dataset:
    """k_eff beside its truth: k from 1 to 1e6, the pre-training change from within noise to clear of it."""
    rng = np.random.default_rng([SEED, 1])
    rows = []
    for k, mean in zip(10 ** rng.uniform(0, 6, SHOWN), 10 ** rng.uniform(-0.9, 0.2, SHOWN), strict=True):
        found, truth = worlds._normal_k_eff(k, mean=mean)(rng)
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
    """RMS error over RMS truth, against n: of the best 99% of worlds, since a ratio has no moments."""
    found = np.empty((len(GROWING), len(SIZES)))
    for row, make in zip(found, GROWING.values(), strict=True):
        for column, n in enumerate(SIZES):
            regime = Regime("growing", f"{n}", make(n), "")
            outcome = Outcome(regime, draw_worlds(regime, 0, REPEATS, SEED))
            squares = np.sort((outcome.value - outcome.truth) ** 2)[: int(0.99 * REPEATS)]
            row[column] = np.sqrt(np.mean(squares) / np.mean(outcome.truth**2))
    coords = {"estimator": list(GROWING), "n": list(SIZES)}
    return xarray.Dataset({"error": (("estimator", "n"), found)}, coords=coords)


def main(path: Path) -> None:
    """All parts into one netCDF file."""
    parts = xarray.merge([coverage(), ratios(), indices(), errors()])
    data.save(
        parts,
        path,
        seed=SEED,
        parameters={"worlds": WORLDS, "repeats": REPEATS, "shown": SHOWN, "resamples": worlds.RESAMPLES},
        versions=versions("numpy", "scipy", "xarray"),
        commit=commit(Path(__file__)),
        date=datetime.date.today().isoformat(),
        sources={},
    )
    print(f"{path}: {path.stat().st_size} bytes")


if __name__ == "__main__":
    if len(sys.argv) > 2:
        sys.exit("usage: python examples/calibration.py [RESULT.nc]")
    stored = Path(__file__).parents[1] / "src" / "compression_sim" / "data" / "calibration.nc"
    main(Path(sys.argv[1]) if len(sys.argv) == 2 else stored)
