"""The argument of the elasticity theory in SymPy: one file per part, each step checked by machine.

Imports no simulation code, so that a symbolic result and a simulated one are independent routes.
"""

from collections.abc import Iterable
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
def _derived(part: str) -> tuple:
    return import_module(f"{__name__}.{part}").derive()


def derivations(parts: Iterable[str] = PARTS) -> tuple:
    """Every page of some parts (default: all), in the paper's order."""
    wanted = set(parts)
    return tuple(page for part in PARTS if part in wanted for page in _derived(part))


def pages(claim: str, parts: Iterable[str] = PARTS) -> tuple:
    """The pages about one claim of the ledger: its proof, and where it stops. Only `parts` are derived."""
    return tuple(page for page in derivations(parts) if claim in (page.claim, *page.also))
