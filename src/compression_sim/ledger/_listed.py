"""The ledger's own claims (`statements.toml`), each with the evidence that judges it."""

import tomllib
from importlib import import_module
from importlib.resources import files
from pkgutil import iter_modules

from . import evidence
from ._claims import Claim, Judge

PAPER = "arXiv 2406.06144"


def listed_claims() -> dict[str, Claim]:
    """Every claim of the ledger by id; those without evidence yet are judged `open`."""
    table = tomllib.loads(files(__package__).joinpath("statements.toml").read_text("utf-8"))
    functions: dict[str, list] = {name: [] for name in table}
    for module in sorted(info.name for info in iter_modules(evidence.__path__)):
        for item in vars(import_module(f"{evidence.__name__}.{module}")).values():
            if isinstance(item, Judge):
                functions[item.claim].append(item.function)
    return {
        name: Claim(
            name,
            row["statement"],
            "ours" if row["place"] == "ours" else f"{PAPER}, {row['place']}",
            tuple(functions[name]),
        )
        for name, row in table.items()
    }
