"""The argument of the elasticity theory in SymPy: one file per part, each step checked by machine.

Imports no simulation code, so that a symbolic result and a simulated one are independent routes.
"""

from functools import cache
from importlib import import_module

PARTS = (
    "token_trees",
    "code_length",
    "conservation",
    "revealed",
    "response",
    "ratio",
    "printed",
    "bounds",
    "sign",
    "domain",
    "pareto_limit",
    "critical_share",
    "hooke",
    "influence",
    "sequential",
    "kl_penalty",
    "rebound",
    "no_gos",
    "witnesses",
    "speeds",
    "inverse",
)  # in the paper's order, each with derive()


@cache
def derivations() -> tuple:
    """Every page, in the paper's order."""
    return tuple(page for part in PARTS for page in import_module(f"{__name__}.{part}").derive())


def pages(claim: str) -> tuple:
    """The pages about one claim of the ledger: its proof, and where it stops."""
    return tuple(page for page in derivations() if claim in (page.claim, *page.also))
