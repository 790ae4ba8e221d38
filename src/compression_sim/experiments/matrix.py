"""Which class of models shows which of the paper's empirical claims: the stored results in one table.

Each cell is `shows`, `does not show` or `not applicable`, with the effect and its interval; beside it what
the theory says of the class (a no-go or a witness), the weakest class that shows the claim, and the paper's
own numbers on the same scale. A class that shows what a no-go forbids is an error.
"""

from dataclasses import dataclass

import numpy as np

from .. import data
from .._validation import choice
from . import _effects as effects
from . import falling_count, witness
from ._paper import paper_effects
from ._worlds import KINDS, SETTINGS

EXPERIMENTS = (
    "rebound", "return-kl", "resistance", "pretraining-volume", "role-exchange", "objectives",
    "model-size", "witness", "falling-count",
)  # fmt: skip
# what the theory forbids, and where it has an example: (claim, class) -> the ledger's claim that says so
NO_GOS = {
    ("fig-4-crossing", "saturated"): "rebound-saturated",
    ("fig-4-crossing", "scalar"): "no-crossing-scalar",
    ("fig-4-flat-start", "saturated"): "rebound-saturated",
    ("table-3-samples", "saturated"): "falling-count-no-go",
    ("table-3-samples/reverse", "saturated"): "falling-count-no-go",
    ("table-3-samples", "scalar"): "falling-count-no-go",
    ("table-3-samples/reverse", "scalar"): "falling-count-no-go",
    ("fig-6", "saturated"): "slope-falls-with-k",
    ("fig-6/matched", "scalar"): "matched-score",
    ("fig-8/crossing", "saturated"): "rebound-saturated",
}
WITNESSES = {
    ("fig-4-crossing", "tabular-softmax"): "crossing-two-dim",
    ("fig-4-crossing", witness.NAME): "crossing-two-dim",
    ("fig-4-crossing", "log-linear/held-out"): "crossing-two-dim",
    ("table-3-samples", falling_count.NAME): "falling-count-witness",
    ("table-3-samples", "log-linear/held-out"): "falling-count-witness",
    ("table-3-samples", "shared-gain"): "falling-count-witness",
    ("fig-6/matched", "shared-gain"): "matched-score",
    ("fig-5", "capacity-limited-tree"): "depth-resolves",
}
COLUMNS = (
    "saturated",
    "scalar",
    witness.NAME,
    falling_count.NAME,
    *list(KINDS)[2:],
)  # from the weakest class up
ORDERED = ("saturated", "scalar")  # classes whose curves keep their order in every single world


class Conflict(ArithmeticError):
    """A measured cell contradicts a no-go of the theory: one of the two is wrong."""


@dataclass(frozen=True)
class Parameters:
    """What the table is made of."""

    experiments: tuple[str, ...] = EXPERIMENTS  # stored results

    def __post_init__(self):
        for name in self.experiments:
            choice(name, "experiments", EXPERIMENTS)


PRESETS = {level: Parameters() for level in ("quick", "standard", "full")}


def run(parameters: Parameters, seed: int, progress):
    """The table from the stored results; raises Conflict."""
    return table({name: data.load(name.replace("-", "_")) for name in parameters.experiments})


def table(results):
    """Verdict, effect, interval, theory of every (claim, setting, kind) of `results`, by experiment."""
    import xarray

    names = list(effects.COLUMNS)
    parts = {}
    for name, result in results.items():
        if name == "rebound":
            _orders(result)
        part = result[names].reset_coords(drop=True)
        part = part.reindex(kind=list(COLUMNS), setting=list(SETTINGS)).transpose("claim", "setting", "kind")
        seeds = result.sizes["seed"]
        parts[name] = part.assign(seeds=("claim", [seeds] * part.sizes["claim"]),
                                 experiment=("claim", [name] * part.sizes["claim"]))  # fmt: skip
    columns = [parts.pop(name) for name in ("witness", "falling-count") if name in parts]
    found = xarray.concat(list(parts.values()), "claim")
    for column in columns:  # one more class each, for claims of other experiments
        for name in names:
            found[name] = found[name].fillna(column[name].reindex(claim=found.claim))
    found["verdict"] = found.effect.dims, effects.verdicts(found)
    theory = [[_theory(str(claim), kind) for kind in COLUMNS] for claim in found.claim.values]
    found["theory"] = ("claim", "kind"), theory
    shows = found.verdict == effects.SHOWS
    forbidden = found.theory.str.startswith("no-go").broadcast_like(shows) & shows
    cells = [
        "{} ({}) by {}".format(*(forbidden[dim].values[i] for dim, i in zip(forbidden.dims, at, strict=True)))
        for at in np.argwhere(forbidden.values)
    ]
    if cells:
        raise Conflict(f"shown although a no-go forbids it: {', '.join(cells)}")
    found["weakest"] = ("claim", "setting"), [[_weakest(row) for row in claim] for claim in shows.values]
    return found


def _theory(claim: str, kind: str) -> str:
    if (claim, kind) in NO_GOS:
        return "no-go: " + NO_GOS[claim, kind]
    return "witness: " + WITNESSES[claim, kind] if (claim, kind) in WITNESSES else ""


def _weakest(row) -> str:
    """The first class that shows it, in the order of COLUMNS: from one number to a transformer."""
    return next((kind for kind, shows in zip(COLUMNS, row, strict=True) if shows), "none")


def _orders(result) -> None:
    """Curves of a class that must keep their order do so in every world."""
    for kind in set(ORDERED) & set(result.kind.values.tolist()):
        worst = float(result.order.sel(kind=kind).min())
        if worst < -1e-9:
            raise Conflict(f"two rebound curves of the {kind} class cross by {-worst:.2g} in a single world")


def summary(result) -> list[str]:
    """The matrix: effect per class, `*` where the claim shows, `!` where the theory forbids it."""
    paper = paper_effects()
    head = f"{'claim':<32}{'setting':<8}" + "".join(f"{_short(kind):>13}" for kind in result.kind.values)
    lines = ["effect; * shows, - not applicable, ! forbidden by a no-go (none of these shows)", head]
    for claim in result.claim.values:
        for setting in result.setting.values:
            row = result.sel(claim=claim, setting=setting)
            cells = "".join(f"{_cell(row.sel(kind=kind)):>13}" for kind in result.kind.values)
            lines.append(f"{claim:<32}{setting:<8}{cells}   weakest: {row.weakest.item()}")
        if claim in paper:
            values = ", ".join(f"{model} {value:.3g}" for model, value in paper[claim].items())
            lines.append(f"{'':<32}paper: {values}")
    return lines


def _cell(one) -> str:
    mark = "*" if one.verdict.item() == effects.SHOWS else ""
    forbidden = "!" if one.theory.item().startswith("no-go") else ""
    if one.verdict.item() == effects.MISSING:
        return "-" + forbidden
    return f"{one.effect.item():.3f}{mark}{forbidden}"


def _short(kind: str) -> str:
    if kind == witness.NAME:
        return "opposed"
    name, _, design = kind.partition("/")
    short = {"capacity-limited-tree": "tree", "tabular-softmax": "tabular", "log-linear": "linear",
             "shared-gain": "gain", "transformer": "transf."}.get(name, name)  # fmt: skip
    return short + ("/h-o" if design else "")
