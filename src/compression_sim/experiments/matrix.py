"""Which class of models shows which of the paper's empirical claims: the stored results in one table.

Each cell is `shows`, `does not show` or `not applicable`, with the effect and its interval; beside it what
the theory says of the class (a no-go or a witness), the weakest class that shows the claim, and the paper's
own numbers on the same scale. A class that shows what a no-go forbids is an error.
"""

import textwrap
from dataclasses import dataclass

import numpy as np

from .. import results
from .._validation import choice
from ._lab import effects
from ._lab.families import short
from ._matrix.table import Conflict as Conflict
from ._matrix.table import experiments, of_one_class, table

FIGURE = "matrix"
EXPERIMENTS = experiments()
COLUMNS = 14  # classes side by side, of five characters each, in 80 columns


@dataclass(frozen=True)
class Parameters:
    """What the table is made of."""

    experiments: tuple[str, ...] = EXPERIMENTS  # of stored results; those that are not stored are named

    def __post_init__(self):
        for name in self.experiments:
            choice(name, "experiments", EXPERIMENTS)
        if all(map(of_one_class, self.experiments)):
            one_class = " and ".join(filter(of_one_class, EXPERIMENTS))
            raise ValueError(f"experiments must name one besides {one_class}")


PRESETS = {level: Parameters() for level in ("quick", "standard", "full")}


def run(parameters: Parameters, seed: int, cells):
    """The table from the stored results; raises Conflict."""
    stored = [name for name in parameters.experiments if name in results.names()]
    lacking = ", ".join(name for name in parameters.experiments if name not in stored)
    if all(map(of_one_class, stored)):
        raise ValueError(f"no result is stored of {lacking}: make it by `make results NAME=...`")
    found = table({name: results.load(name) for name in stored})
    return found.assign_attrs(not_stored=lacking) if lacking else found


def summary(result) -> list[str]:
    """The matrix in 80 columns: effects by class, the weakest class that shows, the paper's values, why."""
    models = [str(model) for model in result.model.values]
    lines = ["effect by class; * shows, . not applicable, ! forbidden by a no-go: not shown"]
    if "not_stored" in result.attrs:
        lines += _wrapped(f"no result is stored of {result.not_stored}", "  ")
    lines += _wrapped("classes, from the weakest: " + ", ".join(f"{short(k)} {k}" for k in models), "  ")
    for claim in result.claim.values:
        rows = result.sel(claim=claim)
        lines += ["", str(claim)]
        for start in range(0, len(models), COLUMNS):
            lines += _block(rows, models[start : start + COLUMNS])
        shown = "; ".join(f"{s} {weakest_shown(rows.sel(scenario=s))}" for s in result.scenario.values)
        lines += _wrapped(f"weakest that shows: {shown}; {int(rows.seeds)} seeds", "  ")
        if rows.paper.item():
            lines += _wrapped(f"paper: {rows.paper.item()}", "  ")
        if rows.mechanism.item():
            lines += _wrapped(f"why: {rows.mechanism.item()} [{rows.evidence.item()}]", "  ")
    return lines


def _block(rows, models) -> list[str]:
    """Effects of a claim in some classes: their names in short, then a line per scenario."""
    lines = [" " * 8 + "".join(f"{short(model):>4} " for model in models)]
    for scenario in rows.scenario.values:
        row = rows.sel(scenario=scenario)
        lines.append(f" {scenario:<7}" + "".join(_cell(row.sel(model=model)) for model in models))
    return [line.rstrip() for line in lines]


def weakest_shown(row) -> str:
    """The weakest class of a (claim, scenario) with its effect and interval, or "none"."""
    model = row.weakest.item()
    if model == "none":
        return model
    one = row.sel(model=model)
    return f"{model} {one.effect.item():.3g} [{one.effect_low.item():.3g}, {one.effect_high.item():.3g}]"


def _wrapped(text: str, indent: str) -> list[str]:
    return textwrap.wrap(
        text, 80, initial_indent=indent, subsequent_indent=indent + "  ", break_on_hyphens=False
    )


def _cell(one) -> str:
    """Five characters: a number of two digits, and a mark."""
    forbidden = one.theory.item().startswith("no-go")
    mark = "*" if one.verdict.item() == effects.SHOWS else "!" if forbidden else " "
    if one.verdict.item() == effects.MISSING:
        return "   ." + mark
    value = one.effect.item()
    return f"{_digits(value):>4}{mark}"


def _digits(value: float) -> str:
    if not np.isfinite(value):
        return str(value)
    if abs(value) < 0.005:
        return "0"
    form = ".2f" if abs(value) < 0.995 else ".1f" if abs(value) < 9.95 else ".0f"
    return format(value, form).replace("0.", ".", 1) if abs(value) < 0.995 else format(value, form)
