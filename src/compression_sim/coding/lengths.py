"""Shannon and ideal code lengths, and what a dataset pays under given lengths. Bits."""

import numpy as np

from .. import _kernels
from .._validation import probability_rows, real_array

LN2 = float(np.log(2.0))


def ideal_code_lengths(p) -> np.ndarray:
    """-log2 p, entrywise, for distributions along the last axis: same shape, inf where p is 0.

    Raises ValueError unless p is finite and non-negative with sums 1 within 1e-9.
    """
    return 0.0 - _kernels.log_probability(np, probability_rows(p, "p")) / LN2


def shannon_code_lengths(p) -> np.ndarray:
    """ceil(-log2 p), entrywise: the shape of p, whole numbers as float64, inf where p is 0.

    Read off the floating-point exponent, so that powers of two are exact. Raises ValueError as
    `ideal_code_lengths` does.
    """
    p = probability_rows(p, "p")
    # p = m 2^e with 1/2 <= m < 1, so -log2 p lies in (-e, 1 - e]
    return np.where(p > 0, 1.0 - np.frexp(p)[1], np.inf)


def mean_code_length(p, lengths) -> np.ndarray:
    """sum p L along the last axis: what a dataset with leaf distribution p pays per chunk, in bits.

    Leaves without mass cost nothing, whatever their length. Raises ValueError for shapes that do not
    broadcast, NaN, or a p that is no distribution.
    """
    p, lengths = probability_rows(p, "p"), real_array(lengths, "lengths")
    try:
        p, lengths = np.broadcast_arrays(p, lengths)
    except ValueError:
        raise ValueError(
            f"the shapes of p and lengths must broadcast, got {p.shape} and {lengths.shape}"
        ) from None
    return _kernels.expect(np, p, lengths)
