"""The figures by name, and how they are written: PNG and SVG, and a manifest of what each was made from."""

import ast
import hashlib
import io
import json
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path

from .. import results
from .._files import Exists, write_whole
from .._validation import choice
from ..experiments._lab.registry import declared
from ._calibration import k_eff, tail_index
from ._critical_share import critical_share
from ._effects import effects
from ._k_ratio import k_ratio
from ._maps import domain_map, sign_map
from ._matrix import matrix
from ._real_text import real_text
from ._rebound import rebound
from ._sequential import sequential_ratio
from ._style import STYLE

PAINTERS = {  # that an experiment's module may name as its FIGURE: (result, figure) -> None
    "critical_share": critical_share,
    "domain_map": domain_map,
    "effects": effects,
    "k_ratio": k_ratio,
    "matrix": matrix,
    "rebound": rebound,
    "sequential_ratio": sequential_ratio,
    "sign_map": sign_map,
}


def _figures() -> dict[str, tuple[str, Callable]]:
    """By name, the stored result that each is of and its painter: an experiment's figure has its name."""
    of_experiments = {
        name: (name, PAINTERS[choice(ast.literal_eval(painter), f"FIGURE of {name}", PAINTERS)])
        for name, painter in declared("FIGURE").items()
    }
    others = {
        "calibration-k-eff": ("calibration", k_eff),
        "calibration-tails": ("calibration", tail_index),
        "real-text": ("real-text", real_text),
    }
    return dict(sorted((of_experiments | others).items()))


FIGURES = _figures()
MANIFEST = "manifest.json"


def draw(name: str, result=None):
    """A figure by name, of a result of one's own or of the stored one: matplotlib Figure.

    Raises ValueError for an unknown name.
    """
    import matplotlib
    from matplotlib.figure import Figure

    stored, paint = FIGURES[choice(name, "figure", FIGURES)]
    result = results.load(stored) if result is None else result
    with matplotlib.rc_context(STYLE):
        figure = Figure()
        paint(result, figure)
    return figure


def save(folder, names: Sequence[str] = (), *, overwrite: bool = False) -> list[Path]:
    """Write figures (all by default) as PNG and SVG into `folder`, and what they rest on into its manifest.

    Raises ValueError for an unknown name, a folder that cannot be written, and for files that exist unless
    asked to overwrite them: then nothing is written.
    """
    import matplotlib

    names = [choice(name, "figure", FIGURES) for name in names] or list(FIGURES)
    folder = Path(folder)
    paths = {name: [folder / f"{name}.{kind}" for kind in ("png", "svg")] for name in names}
    existing = [path for pair in paths.values() for path in pair if path.exists()]
    if existing and not overwrite:
        raise Exists(existing[0])
    figures = {name: draw(name) for name in names}
    manifest = _manifest(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ValueError(f"cannot write to {folder}: {error.strerror}") from None
    for name, figure in figures.items():
        with matplotlib.rc_context(STYLE):
            for path in paths[name]:
                page = io.BytesIO()
                no_date = {"Date": None} if path.suffix == ".svg" else {}
                figure.savefig(page, format=path.suffix[1:], metadata=no_date)
                write_whole(path, page.getvalue())
        manifest[name] = _entry(name, paths[name])
    text = json.dumps(dict(sorted(manifest.items())), indent=2, ensure_ascii=False)
    write_whole(folder / MANIFEST, f"{text}\n".encode())
    return [path for pair in paths.values() for path in pair]


def _manifest(folder: Path) -> dict:
    path = folder / MANIFEST
    return json.loads(path.read_text("utf-8")) if path.exists() else {}


def _entry(name: str, paths: list[Path]) -> dict:
    """Which result, seed, versions and commit made the figure, and the hashes of its files."""
    stored = FIGURES[name][0]
    return {
        "result": results.file_name(stored),
        "result_sha256": results.digest(stored),  # of what it says, not of its bytes
        **results.provenance(results.load(stored)),
        "drawn_with": {"matplotlib": version("matplotlib")},
        "files": {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in paths},
    }
