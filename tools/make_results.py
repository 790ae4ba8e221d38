"""Make stored results of experiments again, and all that is made of them.

    make results NAME=rebound                       # what this does, in the project's environment
    python tools/make_results.py [--level LEVEL] [--seed SEED] NAME...

Writes src/compression_sim/results/NAME.nc, at the level and seed of the stored one unless told otherwise;
then matrix.nc, docs/experiments.md, and those of figures/ that are drawn of what changed. After an
interruption the same command goes on from the finished cells.
"""

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "src"))  # this checkout's own package

from compression_sim import experiments, results  # noqa: E402
from compression_sim._files import write_whole  # noqa: E402

FOLDER = ROOT / "src" / "compression_sim" / "results"
OTHERS = {"calibration": "tools/make_calibration.py", "real-text": "tools/make_readme_figure.py"}


def main(names: list[str], level: str | None, seed: int | None) -> None:
    """Results, then what depends on them; prints every file that was written."""
    for name in names:
        if name in OTHERS:
            raise ValueError(f"{name} is no experiment: {OTHERS[name]} makes it")
        experiments.load(name)  # an unknown one is refused before anything is computed
    changed = [name for name in names if name != "matrix"]
    for name in changed:
        store(name, level, seed)
    if "matrix" in names or any(experiments.load(name).claims for name in changed):
        store("matrix", None, None)
        changed.append("matrix")
    from compression_sim import plotting
    from compression_sim.experiments._matrix.page import page

    document = ROOT / "docs" / "experiments.md"
    write_whole(document, page().encode())
    drawn = [name for name, (result, _) in plotting.FIGURES.items() if result in changed]
    written = plotting.save(ROOT / "figures", drawn, overwrite=True) if drawn else []
    for path in (document, *written):
        print(path.relative_to(ROOT))


def store(name: str, level: str | None, seed: int | None) -> None:
    """One result, as the stored one was made where nothing else is asked for."""
    made = results.provenance(results.load(name)) if name in results.names() else {}
    path = FOLDER / results.file_name(name)
    experiments.run(
        name,
        level or made.get("level", "standard"),
        made.get("seed", 0) if seed is None else seed,
        out=path,
        overwrite=True,
        progress=lambda done, total, what: print(f"{name}: {done} of {total} cells, {what}", file=sys.stderr),
    )
    print(path.relative_to(ROOT))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument(
        "names", nargs="+", metavar="NAME", help="an experiment, as `compression-sim experiment`"
    )
    parser.add_argument("--level", help="quick, standard or full; that of the stored result by default")
    parser.add_argument("--seed", type=int, help="that of the stored result by default")
    given = parser.parse_args()
    try:
        main(given.names, given.level, given.seed)
    except ValueError as error:
        sys.exit(f"make_results: {error}")
