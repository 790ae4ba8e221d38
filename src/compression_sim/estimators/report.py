"""From files to everything that they allow: what `compression-sim estimate` calls."""

from dataclasses import asdict, dataclass

import numpy as np

from .._show.console import Shown
from .._show.jsonable import jsonable
from .._show.numbers import shown, shown_interval
from .._show.tables import Grouped
from . import estimate, leaf_masses
from .estimate import Plan
from .statistics.estimate import Estimate
from .tables import files as reading
from .tables import leaves


@dataclass(frozen=True)
class Report(Shown):
    """What `compression-sim estimate` found; a rich renderable, and printed as one."""

    what: str  # responses or leaves
    sizes: dict[str, int]  # by dataset, all runs together
    estimates: list[Estimate]
    plans: list[Plan] = ()
    files: tuple[str, ...] = ()
    seed: int = 0
    roles: dict[str, str | None] | None = None
    checkpoints: tuple[str, ...] = ()
    runs: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def to_dict(self) -> dict:
        """`estimate --json`: infinite ends as "Infinity", 0/0 as "undefined"."""
        return {
            "files": list(self.files),
            "seed": self.seed,
            "roles": self.roles,
            self.what: self.sizes,
            "checkpoints": list(self.checkpoints),
            "runs": list(self.runs),
            "estimates": [_estimate_dict(found) for found in self.estimates],
            "plans": [asdict(plan) | {"warnings": list(plan.warnings)} for plan in self.plans],
            "notes": list(self.notes),
        }

    def __rich__(self):
        from rich.console import Group
        from rich.text import Text

        notes, groups = {}, {}
        for found in self.estimates:
            marks = [notes.setdefault(warning, len(notes) + 1) for warning in found.warnings]
            heading = found.name if found.unit == "1" else f"{found.name}, {found.unit}"
            of = found.of + "".join(f" ({mark})" for mark in marks)
            floor = () if self.what == "leaves" else (_floor(found),)
            row = (of, shown(found.value), _set(found.interval), *floor)
            groups.setdefault(heading, []).append(row)
        sizes = ", ".join(f"{name} {count:,}" for name, count in self.sizes.items())
        runs = f"; {len(self.runs)} runs" if len(self.runs) > 1 else ""
        head = ("", "value", "interval", "noise floor")[: 3 if self.what == "leaves" else 4]
        lines = [Text.assemble((f"({mark}) ", "bold yellow"), warning) for warning, mark in notes.items()]
        return Group(
            Text(f"{self.what.capitalize()}: {sizes}{runs}; 95% intervals\n"),
            Grouped(head, "<><>"[: len(head)], groups),
            *lines,
            *(Text(_sentence(plan)) for plan in self.plans),
            *(Text(note) for note in self.notes),
        )


def _set(interval) -> str:
    return shown_interval(interval.low, interval.high, outside=interval.disjoint)


def _floor(found: Estimate) -> str:
    return "not measured" if found.noise_floor is None else shown(found.noise_floor)


def _sentence(plan: Plan) -> str:
    run = f" (run {plan.run})" if plan.run else ""
    text = (
        f"plan, {plan.before} to {plan.after}{run}: at k = {plan.k:g} k_eff is bounded, 9 times of 10, "
        f"from {plan.bounded:,} responses (or clusters) a dataset, and known to a quarter from "
        f"{plan.quarter:,}; the table has {plan.now:,}. "
        f"Taken from the table: the alignment change and both spreads."
    )
    return text + "".join(f" Warning: {warning}." for warning in plan.warnings)


def _estimate_dict(found: Estimate) -> dict:
    interval = found.interval
    return {
        "name": found.name,
        "of": found.of,
        "unit": found.unit,
        "value": jsonable(interval.value),
        "interval": jsonable([interval.low, interval.high]),
        "bounded": interval.bounded,
        "outside": interval.disjoint,
        "method": interval.method,
        "units": interval.units,
        "noise_floor": "not measured" if found.noise_floor is None else jsonable(found.noise_floor),
        "warnings": list(found.warnings),
    }


def report(
    *paths, eps=None, score=None, x_min=None, largest=None, plan=None, seed=0,
    progress: estimate.Progress = lambda done, total, what: None, **chosen,
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
        found = leaf_masses.estimate_leaves(sizes, kind, x_min=x_min, largest=largest)
        counts = {name: len(values) for name, values in sizes.items()}
        return Report("leaves", counts, found, files=files, seed=seed)
    refused = [name for name, value in (("x_min", x_min), ("largest", largest)) if value is not None]
    if refused:
        raise ValueError(f"{refused[0]} is for tables of leaves (columns leaf, and count or mass)")
    made = {name: estimate.settings(table, **chosen) for name, table in runs.items()}
    plans = [
        one for name, table in runs.items() for one in
        (estimate.plan(table, made[name], plan, name) if plan is not None else [])
    ]  # fmt: skip
    found = estimate.estimate_runs(runs, made, eps=eps, score=score, seed=seed, progress=progress)
    notes = dict.fromkeys(
        note for name, table in runs.items() for note in estimate.left_out(table, made[name])
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
