"""The exponential integral of real order, E_nu(z) = int_1^inf e^(-z t) t^(-nu) dt, in log space."""

from math import factorial

import numpy as np

_TERMS = 20  # of the series below z = 1: the first one left out is under 1/20!
_LEVELS = 100  # of the continued fraction from z = 1 on: its error falls like exp(-4 sqrt(levels z))


def log_expint(nu: float, z: np.ndarray) -> np.ndarray:
    """log E_nu(z) for a real order nu >= 0 and an array z > 0; relative error of E about 1e-14.

    Below z = 1 the integral is cut at t = 1/z: the part beyond is z^(nu-1) E_nu(1), the part before is summed
    term by term in e^(-z t), each term written so that it is accurate where nu is near an integer. From
    z = 1 on the continued fraction (DLMF 8.19.17, contracted) is evaluated from its end.
    """
    z = np.asarray(z, dtype=np.float64)
    result = np.empty_like(z)
    low = z < 1
    if low.any():
        result[low] = np.log(_series(nu, z[low]))
    result[~low] = np.log(_scaled_fraction(nu, z[~low])) - z[~low]
    return result


def _series(nu: float, z: np.ndarray) -> np.ndarray:
    log_z = np.log(z)
    at_cut = z ** (nu - 1)
    total = at_cut * np.exp(-1) * _scaled_fraction(nu, np.ones(()))
    for k in range(_TERMS):
        # (-1)^k/k! times (at_cut - z^k)/(k + 1 - nu), whose limit at nu = k + 1 is -z^k log z
        power, larger = k + 1 - nu, np.maximum(at_cut, z**k)
        slope = -np.expm1(abs(power) * log_z) / abs(power) if power else -log_z
        total += (-1) ** k / factorial(k) * larger * slope
    return total


def _scaled_fraction(nu: float, z: np.ndarray) -> np.ndarray:
    """e^z E_nu(z) for z >= 1."""
    denominator = z + nu + 2 * _LEVELS
    for i in range(_LEVELS, 0, -1):
        denominator = z + nu + 2 * (i - 1) - i * (nu + i - 1) / denominator
    return 1 / denominator
