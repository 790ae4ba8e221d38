"""The one resumable runner: work in cells that are computed once, kept, shared and taken up again.

    with Cells(seed, settings={"n": 40}, folder=path) as cells:
        results = cells.map(compute, [("a", 1), ("a", 2)])     # compute("a", 1) -> xarray.Dataset ...
        cells.finish()                                         # the result is whole: the folder can go

A cell is kept under the SHA-256 of what decides it: the qualified name of `compute`, the settings, the seed,
the cell, and the digest of the code that `compute` reaches (`_code`). So `compute` may depend on nothing
else: what it closes over must follow from settings, seed and code. Draw with `cells.rng(*cell)`.

After ctrl-C or kill -9 the same call goes on with what was finished, and gets the same values. Two runs on
one folder share the work: a cell is computed by whoever holds its lock, which dies with its process, and
the others read it. A cell that fails is recorded, the rest goes on, and one `CellsFailed` at the end names
those that failed; they are tried again next time. A damaged cell is computed anew, with a warning.
"""

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
import traceback
import warnings
import weakref
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, is_dataclass
from hashlib import sha256
from importlib import import_module
from itertools import product
from pathlib import Path

import numpy as np

from ._code import code_digest as code_digest
from ._code import digest_of, names_of
from ._draws import checked_seed, generator
from ._files import cannot, claim, is_last, release, remove_orphans, share, write_whole
from ._format import Damaged, encode, pack, read_arrays, read_dataset_and_meta, write_arrays
from ._progress import Progress, no_progress
from ._validation import integer

Cell = tuple[str | int | float, ...]
CELL, FAILED = "cell", "failed cell"


class CellsFailed(ValueError):
    """Cells that failed, with the others finished and, where there is a folder, kept.

    `failures`: traceback as text of every cell that failed.
    """

    def __init__(self, failures: Mapping[Cell, "_Failure"], total: int, folder: Path | None):
        self.failures = {cell: failure.traceback for cell, failure in failures.items()}
        shown = [f"{_words(cell)}: {failure.error}" for cell, failure in list(failures.items())[:5]]
        more = [f"and {len(failures) - len(shown)} more"] * (len(failures) > len(shown))
        kept = "" if folder is None else f" (the others are kept in {folder}, and so are the tracebacks)"
        super().__init__(f"{len(failures)} of {total} cells failed{kept}: {'; '.join(shown + more)}")


class Cells:
    """Computes cells; with a `folder` (made where there is none) finished ones are kept and reused.

    `seed`: of all draws, 0..2^63 - 1. `settings`: what else decides the numbers, as JSON could hold it
    (dataclasses, tuples and NumPy numbers too). `code`: names of modules that decide them and that `compute`
    does not reach by imports. `progress(done, total, what)` is called before a cell and at the end.
    `overwrite`: forget the cells that the folder holds.

    `workers`: this process and workers - 1 others, in a temporary folder where none is given; each of them
    calls `entry = (module, function, arguments)` as `function(cells, **arguments)`, with these cells, which
    must map the same functions over the same cells, in the same order; what it returns is not used. JSON
    holds the arguments. They take a share of the processors each (OMP_NUM_THREADS and the like, unless set).

    Raises ValueError for a seed, settings or folder that cannot be.
    """

    def __init__(self, seed: int = 0, *, settings: Mapping | None = None, folder=None, workers: int = 1,
                 progress: Progress | None = None, code: Sequence[str] = (), overwrite: bool = False,
                 entry: tuple[str, str, Mapping] | None = None):  # fmt: skip
        self.seed, self.settings = checked_seed(seed), as_json(settings or {}, "settings")
        self.workers = integer(workers, "workers", 1)
        if self.workers > 1 and entry is None:
            raise ValueError("workers above 1 need an entry that the other processes can call")
        self.progress, self.code, self.entry = progress or no_progress, tuple(code), entry
        self._temporary = None
        if folder is None and self.workers > 1:
            self._temporary = tempfile.TemporaryDirectory(prefix="compression-sim-")
            folder = self._temporary.name
        self.folder = None if folder is None else Path(folder)
        self._overwrite, self._is_helper = overwrite, False
        self._user: list[int] = []  # the handle that says that the folder is in use
        self._helpers: list[subprocess.Popen] = []
        weakref.finalize(self, _stop, self._helpers, self._user)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def rng(self, *cell: str | int | float) -> np.random.Generator:
        """A generator that depends on the seed and on `cell` only."""
        return generator(self.seed, *cell)

    def map(self, compute: Callable, cells: Iterable[Cell | str]) -> list:
        """[compute(*cell) for each cell], an xarray.Dataset each; a string is a cell of one part.

        Raises CellsFailed, after all others are done, and ValueError where the folder cannot be used.
        """
        cells = [(cell,) if isinstance(cell, str) else tuple(cell) for cell in cells]
        work = _Work(self, compute, len(cells))
        if self.folder is not None:
            self._enter()
            work.know(cells)
        results = {i: kept for i, cell in enumerate(cells) if (kept := work.kept(cell)) is not None}
        todo, failures, pause = [i for i in range(len(cells)) if i not in results], {}, 0.01
        if todo:
            self._start_helpers(len(todo) - 1)
        while todo:
            busy = []
            for i in todo:
                work.done = len(results) + len(failures)
                found = work.take(cells[i])
                if found is None:
                    busy.append(i)
                elif isinstance(found, _Failure):
                    failures[i] = found
                else:
                    results[i] = found
            if len(busy) == len(todo):
                self.progress(work.done, len(cells), "waiting for " + _words(cells[busy[0]]))
                time.sleep(pause)
                pause = min(2 * pause, 0.5)
            else:
                pause = 0.01
            todo = busy
        if failures:
            named = {cells[i]: failures[i] for i in sorted(failures)}
            first = next(iter(named.values())).exception
            raise CellsFailed(named, len(cells), self.folder if self._temporary is None else None) from first
        if cells:
            self.progress(len(cells), len(cells), _words(cells[-1]))
        return [results[i] for i in range(len(cells))]

    def grid(self, compute: Callable, **axes: Sequence):
        """compute(*cell) at every point of a grid, one xarray.Dataset; the axes are its first dimensions."""
        import xarray

        parts = self.map(compute, list(product(*axes.values())))
        for name, values in reversed(axes.items()):
            along = xarray.DataArray(list(values), dims=name, name=name)
            rows = [parts[i : i + len(values)] for i in range(0, len(parts), len(values))]
            parts = [xarray.concat(row, along, join="exact") for row in rows]
        return parts[0]

    def close(self) -> None:
        """End the other processes, and let go of the folder; what is kept there stays."""
        _stop(self._helpers, self._user)
        if self._temporary is not None:
            self._temporary.cleanup()

    def finish(self) -> None:
        """Remove what is kept, now that the result is whole elsewhere; of several runs the last one does."""
        _stop(self._helpers, [])
        if self._user and is_last(self._user[0]):
            self._clear("*.cell", "*.failed", "*.lock")
            remove_orphans(self.folder)
            with suppress(OSError):
                (self.folder / ".users").unlink()
            with suppress(OSError):  # it holds other files, or is gone
                self.folder.rmdir()
        self.close()

    def _enter(self) -> None:
        """Make and join the folder, once."""
        if self._user:
            return
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._user.append(share(self.folder / ".users"))
        except OSError as error:
            raise cannot("write", self.folder, error) from None
        remove_orphans(self.folder)
        if self._overwrite:
            self._clear("*.cell", "*.failed")

    def _clear(self, *patterns: str) -> None:
        for pattern in patterns:
            for path in self.folder.glob(pattern):
                with suppress(OSError):
                    path.unlink()

    def _start_helpers(self, most: int) -> None:
        if self._helpers or self._is_helper or self.entry is None:
            return
        module, function, arguments = self.entry
        job = {"seed": self.seed, "settings": self.settings, "folder": str(self.folder.absolute()),
               "code": self.code, "module": module, "function": function,
               "arguments": as_json(arguments, "arguments")}  # fmt: skip
        share_of = str(max((os.cpu_count() or 1) // self.workers, 1))
        threads = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NPROC")  # NPROC: XLA's
        environment = dict.fromkeys(threads, share_of) | os.environ
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, sys.path))
        for _ in range(min(self.workers - 1, most)):
            helper = subprocess.Popen(
                [sys.executable, "-P", "-c", f"from {__name__} import _help; _help()"],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                env=environment,
                start_new_session=True,  # ctrl-C is for this process, which then ends them
            )
            helper.stdin.write(json.dumps(job).encode() + b"\n")
            helper.stdin.flush()
            self._helpers.append(helper)


class _Failure:
    """What a cell that failed says."""

    def __init__(self, error: str, text: str, exception: Exception | None = None):
        self.error, self.traceback, self.exception = error, text, exception


class _Work:
    """One function to be mapped over cells."""

    def __init__(self, run: Cells, compute: Callable, total: int):
        self.run, self.compute, self.total, self.done = run, compute, total, 0
        self.base = None
        self.failed_before: dict[Path, tuple] = {}

    def know(self, cells: Sequence[Cell]) -> None:
        """What keys depend on besides the cell, and what failed in earlier runs."""
        digest = digest_of(self.compute, [f"{__package__}._draws", *self.run.code])
        self.base = [names_of(self.compute), self.run.settings, self.run.seed, digest]
        self.base_digest = sha256(json.dumps(self.base, sort_keys=True).encode()).hexdigest()
        if not self.run._is_helper:  # a helper joins a run: what failed there failed in its own
            paths = [self.path(cell).with_suffix(".failed") for cell in cells]
            self.failed_before = {path: _state(path) for path in paths}

    def path(self, cell: Cell) -> Path:
        return self.run.folder / f"{self.key(cell)[:40]}.cell"

    def key(self, cell: Cell) -> str:
        return sha256(json.dumps([self.base_digest, as_json(cell, "a cell")]).encode()).hexdigest()

    def kept(self, cell: Cell):
        """The dataset that is kept of a cell; None where there is none, or a damaged one."""
        if self.base is None or not (path := self.path(cell)).exists():
            return None
        try:
            dataset, about = read_dataset_and_meta(path, kind=CELL)
            if not isinstance(about, dict) or about.get("key") != self.key(cell):
                raise Damaged(path, "is of another cell")
        except Damaged as error:
            warnings.warn(f"{_words(cell)} is computed anew: {error}", RuntimeWarning, stacklevel=4)
            return None
        except ValueError:
            if path.exists():
                raise
            return None  # another run has finished, and removed it meanwhile
        return dataset

    def take(self, cell: Cell):
        """The dataset of a cell, kept or computed, or its _Failure; None while another computes it."""
        if self.base is None:
            found, _ = self._computed(cell)
            return found
        path = self.path(cell)
        lock = path.with_suffix(".lock")
        handle = self._claim(lock)
        if handle is None:
            return None
        try:
            failed = path.with_suffix(".failed")
            if (found := self.kept(cell)) is not None:
                return found
            if (known := self._failed_now(failed)) is not None:
                return known
            found, pieces = self._computed(cell)
            if isinstance(found, _Failure):
                meta = {"cell": list(cell), "error": found.error, "traceback": found.traceback}
                write_arrays(failed, {}, as_json(meta, "a cell"), kind=FAILED)
            else:
                write_whole(path, *pieces, lasting=False)  # a cell that a crash damages is computed anew
                failed.unlink(missing_ok=True)
            return found
        finally:
            release(lock, handle)

    def _claim(self, lock: Path):
        try:
            lock.parent.mkdir(parents=True, exist_ok=True)  # another run may have finished and removed it
            return claim(lock)
        except OSError as error:
            raise cannot("write", lock, error) from None

    def _computed(self, cell: Cell):
        """(the dataset, its bytes as they are kept), or (its _Failure, None)."""
        self.run.progress(self.done, self.total, _words(cell))
        try:
            dataset = self.compute(*cell)
            if self.base is None:
                return dataset, None
            arrays, layout = pack(dataset)
            about = {"key": self.key(cell), "cell": list(cell), "computed by": self.base}
            return dataset, encode(arrays, {"dataset": layout, "about": as_json(about, "a cell")}, kind=CELL)
        except Exception as error:
            first = (str(error).splitlines() or [""])[0]
            text = f"{type(error).__name__}: {first}" if first else type(error).__name__
            return _Failure(text, "".join(traceback.format_exception(error)), error), None

    def _failed_now(self, path: Path):
        """The _Failure of a cell that another process recorded since this work began."""
        if _state(path) in (None, self.failed_before.get(path)):
            return None
        try:
            meta = read_arrays(path, kind=FAILED)[1]
            return _Failure(str(meta["error"]), str(meta["traceback"]))
        except (ValueError, KeyError):
            return None


def as_json(value, name: str):
    """`value` in JSON's types: dataclasses and mappings as dicts, tuples and arrays as lists.

    Raises ValueError, naming `name`, for what has no such form.
    """
    if is_dataclass(value) and not isinstance(value, type):
        value = asdict(value)
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if isinstance(value, Mapping):
        return {str(key): as_json(item, name) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [as_json(item, name) for item in value]
    if value is None or isinstance(value, str | bool | int | float):
        return value
    raise ValueError(f"{name} must be numbers, text, or lists and mappings of them, got {value!r}")


def _words(cell: Cell) -> str:
    return " ".join(map(str, cell))


def _state(path: Path) -> tuple | None:
    """What tells one version of a file from another; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns


def _stop(helpers: list, handles: list) -> None:
    for helper in helpers:
        helper.kill()
        helper.stdin.close()
        helper.wait()
    helpers.clear()
    while handles:
        os.close(handles.pop())


def _help() -> None:
    """What another process of a run does: the same work in the same folder, until the first one has ended."""
    job = json.loads(sys.stdin.buffer.readline())

    def watch():
        sys.stdin.buffer.read()  # ends with the process that started this one
        os._exit(0)

    threading.Thread(target=watch, daemon=True).start()
    cells = Cells(job["seed"], settings=job["settings"], folder=job["folder"], code=job["code"])
    cells._is_helper = True
    with suppress(CellsFailed):  # the first process says so
        getattr(import_module(job["module"]), job["function"])(cells, **job["arguments"])
