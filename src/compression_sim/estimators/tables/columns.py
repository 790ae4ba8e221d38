"""Questions to a table of code lengths: its datasets, samples of their columns, lengths, units, changes."""

import numpy as np
import xarray as xr

from ..._validation import choice
from ..statistics.intervals import cluster_sums

UNITS = {"token": "tokens", "byte": "bytes"}


def sample(table: xr.Dataset, dataset: str, *columns: np.ndarray) -> np.ndarray:
    """Columns of one dataset's responses, summed within clusters: (units, c).

    Each of `columns` is (responses,) of the whole table. Raises ValueError for an unknown dataset, and for
    one of a single unit, which has no interval.
    """
    labels = table["dataset_of"].values
    own = labels == choice(dataset, "dataset", list(dict.fromkeys(labels.tolist())))
    clusters = table["cluster"].values[own] if "cluster" in table else None
    units = cluster_sums(np.stack(columns, axis=1)[own], clusters)
    if len(units) < 2:
        raise ValueError(
            f"an interval needs at least 2 responses or clusters, got {len(units)} of dataset {dataset!r}"
        )
    return units


def names_of(table) -> list[str]:
    """The table's datasets, in order."""
    return list(dict.fromkeys(table["dataset_of"].values.tolist()))


def checkpoints_of(table) -> list:
    """The table's checkpoints, in order."""
    return table["checkpoint"].values.tolist()


def known(table, name, dataset, checkpoint=None) -> bool:
    """Whether a column is given for a dataset (at a checkpoint)."""
    if name not in table:
        return False
    values = table[name].values[..., table["dataset_of"].values == dataset]
    if checkpoint is not None:
        values = values[checkpoints_of(table).index(checkpoint)]
    return bool(np.isfinite(values).all())


def unit_names(table, dataset) -> list[str] | None:
    """What a dataset's units are called, in the order of `sample`; None where the table has no names."""
    own = table["dataset_of"].values == dataset
    if "cluster" in table:
        return np.unique(table["cluster"].values[own]).tolist()
    return table["name_of"].values[own].tolist() if "name_of" in table.variables else None


def same_units(tables, dataset) -> list[np.ndarray] | None:
    """Each table's rows of `sample` in the first one's order; None where units differ or have no names."""
    names = [unit_names(table, dataset) for table in tables]
    if None in names or any(sorted(own) != sorted(names[0]) for own in names):
        return None
    rank = np.argsort(np.argsort(names[0], kind="stable"))
    return [np.argsort(own, kind="stable")[rank] for own in names]


def lengths(table: xr.Dataset, per: str) -> np.ndarray:
    """Tokens or bytes of every response: (responses,)."""
    name = UNITS[choice(per, "unit of length", UNITS)]
    if name not in table:
        raise ValueError(f"rates per {per} need a column {name!r}, which the table lacks")
    return table[name].values


def bits(table: xr.Dataset, checkpoint) -> np.ndarray:
    """Code lengths of every response at one checkpoint: (responses,), bits."""
    names = checkpoints_of(table)
    return table["bits"].values[names.index(choice(checkpoint, "checkpoint", names))]


def per_dataset(table, name) -> dict[str, float]:
    """A column with one number per dataset, by dataset of the table; ValueError where it is lacking."""
    if name not in table:
        raise ValueError(f"this estimate needs a column {name!r}, one number per dataset")
    present = set(table["dataset_of"].values.tolist())
    pairs = zip(table["dataset"].values.tolist(), table[name].values.tolist(), strict=True)
    return {dataset: value for dataset, value in pairs if dataset in present}


def changes(table, dataset, before, after, per) -> np.ndarray:
    """Change of bits, and length, of every unit of a dataset: (units, 2)."""
    return sample(table, dataset, bits(table, after) - bits(table, before), lengths(table, per))


def dots(table, column, dataset, checkpoint, per) -> np.ndarray:
    """Dot products at a checkpoint (column `probe` or `curvature`), and length, of every unit: (units, 2)."""
    values = table[column].values[checkpoints_of(table).index(checkpoint)]
    return sample(table, dataset, values, lengths(table, per))
