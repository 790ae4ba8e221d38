"""The matrix from results: what each (claim, scenario, class of models) shows, and what theory says of it."""

import numpy as np

from .._lab import effects
from .._lab.families import MODEL_CLASSES, WITNESS_CLASSES
from .._lab.registry import declared, load
from .._lab.worlds import SCENARIOS
from .mechanisms import MECHANISMS
from .no_gos import ORDERED, theory
from .paper import paper_effects

# rows come in this order, those of other experiments after them by name
ORDER = (
    "rebound", "return-kl", "resistance", "pretraining-volume", "role-exchange", "objectives",
    "model-size", "witness", "falling-count",
)  # fmt: skip
# from the weakest class up: one number, two weights, then exact or trained tables, features, a network
COLUMNS = ("scalar", *WITNESS_CLASSES, *(name for name in MODEL_CLASSES if name != "scalar"))


class Conflict(ArithmeticError):
    """A measured cell contradicts a no-go of the theory: one of the two is wrong."""


def experiments() -> tuple[str, ...]:
    """The experiments that have claims, in the order of their rows."""
    have = declared("CLAIMS")
    return tuple(sorted(have, key=lambda name: (ORDER.index(name) if name in ORDER else len(ORDER), name)))


def of_one_class(name: str) -> bool:
    """Whether an experiment has no rows of its own, but adds a class to claims of others."""
    return set(load(name).presets["standard"].models) <= set(WITNESS_CLASSES)


def table(stored):
    """Verdict, effect, interval, theory of every (claim, scenario, model) of `stored`, by experiment."""
    import xarray

    names = list(effects.COLUMNS)
    columns = list(
        dict.fromkeys([*COLUMNS, *(str(m) for each in stored.values() for m in each.model.values)])
    )
    parts = {}
    for name, result in stored.items():
        _orders(result, ORDERED.get(name, {}))
        part = result[names].reset_coords(drop=True)
        part = part.reindex(model=columns, scenario=list(SCENARIOS)).transpose("claim", "scenario", "model")
        seeds = result.sizes["seed"]
        parts[name] = part.assign(seeds=("claim", [seeds] * part.sizes["claim"]),
                                 experiment=("claim", [name] * part.sizes["claim"]))  # fmt: skip
    added = [parts.pop(name) for name in list(parts) if of_one_class(name)]
    found = xarray.concat(list(parts.values()), "claim")
    for column in added:  # one more class each, for claims of other experiments
        for name in names:
            found[name] = found[name].fillna(column[name].reindex(claim=found.claim))
    found["verdict"] = found.effect.dims, effects.verdicts(found)
    of_theory = [
        [[theory(str(claim), scenario, model) for model in columns] for scenario in SCENARIOS]
        for claim in found.claim.values
    ]
    found["theory"] = found.effect.dims, of_theory
    shows = found.verdict == effects.SHOWS
    forbidden = found.theory.str.startswith("no-go") & shows
    cells = [
        "{} ({}) by {}".format(*(forbidden[dim].values[i] for dim, i in zip(forbidden.dims, at, strict=True)))
        for at in np.argwhere(forbidden.values)
    ]
    if cells:
        raise Conflict(f"shown although a no-go forbids it: {', '.join(cells)}")
    found["weakest"] = (
        ("claim", "scenario"),
        [[_weakest(columns, row) for row in claim] for claim in shows.values],
    )
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


def _weakest(columns, row) -> str:
    """The first class that shows it, in the order of the columns: from one number to a transformer."""
    return next((model for model, shows in zip(columns, row, strict=True) if shows), "none")


def _orders(result, ordered) -> None:
    """Curves of a class that must keep their order do so in every world."""
    for model in ordered.keys() & set(result.model.values.tolist()):
        scenarios = [each for each in result.scenario.values.tolist() if each in ordered[model]]
        worst = float(result.order.sel(model=model, scenario=scenarios).min())
        if worst < -1e-9:
            raise Conflict(f"two rebound curves of the {model} class cross by {-worst:.2g} in a single world")
