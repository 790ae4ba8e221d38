"""Tables from files: CSV, JSONL, Parquet, netCDF, and the samples that lm-evaluation-harness logs."""

import csv
import json
import re
from pathlib import Path

import numpy as np
import xarray as xr

from .table import LENGTHS, TableError, as_number, check_table, from_columns

SUFFIXES = (".csv", ".jsonl", ".parquet", ".nc")


def read_table(*paths) -> xr.Dataset:
    """Read a table from CSV, JSONL or Parquet (long format: one row per response and checkpoint) or netCDF.

    Several long-format files are put one below the other: lm-evaluation-harness logs one JSONL file per task
    and model (`MODEL/samples_TASK_DATE.jsonl`), which become dataset and checkpoint. Raises TableError.
    """
    paths = [Path(path) for path in paths]
    for path in paths:
        if path.suffix not in SUFFIXES:
            raise TableError(
                f"{path}: a table must end in {', '.join(SUFFIXES)}, got {path.suffix or 'no suffix'}"
            )
        if path.is_dir():
            raise TableError(f"{path} is a directory; a table must be a file")
    if len(paths) == 1 and paths[0].suffix == ".nc":
        return check_table(_open(paths[0], lambda path: xr.load_dataset(path, engine="h5netcdf")))
    if any(path.suffix == ".nc" for path in paths):
        raise TableError("netCDF tables cannot be put together with others; give one")
    return from_columns(_joined([_open(path, _READERS[path.suffix]) for path in paths]))


def _open(path, read):
    try:
        return read(path)
    except TableError:
        raise
    except OSError as error:
        raise TableError(f"{path} cannot be read: {error.strerror or error}") from None
    except (ValueError, csv.Error) as error:
        raise TableError(f"{path} cannot be read: {' '.join(str(error).split())}") from None


def _joined(tables) -> dict[str, list]:
    if len(tables) == 1:
        return tables[0]
    names = dict.fromkeys(name for table in tables for name in table)
    sizes = [len(next(iter(table.values()), [])) for table in tables]
    return {
        name: [v for t, size in zip(tables, sizes, strict=True) for v in t.get(name, [None] * size)]
        for name in names
    }


def _read_csv(path):
    with path.open(newline="", encoding="utf-8-sig") as stream:
        reader = csv.DictReader(stream, strict=True)
        return _transposed(list(reader), reader.fieldnames or ())


def _read_jsonl(path):
    rows = []
    for line, text in enumerate(path.read_text("utf-8").split("\n"), 1):
        if not text.strip():
            continue
        try:
            row = json.loads(text)
        except json.JSONDecodeError as error:
            raise TableError(f"{path}, line {line}: not JSON ({error.msg})") from None
        if not isinstance(row, dict):
            raise TableError(f"{path}, line {line}: must be an object, got {type(row).__name__}")
        rows.append(row)
    return harness_columns(rows, path) if rows and "resps" in rows[0] else _transposed(rows)


def _read_parquet(path):
    try:
        import pyarrow.parquet as parquet
    except ImportError:
        raise TableError("reading Parquet needs pyarrow: pip install 'compression-sim[parquet]'") from None
    return parquet.read_table(path).to_pydict()


_READERS = {".csv": _read_csv, ".jsonl": _read_jsonl, ".parquet": _read_parquet}


def _transposed(rows, names=()) -> dict[str, list]:
    names = dict.fromkeys([*names, *(name for row in rows for name in row)])
    return {name: [row.get(name) for row in rows] for name in names if name}


def harness_columns(samples: list[dict], path) -> dict[str, list]:
    """Long-format columns from lm-evaluation-harness's logged samples (one task, one model).

    Of each document the request of its answer is read: its log-likelihood (nats) is the code length, the
    text that was scored gives bytes; there are no token counts, so rates are per byte. Dataset: the task;
    checkpoint: the folder, which the harness names after the model. Raises TableError for samples without
    log-likelihoods.
    """
    path = Path(path)
    task = re.sub(r"^samples_|_\d{4}-\d\d-\d\dT[\d.:-]+$", "", path.stem)
    columns = {key: [] for key in ("dataset", "checkpoint", "response", "bits", LENGTHS[1])}
    for row, sample in enumerate(samples, 1):
        requests, target = sample.get("resps"), str(sample.get("target"))
        index = 0
        if isinstance(requests, list) and len(requests) > 1:  # multiple choice: the right answer's request
            index = int(target) if target.isdigit() and int(target) < len(requests) else -1
        if index < 0 or not isinstance(requests, list) or not requests:
            raise TableError(
                f"{path}, row {row}: a logged sample needs one request, or several with the number of the "
                f"right one in 'target', got target {target!r}"
            )
        likelihood, text = _first(requests[index]), _scored_text(sample.get("arguments"), index)
        if not as_number(likelihood) <= 0 or text is None:
            raise TableError(
                f"{path}, row {row}: a logged sample needs a log-likelihood in 'resps' and the scored text "
                f"in 'arguments', got {likelihood!r}; log a loglikelihood or loglikelihood_rolling task"
            )
        values = (
            task, path.parent.name or ".", sample.get("doc_id", row),
            -float(likelihood) / np.log(2.0), len(text.encode()),
        )  # fmt: skip
        for key, value in zip(columns, values, strict=True):
            columns[key].append(value)
    return columns


def _first(nested):
    while isinstance(nested, list) and nested:
        nested = nested[0]
    return nested


def _scored_text(arguments, index) -> str | None:
    """The continuation of a request (arg_1), or the whole text of a rolling one (arg_0)."""
    if isinstance(arguments, dict):
        request = arguments.get(f"gen_args_{index}", {})
        request = [request[key] for key in sorted(request)]
    else:
        request = arguments[index] if isinstance(arguments, list) and index < len(arguments) else []
    texts = [part for part in request[:2] if isinstance(part, str)]
    return texts[-1] if texts else None
