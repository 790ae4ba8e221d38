"""Numbers that strict JSON cannot hold, as words."""

import math

import numpy as np


def worded(value, nan: str | None = "undefined"):
    """`value` with arrays as lists, infinities as "Infinity" and "-Infinity", and `nan` (0/0) for NaN."""
    if isinstance(value, dict):
        return {key: worded(item, nan) for key, item in value.items()}
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if isinstance(value, list | tuple):
        return [worded(item, nan) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return nan if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value
