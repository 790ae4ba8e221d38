"""The setting of Thm. 4.2: pre-training data of parts, alignment data ~ part 2, perturbation ~ part 3."""

import numpy as np

from ..mixtures import Mixture


def three_roles(parts: np.ndarray, shares, k: float, volume: float = 0.0) -> Mixture:
    """(D_p, D_a, D_t) with volumes (k, 1, volume), from part laws (parts, leaves) and their shares in D_p."""
    return Mixture([np.asarray(shares) @ parts, parts[1], parts[2]], [k, 1.0, volume])
