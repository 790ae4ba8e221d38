"""Estimates and calibrations as tables and as JSON: this shows, and computes nothing."""

from dataclasses import asdict, dataclass

from .._show.console import Shown
from .._show.jsonable import jsonable
from .._show.numbers import shown, shown_interval
from .._show.tables import Grouped
from .calibration import Calibration
from .estimating import Plan
from .growth import Growth
from .rates import Estimate


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


def calibration_dict(run: Calibration, checker: dict, growths: list[Growth]) -> dict:
    """`calibrate --json`."""
    rows = [outcome.to_dict() for outcome in run.outcomes]
    for row in rows:
        row.update({name: jsonable(row[name]) for name in ("bias", "rmse")})
    return {
        "seed": run.seed,
        "checker": checker,
        "estimators": rows,
        "rmse_against_n": [_growth_dict(growth) for growth in growths],
        "complete": run.done == run.total,
    }


def _growth_dict(growth: Growth) -> dict:
    row = growth.to_dict()
    return row | jsonable({"rmse": row["rmse"], "exponent": row["exponent"]})


def calibration_table(run: Calibration, checker: dict, growths: list[Growth]):
    """A rich renderable: the checker's own check, a row per regime, errors against n, and what failed."""
    from rich.console import Group
    from rich.text import Text

    groups = {}
    for outcome in run.outcomes:
        row, regime = outcome.to_dict(), outcome.regime
        verdict, style = ("outside", "") if not regime.in_domain else ("in", "green")
        if regime.in_domain and not outcome.within_band:
            verdict, style = "FAILS", "bold red"
        few = "" if outcome.worlds == run.worlds else f" ({outcome.worlds:,} worlds, band {_band(outcome)})"
        numbers = f"{row['bias']:.2g}", f"{row['rmse']:.2g}", f"{row['coverage']:.3f}"
        shares = f"{row['unbounded']:.0%}", f"{row['warned']:.0%}"
        cells = (regime.regime + few, *numbers, *shares, Text(verdict, style))
        groups.setdefault(regime.estimator, []).append(cells)
    names = ("", "bias", "rmse", "coverage", "unbounded", "warned", "domain")
    table = Grouped(names, "<>>>>><", groups)
    title = f"Calibration, seed {run.seed}: {run.worlds:,} worlds of each kind\n"
    low, high = checker["band"]
    words = "passes" if checker["passed"] else "FAILS"
    check = (
        f"checker {words}: an exact interval covers {checker['exact']:.3f}, one a fifth too short "
        f"{checker['too_short']:.3f}, one two fifths too long {checker['too_long']:.3f}; "
        f"band {low:.3f}-{high:.3f}, {checker['worlds']:,} worlds"
    )
    inside = [outcome for outcome in run.outcomes if outcome.regime.in_domain]
    verdict = (
        f"{len(inside) - len(run.failures)} of {len(inside)} regimes in their domain are within the band"
    )
    if run.done < run.total:
        verdict += f"; {run.done:,} of {run.total:,} worlds were drawn"
    bands = {outcome.worlds: _band(outcome) for outcome in run.outcomes}
    notes = "bias: median error; bias and rmse in units of the truth, where it is not 0"
    if run.worlds in bands:
        notes += f"\nband: of {run.worlds:,} worlds, coverage must be {bands[run.worlds]}"
    domains = {}
    for outcome in inside:
        domains.setdefault(outcome.regime.domain, {})[outcome.regime.estimator] = None
    lines = [f"domain of {', '.join(names)}: {domain}" for domain, names in domains.items()]
    parts = [Text(check), Text(title), table, Text(notes), *map(Text, lines), Text("")]
    return Group(*parts, *_growth_table(growths), Text(verdict, "bold"))


def _growth_table(growths: list[Growth]):
    if not growths:
        return
    from rich.text import Text

    sizes = growths[0].sizes
    rows = [
        (one.estimator, *(f"{error:.2g}" for error in one.errors), f"{one.exponent:.2f}") for one in growths
    ]
    yield Text("RMSE against n, in units of the truth; exponent: -0.5 where it falls as 1/sqrt(n)\n")
    yield Grouped(("", *(f"n = {n}" for n in sizes), "exponent"), "<" + ">" * (len(sizes) + 1), {"": rows})


def _band(outcome) -> str:
    return "{:.3f} to {:.3f}".format(*outcome.band)
