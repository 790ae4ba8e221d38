"""How many responses it takes to see an effect, from a pilot's changes and spreads."""

from math import ceil

import numpy as np
from scipy import stats

from ..._validation import number

FEW = 1000  # from here on Student's t is as good as the normal law
MOST = 1e9  # root of the largest number of responses that is worth printing


def responses_needed(
    k: float,
    change: float,
    spread_alignment: float,
    spread_pretraining: float,
    *,
    precision: float | None = None,
    confidence: float = 0.95,
    power: float = 0.9,
) -> int:
    """Responses per dataset after which k_eff is bounded (or known to a relative `precision`).

    `change`: expected change of the alignment rate; `spread_*`: standard deviations of the per-response
    changes, in the same unit. The pre-training change is then change/k. Bounded: Fieller's set is an interval
    with probability `power`, which needs |change/k| >= (q + z) spread_p/sqrt(n), q of Student's t. Relative
    precision w: the interval's half width is at most w k, by the delta method.
    """
    k = number(k, "k", 0.0, open_low=True)
    change = abs(number(change, "change"))
    spreads = (
        number(spread_alignment, "spread_alignment", 0.0),
        number(spread_pretraining, "spread_pretraining", 0.0),
    )
    if change == 0:
        raise ValueError("change must not be 0: an alignment rate that does not move shows no ratio")
    confidence = number(confidence, "confidence", 0.0, 1.0, open_low=True)
    q = stats.norm.ppf((1 + confidence) / 2)
    z = stats.norm.ppf(number(power, "power", 0.0, 1.0, open_low=True))
    far = (k / change) * spreads[1]
    root = (q + z) * far
    if precision is not None:
        precision = number(precision, "precision", 0.0, open_low=True)
        root = max(root, q / precision * np.hypot(spreads[0] / change, far))
    if not root < MOST:
        raise ValueError(f"k must be one that {MOST**2:g} responses can show, got {k:g}")
    needed = max(2, ceil(root**2))
    # Fieller's set takes Student's t, which for few responses is what decides
    while needed < FEW and ((stats.t.ppf((1 + confidence) / 2, needed - 1) + z) * far) ** 2 > needed:
        needed += 1
    return needed
