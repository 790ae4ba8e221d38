"""Closed forms of the elasticity theory for a saturated model, which learns the joint distribution exactly.

`G(i, t) = sum_x (P_i - P^D)(P_t - P^D) / P^D` is the chi-squared inner product at the joint. All forms
expand `T (P_i - P^D) = sum_j n_j (P_i - P_j)` before anything is divided: the pre-training data's response
is k times smaller than the alignment data's, and a difference taken later would lose it at large k.
Bits unless a name says nats. A one-sided limit is meant where a perturbation of volume 0 brings leaves that
no dataset has.
"""

import numpy as np

from . import _kernels
from ._chunks import MAX_DEPTH
from ._validation import choice, integer, nonnegative_array, number, real_array
from .mixtures import Mixture

LN2 = float(np.log(2.0))
SHRINK = 2.0**-100  # G(t, t) = T/n_t of a dataset on its own leaves overflows before G/T does


def compression_rates(mix: Mixture, depth: int = 1) -> np.ndarray:
    """Mean ideal code length under the joint distribution, in bits per token: (datasets,).

    gamma_i = -(1/depth) sum_x P_i(x) log2 P^D(x), bits per chunk over the depth (the paper's rate, Sec. 3).
    A dataset with mass where the joint has none has rate inf.
    """
    mix, depth = _mixture(mix), _depth(depth)
    return _rates(np, mix.distributions, mix.volumes) / (depth * LN2)


def normalized_compression_rates(mix: Mixture, depth: int = 1, num_leaves=None) -> np.ndarray:
    """compression_rates - log2(num_leaves) (the paper's Def. 4.1): (datasets,).

    `num_leaves`: a positive number, or one per dataset; default: each dataset's leaves of positive mass. The
    paper subtracts bits per chunk from bits per token, which is harmless in derivatives only.
    """
    rates = compression_rates(mix, depth)
    if num_leaves is None:
        num_leaves = np.count_nonzero(mix.distributions, axis=1)
    leaves = nonnegative_array(num_leaves, "num_leaves")
    if leaves.shape not in ((), rates.shape) or (leaves < 1).any():
        raise ValueError(
            f"num_leaves must be at least 1, one number or one per dataset ({len(rates)}), got {num_leaves!r}"
        )
    return rates - np.log2(leaves)


def inner_products(mix: Mixture, perturbation: int) -> np.ndarray:
    """G(i, perturbation) of every dataset i at the joint: (datasets,); sum_i n_i G(i, t) = 0.

    Dimensionless. Where the perturbation has volume 0 and mass outside the joint's support, G is
    sum_x P_i P_t / P^D - 1 over the support, and inf for the perturbation itself.
    """
    mix, t = _mixture(mix), _dataset(mix, perturbation, "perturbation")
    with np.errstate(over="ignore"):  # a perturbation of share 1e-309: G(t, t) is inf, its response is not
        return -mix.total_volume * _response(np, mix.distributions, mix.volumes, t)


def elastic_response(mix: Mixture, perturbation: int, depth: int = 1) -> np.ndarray:
    """d rate_i / d volume[perturbation] = -G(i, t)/(T depth ln 2): (datasets,), bits per token per volume.

    Theory: elastic-response. Mass m0 of the perturbation outside the joint's support adds m0/T to the other
    datasets and makes the perturbation's own response -inf.
    """
    mix, depth = _mixture(mix), _depth(depth)
    t = _dataset(mix, perturbation, "perturbation")
    return _response(np, mix.distributions, mix.volumes, t) / (depth * LN2)


def finite_response(mix: Mixture, perturbation: int, amount: float, depth: int = 1) -> np.ndarray:
    """Change of each rate when `amount` is added to volume[perturbation]: (datasets,), bits per token.

    Exact for a saturated model: -(1/depth) E_i log2(1 + mu (P_t - P^D)/P^D), mu = amount/(T + amount)
    (theory: finite-l), in a form that keeps its digits at large k.
    """
    mix, depth = _mixture(mix), _depth(depth)
    t = _dataset(mix, perturbation, "perturbation")
    amount = number(amount, "amount", 0)
    return _finite_response(np, mix.distributions, mix.volumes, t, amount) / (depth * LN2)


def elasticity_ratio(mix: Mixture, alignment: int, pretraining: int, perturbation: int) -> float:
    """d rate[alignment] / d rate[pretraining] as the perturbation grows (Thm. 4.2: -> -k).

    At volume[perturbation] = 0 it is -k by algebra, for any laws whose perturbation lies within the
    joint's support (theory: exact-ratio): no evidence about data. nan where both responses are 0.
    """
    a, p, t = _roles(mix, alignment=alignment, pretraining=pretraining, perturbation=perturbation)
    response = _response(np, mix.distributions, mix.volumes, t)
    with np.errstate(divide="ignore", invalid="ignore"):
        return float(response[a] / response[p])


def critical_perturbation(mix: Mixture, pretraining: int, perturbation: int) -> float:
    """Volume l* of the perturbation at which the pre-training response turns from negative to positive.

    In the unit of the volumes; `mix.volumes[perturbation]` is ignored. 0.0: positive from the start; inf:
    never; nan: the perturbation's law is the joint's own, so that no volume of it moves anything. The rate is
    convex in mu = l/T, so there is at most one such volume (theory: critical-volume).
    """
    p, t = _roles(mix, pretraining=pretraining, perturbation=perturbation)
    rest = np.where(np.arange(len(mix.volumes)) == t, 0.0, mix.volumes)
    if not rest.any():
        raise ValueError("critical_perturbation needs a dataset of positive volume besides the perturbation")
    return _critical_volume(mix.distributions, rest, p, t)


def hooke_forces(mix: Mixture, perturbation: int, direction: str = "forward") -> np.ndarray:
    """n_i * d KL / d volume[perturbation] of every dataset: (datasets,), bits (Sec. 4, "Hooke's law").

    "forward": KL(P_i || P^D); the forces sum to 0 over all datasets. "reverse": KL(P^D || P_i), as printed;
    nan where that divergence is infinite.
    """
    mix, t = _mixture(mix), _dataset(mix, perturbation, "perturbation")
    kernel = {"forward": _forward_forces, "reverse": _reverse_forces}
    choice(direction, "direction", kernel)
    with np.errstate(invalid="ignore"):
        return kernel[direction](mix.distributions, mix.volumes, t) / LN2


def rebound_curve(scores, volumes, perturbation: int, amounts) -> np.ndarray:
    """A linear score of the joint, sum_i n_i s_i / T, as volume[perturbation] takes each of `amounts`.

    `scores`: (datasets,), each dataset's own score, in any unit; `volumes`: (datasets,); `amounts`: (m,),
    volumes that replace volumes[perturbation]. Returns (m,) (theory: rebound-saturated).
    """
    scores = real_array(scores, "scores", ndim=1)
    volumes = nonnegative_array(volumes, "volumes", ndim=1)
    amounts = nonnegative_array(amounts, "amounts", ndim=1)
    if not np.isfinite(scores).all() or scores.shape != volumes.shape:
        raise ValueError(
            f"scores must be finite, one per volume: got {scores.tolist()} for {len(volumes)} volumes"
        )
    t = integer(perturbation, "perturbation", 0, len(volumes) - 1)
    rest = np.where(np.arange(len(volumes)) == t, 0.0, volumes)
    if not rest.any() and (amounts == 0).any():
        raise ValueError("volumes must not all be zero: amount 0 leaves no data at all")
    unit, size = _headroom([*rest, *amounts]), _headroom(scores)
    rest, amounts, scores = rest / unit, amounts / unit, scores / size
    return (rest @ scores + amounts * scores[t]) / (rest.sum() + amounts) * size


def _headroom(values):
    """A power of two; divided by it, all of the values together do not overflow. Mostly 1."""
    exponent = np.frexp(np.abs(values).max())[1] + len(values).bit_length()
    return 2.0 ** max(exponent - 1023, 0)


def _rates(xp, distributions, volumes):
    """-sum_x P_i log P^D, nats per chunk."""
    unit = _rescaled(xp, volumes)
    log_joint = _kernels.log_probability(xp, unit @ distributions, xp.sum(unit))
    return 0.0 - _kernels.expect(xp, distributions, log_joint)  # never -0.0


def _rescaled(xp, volumes):
    """Volumes in a unit in which the smallest positive one is 1 to 2, so that n_i * 1e-300 stays normal.

    The unit is larger where the largest volume would overflow. Every user forms ratios only; as a power of
    two it costs no rounding, and autodiff takes it for a constant.
    """
    smallest = xp.min(xp.where(volumes > 0, volumes, xp.inf))
    unit = xp.maximum(smallest, xp.max(volumes) * 2.0**-1000)
    return volumes / xp.exp2(xp.floor(xp.log2(unit)))


def _deviations(xp, distributions, volumes, rows):
    """T (P_i - P^D) = sum_j n_j (P_i - P_j) for each of `rows`: no cancellation against P_i itself."""
    result = xp.zeros_like(rows)
    for volume, row in zip(volumes, distributions, strict=True):
        result = result + volume * (rows - row)
    return result


def _ratio(xp, numerator, denominator):
    """numerator / denominator where the denominator is positive, else 0."""
    positive = denominator > 0
    return xp.where(positive, numerator / xp.where(positive, denominator, 1.0), 0.0)


def _response(xp, distributions, volumes, t):
    """d(rate_i in nats)/d n_t = (m0 - G over the support)/T, for every dataset i."""
    unit = _rescaled(xp, volumes)
    total, weights = xp.sum(unit), unit @ distributions  # T P^D
    own = _deviations(xp, distributions, unit, distributions[t]) / total
    rows = _deviations(xp, distributions, unit, distributions) * SHRINK
    outside = xp.sum(xp.where(weights > 0, 0.0, distributions), axis=1)  # mass off the support
    inner = xp.sum(xp.where(own == 0, 0.0, _ratio(xp, rows, weights) * own), axis=1)
    response = (outside[t] * SHRINK - inner) / xp.sum(volumes) / SHRINK
    uncovered = xp.any((distributions > 0) & (weights == 0) & (distributions[t] == 0), axis=1)
    infinite = xp.where(uncovered, xp.nan, -xp.inf)  # a rate that is inf: it stays so, or falls from there
    return xp.where(outside > 0, infinite, response)


def _finite_response(xp, distributions, volumes, t, amount):
    """Exact change of every rate, nats: -E_i log1p(u), u = mu (P_t - P^D)/P^D, split at the joint.

    Delta_i = -sum (P_i - P^D) log1p(u) + sum P^D (u - log1p(u)) + mu m0, since sum P^D u = -mu m0.
    """
    unit = _rescaled(xp, volumes)
    amount = amount * (xp.sum(unit) / xp.sum(volumes))
    total, weights = xp.sum(unit), unit @ distributions
    mu = amount / (total + amount)
    own = amount * (_deviations(xp, distributions, unit, distributions[t]) / (total + amount))
    own = xp.maximum(_ratio(xp, own, weights), -1.0)
    log = xp.log1p(xp.where(weights > 0, own, 0.0))
    outside = xp.sum(xp.where(weights > 0, 0.0, distributions), axis=1)
    first = xp.sum(_deviations(xp, distributions, unit, distributions) / total * log, axis=1)
    second = _kernels.expect(xp, weights / total, _kernels.log1p_excess(xp, own))
    change = second + mu * outside[t] - first
    uncovered = xp.any((distributions > 0) & (weights == 0) & (distributions[t] == 0), axis=1)
    infinite = xp.where(uncovered | (amount == 0), xp.nan, -xp.inf)
    return xp.where(outside > 0, infinite, change)


def _forward_forces(distributions, volumes, t):
    """n_i d KL(P_i || P^D)/d n_t, nats; KL differs from the rate by P_i's own entropy."""
    response = _response(np, distributions, volumes, t)
    forces = volumes * response
    if volumes[t] == 0 and np.isneginf(response[t]):  # l d(-m0 log l)/dl = -m0
        forces[t] = -distributions[t][volumes @ distributions == 0].sum()
    return forces


def _reverse_forces(distributions, volumes, t):
    """n_i d KL(P^D || P_i)/d n_t = (n_i/T) sum (P_t - P^D) log(P^D/P_i), nats."""
    unit = _rescaled(np, volumes)
    total, weights = unit.sum(), unit @ distributions
    own = _deviations(np, distributions, unit, distributions[t]) / total
    forces = np.empty(len(volumes))
    for i, row in enumerate(distributions):
        excess = _ratio(np, -_deviations(np, distributions, unit, row), total * row)  # P^D/P_i - 1
        with np.errstate(divide="ignore"):
            log = np.where(excess > -0.5, np.log1p(np.maximum(excess, -0.5)), np.log(weights / total))
            log -= np.where(excess > -0.5, 0.0, np.log(np.where(row > 0, row, 1.0)))
        slope = np.sum(np.where(own == 0, 0.0, own * log))
        infinite = np.any((row == 0) & (weights > 0))
        appears = np.any((row == 0) & (weights == 0) & (distributions[t] > 0))
        forces[i] = np.nan if infinite else np.inf if appears else slope
    return volumes / volumes.sum() * forces


def _critical_volume(distributions, rest, p, t):
    """The zero of G_l(p, t) in l: h(l) = sum (A + l B) C / (W + l P_t) / T0, decreasing in sign."""
    from scipy.optimize import brentq

    unit = _rescaled(np, rest)
    scale = rest.sum() / unit.sum()
    total, weights = unit.sum(), unit @ distributions
    law_t = distributions[t]
    a = _deviations(np, distributions, unit, distributions[p])
    b = distributions[p] - law_t
    c = _deviations(np, distributions, unit, law_t) / total
    if not c.any() or not (a.any() or b.any()):
        return np.nan

    def sign_of_fall(amount):
        """Positive where the pre-training rate still falls."""
        return np.sum(_ratio(np, a + amount * b, weights + amount * law_t) * c)

    outside = law_t[weights == 0].sum()
    if sign_of_fall(0.0) - outside <= 0:
        return 0.0
    never = (law_t > 0) | (distributions[p] == 0)
    limit = np.where(law_t > 0, _ratio(np, b * c, law_t), _ratio(np, a * c, weights))
    rounding = np.finfo(float).eps * np.sum(np.abs(_ratio(np, distributions[p] * c, law_t)))
    if never.all() and np.sum(limit) >= -rounding:  # else a law equal to P_p but for its last digit turns
        return np.inf
    low, high = total, total
    while sign_of_fall(low) <= 0:
        low /= 16
    while sign_of_fall(high) > 0:
        high *= 16
        if high > 1e290:
            return np.inf
    root = brentq(lambda x: sign_of_fall(np.exp(x)), np.log(low), np.log(high), xtol=1e-14, rtol=4e-15)
    return float(np.exp(root) * scale)


def _mixture(mix) -> Mixture:
    if not isinstance(mix, Mixture):
        raise ValueError(f"mix must be a compression_sim.Mixture, got {type(mix).__name__}")
    return mix


def _depth(depth) -> int:
    return integer(depth, "depth", 1, MAX_DEPTH)


def _dataset(mix, index, role) -> int:
    return integer(index, role, 0, len(mix.volumes) - 1)


def _roles(mix, **roles):
    mix = _mixture(mix)
    found = tuple(_dataset(mix, index, role) for role, index in roles.items())
    if len(set(found)) < len(found):
        raise ValueError(f"{', '.join(roles)} must be different datasets, got {found}")
    return found
