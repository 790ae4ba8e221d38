"""Mass laws: how the unnormalised probabilities p of leaves are distributed (Asm. A.7: Pareto).

Every law has mean 1 and one interface: `sample` and `distributions` draw from it, `laplace(s, order)` is
E[p^order e^(-s p)], `log_laplace` its logarithm, which does not underflow. Order 0 is the L and order 1 the
L1 of the theory (pareto-limit); relative error about 1e-13 from s = 1e-30 to where the value underflows.

    law = Pareto(alpha=1.5)
    mix = cs.Mixture(law.distributions(3, 10_000, seed=0), volumes=[100, 1, 0.1])
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass, fields
from math import comb

import numpy as np
from scipy import special

from . import _kernels
from ._expint import log_expint
from ._validation import integer, nonnegative_array, number

NARROW = 0.04  # the variance under which deviations from p = 1 are integrated directly


@dataclass(frozen=True)
class MassLaw(ABC):
    """A law of non-negative masses with mean 1. Every parameter is a positive, finite number."""

    def __post_init__(self):
        for field in fields(self):
            value = number(getattr(self, field.name), field.name, 0, open_low=True)
            object.__setattr__(self, field.name, value)

    @property
    @abstractmethod
    def variance(self) -> float:
        """Var p; inf where the law has none."""

    @abstractmethod
    def _draw(self, rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray: ...

    @abstractmethod
    def _log_laplace(self, s: np.ndarray, order: int) -> np.ndarray:
        """log E[p^order e^(-s p)] for s > 0."""

    def sample(self, size, seed: int | np.random.Generator = 0) -> np.ndarray:
        """Masses of the given shape (an integer or a tuple), by NumPy; leaves run along the last axis."""
        shape = tuple(integer(n, "size", 1) for n in (size if isinstance(size, tuple | list) else (size,)))
        return self._draw(np.random.default_rng(seed), shape)

    def distributions(self, datasets: int, leaves: int, seed: int | np.random.Generator = 0) -> np.ndarray:
        """Leaf distributions with masses from this law: (datasets, leaves), rows of sum 1."""
        masses = self.sample((integer(datasets, "datasets", 1), integer(leaves, "leaves", 1)), seed)
        return masses / masses.sum(axis=-1, keepdims=True)

    def log_laplace(self, s, order: int = 0) -> np.ndarray:
        """log E[p^order e^(-s p)], of the shape of s. `order`: 0, 1 or 2; `s`: finite, non-negative.

        Raises ValueError for other input, and for a law without a mean (Pareto, alpha <= 1).
        """
        s, order = nonnegative_array(s, "s"), integer(order, "order", 0, 2)
        self.require_mean()
        result = np.full(s.shape, np.log1p(self.variance) if order == 2 else 0.0)
        result[s > 0] = self._log_laplace(s[s > 0], order)
        return result

    def laplace(self, s, order: int = 0) -> np.ndarray:
        """E[p^order e^(-s p)], of the shape of s: L(s) at order 0, L1(s) at order 1."""
        return np.exp(self.log_laplace(s, order))

    def require_mean(self) -> None:
        """Raise ValueError, with the reason, for a law that cannot be scaled to mean 1."""
        if reason := self._no_mean():
            raise ValueError(reason)

    def _no_mean(self) -> str:
        """Why the law has no mean; empty where it has one."""
        return ""

    def _rule(self) -> tuple[np.ndarray, np.ndarray]:
        """A quadrature rule for a narrow law: deviations p - 1, and their probabilities."""
        raise NotImplementedError

    def _log_tilted(self, s: np.ndarray, order: int) -> np.ndarray:
        """log E[p^order e^(-s (p - 1))] for s > 0, which keeps its digits where it is near 0.

        For a narrow law it is of the size of the variance: there E[1] = 1 and E[p - 1] = 0 are used exactly.
        """
        result = self._log_laplace(s, order) + s
        if self.variance < NARROW:
            deviation, probability = self._rule()
            near = s * -deviation.min() < 1
            z = s[near, None] * deviation
            shrunk = np.expm1(-z)
            excess = np.where(z < 0.5, _kernels.log1p_excess(np, np.maximum(shrunk, -0.5)), shrunk + z)
            excess += order * deviation * shrunk  # (1 + c)^order e^(-z) - 1 + z - order c, c = p - 1
            if order == 2:
                excess += deviation**2 * (1 + shrunk)
            result[near] = np.log1p(excess @ probability)
        return result


@dataclass(frozen=True)
class Pareto(MassLaw):
    """P(p > x) = (x_m/x)^alpha for x >= x_m = (alpha - 1)/alpha (the paper's Asm. A.7).

    L = alpha E_{alpha+1}(s x_m), L1 = alpha x_m E_alpha(s x_m). With alpha <= 1 there is no mean: samples
    then start at x_m = 1, and only the shares that they are divided into have a meaning.
    """

    alpha: float

    @property
    def minimum(self) -> float:
        """x_m, the smallest mass."""
        return (self.alpha - 1) / self.alpha if self.alpha > 1 else 1.0

    @property
    def variance(self) -> float:
        return 1 / (self.alpha * (self.alpha - 2)) if self.alpha > 2 else np.inf

    def _draw(self, rng, shape):
        return self.minimum * np.exp(rng.standard_exponential(shape) / self.alpha)

    def _log_laplace(self, s, order):
        scale = np.log(self.alpha) + order * np.log(self.minimum)
        return scale + log_expint(self.alpha + 1 - order, s * self.minimum)

    def _no_mean(self):
        return no_mean("alpha", self.alpha) if self.alpha <= 1 else ""

    def _rule(self):
        t, weight = _panels(np.arange(0, 61, 4))  # p = x_m e^(t/alpha), t exponential
        growth = np.expm1(t / self.alpha)
        return growth - (1 + growth) / self.alpha, weight * np.exp(-t)


@dataclass(frozen=True)
class Zipf(MassLaw):
    """The masses rank^(-exponent) of `leaves` ranks, shuffled: mean exactly 1 in every draw.

    For exponent < 1 their law tends to Pareto(1/exponent) as the leaves grow, and the transforms are
    those of that limit; from exponent 1 on a few leaves hold everything, as for Pareto with alpha <= 1.
    """

    exponent: float

    @property
    def limit(self) -> Pareto:
        """The law of a leaf's mass in the limit of many leaves."""
        return Pareto(1 / self.exponent)

    @property
    def variance(self) -> float:
        return self.limit.variance

    def _draw(self, rng, shape):
        masses = np.arange(1, shape[-1] + 1) ** -self.exponent
        return rng.permuted(np.broadcast_to(masses / masses.mean(), shape), axis=-1)

    def _log_laplace(self, s, order):
        return self.limit._log_laplace(s, order)

    def _no_mean(self):
        return no_mean("exponent", self.exponent) if self.exponent >= 1 else ""

    def _rule(self):
        return self.limit._rule()


@dataclass(frozen=True)
class Gamma(MassLaw):
    """Gamma with shape kappa and scale 1/kappa; 1 is the exponential law.

    L = (1 + s/kappa)^(-kappa), L1 = (1 + s/kappa)^(-kappa-1).
    """

    kappa: float

    @property
    def variance(self) -> float:
        return 1 / self.kappa

    def _draw(self, rng, shape):
        return rng.standard_gamma(self.kappa, shape) / self.kappa

    def _log_laplace(self, s, order):
        z = s / self.kappa
        return -self.kappa * np.log1p(z) - self._log_power(z, order)

    def _log_tilted(self, s, order):
        z = s / self.kappa
        return self.kappa * _kernels.log1p_excess(np, z) - self._log_power(z, order)

    def _log_power(self, z, order):
        return order * np.log1p(z) - (np.log1p(1 / self.kappa) if order == 2 else 0.0)


@dataclass(frozen=True)
class Dirichlet(Gamma):
    """Symmetric Dirichlet with concentration kappa per leaf, times the number of leaves.

    The masses of one draw sum to the number of leaves exactly, so that they are exchangeable but not
    independent. Normalised gamma masses are Dirichlet: the transforms are Gamma's, the limit of many leaves.
    """

    def _draw(self, rng, shape):
        return rng.dirichlet(np.full(shape[-1], self.kappa), shape[:-1]) * shape[-1]


@dataclass(frozen=True)
class LogNormal(MassLaw):
    """p = exp(sigma z - sigma^2/2), z standard normal. Size bias only shifts it: L1(s) = L(s e^(sigma^2))."""

    sigma: float

    @property
    def variance(self) -> float:
        return float(np.expm1(min(self.sigma**2, 700.0)))

    def _draw(self, rng, shape):
        return np.exp(self.sigma * rng.standard_normal(shape) - self.sigma**2 / 2)

    def _log_laplace(self, s, order):
        # the trapezoidal rule in z converges exponentially: the integrand is analytic, its ends vanish
        step = 0.2 / max(1.0, self.sigma)
        z = step * np.arange(-int(40 / step), int(12 / step))
        exponent = np.log(s)[:, None] + order * self.sigma**2 + self.sigma * z - self.sigma**2 / 2
        terms = -np.exp(np.minimum(exponent, 700.0)) - z * z / 2
        shift = order * (order - 1) / 2 * self.sigma**2
        return shift + special.logsumexp(terms, axis=1) + np.log(step / np.sqrt(2 * np.pi))

    def _rule(self):
        z = np.arange(-60, 61) * 0.2
        return np.expm1(self.sigma * z - self.sigma**2 / 2), 0.2 * np.exp(-z * z / 2) / np.sqrt(2 * np.pi)


@dataclass(frozen=True)
class Uniform(MassLaw):
    """Uniform on [1 - half_width, 1 + half_width], half_width in (0, 1]."""

    half_width: float = 1.0

    def __post_init__(self):
        number(self.half_width, "half_width", 0, 1, open_low=True)
        super().__post_init__()

    @property
    def variance(self) -> float:
        return self.half_width**2 / 3

    def _draw(self, rng, shape):
        return 1 + self.half_width * rng.uniform(-1, 1, shape)

    def _log_laplace(self, s, order):
        # p = low + width t: a sum of positive terms int_0^1 t^k e^(-s width t) dt
        low, width = 1 - self.half_width, 2 * self.half_width
        x = s * width
        total = sum(
            comb(order, k) * low ** (order - k) * width**k * special.hyp1f1(k + 1, k + 2, -x) / (k + 1)
            for k in range(order + 1)
        )
        return np.log(total) - s * low

    def _rule(self):
        t, weight = _panels(np.linspace(-1, 1, 5))
        return self.half_width * t, weight / 2


def no_mean(name: str, value: float) -> str:
    """What to say of a heavy-tailed law without a mean."""
    allowed = "above 1 for Pareto" if name == "alpha" else "below 1 for Zipf"
    return (
        f"{name} must be {allowed} masses of mean 1, got {value:g}: else they have no mean, a few leaves "
        "hold each dataset, and G(a, t) -> -1 as the leaves grow in number, as for disjoint data"
    )


def _panels(edges: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights of 16-point Gauss-Legendre quadrature on each panel between `edges`."""
    node, weight = np.polynomial.legendre.leggauss(16)
    half = np.diff(edges)[:, None] / 2
    return (edges[:-1, None] + half * (1 + node)).ravel(), (half * weight).ravel()
