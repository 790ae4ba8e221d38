"""Cells: the parts of an experiment that are computed, kept and shown one by one."""

import json
from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256
from itertools import product
from pathlib import Path

import numpy as np

from ..._files import replacing, uninterrupted

Cell = tuple[str | int | float, ...]


class Progress:
    """Runs the cells of one experiment; with a `folder`, finished cells are kept there and reused.

    `fingerprint`: what a kept cell depends on besides itself (code, parameters, seed); a cell kept under
    another fingerprint is computed anew. `show(done, total, text)` is called before each cell.
    """

    def __init__(self, seed: int = 0, folder: Path | None = None, fingerprint: str = "", show=None):
        self.seed, self.folder, self.fingerprint = seed, folder, fingerprint
        self.show = show or (lambda done, total, text: None)

    def rng(self, *cell: str | int | float) -> np.random.Generator:
        """A generator that depends on the run's seed and on `cell` only."""
        words = np.frombuffer(sha256(json.dumps(cell).encode()).digest(), np.uint32)
        return np.random.default_rng([self.seed, *words.tolist()])

    def map(self, compute: Callable, cells: Iterable[Cell | str]) -> list:
        """[compute(*cell) for each cell], an xarray.Dataset each; a string is a cell of one part."""
        cells = [(cell,) if isinstance(cell, str) else tuple(cell) for cell in cells]
        results = []
        for done, cell in enumerate(cells):
            self.show(done, len(cells), " ".join(map(str, cell)))
            results.append(self._result(compute, cell))
        return results

    def grid(self, compute: Callable, **axes: Sequence):
        """compute(*cell) at every point of a grid, one xarray.Dataset; the axes are its first dimensions."""
        import xarray

        parts = self.map(compute, list(product(*axes.values())))
        for name, values in reversed(axes.items()):
            along = xarray.DataArray(list(values), dims=name, name=name)
            rows = [parts[i : i + len(values)] for i in range(0, len(parts), len(values))]
            parts = [xarray.concat(row, along, join="exact") for row in rows]
        return parts[0]

    def _result(self, compute, cell: Sequence):
        if self.folder is None:
            return compute(*cell)
        key = sha256(json.dumps([compute.__name__, self.fingerprint, *cell]).encode()).hexdigest()[:24]
        path = self.folder / f"{key}.nc"
        if not path.exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            write_netcdf(compute(*cell), path)
        return read_netcdf(path)


def read_netcdf(path: Path):
    """The xarray.Dataset in a file, in memory."""
    import xarray

    with uninterrupted():
        return xarray.load_dataset(path, engine="h5netcdf")


def write_netcdf(dataset, path: Path) -> None:
    """Write a whole file or none: an interruption leaves no half of one."""
    with replacing(path) as part:
        dataset.to_netcdf(part, engine="h5netcdf")
