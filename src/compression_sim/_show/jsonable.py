"""The one rule by which results become strict JSON."""

import math

import numpy as np

UNDEFINED = "undefined"  # NaN as 0/0: estimate, measure, calibrate
MISSING = None  # NaN where there is no value: experiment
NOT_A_NUMBER = "NaN"  # NaN as what a check computed: verify


def jsonable(value, nan: str | None = UNDEFINED):
    """`value` in terms of strict JSON: dicts, lists, strings, finite numbers, booleans and None.

    Arrays and tuples become lists, infinities "Infinity" and "-Infinity", what JSON does not know its `str`.
    `nan` is what NaN becomes, since it has a meaning of its own in three documented outputs: one of
    UNDEFINED, MISSING and NOT_A_NUMBER.
    """
    if isinstance(value, dict):
        return {key: jsonable(item, nan) for key, item in value.items()}
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if isinstance(value, list | tuple):
        return [jsonable(item, nan) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return nan if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)
