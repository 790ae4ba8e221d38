"""From files to everything that they allow: what `compression-sim estimate` calls."""

import numpy as np

from . import estimating, leaves, reading
from .showing import Report


def report(
    *paths, eps=None, score=None, x_min=None, largest=None, plan=None, seed=0,
    progress: estimating.Progress = lambda done, total, what: None, **chosen,
) -> Report:  # fmt: skip
    """Read tables of code lengths (or of leaves), estimate what they allow, and say what more it would take.

    `eps`, `score`, `seed`: of `estimate_runs`; `x_min`, `largest`: of `estimate_leaves`; `plan`: the k to
    plan for; `chosen`: of `settings`. Raises ValueError for options that the kind of table cannot use.
    """
    files = tuple(map(str, paths))
    of_lengths = {"eps": eps, "score": score, "plan": plan, **chosen}
    runs = reading.read_any(*paths)
    if isinstance(runs, reading.Columns):
        refused = [name for name, value in of_lengths.items() if value is not None]
        if refused:
            raise ValueError(f"{refused[0]} is for tables of code lengths, and this is one of leaves")
        sizes, kind = leaves.leaf_sizes(runs.columns, runs.where)
        found = leaves.estimate_leaves(sizes, kind, x_min=x_min, largest=largest)
        counts = {name: len(values) for name, values in sizes.items()}
        return Report("leaves", counts, found, files=files, seed=seed)
    refused = [name for name, value in (("x_min", x_min), ("largest", largest)) if value is not None]
    if refused:
        raise ValueError(f"{refused[0]} is for tables of leaves (columns leaf, and count or mass)")
    made = {name: estimating.settings(table, **chosen) for name, table in runs.items()}
    plans = [
        one for name, table in runs.items() for one in
        (estimating.plan(table, made[name], plan, name) if plan is not None else [])
    ]  # fmt: skip
    found = estimating.estimate_runs(runs, made, eps=eps, score=score, seed=seed, progress=progress)
    notes = dict.fromkeys(
        note for name, table in runs.items() for note in estimating.left_out(table, made[name])
    )
    first = next(iter(runs))
    names, counts = np.unique(
        np.concatenate([table["dataset_of"].values for table in runs.values()]), return_counts=True
    )
    return Report(
        "responses", dict(zip(names.tolist(), counts.tolist(), strict=True)), found, plans, files, seed,
        roles=made[first].roles, checkpoints=tuple(map(str, runs[first]["checkpoint"].values.tolist())),
        runs=tuple(name for name in runs if name), notes=tuple(notes),
    )  # fmt: skip
