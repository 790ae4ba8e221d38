"""Running one experiment: parameters checked, cells kept, provenance written beside the numbers."""

import json
import shutil
from collections.abc import Mapping
from dataclasses import asdict, fields, replace
from datetime import UTC, datetime
from pathlib import Path

from ..._provenance import code_hash, commit, versions
from ..._validation import choice, integer
from .cells import Progress, write_netcdf
from .registry import LEVELS, load

# parameters of results that were stored before 2026-11-26: their names then and now
RENAMED = {"kinds": "models", "settings": "scenarios"}
# what an experiment's numbers depend on
PACKAGES = ("jax", "jaxlib", "numpy", "optax", "scipy", "xarray")


def run(name: str, level: str = "standard", seed: int = 0, settings: Mapping | None = None,
        out=None, *, force: bool = False, show=None):  # fmt: skip
    """Run an experiment and return its xarray.Dataset; with `out`, write it there as netCDF too.

    `settings`: parameters that differ from the level's, as values or as text ("1,10,100" for a tuple).
    Where `out` is given, finished cells are kept in the folder OUT.cells until the file is whole; a run of
    the same code, parameters and seed goes on from them. Raises ValueError for an unknown name, level or
    parameter, for values that the experiment refuses, and for an `out` that exists unless `force`.
    """
    experiment = load(name)
    preset = experiment.presets[choice(level, "level", LEVELS)]
    parameters = _with_settings(preset, settings or {})
    seed = integer(seed, "seed", 0)
    path = None if out is None else Path(out)
    if path is not None:
        _refuse(path, force)
    made_by = {
        "experiment": name,
        "level": level,
        "seed": seed,
        "versions": versions(*PACKAGES),
        "commit": commit(),
        "parameters": asdict(parameters),
    }
    # cells that other code computed are not reused
    fingerprint = json.dumps([made_by, code_hash()], sort_keys=True)
    kept = None if path is None else path.with_name(path.name + ".cells")
    result = experiment.run(parameters, seed, Progress(seed, kept, fingerprint, show))
    plain = {
        key: value if isinstance(value, str | int) else json.dumps(value) for key, value in made_by.items()
    }
    date = datetime.now(UTC).date().isoformat()
    result = result.assign_attrs(**plain, date=date)
    if path is not None:
        write_netcdf(result, path)
        shutil.rmtree(kept, ignore_errors=True)
    return result


def _refuse(path: Path, force: bool) -> None:
    if path.exists() and not force:
        raise ValueError(f"{path} exists; --force replaces it")
    if path.is_dir() or not path.absolute().parent.is_dir():
        raise ValueError(f"--out must be a file in a folder that exists, got {path}")


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
        return kind(value)
    except (ValueError, TypeError, KeyError, OverflowError):
        raise ValueError(f"{key} must be {kinds[kind]}, got {value!r}") from None
