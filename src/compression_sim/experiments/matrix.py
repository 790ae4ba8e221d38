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
from . import _effects as effects
from . import falling_count, witness
from ._mechanisms import MECHANISMS
from ._paper import paper_effects
from ._worlds import KINDS, SETTINGS

EXPERIMENTS = (
    "rebound", "return-kl", "resistance", "pretraining-volume", "role-exchange", "objectives",
    "model-size", "witness", "falling-count",
)  # fmt: skip
ONE_CLASS = "witness", "falling-count"  # each adds a class to claims of the others
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
    ("fig-7/simpo-crossing", "scalar"): "no-crossing-scalar",  # without a reference there is one orbit
    ("fig-8/crossing", "scalar"): "no-crossing-scalar",
    ("fig-8/crossing", "saturated"): "rebound-saturated",
}
ONLY = {("fig-8/crossing", "saturated"): "midway"}  # near, alignment does not raise every world's score
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
# from the weakest class up: one number, two weights, then exact or trained tables, features, a network
COLUMNS = ("scalar", witness.NAME, falling_count.NAME, "saturated", *list(KINDS)[2:])
# experiments and settings in which the curves of a class keep their order in every single world
ORDERED = {
    "rebound": {"saturated": SETTINGS, "scalar": SETTINGS},
    "role-exchange": {"saturated": ("midway",), "scalar": SETTINGS},
}


class Conflict(ArithmeticError):
    """A measured cell contradicts a no-go of the theory: one of the two is wrong."""


@dataclass(frozen=True)
class Parameters:
    """What the table is made of."""

    experiments: tuple[str, ...] = EXPERIMENTS  # stored results

    def __post_init__(self):
        for name in self.experiments:
            choice(name, "experiments", EXPERIMENTS)
        if not set(self.experiments) - set(ONE_CLASS):
            raise ValueError(f"experiments must name one besides {' and '.join(ONE_CLASS)}")


PRESETS = {level: Parameters() for level in ("quick", "standard", "full")}


def run(parameters: Parameters, seed: int, progress):
    """The table from the stored results; raises Conflict."""
    return table({name: results.load(name) for name in parameters.experiments})


def table(stored):
    """Verdict, effect, interval, theory of every (claim, setting, kind) of `stored`, by experiment."""
    import xarray

    names = list(effects.COLUMNS)
    parts = {}
    for name, result in stored.items():
        _orders(result, ORDERED.get(name, {}))
        part = result[names].reset_coords(drop=True)
        part = part.reindex(kind=list(COLUMNS), setting=list(SETTINGS)).transpose("claim", "setting", "kind")
        seeds = result.sizes["seed"]
        parts[name] = part.assign(seeds=("claim", [seeds] * part.sizes["claim"]),
                                 experiment=("claim", [name] * part.sizes["claim"]))  # fmt: skip
    columns = [parts.pop(name) for name in ONE_CLASS if name in parts]
    found = xarray.concat(list(parts.values()), "claim")
    for column in columns:  # one more class each, for claims of other experiments
        for name in names:
            found[name] = found[name].fillna(column[name].reindex(claim=found.claim))
    found["verdict"] = found.effect.dims, effects.verdicts(found)
    theory = [
        [[_theory(str(claim), setting, kind) for kind in COLUMNS] for setting in SETTINGS]
        for claim in found.claim.values
    ]
    found["theory"] = found.effect.dims, theory
    shows = found.verdict == effects.SHOWS
    forbidden = found.theory.str.startswith("no-go") & shows
    cells = [
        "{} ({}) by {}".format(*(forbidden[dim].values[i] for dim, i in zip(forbidden.dims, at, strict=True)))
        for at in np.argwhere(forbidden.values)
    ]
    if cells:
        raise Conflict(f"shown although a no-go forbids it: {', '.join(cells)}")
    found["weakest"] = ("claim", "setting"), [[_weakest(row) for row in claim] for claim in shows.values]
    return _with_words(found)


def _with_words(found):
    """The paper's values on our scale, why a claim shows where it does, the ledger's claims on that."""
    paper, claims = paper_effects(), [str(claim) for claim in found.claim.values]
    found["paper"] = (
        "claim",
        [
            ", ".join(f"{model} {value:.3g}" for model, value in paper.get(claim, {}).items())
            for claim in claims
        ],
    )
    known = [MECHANISMS.get(claim) for claim in claims]
    found["mechanism"] = "claim", [each.sentence if each else "" for each in known]
    found["evidence"] = "claim", [", ".join(each.ledger) if each else "" for each in known]
    return found.drop_encoding()  # a name's width in the file that was read would cut longer names


def _theory(claim: str, setting: str, kind: str) -> str:
    cell = claim, kind
    if cell in NO_GOS and ONLY.get(cell, setting) == setting:
        return "no-go: " + NO_GOS[cell]
    return "witness: " + WITNESSES[cell] if cell in WITNESSES else ""


def _weakest(row) -> str:
    """The first class that shows it, in the order of COLUMNS: from one number to a transformer."""
    return next((kind for kind, shows in zip(COLUMNS, row, strict=True) if shows), "none")


def _orders(result, ordered) -> None:
    """Curves of a class that must keep their order do so in every world."""
    for kind in ordered.keys() & set(result.kind.values.tolist()):
        settings = [each for each in result.setting.values.tolist() if each in ordered[kind]]
        worst = float(result.order.sel(kind=kind, setting=settings).min())
        if worst < -1e-9:
            raise Conflict(f"two rebound curves of the {kind} class cross by {-worst:.2g} in a single world")


def summary(result) -> list[str]:
    """The matrix in 80 columns: effects by class, the weakest class that shows, the paper's values, why."""
    kinds = [str(kind) for kind in result.kind.values]
    lines = ["effect by class; * shows, . not applicable, ! forbidden by a no-go: not shown"]
    lines += _wrapped("classes, from the weakest: " + ", ".join(f"{_short(k)} {k}" for k in kinds), "  ")
    head = " " * 8 + "".join(f"{_short(kind):>4} " for kind in kinds)
    for claim in result.claim.values:
        rows = result.sel(claim=claim)
        lines += ["", str(claim), head.rstrip()]
        for setting in result.setting.values:
            row = rows.sel(setting=setting)
            lines.append(f" {setting:<7}" + "".join(_cell(row.sel(kind=kind)) for kind in kinds).rstrip())
        shown = "; ".join(f"{s} {weakest_shown(rows.sel(setting=s))}" for s in result.setting.values)
        lines += _wrapped(f"weakest that shows: {shown}; {int(rows.seeds)} seeds", "  ")
        if rows.paper.item():
            lines += _wrapped(f"paper: {rows.paper.item()}", "  ")
        if rows.mechanism.item():
            lines += _wrapped(f"why: {rows.mechanism.item()} [{rows.evidence.item()}]", "  ")
    return lines


def weakest_shown(row) -> str:
    """The weakest class of a (claim, setting) with its effect and interval, or "none"."""
    kind = row.weakest.item()
    if kind == "none":
        return kind
    one = row.sel(kind=kind)
    return f"{kind} {one.effect.item():.3g} [{one.effect_low.item():.3g}, {one.effect_high.item():.3g}]"


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


SHORT = {
    "saturated": "sat",
    "scalar": "scal",
    "tabular-softmax": "tab",
    "capacity-limited-tree": "tree",
    "low-rank": "rank",
    "log-linear": "lin",
    "shared-gain": "gain",
    "transformer": "tran",
}


def _short(kind: str) -> str:
    """A class in four letters."""
    name, _, design = kind.partition("/")
    short = SHORT[name]
    return {"": short, "held-out": short[:2] + "/h", "opposed": "oppo", "steep": "stee"}[design]
