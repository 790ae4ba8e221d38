"""The table of code lengths that every estimator reads: toy ground truth and real models give the same one.

An `xarray.Dataset` with dimensions `checkpoint`, `response` and, where needed, `dataset` and `repeat`:

    bits       (checkpoint, response)   code length of the response under the checkpoint's model, in bits
    name_of    (response), optional     its name
    tokens     (response)               its length in tokens;  bytes (response): one of the two is needed
    dataset_of (response)               the dataset that it belongs to
    cluster    (response), optional     what is resampled together: a document, a conversation
    entropy    (response), optional     bits of the response under its true source
    probe      (checkpoint, response), optional   gradient of its loss . update of the perturbation
    curvature  (checkpoint, response), optional   g_a' (Hessian of its loss) . the same update
    volume     (dataset), optional      in any one unit;  leaves (dataset): number of leaves, normalised rate
    amount     (checkpoint), optional   volume of perturbation data seen so far, ascending
    tau        (checkpoint), optional   time of the alignment flow that starts at this checkpoint
    scorings   (checkpoint, repeat, response), optional: repeats, nan where lacking; bits: their mean.
               probe_scorings, curvature_scorings: the same of those

`entropy`, `probe` and `curvature` are nan for datasets (at checkpoints) for which they are not known, `tau`
at checkpoints where no flow starts.
"""

from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches

import numpy as np
import xarray as xr

REQUIRED = {"dataset": str, "checkpoint": str, "response": str, "bits": float}
LENGTHS = ("tokens", "bytes")
PER_SCORING = ("bits", "probe", "curvature")
PER_RESPONSE = {"tokens": float, "bytes": float, "cluster": str, "entropy": float}
PER_DATASET = {"volume": float, "leaves": float}
PER_CHECKPOINT = {"amount": float, "tau": float}
KNOWN = {
    **REQUIRED, "repeat": str, **PER_RESPONSE, **PER_DATASET, **PER_CHECKPOINT,
    "probe": float, "curvature": float,
}  # fmt: skip
MAY_LACK = ("entropy", "probe", "curvature", "tau")
LOWEST = {"probe": -np.inf, "curvature": -np.inf, "leaves": 1.0}  # 0 otherwise
HIGHEST = 1e100  # so that a fourth power is a number
DIMS = {
    "bits": ("checkpoint", "response"),
    "dataset_of": ("response",),
    "name_of": ("response",),
    **dict.fromkeys(PER_RESPONSE, ("response",)),
    **dict.fromkeys(PER_DATASET, ("dataset",)),
    **dict.fromkeys(PER_CHECKPOINT, ("checkpoint",)),
    **dict.fromkeys(PER_SCORING, ("checkpoint", "response")),
    **dict.fromkeys(
        ("scorings", "probe_scorings", "curvature_scorings"), ("checkpoint", "repeat", "response")
    ),
}


class TableError(ValueError):
    """A table that cannot be used; one line per column says what is wrong and what is allowed."""


def row_number(row: int) -> str:
    """How a row is called in an error, counted from 1 without the header."""
    return f"row {row + 1}"


def from_columns(columns: Mapping[str, Iterable], where: Callable[[int], str] = row_number) -> xr.Dataset:
    """A table from long-format columns: one row per dataset, checkpoint, response (and repeat).

    Checkpoints keep the order in which they first appear. Every response must occur at every checkpoint
    (changes are paired by response). Columns that are not known are left out. `where` names a row, by its
    index, in errors. Raises TableError that names every wrong column.
    """
    unknown = [name for name in columns if name not in KNOWN]
    problems, columns = _checked_columns(columns, where)
    if not problems.keys().isdisjoint(("dataset", "checkpoint", "response", "repeat", "columns")):
        raise _error(problems)
    own, datasets = _numbered(columns["dataset"])
    keys = [f"{d}\0{r}" for d, r in zip(own.tolist(), columns["response"].tolist(), strict=True)]
    row, responses = _numbered(keys)
    at, checkpoints = _numbered(columns["checkpoint"])
    layer, repeats = _numbered(columns.get("repeat", np.zeros(len(row), str)))
    first = np.unique(row, return_index=True)[1]
    table = xr.Dataset(
        coords={
            "checkpoint": checkpoints,
            "dataset_of": ("response", columns["dataset"][first]),
            "name_of": ("response", columns["response"][first]),
        },
        attrs={"left_out": _unread(unknown)} if unknown else {},
    )
    for names, index in ((PER_RESPONSE, row), (PER_CHECKPOINT, at), (PER_DATASET, own)):
        for name in columns.keys() & names.keys():
            (dim,) = DIMS[name]
            values = columns[name][np.unique(index, return_index=True)[1]]
            differs = np.flatnonzero(columns[name] != values[index])
            if KNOWN[name] is float:
                differs = differs[~np.isnan(columns[name][differs]) | ~np.isnan(values[index[differs]])]
            if differs.size:
                problems[name] = f"must be one value per {dim}, got another in {where(differs[0])}"
            if dim == "dataset":
                table = table.assign_coords(dataset=datasets)
            table[name] = (dim, values)
    unpaired = _unpaired(own, row, at, layer, (datasets, checkpoints, repeats), columns["response"])
    if unpaired:
        raise _error(_wrong_across(table) | problems | {"response": unpaired})
    for name in columns.keys() & set(PER_SCORING):
        scorings = np.full((len(checkpoints), len(repeats), len(responses)), np.nan)
        scorings[at, layer, row] = columns[name]
        table[name] = DIMS[name], _mean(scorings)
        if len(repeats) > 1:
            table[scorings_of(name)] = DIMS["scorings"], scorings
    problems = _wrong_across(table) | problems
    if problems:
        raise _error(problems)
    return check_table(table)


def from_arrays(bits, tokens, dataset_of, checkpoints, *, volume=None, **per_response) -> xr.Dataset:
    """A table from arrays: bits (checkpoints, responses), tokens and dataset_of (responses,).

    `volume`: by dataset name; `per_response`: bytes, cluster, entropy. Raises TableError.
    """
    columns = {"bits": (("checkpoint", "response"), bits), "tokens": ("response", tokens)}
    columns |= {name: ("response", values) for name, values in per_response.items()}
    coords = {"checkpoint": list(checkpoints), "dataset_of": ("response", dataset_of)}
    if volume is not None:
        columns["volume"] = "dataset", list(volume.values())
        coords["dataset"] = list(volume)
    return check_table(xr.Dataset(columns, coords))


def check_table(table: xr.Dataset) -> xr.Dataset:
    """The table if it follows the layout above; TableError names each variable that does not."""
    problems = {
        name: f"missing; it must have dimensions {DIMS[name]}"
        for name in ("bits", "dataset_of")
        if name not in table.variables
    }
    if not any(name in table for name in LENGTHS):
        problems["tokens"] = "missing; a table needs tokens or bytes"
    for name in DIMS.keys() & set(table.variables):
        if table[name].dims != DIMS[name]:
            problems[name] = f"must have dimensions {DIMS[name]}, got {table[name].dims}"
        elif name not in (
            "dataset_of",
            "name_of",
            "cluster",
            "scorings",
            "probe_scorings",
            "curvature_scorings",
        ):
            problems |= _wrong_numbers(name, table[name].values)
    if not problems and not table.sizes["response"]:
        problems["response"] = "the table has no rows"
    if not problems and "checkpoint" not in table.coords:
        problems["checkpoint"] = "must be a coordinate that names the checkpoints"
    if not problems:
        names = {
            name: table[name] for name in ("checkpoint", "dataset", "dataset_of") if name in table.coords
        }
        table = table.assign_coords({name: found.astype(str) for name, found in names.items()})
        for name in names.keys() & {"checkpoint", "dataset"}:
            if len(set(table[name].values.tolist())) < table.sizes[name]:
                problems[name] = f"must name each once, got {table[name].values.tolist()}"
    if not problems:
        problems = _wrong_across(table)
    if problems:
        raise _error(problems)
    return table


def scorings_of(name: str) -> str:
    """The variable that holds the repeated scorings of another."""
    return "scorings" if name == "bits" else f"{name}_scorings"


def _mean(scorings):
    """Over repeats, as far as there are any: (checkpoint, response)."""
    there = ~np.isnan(scorings)
    with np.errstate(invalid="ignore"):
        return np.where(there, scorings, 0.0).sum(axis=1) / there.sum(axis=1)


def _error(problems: dict[str, str]) -> TableError:
    return TableError(";\n".join(f"{name}: {text}" for name, text in sorted(problems.items())))


def _wrong_numbers(name, values) -> dict[str, str]:
    low = LOWEST.get(name, 0.0)
    if values.dtype.kind not in "iuf":
        return {name: f"must be numbers, got {values.dtype}"}
    wrong = values[_out_of_range(name, values)]
    return {name: f"must be finite{_at_least(low)}, got {wrong[0]}"} if wrong.size else {}


def _out_of_range(name, values):
    fine = (values >= LOWEST.get(name, 0.0)) & (np.abs(values) <= HIGHEST)
    return ~(fine | np.isnan(values)) if name in MAY_LACK else ~fine


def _wrong_across(table) -> dict[str, str]:
    """What only several variables together show, of those that the table has."""
    problems = {}
    labels = table["dataset_of"].values
    for length in LENGTHS:
        zero = {} if length not in table else table[length].values == 0
        empty = [d for d in dict.fromkeys(labels.tolist()) if length in table and zero[labels == d].all()]
        if empty:
            problems[length] = f"must not be 0 for every response of a dataset, got 0 for {empty[0]!r}"
    if "amount" in table and not (np.diff(table["amount"].values) > 0).all():
        problems["amount"] = f"must ascend with the checkpoints, got {table['amount'].values.tolist()}"
    for name in ("entropy", "probe", "curvature"):
        if name in table:
            lacking = np.atleast_2d(np.isnan(table[name].values))
            partly = [
                d for d in dict.fromkeys(labels.tolist())
                for row in lacking[:, labels == d] if row.any() and not row.all()
            ]  # fmt: skip
            if partly:
                problems[name] = (
                    f"must be given for all responses of a dataset or none, {partly[0]!r} has some"
                )
    known = table["dataset"].values.tolist() if "dataset" in table.coords else []
    lacking = [d for d in dict.fromkeys(labels.tolist()) if d not in known]
    return problems | {
        name: f"lacks the dataset {lacking[0]!r}" for name in PER_DATASET if name in table and lacking
    }


def _checked_columns(columns, where) -> tuple[dict[str, str], dict[str, np.ndarray]]:
    """What is wrong, by column, and the known columns that are right, as arrays."""
    problems, checked = {}, {}
    unknown = {name.lower(): name for name in columns if name not in KNOWN}
    for name in REQUIRED:
        if name not in columns:
            near = get_close_matches(name, unknown, n=1, cutoff=0.6)
            problems[name] = "missing" + (f" ({unknown[near[0]]!r} looks like it)" if near else "")
    if not any(name in columns for name in LENGTHS):
        problems["tokens"] = "missing, and so is bytes; one of the two is needed"
    if problems:
        problems[max(problems)] += f"; the table has {', '.join(map(repr, columns)) or 'no columns'}"
    values = {name: list(columns[name]) for name in KNOWN if name in columns}
    sizes = {name: len(column) for name, column in values.items()}
    if len(set(sizes.values())) > 1:
        problems["columns"] = f"must have equal lengths, got {sizes}"
    elif not problems and not next(iter(sizes.values())):
        problems["columns"] = "the table has no rows"
    for name, column in values.items():
        if KNOWN[name] is str:
            found = np.array([_label(value) for value in column])
            wrong, must = np.flatnonzero(found == ""), "not be empty"
        else:
            found = np.array([as_number(value) for value in column])
            wrong = np.flatnonzero(_out_of_range(name, found))
            if name in MAY_LACK:
                text = [row for row in np.flatnonzero(np.isnan(found)) if not _unknown(column[row])]
                wrong = np.union1d(wrong, text).astype(int)
            must = f"be finite numbers{_at_least(LOWEST.get(name, 0.0), 'of at least')}"
            if wrong.size and np.isfinite(found[wrong[0]]) and abs(found[wrong[0]]) > HIGHEST:
                must = f"be at most {HIGHEST:g}"
        if wrong.size:
            got = "nothing" if _lacks(column[wrong[0]]) else _short(column[wrong[0]])
            more = f" and {len(wrong) - 1:,} more" if len(wrong) > 1 else ""
            problems[name] = f"must {must}, got {got} in {where(int(wrong[0]))}{more}"
        else:
            checked[name] = found
    return problems, checked


def _unread(names) -> str:
    """The columns that are no part of a table, and what each may have been meant for."""
    said = []
    for name in names:
        near = get_close_matches(name, KNOWN, n=1, cutoff=0.8)
        said.append(f"{name!r}" + (f" (is it {near[0]!r}?)" if near else ""))
    return "columns that were not read: " + ", ".join(said)


def _lacks(value) -> bool:
    """Whether a cell is empty."""
    return value is None or (isinstance(value, str) and not value.strip())


def _unknown(value) -> bool:
    """Whether a cell says that its number is not known: empty, or nan."""
    return _lacks(value) or value != value or str(value).strip().lower() == "nan"


def _label(value) -> str:
    """A cell as a name, without the spaces around it; nan is no name."""
    return "" if value is None or value != value else str(value).strip()


def _short(value) -> str:
    text = repr(value.item() if isinstance(value, np.generic) else value)
    return text if len(text) <= 40 else f"{text[:37]}..."


def _at_least(low, words="and at least") -> str:
    return f" {words} {low:g}" if np.isfinite(low) else ""


def as_number(value) -> float:
    """A float, nan for what is no number."""
    try:
        return np.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError, OverflowError):
        return np.nan


def _numbered(labels) -> tuple[np.ndarray, list]:
    """Each label's number, and the labels in the order of their first appearance."""
    labels = np.asarray(labels).tolist()
    numbers = {label: index for index, label in enumerate(dict.fromkeys(labels))}
    return np.array([numbers[label] for label in labels], int), list(numbers)


def _unpaired(own, row, at, layer, names, labels) -> str:
    """What is wrong unless every response occurs once in each scoring of its dataset, at each checkpoint."""
    datasets, checkpoints, repeats = names
    scoring = (at * len(repeats) + layer) * len(datasets) + own

    def place(code):
        rest, dataset = divmod(int(code), len(datasets))
        c, layer = divmod(rest, len(repeats))
        of = f", repeat {repeats[layer]!r}" if len(repeats) > 1 else ""
        return datasets[dataset], f"checkpoint {checkpoints[c]!r}{of}"

    must = "each response must occur once at each checkpoint"
    _, first, times = np.unique(np.stack([scoring, row]), axis=1, return_index=True, return_counts=True)
    if (times > 1).any():
        one = first[times > 1].min()
        dataset, there = place(scoring[one])
        count = times[first == one][0]
        return f"{must}; {str(labels[one])!r} of dataset {dataset!r} occurs {count} times at {there}"
    codes, counts = np.unique(scoring, return_counts=True)
    sizes = np.bincount(own[np.unique(row, return_index=True)[1]], minlength=len(datasets))
    short = np.flatnonzero(counts < sizes[codes % len(datasets)])
    if short.size:
        dataset, there = place(codes[short[0]])
        present = set(row[scoring == codes[short[0]]].tolist())
        lacking = [i for i in np.flatnonzero(own == datasets.index(dataset)) if row[i] not in present]
        return f"{must}; {str(labels[lacking[0]])!r} of dataset {dataset!r} occurs 0 times at {there}"
    scored = np.zeros((len(checkpoints), len(datasets)), bool)
    scored[at, own] = True
    if not scored.all():
        c, d = np.argwhere(~scored)[0]
        return f"{must}; dataset {datasets[d]!r} has none at checkpoint {checkpoints[c]!r}"
    return ""
