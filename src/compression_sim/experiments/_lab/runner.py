"""Running one experiment: parameters checked, cells kept, provenance written beside the numbers."""

import json
from collections.abc import Mapping
from dataclasses import asdict, fields, replace
from datetime import UTC, datetime
from pathlib import Path

from ..._progress import Progress
from ..._provenance import commit, versions
from ..._runner import Cells
from ..._store import refuse_existing, write_netcdf
from ..._validation import choice
from .registry import LEVELS, load

# parameters of results that were stored before 2026-11-26: their names then and now
RENAMED = {"kinds": "models", "settings": "scenarios"}
MOST = 10**6  # of worlds, leaves, steps or volumes: what a machine can hold, and a run ends
# what an experiment's numbers depend on
PACKAGES = ("jax", "jaxlib", "numpy", "optax", "scipy", "xarray")


def run(name: str, level: str = "standard", seed: int = 0, settings: Mapping | None = None,
        out=None, *, overwrite: bool = False, progress: Progress | None = None):  # fmt: skip
    """Run an experiment and return its xarray.Dataset; with `out`, write it there as netCDF too.

    `settings`: parameters that differ from the level's, as values or as text ("1,10,100" for a tuple).
    `progress(done, total, what)` is called before each cell. Where `out` is given, finished cells are kept in
    the folder OUT.cells until the file is whole; a run of the same code, parameters and seed goes on from
    them. Raises ValueError for an unknown name, level or parameter, for values that the experiment refuses,
    for an `out` that cannot be written or exists (unless `overwrite`), and for cells that fail.
    """
    experiment = load(name)
    preset = experiment.presets[choice(level, "level", LEVELS)]
    parameters = _with_settings(preset, settings or {})
    path = None if out is None else Path(out)
    if path is not None:
        refuse_existing(path, overwrite)
    kept = None if path is None else path.with_name(path.name + ".cells")
    with Cells(seed, settings=asdict(parameters), folder=kept, progress=progress) as cells:
        result = experiment.run(parameters, cells.seed, cells)
        result = result.assign_attrs(_made_by(name, level, cells.seed, parameters))
        if path is not None:
            write_netcdf(path, result)
            cells.finish()
    return result


def _made_by(name: str, level: str, seed: int, parameters) -> dict:
    """Where a result came from, as attributes: text and numbers as they are, the rest as JSON."""
    return {
        "experiment": name,
        "level": level,
        "seed": seed,
        "versions": json.dumps(versions(*PACKAGES)),
        "commit": commit() or "null",
        "parameters": json.dumps(asdict(parameters)),
        "date": datetime.now(UTC).date().isoformat(),
    }


def _with_settings(preset, settings: Mapping):
    """The preset with some parameters replaced; text is read as the type of the preset's value."""
    known = {field.name: getattr(preset, field.name) for field in fields(preset)}
    settings = {key if key in known else RENAMED.get(key, key): value for key, value in settings.items()}
    values = {
        choice(key, "parameter", known): _read(value, known[key], key) for key, value in settings.items()
    }
    for key, value in values.items():
        if isinstance(value, tuple) and (not value or len(set(value)) < len(value)):
            raise ValueError(f"{key} must be one or more different values, got {settings[key]!r}")
    return replace(preset, **values)


def _read(value, like, key: str):
    if isinstance(like, tuple):
        parts = [part for part in value.split(",") if part] if isinstance(value, str) else list(value)
        return tuple(_read(part, like[0], key) for part in parts)
    kinds = {bool: "true or false", int: "an integer", float: "a number", str: "a word"}
    kind = type(like)
    try:
        if kind is bool:
            return {"true": True, "false": False}[str(value).lower()]
        if kind is int and not isinstance(value, str) and value != int(value):
            raise ValueError
        value = kind(value)
    except (ValueError, TypeError, KeyError, OverflowError):
        raise ValueError(f"{key} must be {kinds[kind]}, got {value!r}") from None
    if kind is int and abs(value) > MOST:
        raise ValueError(f"{key} must be an integer of at most {MOST}, got {value}")
    return value
