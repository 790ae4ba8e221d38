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
    """KL of the normalised rows, in nats; the rows' own sums may miss 1 by rounding.

    Each leaf gives p log(p/q) - p + q >= 0, with u = (q - p)/p: p (u - log1p u). For sums 1 + a and 1 + b,
    v = (b - a)/(1 + a), the total exceeds (1 + a) KL by (1 + a)(v - log1p v).
    """
    gap, safe = q - p, xp.where(p > 0, p, 1.0)
    near = (xp.abs(gap) <= 0.5 * p) & (p > 0)
    small = p * _kernels.log1p_excess(xp, xp.where(near, gap, 0.0) / safe)
    log_q = xp.where(q > 0, xp.log(xp.where(q > 0, q, 1.0)), -xp.inf)
    large = gap + expect_term(xp, p, xp.log(safe) - xp.where(near, 0.0, log_q))
    total = xp.sum(p, axis=-1)
    slack = _kernels.log1p_excess(xp, xp.sum(gap, axis=-1) / total)
    return xp.maximum(xp.sum(xp.where(near, small, large), axis=-1) / total - slack, 0.0)


def expect_term(xp, p, values):
    """p * values with 0 * inf = 0."""
    return xp.where(p > 0, p * xp.where(p > 0, values, 0.0), 0.0)


def _pair(p, q, *, divide=True):
    p, q = probability_rows(p, "p", divide=divide), probability_rows(q, "q", divide=divide)
    if p.shape[-1] != q.shape[-1]:
        raise ValueError(f"p and q must have the same number of leaves, got {p.shape[-1]} and {q.shape[-1]}")
    try:
        return np.broadcast_arrays(p, q)
    except ValueError:
        raise ValueError(f"the shapes of p and q must broadcast, got {p.shape} and {q.shape}") from None
