"""Formulas that several modules share, over an array namespace `xp` (numpy or jax.numpy), in nats.

Each sums along the last axis and avoids differences of nearly equal numbers.
"""

TINY = 1e-300


def log_probability(xp, weights, total=1.0):
    """log(weights/total), entrywise, for weights whose sum along the last axis is `total`; -inf at 0.

    The entry above 1/2, if there is one, is computed as log1p(-(sum of the others)): 1 - 1e-300 is 1 in
    floating point, yet its logarithm is -1e-300.
    """
    p = weights / total
    largest = xp.argmax(p, axis=-1)[..., None] == xp.arange(p.shape[-1])
    rest = xp.sum(xp.where(largest, 0.0, p), axis=-1, keepdims=True)
    near_one = largest & (p > 0.5)
    positive = weights > 0
    log = xp.log(xp.where(p > TINY, p, 1.0))
    below = xp.log(xp.where(positive, weights, 1.0)) - xp.log(total)  # p itself is subnormal or 0
    log = xp.where(p > TINY, log, xp.where(positive, below, -xp.inf))
    return xp.where(near_one, xp.log1p(-xp.where(near_one, rest, 0.0)), log)


def log1p_excess(xp, u):
    """u - log1p(u) >= 0 for u > -1, without cancellation near 0; inf at -1.

    With s = u/(2 + u), log1p(u) = 2 atanh(s) and u - 2s = u s, so the excess is
    u s - 2 (s^3/3 + s^5/5 + ...), whose first term dominates.
    """
    small = xp.abs(u) < 0.5
    v = xp.where(small, u, 0.0)
    s = v / (2.0 + v)
    square, series = s * s, 0.0
    for power in range(33, 1, -2):  # |s| <= 1/3: the next term is below 1e-17 of the sum
        series = series * square + 1.0 / power
    near = v * s - 2.0 * s * square * series
    far = xp.where(small, 1.0, u)
    return xp.where(small, near, far - xp.log1p(far))


def expect(xp, p, values):
    """sum p * values along the last axis, with 0 * inf = 0: what has no mass is not looked at."""
    return xp.sum(xp.where(p > 0, p * xp.where(p > 0, values, 0.0), 0.0), axis=-1)
