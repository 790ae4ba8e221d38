"""Stored results: what figures and `measured` verdicts are made of, with where each came from.

A result is one netCDF file of a few kB whose attribute `provenance` is a JSON object: seed, parameters,
versions, commit (null where unknown), date, and the name and SHA-256 of every text that went in. The texts
themselves are not stored. What the command `experiment` wrote has these as attributes of their own. Behind
the netCDF stands the SHA-256 of its bytes: a damaged file is refused.
"""

import json
from importlib.resources import files
from pathlib import Path

from .._store import content_digest, parse_ours, write_netcdf
from .._validation import choice

# dimensions of a result that still has "kind" for the class of models: their names then and now
RENAMED = {"kind": "model", "setting": "scenario", "model": "stage"}
LIMIT = 10_000_000  # bytes, all stored results together


def names() -> list[str]:
    """The stored results, named as their experiments are: "k-ratio"."""
    return sorted(_name(item.name[:-3]) for item in files(__name__).iterdir() if item.name.endswith(".nc"))


def file_name(name: str) -> str:
    """The file of a stored result in this folder; "k-ratio" and "k_ratio" are one name."""
    return _name(name).replace("-", "_") + ".nc"


def content(name: str) -> bytes:
    """The bytes of a stored result; raises ValueError for an unknown name, with the nearest."""
    return _path(name).read_bytes()


def load(name: str):
    """A stored result as an xarray.Dataset.

    Raises ValueError for an unknown name, with the nearest, and for a file that is not as it was stored.
    """
    return renamed(_stored(name))


def renamed(dataset):
    """A result with coordinates under the names that they have now; one that has them already, as it is."""
    if "kind" not in dataset.dims:
        return dataset
    return dataset.rename({old: name for old, name in RENAMED.items() if old in dataset.dims})


def digest(name: str) -> str:
    """SHA-256 of what a stored result says, whatever the bytes of its file: its identity in manifests."""
    return content_digest(_stored(name))


def _stored(name: str):
    """The dataset as it is in its file."""
    return parse_ours(content(name), f"the stored result {name}")


def _name(name: str) -> str:
    return name.replace("_", "-")


def _path(name: str):
    return files(__name__).joinpath(file_name(choice(_name(name), "stored result", names())))


def paper_values() -> dict:
    """The paper's printed values, with their source and how each was read (printed, or off a figure)."""
    return json.loads(files(__name__).joinpath("paper_values.json").read_text("utf-8"))


def provenance(dataset) -> dict:
    """Where a stored result came from: seed, parameters, versions, commit, date, sources."""
    if "provenance" in dataset.attrs:
        return json.loads(dataset.attrs["provenance"])
    own = {key: dataset.attrs[key] for key in ("experiment", "level", "date")}
    read = {key: json.loads(dataset.attrs[key]) for key in ("versions", "parameters")}
    commit = dataset.attrs["commit"]
    return (
        own
        | read
        | {
            "seed": int(dataset.attrs["seed"]),
            "commit": None if commit == "null" else commit,
            "sources": {},
        }
    )


def save(dataset, path: Path, **where_from) -> None:
    """Write a result with its provenance as netCDF. Raises ValueError where a part of that is lacking."""
    for key in ("seed", "versions", "commit", "parameters", "sources", "date"):
        if key not in where_from:
            raise ValueError(f"a stored result needs its {key}")
    write_netcdf(path, dataset.assign_attrs(provenance=json.dumps(where_from, sort_keys=True)))
