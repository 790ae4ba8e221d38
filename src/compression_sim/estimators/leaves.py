"""Tables of leaves: how often each occurs, or its mass. From them: the tail index of the law of masses.

Columns `leaf`, and `count` (whole numbers) or `mass`; optionally `dataset`.
"""

from collections.abc import Callable

import numpy as np

from .rates import Estimate
from .table import TableError, as_number, row_number
from .tails import hill, tail_index

SIZES = ("count", "mass")
FEW = 10
PARETO_ALONE = "holds only if the k largest values are exactly Pareto, and nothing in the values says so"
NOT_CONTINUOUS = 50  # counts below this differ from a continuous law by more than 1% of the index


def is_leaf_table(columns) -> bool:
    """Whether columns are those of leaves rather than of code lengths."""
    return "bits" not in columns and ("leaf" in columns or any(name in columns for name in SIZES))


def leaf_sizes(columns, where: Callable[[int], str] = row_number) -> tuple[dict[str, np.ndarray], str]:
    """Positive counts or masses of leaves by dataset ("all" without that column), and which they are.

    Raises TableError that names every wrong column.
    """
    given = [name for name in SIZES if name in columns]
    problems = {}
    if "leaf" not in columns:
        problems["leaf"] = f"missing; the table has {', '.join(map(repr, columns))}"
    if len(given) != 1:
        problems["count"] = f"a table of leaves needs count or mass, one of the two, got {given or 'none'}"
        raise _error(problems)
    kind = given[0]
    sizes = list(columns[kind])
    numbers = np.array([as_number(value) for value in sizes])
    fine = np.isfinite(numbers) & (numbers >= 0) & (numbers <= 2.0**53)
    if kind == "count":
        fine &= numbers == np.floor(numbers)
    wrong = np.flatnonzero(~fine)
    if not len(sizes):
        problems[kind] = "the table has no rows"
    elif wrong.size:
        what = "whole numbers of at least 0" if kind == "count" else "finite numbers of at least 0"
        problems[kind] = f"must be {what}, got {sizes[wrong[0]]!r} in {where(int(wrong[0]))}"
    datasets = [str(value).strip() for value in columns.get("dataset", ["all"] * len(sizes))]
    keys = list(
        zip(datasets, (str(value).strip() for value in columns.get("leaf", range(len(sizes)))), strict=True)
    )
    if len(set(keys)) < len(keys):
        seen = set()
        twice = next(row for row, key in enumerate(keys) if key in seen or seen.add(key))
        problems["leaf"] = f"each leaf must occur once, {keys[twice][1]!r} occurs again in {where(twice)}"
    if problems:
        raise _error(problems)
    labels = np.array(datasets)
    return {name: numbers[(labels == name) & (numbers > 0)] for name in dict.fromkeys(datasets)}, kind


def estimate_leaves(
    sizes: dict[str, np.ndarray],
    kind: str,
    *,
    x_min: float | None = None,
    largest: int | None = None,
    level=0.95,
) -> list[Estimate]:
    """Tail index and Hill's estimate for each dataset's leaves.

    `x_min`: where the tail begins (default: found by KS); `largest`: how many of the largest Hill's estimator
    takes (default: those of the tail, of counts those from 50 on; it is left out if they are fewer than 10).
    Raises ValueError for fewer than 10 leaves in a tail.
    """
    found = []
    for name, values in sizes.items():
        counts = kind == "count"
        try:
            fit = tail_index(values, x_min=x_min, level=level, discrete=counts)
            above = int(np.sum(values >= max(fit.x_min, NOT_CONTINUOUS if counts else 0)))
            k = min(above, len(values) - 1) if largest is None else largest
            tail = hill(values, k, level=level) if k >= FEW or largest is not None else None
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from None
        of = f"{name}, {kind} {fit.x_min:g} or more ({fit.observations:,} leaves)"
        found.append(Estimate("tail index", of, "1", fit.alpha, fit.warnings))
        if tail is None:
            continue
        one = Estimate("Hill", f"{name}, {k:,} largest", "1", tail, (PARETO_ALONE,))
        low = np.sort(values)[-k]
        if counts and low < NOT_CONTINUOUS:
            one = one.warn(
                f"Hill's formula is for continuous values, and counts near {low:g} are not: biased"
            )
        found.append(one)
    return found


def _error(problems) -> TableError:
    return TableError(";\n".join(f"{name}: {text}" for name, text in sorted(problems.items())))
