"""From files to everything that they allow: what `compression-sim estimate` calls."""

from dataclasses import asdict, dataclass

import numpy as np

from .._show.console import Shown
from .._show.jsonable import jsonable
from .._show.numbers import shown, shown_interval
from .._show.tables import Grouped
from .estimate import Progress, estimate_runs
from .leaf_masses import estimate_leaves
from .plan import Plan, plans
from .statistics.estimate import Estimate
from .statistics.intervals import Resampling
from .tables.columns import checkpoints_of
from .tables.comparison import Comparison
from .tables.files import Columns, read_any
from .tables.leaves import leaf_sizes


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
    *paths,
    eps: float | None = None,
    score: float | None = None,
    x_min: float | None = None,
    largest: int | None = None,
    plan: float | None = None,
    seed: int = 0,
    progress: Progress | None = None,
    **compared,
) -> Report:
    """Read tables of code lengths (or of leaves), estimate what they allow, and say what more it would take.

    `eps`, `score`, `progress`: of `estimate_runs`; `x_min`, `largest`: of `estimate_leaves`; `plan`: the k to
    plan for; `compared`: of `Comparison.of`. Raises ValueError for options that the kind of table cannot use.
    """
    table, files = read_any(*paths), tuple(map(str, paths))
    if isinstance(table, Columns):
        _refuse({"eps": eps, "score": score, "plan": plan, **compared},
                "is for tables of code lengths, and this is one of leaves")  # fmt: skip
        sizes, kind = leaf_sizes(table.columns, table.where)
        found = estimate_leaves(sizes, kind, x_min=x_min, largest=largest)
        counts = {name: len(values) for name, values in sizes.items()}
        return Report("leaves", counts, found, files=files, seed=seed)
    _refuse({"x_min": x_min, "largest": largest}, "is for tables of leaves (columns leaf, and count or mass)")
    comparisons = {run: Comparison.of(own, **compared) for run, own in table.items()}
    needed = [
        one for run, own in table.items() if plan is not None
        for one in plans(own, comparisons[run], plan, run)
    ]  # fmt: skip
    found = estimate_runs(
        table, comparisons, eps=eps, score=score, progress=progress, resampling=Resampling(seed=seed)
    )
    notes = dict.fromkeys(note for run, own in table.items() for note in comparisons[run].lacking(own))
    labels = np.concatenate([own["dataset_of"].values for own in table.values()])
    names, counts = np.unique(labels, return_counts=True)
    first = next(iter(table))
    return Report(
        "responses", dict(zip(names.tolist(), counts.tolist(), strict=True)), found, needed, files, seed,
        roles=comparisons[first].roles, checkpoints=tuple(map(str, checkpoints_of(table[first]))),
        runs=tuple(run for run in table if run), notes=tuple(notes),
    )  # fmt: skip


def _refuse(options: dict, why: str) -> None:
    given = [name for name, value in options.items() if value is not None]
    if given:
        raise ValueError(f"{given[0]} {why}")
