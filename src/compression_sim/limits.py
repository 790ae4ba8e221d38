"""The elastic response in the limit of many leaves, from the law of the leaf masses (theory: pareto-limit).

With independent masses p_i of mean 1 and joint weights w_i of sum T, each dataset a part of the joint,

    G(a, t) -> T E[p_a p_t/S] - 1,    S = sum_i w_i p_i,    E[p_a p_t/S] = int_0^inf E[p_a p_t e^(-s S)] ds,

a product of one Laplace transform per part under the integral.
"""

from collections import Counter
from collections.abc import Sequence

import numpy as np
from scipy.optimize import brentq

from ._validation import integer, nonnegative_array, number
from .masses import MassLaw, Pareto, no_mean

STEP = 0.1875  # of the trapezoidal rule in log u: its error is about exp(-pi^2/STEP)
START = -40.0
TINY = 1e-280  # a share of the joint at or below this counts as none


def mass_response(
    law: MassLaw | Sequence[MassLaw], weights, alignment: int = 1, perturbation: int = 2
) -> float:
    """-G(alignment, perturbation): the limit of T * d(rate of the alignment data in nats)/d n_t.

    `law`: the mass law of every part, or one law per part. `weights`: (parts,), each part's volume in the
    joint, in any unit; data drawn from a part's own leaf weights is merged in that part. Absolute error
    about 1e-14, relative error about 1e-13 even for narrow laws, whose response is of the size of their
    variance. -inf where E[p_a p_t/S] diverges. Raises ValueError for a law without a mean.
    """
    weights = nonnegative_array(weights, "weights", ndim=1)
    laws = [law] * len(weights) if isinstance(law, MassLaw) else list(law)
    if len(laws) != len(weights) or not all(isinstance(item, MassLaw) for item in laws):
        raise ValueError(f"law must be one mass law or one per weight ({len(weights)}), got {law!r}")
    if not weights.any():
        raise ValueError(f"weights must not all be zero, got {weights.tolist()}")
    a = integer(alignment, "alignment", 0, len(weights) - 1)
    t = integer(perturbation, "perturbation", 0, len(weights) - 1)
    for item in laws:
        item.require_mean()
    scaled = weights / weights.max()
    return -_inner_product(laws, scaled / scaled.sum(), a, t)


def pareto_response(alpha: float, weights) -> float:
    """Large-M limit of T * d(nats per leaf of the alignment data)/d n_t for Pareto(alpha) masses.

    `weights`: (3,), joint weights of (D_1, D_2, D_3), in any unit; the alignment data has the leaf weights
    of D_2 and is merged in it, the perturbation those of D_3. At alpha = 3 and weights
    (10/3, 13/3, 10/3) it is 0.058942. Raises ValueError for alpha <= 1, where it would be 1: G -> -1, as for
    disjoint data.
    """
    weights = nonnegative_array(weights, "weights", ndim=1)
    if len(weights) != 3:
        raise ValueError(f"weights must be the 3 joint weights of (D_1, D_2, D_3), got {len(weights)}")
    if number(alpha, "alpha") <= 1:
        raise ValueError(no_mean("alpha", alpha))
    return mass_response(Pareto(alpha), weights)


def critical_share(law: MassLaw, k: float = np.inf) -> float:
    """The share q* of D_2 and of D_3 in the pre-training data at which the signs of Thm. 4.2 reverse.

    Pre-training data with shares (1 - 2q, q, q) of parts with masses of this law, k times the alignment data
    (which is merged in D_2); both signs are reversed for q < q*, as the theorem says for q* < q <= 1/3.
    0.0 for k <= 1, where no share reverses them. Theory: sign-reversal-share.
    """
    if k != np.inf:
        k = number(k, "k", 0, open_low=True)
    law.require_mean()
    if k <= 1:
        return 0.0

    def response(log_q):
        q = np.exp(log_q)
        return mass_response(law, [1 - 2 * q, q + 1 / k, q])

    low = -2.0
    while response(low) >= 0:  # it is negative as q -> 0: G tends to E[p] E[1/p] - 1, or its like at finite k
        low *= 2
        if low < -300:
            return 0.0
    return float(np.exp(brentq(response, low, np.log(1 / 3), xtol=1e-13, rtol=1e-14)))


def _inner_product(laws: Sequence[MassLaw], shares: np.ndarray, i: int, j: int) -> float:
    """G(i, j), which is small where a part of nearly all the weight is i or j.

    There it is found from conservation, sum_n share_n G(n, j) = 0, as a sum of terms of its own size.
    """
    largest = int(shares.argmax())
    if shares[largest] < 0.9 or largest not in (i, j):
        return _integral(laws, shares, i, j)
    other = j if i == largest else i
    rest = [n for n in range(len(laws)) if n != largest and shares[n] > 0]
    return -sum(shares[n] * _inner_product(laws, shares, n, other) for n in rest) / float(shares[largest])


def _integral(laws: Sequence[MassLaw], shares: np.ndarray, i: int, j: int) -> float:
    """G(i, j) = int_0^inf (prod_n E[p_n^order_n e^(-u share_n p_n)] - e^(-u)) du, u = T s.

    The difference is e^(-u) expm1(sum of log E[p^order e^(-u share (p - 1))]): for narrow laws it never
    forms the 1 that G is the departure from. By the trapezoidal rule in log u, which converges exponentially.
    """
    orders = [(n == i) + (n == j) for n in range(len(laws))]
    second = laws[i].variance if i == j else 0.0
    if second == np.inf and shares[i] <= TINY:
        return np.inf
    start = START - (2 * np.log1p(second) if second < np.inf else 0.0)
    stop = 45.0 - np.log(shares[shares > TINY].min())
    u = np.exp(start + STEP * np.arange(int((stop - start) / STEP)))
    near = u < 30  # beyond, e^(-u) is nothing, and u would swallow the digits of the tilted form
    tilt, log_product = np.zeros(near.sum()), np.zeros((~near).sum())
    for (law, share, order), times in Counter(zip(laws, shares, orders, strict=True)).items():
        if share > TINY:
            tilt += times * law._log_tilted(u[near] * share, order)
            log_product += times * law._log_laplace(u[~near] * share, order)
        elif order == 2:
            tilt += np.log1p(second)
            log_product += np.log1p(second)
    small = np.abs(tilt) < 1
    difference = np.where(small, np.expm1(np.where(small, tilt, 0.0)), np.exp(tilt) - 1)
    terms = u * np.concatenate([np.exp(-u[near]) * difference, np.exp(log_product) - np.exp(-u[~near])])
    if terms[-1] > 1e-12 * np.abs(terms).max():
        return np.inf
    # towards u = 0 they fall as a power of u: summed to the end, which matters where E[p^2] is infinite
    below = terms[0] / (terms[1] / terms[0] - 1) if terms[0] else 0.0
    return float(STEP * (terms.sum() + below))
