"""The tail index of the law of leaf masses, from a table of leaves."""

import numpy as np

from .statistics.estimate import Estimate
from .statistics.tails import hill, tail_index

FEW = 10
PARETO_ALONE = "holds only if the k largest values are exactly Pareto, and nothing in the values says so"
NOT_CONTINUOUS = 50  # counts below this differ from a continuous law by more than 1% of the index


def estimate_leaves(
    sizes: dict[str, np.ndarray],
    kind: str,
    *,
    x_min: float | None = None,
    largest: int | None = None,
    confidence=0.95,
) -> list[Estimate]:
    """Tail index and Hill's estimate for each dataset's leaves.

    `x_min`: where the tail begins (default: found by KS); `largest`: how many of the largest Hill's estimator
    takes (default: those of the tail, of counts those from 50 on; it is left out if they are fewer than 10).
    Raises ValueError for fewer than 10 leaves in a tail.
    """
    found = []
    for name, values in sizes.items():
        counts = kind == "count"
        try:
            fit = tail_index(values, x_min=x_min, confidence=confidence, discrete=counts)
            above = int(np.sum(values >= max(fit.x_min, NOT_CONTINUOUS if counts else 0)))
            k = min(above, len(values) - 1) if largest is None else largest
            tail = hill(values, k, confidence=confidence) if k >= FEW or largest is not None else None
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from None
        of = f"{name}, {kind} {fit.x_min:g} or more ({fit.observations:,} leaves)"
        found.append(Estimate("tail index", of, "1", fit.alpha, fit.warnings))
        if tail is None:
            continue
        one = Estimate("Hill", f"{name}, {k:,} largest", "1", tail, (PARETO_ALONE,))
        low = np.sort(values)[-k]
        if counts and low < NOT_CONTINUOUS:
            one = one.warn(
                f"Hill's formula is for continuous values, and counts near {low:g} are not: biased"
            )
        found.append(one)
    return found
