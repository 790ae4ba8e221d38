"""Estimates and calibrations as tables and as JSON: this shows, and computes nothing."""

from dataclasses import asdict, dataclass

import numpy as np

from .calibration import Calibration
from .estimating import Plan, Settings
from .rates import Estimate


def shown(value: float) -> str:
    """Four significant digits; what is not finite in words."""
    if np.isnan(value):
        return "undefined"
    if np.isinf(value):
        return "infinite" if value > 0 else "-infinite"
    return f"{value:.4g}"


def set_shown(interval) -> str:
    """`[low, high]`, or the unbounded set that the data leave."""
    if interval.disjoint:
        return f"outside ({shown(interval.low)}, {shown(interval.high)})"
    if not np.isfinite([interval.low, interval.high]).any():
        return "anything"
    return f"[{shown(interval.low)}, {shown(interval.high)}]"


def _plain(value: float):
    """A number for strict JSON: "undefined" for 0/0, "Infinity" and "-Infinity" for infinities."""
    if np.isnan(value):
        return "undefined"
    return float(value) if np.isfinite(value) else ("Infinity" if value > 0 else "-Infinity")


@dataclass(frozen=True)
class Report:
    """What `compression-sim estimate` found; a rich renderable."""

    table: object
    settings: Settings
    estimates: list[Estimate]
    plans: list[Plan]
    files: tuple[str, ...]
    seed: int

    def to_dict(self) -> dict:
        """`estimate --json`: infinite ends as "Infinity", 0/0 as "undefined"."""
        return {
            "files": list(map(str, self.files)),
            "seed": self.seed,
            "roles": {
                role: getattr(self.settings, role) for role in ("pretraining", "alignment", "perturbation")
            },
            "responses": self._responses(),
            "checkpoints": list(map(str, self.table["checkpoint"].values.tolist())),
            "estimates": [_estimate_dict(found) for found in self.estimates],
            "plans": [asdict(plan) | {"warnings": list(plan.warnings)} for plan in self.plans],
        }

    def _responses(self) -> dict[str, int]:
        names, counts = np.unique(self.table["dataset_of"].values, return_counts=True)
        return dict(zip(names.tolist(), counts.tolist(), strict=True))

    def __rich__(self):
        from rich import box
        from rich.console import Group
        from rich.table import Table
        from rich.text import Text

        sizes = ", ".join(f"{name} {count:,}" for name, count in self._responses().items())
        table = Table(box=box.SIMPLE_HEAD, title=f"Responses: {sizes}; 95% intervals", title_justify="left")
        for name, justify in (("estimate", "left"), ("of", "left"), ("value", "right"), ("interval", "left"),
                              ("noise floor", "right"), ("unit", "left")):  # fmt: skip
            table.add_column(name, justify=justify, overflow="fold")
        notes = {}
        for found in self.estimates:
            marks = [notes.setdefault(warning, len(notes) + 1) for warning in found.warnings]
            name = found.name + "".join(f" ({mark})" for mark in marks)
            table.add_row(
                name, found.of, shown(found.value), set_shown(found.interval), _floor(found), found.unit
            )
        lines = [Text.assemble((f"({mark}) ", "bold yellow"), warning) for warning, mark in notes.items()]
        return Group(table, *lines, *(Text(_sentence(plan)) for plan in self.plans))


def _floor(found: Estimate) -> str:
    if found.noise_floor is None:
        return "" if found.unit == "1" else "not measured"  # a ratio's denominator has the floor
    return shown(found.noise_floor)


def _sentence(plan: Plan) -> str:
    text = (
        f"plan, {plan.before} to {plan.after}: at k = {plan.k:g} k_eff is bounded, 9 times of 10, "
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
        "value": _plain(interval.value),
        "interval": [_plain(interval.low), _plain(interval.high)],
        "bounded": interval.bounded,
        "outside": interval.disjoint,
        "method": interval.method,
        "units": interval.units,
        "noise_floor": "not measured" if found.noise_floor is None else found.noise_floor,
        "warnings": list(found.warnings),
    }


def calibration_dict(run: Calibration, checker: dict) -> dict:
    """`calibrate --json`."""
    rows = [outcome.to_dict() for outcome in run.outcomes]
    for row in rows:
        row.update({name: _plain(row[name]) for name in ("bias", "rmse")})
    return {"seed": run.seed, "checker": checker, "estimators": rows, "complete": run.done == run.total}


def calibration_table(run: Calibration, checker: dict):
    """A rich renderable: the checker's own check, a row per regime, and what failed."""
    from rich import box
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, title=f"Calibration, seed {run.seed}", title_justify="left")
    for name in ("estimator", "worlds of"):
        table.add_column(name, overflow="fold")
    for name in ("worlds", "bias", "rmse", "coverage", "band", "unbounded", "warned"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("domain")
    last = None
    for outcome in run.outcomes:
        row, regime = outcome.to_dict(), outcome.regime
        verdict, style = ("outside", "") if not regime.in_domain else ("in", "green")
        if regime.in_domain and not outcome.within_band:
            verdict, style = "in: FAILS", "bold red"
        table.add_row(
            regime.estimator if regime.estimator != last else "", regime.regime, f"{row['worlds']:,}",
            f"{row['bias']:.2g}", f"{row['rmse']:.2g}", f"{row['coverage']:.3f}",
            f"{row['band'][0]:.3f}-{row['band'][1]:.3f}", f"{row['unbounded']:.0%}", f"{row['warned']:.0%}",
            Text(verdict, style),
        )  # fmt: skip
        last = regime.estimator
    low, high = checker["band"]
    words = "passes" if checker["passed"] else "FAILS"
    check = (
        f"checker {words}: an exact interval covers {checker['exact']:.3f}, one a fifth too short "
        f"{checker['too_short']:.3f}; band {low:.3f}-{high:.3f}, {checker['worlds']:,} worlds"
    )
    inside = [outcome for outcome in run.outcomes if outcome.regime.in_domain]
    verdict = (
        f"{len(inside) - len(run.failures)} of {len(inside)} regimes in their domain are within the band"
    )
    if run.done < run.total:
        verdict += f"; {run.done:,} of {run.total:,} worlds were drawn"
    notes = "bias: median error; bias and rmse in units of the truth, where it is not 0"
    domains = {}
    for outcome in inside:
        domains.setdefault(outcome.regime.domain, {})[outcome.regime.estimator] = None
    lines = [f"domain of {', '.join(names)}: {domain}" for domain, names in domains.items()]
    return Group(Text(check), table, Text(notes), *map(Text, lines), Text(verdict, "bold"))
