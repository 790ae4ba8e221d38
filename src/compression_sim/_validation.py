"""Checks of user input, each with one sentence that says what was given and what is allowed."""

from difflib import get_close_matches

import numpy as np

SUM_TOLERANCE = 1e-9  # by how much a distribution's sum may miss 1


def real_array(value, name: str, *, ndim: int | None = None) -> np.ndarray:
    """`value` as a float64 array without NaN; raises ValueError naming `name`."""
    try:
        array = np.asarray(value)
        if array.dtype.kind == "O" and not any(item is None for item in array.flat):
            array = np.asarray(value, dtype=np.float64)
        if array.dtype.kind not in "biuf":
            raise TypeError
        array = array.astype(np.float64)
    except (TypeError, ValueError):
        raise ValueError(f"{name} must be a rectangular array of real numbers, got {_shown(value)}") from None
    if ndim is not None and array.ndim != ndim:
        raise ValueError(f"{name} must have {ndim} dimension(s), got shape {array.shape}")
    if np.isnan(array).any():
        raise ValueError(f"{name} must not contain NaN, got NaN{_at(np.isnan(array))}")
    return array


def nonnegative_array(value, name: str, *, ndim: int | None = None) -> np.ndarray:
    """A finite, non-negative, non-empty float64 array; raises ValueError naming `name`."""
    array = real_array(value, name, ndim=ndim)
    if array.size == 0:
        raise ValueError(f"{name} must not be empty, got shape {array.shape}")
    for bad, what in ((~np.isfinite(array), "finite"), (array < 0, "non-negative")):
        if bad.any():
            raise ValueError(f"{name} must be {what}, got {array[bad][0]!s}{_at(bad)}")
    return array


def probability_rows(value, name: str, *, divide: bool = True) -> np.ndarray:
    """Distributions along the last axis, sums 1 within 1e-9, divided by their sums unless told otherwise."""
    array = nonnegative_array(value, name)
    if array.ndim == 0:
        raise ValueError(f"{name} must have at least 1 dimension, got a single number")
    with np.errstate(over="ignore"):  # said below
        sums = array.sum(axis=-1, keepdims=True)
    wrong = np.abs(sums - 1) > SUM_TOLERANCE
    if wrong.any():
        index = _first(wrong)
        row = f"row {list(index[:-1]) if array.ndim > 2 else index[0]} of {name}" if array.ndim > 1 else name
        raise ValueError(
            f"{row} must sum to 1 within {SUM_TOLERANCE:g}, got {sums[index]:.12g}; cs.normalize divides "
            "rows by their sums"
        )
    return array / sums if divide else array


def integer(value, name: str, low: int, high: int | None = None) -> int:
    """`value` as an int in low..high; raises ValueError naming `name`."""
    allowed = f"an integer in {low}..{high}" if high is not None else f"an integer of at least {low}"
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | np.integer):
        raise ValueError(f"{name} must be {allowed}, got {value!r}")
    if value < low or (high is not None and value > high):
        raise ValueError(f"{name} must be {allowed}, got {value}")
    return int(value)


def number(value, name: str, low: float = -np.inf, high: float = np.inf, *, open_low: bool = False) -> float:
    """`value` as a finite float in [low, high] (or above `low` when `open_low`)."""
    allowed = (
        f"a finite number {'above' if open_low else 'of at least'} {low:g}"
        if low > -np.inf
        else "a finite number"
    )
    if high < np.inf:
        allowed += f" and at most {high:g}"
    try:
        if isinstance(value, str | bool | np.bool_) or np.ndim(value):
            raise TypeError
        result = float(value)
    except (TypeError, ValueError):
        raise ValueError(f"{name} must be {allowed}, got {_shown(value)}") from None
    if not np.isfinite(result) or result < low or result > high or (open_low and result == low):
        raise ValueError(f"{name} must be {allowed}, got {result:g}")
    return result


def choice(value, name: str, allowed) -> str:
    """`value` if it is one of `allowed`; else a ValueError that offers the nearest."""
    allowed = list(allowed)
    if value in allowed:
        return value
    near = get_close_matches(str(value), allowed, n=1, cutoff=0.4)
    hint = f"; did you mean {near[0]!r}?" if near else f"; allowed: {', '.join(map(str, allowed))}"
    raise ValueError(f"unknown {name} {value!r}{hint}")


def _at(mask: np.ndarray) -> str:
    """Where a mask is first true, in words; nothing for a single number."""
    return f" at index {_first(mask)}" if mask.ndim else ""


def _first(mask: np.ndarray):
    index = tuple(int(i) for i in np.argwhere(mask)[0])
    return index[0] if len(index) == 1 else index


def _shown(value) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
