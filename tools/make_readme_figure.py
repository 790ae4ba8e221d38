"""Make the stored result behind README's figure, from the texts that fetch_texts.py wrote.

    python examples/fetch_texts.py FOLDER
    python tools/make_readme_figure.py FOLDER [RESULT.nc]
    compression-sim figures --out FIGURES

Takes about a minute. RESULT.nc is src/compression_sim/results/real_text.nc by default.
"""

import datetime
import sys
from pathlib import Path

import numpy as np
import xarray

from compression_sim import measure, results
from compression_sim._provenance import commit, versions

DEPTH, SEED, REPLICATES = 16, 0, 200
VOLUMES = np.linspace(0, 2, 61)
TITLES = {
    "reversed": "Shakespeare → positive reviews → negative reviews",
    "printed": "Shakespeare + reviews → reviews → Shakespeare",
}


def panel(folder: Path, kind: str) -> tuple[xarray.Dataset, dict[str, str]]:
    """The curve of one panel with what `measure` says of its texts, and the hashes of these."""
    texts = measure.read_texts(*(folder / f"{kind}_{role}.txt" for role in measure.ROLES))
    curve = measure.response_curve(measure.Corpus.of_texts(texts, DEPTH), VOLUMES, SEED, REPLICATES)
    result = measure.measure_texts(texts, DEPTH, SEED)
    found = curve.assign(
        title=TITLES[kind],
        k=result.estimates["k"].value,
        verdict=result.sign.verdict,
        inner=result.sign.value,
    )
    sources = {Path(text.source).name: text.sha256 for text in texts}
    return found, sources


def main(folder: Path, path: Path) -> None:
    """Both panels into one netCDF file."""
    panels, sources = zip(*(panel(folder, kind) for kind in TITLES), strict=True)
    results.save(
        xarray.concat(panels, xarray.IndexVariable("panel", list(TITLES))),
        path,
        seed=SEED,
        parameters={"depth": DEPTH, "records": "line", "replicates": REPLICATES},
        versions=versions("numpy", "scipy", "xarray"),
        commit=commit(Path(__file__)),
        date=datetime.date.today().isoformat(),
        sources=sources[0] | sources[1],
    )
    print(f"{path}: {path.stat().st_size} bytes")


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit("usage: python tools/make_readme_figure.py FOLDER [RESULT.nc]")
    stored = Path(__file__).parents[1] / "src" / "compression_sim" / "results" / "real_text.nc"
    main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) == 3 else stored)
