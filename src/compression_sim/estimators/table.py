"""The table of code lengths that every estimator reads: toy ground truth and real models give the same one.

An `xarray.Dataset` with dimensions `checkpoint`, `response` and, where needed, `dataset` and `repeat`:

    bits       (checkpoint, response)   code length of the response under the checkpoint's model, in bits
    tokens     (response)               its length in tokens;  bytes (response): one of the two is needed
    dataset_of (response)               the dataset that it belongs to
    cluster    (response), optional     what is resampled together: a document, a conversation
    entropy    (response), optional     bits of the response under its true source
    probe      (checkpoint, response), optional   gradient of its loss . update of the perturbation
    volume     (dataset), optional      in any one unit;  leaves (dataset): number of leaves, normalised rate
    amount     (checkpoint), optional   volume of perturbation data seen so far, ascending
    scorings   (checkpoint, repeat, response), optional: repeats, nan where lacking; bits: their mean
"""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches

import numpy as np
import xarray as xr

REQUIRED = {"dataset": str, "checkpoint": str, "response": str, "bits": float}
LENGTHS = ("tokens", "bytes")
PER_RESPONSE = {"tokens": float, "bytes": float, "cluster": str, "entropy": float}
PER_DATASET = {"volume": float, "leaves": float}
KNOWN = REQUIRED | PER_RESPONSE | PER_DATASET | {"amount": float, "probe": float, "repeat": str}
LOWEST = {"probe": -np.inf, "leaves": 1.0}  # 0 otherwise
DIMS = {
    "bits": ("checkpoint", "response"),
    "dataset_of": ("response",),
    **dict.fromkeys(PER_RESPONSE, ("response",)),
    **dict.fromkeys(PER_DATASET, ("dataset",)),
    "amount": ("checkpoint",),
    "probe": ("checkpoint", "response"),
    "scorings": ("checkpoint", "repeat", "response"),
}


class TableError(ValueError):
    """A table that cannot be used; one line per column says what is wrong and what is allowed."""


def from_columns(columns: Mapping[str, Iterable]) -> xr.Dataset:
    """A table from long-format columns: one row per dataset, checkpoint, response (and repeat).

    Checkpoints keep the order in which they first appear. Every response must occur at every checkpoint
    (changes are paired by response). Columns that are not known are left out. Raises TableError, column by
    column.
    """
    columns = _checked_columns(columns)
    keys = [f"{d}\0{r}" for d, r in zip(columns["dataset"], columns["response"], strict=True)]
    row, responses = _numbered(keys)
    column, checkpoints = _numbered(columns["checkpoint"])
    layer, repeats = _numbered(columns.get("repeat", np.zeros(len(row), str)))
    shape = len(checkpoints), len(repeats), len(responses)
    seen = np.zeros(shape, int)
    np.add.at(seen, (column, layer, row), 1)
    _refuse_unpaired(seen, checkpoints, repeats, responses)
    scorings = np.full(shape, np.nan)
    scorings[column, layer, row] = columns["bits"]

    first = np.unique(row, return_index=True)[1]
    table = xr.Dataset(
        {"bits": (DIMS["bits"], np.nanmean(scorings, axis=1))},
        coords={"checkpoint": checkpoints, "dataset_of": ("response", columns["dataset"][first])},
    )
    if len(repeats) > 1:
        table["scorings"] = (DIMS["scorings"], scorings)
    problems = []
    for names, index, dims in (
        (PER_RESPONSE, row, "response"),
        (("amount",), column, "checkpoint"),
        (PER_DATASET, _numbered(columns["dataset"])[0], "dataset"),
    ):
        for name in columns.keys() & set(names):
            values = columns[name][np.unique(index, return_index=True)[1]]
            differs = np.flatnonzero(columns[name] != values[index])
            if differs.size:
                problems.append(f"{name}: must be one value per {dims}, got another in row {differs[0] + 1}")
            elif dims == "dataset":
                table = table.assign_coords(dataset=list(dict.fromkeys(columns["dataset"].tolist())))
            table[name] = (dims, values)
    if "probe" in columns:
        probe = np.zeros((len(checkpoints), len(responses)))
        probe[column, row] = columns["probe"]
        table["probe"] = (DIMS["probe"], probe)
    if problems:
        raise TableError("\n".join(sorted(problems)))
    return check_table(table)


def from_arrays(bits, tokens, dataset_of, checkpoints, *, volume=None, **per_response) -> xr.Dataset:
    """A table from arrays: bits (checkpoints, responses), tokens and dataset_of (responses,).

    `volume`: by dataset name; `per_response`: bytes, cluster, entropy. Raises TableError.
    """
    table = xr.Dataset(
        {"bits": (("checkpoint", "response"), bits), "tokens": ("response", tokens)},
        coords={"checkpoint": list(checkpoints), "dataset_of": ("response", dataset_of)},
    )
    for name, values in per_response.items():
        table[name] = ("response", values)
    if volume is not None:
        table = table.assign_coords(dataset=list(volume)).assign(volume=("dataset", list(volume.values())))
    return check_table(table)


def check_table(table: xr.Dataset) -> xr.Dataset:
    """The table if it follows the layout above; TableError names each variable that does not."""
    problems = [
        f"{name}: missing; it must have dimensions {DIMS[name]}"
        for name in ("bits", "dataset_of")
        if name not in table.variables
    ]
    if not any(name in table for name in LENGTHS):
        problems.append("tokens: missing; a table needs tokens or bytes")
    for name in DIMS.keys() & set(table.variables):
        if table[name].dims != DIMS[name]:
            problems.append(f"{name}: must have dimensions {DIMS[name]}, got {table[name].dims}")
        elif name not in ("dataset_of", "cluster", "scorings"):
            problems += _wrong_numbers(name, table[name].values)
    if not problems and not table.sizes["response"]:
        problems.append("response: the table has no rows")
    if not problems and "checkpoint" not in table.coords:
        problems.append("checkpoint: must be a coordinate that names the checkpoints")
    if not problems:
        problems = _wrong_across(table)
    if problems:
        raise TableError("\n".join(sorted(problems)))
    return table


def _wrong_numbers(name, values) -> list[str]:
    low = LOWEST.get(name, 0.0)
    if values.dtype.kind not in "iuf":
        return [f"{name}: must be numbers, got {values.dtype}"]
    wrong = values[~(np.isfinite(values) & (values >= low))]
    return [f"{name}: must be finite{_at_least(low)}, got {wrong[0]}"] if wrong.size else []


def _wrong_across(table) -> list[str]:
    """What only several variables together show."""
    problems = []
    labels = table["dataset_of"].values
    for length in LENGTHS:
        zero = {} if length not in table else table[length].values == 0
        empty = [d for d in dict.fromkeys(labels.tolist()) if length in table and zero[labels == d].all()]
        if empty:
            problems.append(
                f"{length}: must not be 0 for every response of a dataset, got 0 for {empty[0]!r}"
            )
    if "amount" in table and (np.diff(table["amount"].values) <= 0).any():
        problems.append(f"amount: must ascend with the checkpoints, got {table['amount'].values.tolist()}")
    known = table["dataset"].values.tolist() if "dataset" in table.coords else []
    lacking = [d for d in dict.fromkeys(labels.tolist()) if d not in known]
    problems += [
        f"{name}: lacks the dataset {lacking[0]!r}" for name in PER_DATASET if name in table and lacking
    ]
    return problems


def _checked_columns(columns) -> dict[str, np.ndarray]:
    """The known columns as arrays; TableError says what is wrong with them, a line per column."""
    problems, checked = [], {}
    has = ", ".join(map(repr, columns)) or "no columns"
    for name in REQUIRED:
        if name not in columns:
            near = get_close_matches(name, [c for c in columns if c not in KNOWN], n=1, cutoff=0.6)
            hint = f" ({near[0]!r} looks like it)" if near else ""
            problems.append(f"{name}: missing{hint}; the table has {has}")
    if not any(name in columns for name in LENGTHS):
        problems.append(f"tokens: missing, and so is bytes; one of the two is needed; the table has {has}")
    for name in KNOWN.keys() & columns.keys():
        values = list(columns[name])
        if KNOWN[name] is str:
            checked[name] = np.array([str(value) for value in values])
            wrong = [row for row, value in enumerate(values, 1) if value is None or not str(value).strip()]
            if wrong:
                problems.append(f"{name}: must not be empty, got nothing in row {wrong[0]}{_more(wrong)}")
            continue
        checked[name] = numbers = np.array([as_number(value) for value in values])
        low = LOWEST.get(name, 0.0)
        wrong = np.flatnonzero(~(np.isfinite(numbers) & (numbers >= low)))
        if wrong.size:
            problems.append(
                f"{name}: must be finite numbers{_at_least(low, 'of at least')}, "
                f"got {values[wrong[0]]!r} in row {wrong[0] + 1}{_more(wrong)}"
            )
    lengths = {name: len(values) for name, values in checked.items()}
    if len(set(lengths.values())) > 1:
        problems.append(f"columns must have equal lengths, got {lengths}")
    elif not problems and not next(iter(lengths.values())):
        problems.append("the table has no rows")
    if problems:
        raise TableError("\n".join(sorted(problems)))
    return checked


def _at_least(low, words="and at least") -> str:
    return f" {words} {low:g}" if np.isfinite(low) else ""


def _more(wrong) -> str:
    return f" and {len(wrong) - 1} more" if len(wrong) > 1 else ""


def as_number(value) -> float:
    """A float, nan for what is no number."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return np.nan


def _numbered(labels) -> tuple[np.ndarray, list]:
    """Each label's number, and the labels in the order of their first appearance."""
    numbers = {label: index for index, label in enumerate(dict.fromkeys(np.asarray(labels).tolist()))}
    return np.array([numbers[label] for label in np.asarray(labels).tolist()]), list(numbers)


def _refuse_unpaired(seen, checkpoints, repeats, responses) -> None:
    """Every response once in every scoring of a checkpoint that was made at all."""
    scored = seen.any(axis=-1, keepdims=True)
    wrong = np.argwhere((seen > 1) | ((seen == 0) & scored))
    if wrong.size:
        c, layer, r = wrong[0]
        dataset, response = responses[r].split("\0")
        where = f"checkpoint {checkpoints[c]!r}" + (
            f", repeat {repeats[layer]!r}" if len(repeats) > 1 else ""
        )
        raise TableError(
            f"response: each response must occur once at each checkpoint; {response!r} of dataset "
            f"{dataset!r} occurs {seen[c, layer, r]} times at {where}"
        )
