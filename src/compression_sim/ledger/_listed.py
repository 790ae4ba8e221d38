"""The ledger's own claims (`statements.toml`), each with the evidence that judges it."""

import tomllib
from collections.abc import Iterable, Mapping
from importlib import import_module
from importlib.resources import files
from pkgutil import iter_modules

from .._validation import choice
from . import evidence
from ._claims import Claim, Judge

PAPER = "arXiv 2406.06144"


def statements() -> list[dict[str, str]]:
    """The ledger's claims as rows of id, statement and source, in order; loads no evidence."""
    table = tomllib.loads(files(__package__).joinpath("statements.toml").read_text("utf-8"))
    return [
        {
            "id": name,
            "statement": row["statement"],
            "source": row["place"] if row["place"] == "ours" else f"{PAPER}, {row['place']}",
        }
        for name, row in table.items()
    ]


def listed_claims() -> dict[str, Claim]:
    """Every claim of the ledger by id; those without evidence yet are judged `open`."""
    rows = statements()
    functions: dict[str, list] = {row["id"]: [] for row in rows}
    for module in sorted(info.name for info in iter_modules(evidence.__path__)):
        for item in vars(import_module(f"{evidence.__name__}.{module}")).values():
            if isinstance(item, Judge):
                functions[item.claim].append(item.function)
    return {row["id"]: Claim(**row, functions=tuple(functions[row["id"]])) for row in rows}


def choose(names: Iterable[str], own: Mapping[str, Claim] | None = None) -> list[Claim]:
    """The claims of these ids, from one's own and the ledger's; without ids all of one's own, or all.

    Raises ValueError for an unknown id, with the nearest.
    """
    if own and not names:
        return list(own.values())
    known = {**(own or {}), **listed_claims()}
    return [known[choice(name, "claim", known)] for name in dict.fromkeys(names or known)]
