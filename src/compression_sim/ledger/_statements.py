"""The ledger's claims as `statements.toml` states them; loads no evidence."""

import tomllib
from functools import cache
from importlib.resources import files

from .._validation import choice

PAPER = "arXiv 2406.06144"


@cache
def _table() -> dict[str, dict]:
    return tomllib.loads(files(__package__).joinpath("statements.toml").read_text("utf-8"))


def statements() -> list[dict[str, str]]:
    """The ledger's claims as rows of id, statement, source and page, in order."""
    return [
        {
            "id": name,
            "statement": row["statement"],
            "source": row["place"] if row["place"] == "ours" else f"{PAPER}, {row['place']}",
            "page": row["page"],
        }
        for name, row in _table().items()
    ]


def page_of(claim: str) -> str:
    """The page of a claim. Raises ValueError for an unknown id, with the nearest."""
    return _table()[choice(claim, "claim", _table())]["page"]


def derived_in(claim: str) -> tuple[str, ...]:
    """The modules of `compression_theory` that may hold derivations of a claim."""
    return tuple(_table()[choice(claim, "claim", _table())].get("derived_in", [page_of(claim)]))
