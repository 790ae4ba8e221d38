"""The cell that draws some worlds of a calibration: it reaches what they depend on, and nothing else."""

from ..._code import code_digest
from .domains import regimes
from .regime import FIELDS, draw_worlds


def draw_batch(regime: str, first: int, last: int, *, seed: int):
    """Worlds first..last - 1 of the regime of that id, as an xarray.Dataset: `drawn` (world, field)."""
    import xarray

    (chosen,) = [known for known in regimes() if known.id == regime]
    return xarray.Dataset(
        {"drawn": (("world", "field"), draw_worlds(chosen, first, last, seed))},
        coords={"field": list(FIELDS)},
    )


def digest() -> str:
    """SHA-256 of the code that draws worlds and estimates in them."""
    return code_digest(__name__)
