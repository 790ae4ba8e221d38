"""The argument of the elasticity theory in SymPy: one file per part, each step checked by machine.

Imports no simulation code, so that a symbolic result and a simulated one are independent routes.
"""

from importlib import import_module

PARTS = ()  # in the paper's order; each module has derive() -> tuple[Derivation, ...]


def derivations() -> dict:
    """Every derivation, by the id of the claim that it is about, in the paper's order."""
    pages = (page for part in PARTS for page in import_module(f"{__name__}.{part}").derive())
    return {page.claim: page for page in pages}
