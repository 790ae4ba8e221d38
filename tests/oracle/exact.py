"""Mixtures in ball arithmetic (Arb), from the definitions; and what it takes to agree with them.

Rows are divided by their exact sum. A float v of an exact r must satisfy |v - r| <= 1e-10 |r| + 1e-14 S.
S is the size of the answer's cancellation-free terms (0 where all terms have one sign): where |r| > 1e-4 S
this tests to 1e-10 relative; below, the rounding of the inputs alone moves r by more, and S is the measure.
"""

from copy import copy

import numpy as np
from flint import arb

RTOL, SLACK = arb("1e-10"), arb("1e-14")
UNDERFLOW = arb("1e-330")  # below every float

log = np.frompyfunc(lambda x: x.log(), 1, 1)
to_arb = np.frompyfunc(lambda x: arb(float(x)), 1, 1)
INF, NAN = arb("inf"), arb("nan")


class Exact:
    """A mixture in exact arithmetic; `counts` says how often each column occurs in the float mixture."""

    def __init__(self, rows, volumes, counts=1):
        self.raw, self.counts = np.asarray(rows, float), to_arb(np.broadcast_to(counts, np.shape(rows)[1]))
        self.P = to_arb(self.raw)
        self.P = self.P / (self.P @ self.counts)[:, None]
        self._mix(to_arb(np.asarray(volumes, float)))

    def _mix(self, volumes):
        self.n, self.T = volumes, volumes.sum()
        self.D = (self.n @ self.P) / self.T
        self.seen = (self.raw[volumes != 0] > 0).any(axis=0)  # leaves where the joint has mass

    def with_volume(self, dataset, volume):
        moved, volumes = copy(self), self.n.copy()
        volumes[dataset] = volume
        moved._mix(volumes)
        return moved

    def total(self, terms, on):
        return sum((terms * self.counts[on]).tolist(), arb(0))

    def rate(self, i):
        """Bits per leaf: - sum P_i log2 P^D."""
        on = self.raw[i] > 0
        return INF if (on & ~self.seen).any() else -self.total(self.P[i, on] * log(self.D[on]), on) / LN2()

    def response(self, i, t):
        """d rate_i / d n_t = - sum P_i (P_t - P^D) / (P^D T ln 2), and the size S of its terms."""
        beyond = (self.raw[i] > 0) & ~self.seen
        if beyond.any():
            return (-INF if (self.raw[t][beyond] > 0).all() else NAN), arb(0)
        on = self.seen
        P, D = self.P[:, on], self.D[on]
        value = -self.total(P[i] * (P[t] - D) / D, on) / (self.T * LN2())
        size = self.total(self.spread(i)[on] * self.spread(t)[on] / D, on) / (self.T * LN2())
        return value, size

    def spread(self, i):
        """Size of P_i - P^D = sum_j n_j (P_i - P_j) / T, in which j = i gives exactly nothing."""
        others = self.n.copy()
        others[i] = arb(0)
        return (others.sum() * self.P[i] + others @ self.P) / self.T

    def force(self, i, t, direction):
        """n_i d KL / d n_t in bits, and S; all leaves seen and in P_i's support."""
        if direction == "forward":
            value, size = self.response(i, t)
            return self.n[i] * value, self.n[i] * size
        on = self.seen
        P, D = self.P[:, on], self.D[on]
        log_ratio = log(D / P[i])
        value = self.total((P[t] - D) * log_ratio, on)
        size = self.total(self.spread(t)[on] * (abs_(log_ratio) + self.spread(i)[on] / D), on)
        unit = self.n[i] / (self.T * LN2())
        return value * unit, size * unit


def LN2():
    return arb(2).log()


abs_ = np.frompyfunc(abs, 1, 1)


def agree(value, exact, size=0, rtol=RTOL):
    """Assert |value - exact| <= rtol |exact| + 1e-14 size, certified; infinities and nan by name."""
    value = float(value)
    if not exact.is_finite():
        assert np.array_equal(value, float(exact), equal_nan=True), f"got {value!r}, exact {exact}"
        return
    assert np.isfinite(value), f"got {value!r}, exact {exact.str(20)}"
    error = abs(arb(value) - exact)
    allowed = rtol * abs(exact) + SLACK * size + UNDERFLOW
    assert error <= allowed, (
        f"got {value!r}, exact {exact.str(20)}, error {error.str(3)}, allowed {arb(allowed).str(3)}"
    )
