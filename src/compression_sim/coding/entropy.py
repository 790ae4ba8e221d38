"""Entropy, cross-entropy and KL divergence in bits, without a difference of nearly equal numbers.

`0 log 0 = 0`; mass where the other distribution has none costs inf.
"""

import numpy as np

from .. import _kernels
from .._validation import probability_rows

LN2 = float(np.log(2.0))


def entropy(p) -> np.ndarray:
    """-sum p log2 p along the last axis: (..., leaves) -> (...), bits per draw.

    Raises ValueError unless p is finite and non-negative with sums 1 within 1e-9.
    """
    p = probability_rows(p, "p")
    return _cross_entropy_nats(np, p, p) / LN2


def cross_entropy(p, q) -> np.ndarray:
    """-sum p log2 q along the last axis, bits per draw from p coded for q; leading axes broadcast.

    Raises ValueError as `entropy` does, and for different numbers of leaves.
    """
    p, q = _pair(p, q)
    return _cross_entropy_nats(np, p, q) / LN2


def kl_divergence(p, q) -> np.ndarray:
    """sum p log2(p/q) along the last axis, bits per draw; leading axes broadcast.

    Small divergences are exact to rounding, too: it is a sum of non-negative terms.
    Raises ValueError as `cross_entropy` does.
    """
    p, q = _pair(p, q, divide=False)
    return _kl_nats(np, p, q) / LN2


def _cross_entropy_nats(xp, p, q):
    return 0.0 + _kernels.expect(xp, p, -_kernels.log_probability(xp, q))


def _kl_nats(xp, p, q):
    """KL of the rows divided by their sums S_p, S_q, in nats: sum p (u - log1p u) / S_p with terms >= 0.

    u = (q S_p)/(p S_q) - 1, so that sum p u = 0 whatever rounding did to the sums.
    """
    gap = q - p
    shift = -xp.sum(gap, axis=-1, keepdims=True) / xp.sum(q, axis=-1, keepdims=True)  # S_p/S_q - 1
    pu = gap + shift * q
    near = (xp.abs(pu) <= 0.5 * p) & (p > 0)
    small = p * _kernels.log1p_excess(xp, xp.where(near, pu, 0.0) / xp.where(p > 0, p, 1.0))
    far, known = (p > 0) & ~near, (p > 0) & (q > 0)
    log_ratio = xp.log(xp.where(known, q, 1.0)) - xp.log(xp.where(known, p, 1.0)) + xp.log1p(shift)
    large = pu - xp.where(far, p * xp.where(known, log_ratio, xp.where(far, -xp.inf, 0.0)), 0.0)
    return xp.sum(xp.where(near, small, large), axis=-1) / xp.sum(p, axis=-1)


def _pair(p, q, *, divide=True):
    p, q = probability_rows(p, "p", divide=divide), probability_rows(q, "q", divide=divide)
    if p.shape[-1] != q.shape[-1]:
        raise ValueError(f"p and q must have the same number of leaves, got {p.shape[-1]} and {q.shape[-1]}")
    try:
        return np.broadcast_arrays(p, q)
    except ValueError:
        raise ValueError(f"the shapes of p and q must broadcast, got {p.shape} and {q.shape}") from None
