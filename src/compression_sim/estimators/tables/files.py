"""Tables from files: CSV, JSONL, Parquet, netCDF, and the samples that lm-evaluation-harness logs."""

import csv
import json
from collections.abc import Callable
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

import numpy as np
import xarray as xr

from . import lm_eval
from .layout import TableError, check_table, from_columns, row_number
from .leaves import is_leaf_table


def read_table(*paths) -> xr.Dataset:
    """Read a table from CSV, JSONL or Parquet (long format: one row per response and checkpoint) or netCDF.

    Several long-format files are put one below the other: lm-evaluation-harness logs one JSONL file per task
    and model (`MODEL/samples_TASK_DATE.jsonl`), which become dataset and checkpoint. Raises TableError.
    """
    runs = read_runs(*paths)
    if len(runs) > 1:
        raise TableError(f"run: must be one for a single table, got {', '.join(map(repr, runs))}")
    return next(iter(runs.values()))


def read_runs(*paths) -> dict[str, xr.Dataset]:
    """The same, a table for each value of the column `run` (one with the name "" where there is none)."""
    found = read_any(*paths)
    if isinstance(found, Columns):
        return runs_from_columns(found.columns, found.where)
    return found


@dataclass(frozen=True)
class Columns:
    """Long-format columns, and how a row is called in errors, by its index."""

    columns: dict[str, list]
    where: Callable[[int], str]


def read_any(*paths) -> dict[str, xr.Dataset] | Columns:
    """Tables of code lengths by run, or the columns of a table of leaves."""
    if [Path(path).suffix for path in paths] == [".nc"]:
        return {"": check_table(_read(paths[0]))}
    found = Columns(*read_columns(*paths))
    return found if is_leaf_table(found.columns) else runs_from_columns(found.columns, found.where)


def runs_from_columns(columns, where=row_number) -> dict[str, xr.Dataset]:
    """Tables from long-format columns, by `run`. Raises TableError."""
    if "run" not in columns:
        return {"": from_columns(columns, where)}
    rows = {}
    for row, value in enumerate(columns["run"]):
        rows.setdefault("" if value is None else str(value).strip(), []).append(row)
    if "" in rows:
        raise TableError(f"run: must not be empty, got nothing in {where(rows[''][0])}")
    tables = {}
    for name, own in rows.items():
        part = {key: [values[row] for row in own] for key, values in columns.items() if key != "run"}
        try:
            tables[name] = from_columns(part, lambda row, own=own: where(own[row]))
        except TableError as error:
            raise TableError(f"run {name!r}: {error}" if len(rows) > 1 else str(error)) from None
    return tables or {"": from_columns(columns, where)}


def read_columns(*paths):
    """Long-format columns of files, one below the other, and the function that names a row by its index."""
    paths = [Path(path) for path in paths]
    for path in paths:
        if path.suffix == ".nc" and len(paths) > 1:
            raise TableError("netCDF tables cannot be put together with others; give one")
    tables = [_read(path) for path in paths]
    if any(isinstance(table, list) for table in tables):
        tables = lm_eval.columns(list(zip(paths, tables, strict=True)))
    sizes = [len(next(iter(table.values()), [])) for table in tables]
    names = dict.fromkeys(name for table in tables for name in table)
    joined = {
        name: [v for t, size in zip(tables, sizes, strict=True) for v in t.get(name, [None] * size)]
        for name in names
    }
    ends = list(accumulate(sizes))

    def where(row):
        file = int(np.searchsorted(ends, row, side="right"))
        return f"{row_number(row - ends[file] + sizes[file])} of {paths[file]}"

    return joined, row_number if len(paths) == 1 else where


def _read(path):
    """What a file holds: columns by name, a list of logged samples, or (netCDF) a table."""
    path = Path(path)
    if path.suffix not in _READERS:
        allowed, found = ", ".join(_READERS), path.suffix or "no suffix"
        raise TableError(f"{path}: a table must end in {allowed}, got {found}")
    if path.is_dir():
        raise TableError(f"{path} is a directory; a table must be a file")
    try:
        return _READERS[path.suffix](path)
    except TableError:
        raise
    except OSError as error:
        raise TableError(f"{path} cannot be read: {error.strerror or error}") from None
    except (ValueError, csv.Error) as error:
        raise TableError(f"{path} cannot be read: {' '.join(str(error).split())}") from None


def _read_csv(path):
    """Comma, semicolon or tab, whichever the header has most of."""
    with path.open(newline="", encoding="utf-8-sig") as stream:
        header = stream.readline()
        stream.seek(0)
        between = max(",;\t", key=header.count)
        rows = [
            row for row in csv.reader(stream, strict=True, delimiter=between, skipinitialspace=True) if row
        ]
    names, *rows = [[cell.strip() for cell in row] for row in rows] or [[]]
    twice = [name for name in dict.fromkeys(names) if names.count(name) > 1]
    if twice:
        raise TableError(f"{path}: the column {twice[0]!r} occurs {names.count(twice[0])} times")
    for number, row in enumerate(rows, 1):
        if len(row) != len(names):
            raise TableError(
                f"{path}: every row must have as many fields as the first line, {len(names)}, got {len(row)} "
                f"in row {number}"
            )
    return {name: [row[index] for row in rows] for index, name in enumerate(names) if name}


def _read_jsonl(path):
    rows = []
    for line, text in enumerate(path.read_text("utf-8-sig").split("\n"), 1):
        if not text.strip():
            continue
        try:
            row = json.loads(text)
        except (json.JSONDecodeError, RecursionError) as error:
            raise TableError(f"{path}, line {line}: not JSON ({getattr(error, 'msg', error)})") from None
        if not isinstance(row, dict):
            raise TableError(f"{path}, line {line}: must be an object, got {type(row).__name__}")
        rows.append(row)
    if rows and "resps" in rows[0]:
        return rows
    names = dict.fromkeys(name for row in rows for name in row)
    return {name: [row.get(name) for row in rows] for name in names}


def _read_parquet(path):
    try:
        import pyarrow.parquet as parquet
    except ImportError:
        raise TableError("reading Parquet needs pyarrow: pip install 'compression-sim[parquet]'") from None
    return parquet.read_table(path).to_pydict()


def _read_netcdf(path):
    return xr.load_dataset(path, engine="h5netcdf")


_READERS = {
    ".csv": _read_csv,
    ".tsv": _read_csv,
    ".jsonl": _read_jsonl,
    ".parquet": _read_parquet,
    ".nc": _read_netcdf,
}
