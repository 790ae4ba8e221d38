"""A result as plain Python for strict JSON: every variable with its dimensions, units and values."""

import json

from ..._show.jsonable import MISSING, jsonable


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
    return json.loads(value) if written else jsonable(value, MISSING)


def _variable(array) -> dict:
    return {
        "dims": list(array.dims),
        **{key: jsonable(value, MISSING) for key, value in array.attrs.items()},
        "values": jsonable(array.values, MISSING),
    }
