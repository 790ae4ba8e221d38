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

LIMIT = 10_000_000  # bytes, all stored results together


def names() -> list[str]:
    """The stored results."""
    return sorted(item.name[:-3] for item in files(__name__).iterdir() if item.name.endswith(".nc"))


def content(name: str) -> bytes:
    """The bytes of a stored result; raises ValueError for an unknown name, with the nearest."""
    return files(__name__).joinpath(choice(name, "stored result", names()) + ".nc").read_bytes()


def load(name: str):
    """A stored result as an xarray.Dataset.

    Raises ValueError for an unknown name, with the nearest, and for a file that is not as it was stored.
    """
    return parse_ours(content(name), f"the stored result {name}")


def digest(name: str) -> str:
    """SHA-256 of what a stored result says, whatever the bytes of its file: its identity in manifests."""
    return content_digest(load(name))


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
