"""The ledger's own claims, each with the evidence of its page."""

from collections.abc import Iterable, Mapping
from importlib import import_module
from importlib.util import find_spec

from .._validation import choice
from ._claims import Claim, Judge
from ._statements import parts_of, statements


def listed_claim(row: Mapping[str, str]) -> Claim:
    """The claim of a row of `statements()`; loads the evidence of its page, if there is any, and no other."""
    name = f"{__package__}.evidence.{row['page']}"
    page = vars(import_module(name)) if find_spec(name) else {}
    judges = [item for item in page.values() if isinstance(item, Judge) and item.claim == row["id"]]
    functions = tuple(judge.function for judge in judges)
    return Claim(row["id"], row["statement"], row["source"], functions, parts_of(row["id"]))


def listed_claims() -> dict[str, Claim]:
    """Every claim of the ledger by id; those without evidence yet are judged `open`."""
    return {row["id"]: listed_claim(row) for row in statements()}


def choose(names: Iterable[str], own: Mapping[str, Claim] | None = None) -> list[Claim]:
    """The claims of these ids, from one's own and the ledger's; without ids all of one's own, or all.

    Raises ValueError for an unknown id, with the nearest.
    """
    own = own or {}
    if own and not names:
        return list(own.values())
    rows = {row["id"]: row for row in statements()}
    known = {**rows, **own}
    ids = [choice(name, "claim", known) for name in dict.fromkeys(names or rows)]
    return [own[name] if name in own else listed_claim(rows[name]) for name in ids]
