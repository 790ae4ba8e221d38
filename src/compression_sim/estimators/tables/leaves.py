"""Tables of leaves: how often each occurs, or its mass.

Columns `leaf`, and `count` (whole numbers) or `mass`; optionally `dataset`.
"""

from collections.abc import Callable

import numpy as np

from .layout import TableError, as_number, row_number

SIZES = ("count", "mass")


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


def _error(problems) -> TableError:
    return TableError(";\n".join(f"{name}: {text}" for name, text in sorted(problems.items())))
