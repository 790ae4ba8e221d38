"""A result as plain Python for strict JSON: every variable with its dimensions, units and values."""

import json

import numpy as np


def to_dict(result) -> dict:
    """{"attributes", "coordinates", "variables"} of an xarray.Dataset, each variable whole.

    Numbers that JSON does not have become words: "Infinity", "-Infinity", and null where a value is missing.
    """
    attributes = {key: _read(key, value) for key, value in result.attrs.items()}
    parts = {"coordinates": result.coords, "variables": result.data_vars}
    found = {key: {str(n): _variable(v) for n, v in group.items()} for key, group in parts.items()}
    return {"attributes": attributes} | found


def _read(key: str, value):
    """What the frame wrote as JSON; the rest as it is."""
    written = key in ("versions", "parameters", "provenance") or (key, value) == ("commit", "null")
    return json.loads(value) if written else _word(value)


def _variable(array) -> dict:
    return {
        "dims": list(array.dims),
        **{key: _word(value) for key, value in array.attrs.items()},
        "values": _word(array.values),
    }


def _word(value):
    if isinstance(value, np.ndarray | list | tuple):
        return [_word(each) for each in value] if np.ndim(value) else _word(np.asarray(value).item())
    if isinstance(value, np.generic):
        value = value.item()
    if not isinstance(value, float) or np.isfinite(value):
        return value
    return None if np.isnan(value) else "Infinity" if value > 0 else "-Infinity"
