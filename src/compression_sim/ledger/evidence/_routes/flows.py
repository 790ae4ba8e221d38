"""Small flows and small models for evidence: integrated tightly, retrained to stationarity, or enclosed.

Nothing here is a formula of the theory: these are the worlds in which its formulas are tried.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np

from ...._jax import jax64


def flow(velocity: Callable, start, times) -> np.ndarray:
    """States of x' = velocity(x) from `start` at time 0, at the increasing `times`: (len(times), states)."""
    return _integrated(velocity, start, times).y.T


def path(velocity: Callable, start, end: float) -> Callable:
    """The same as a function of time on [0, end]: t -> state, or (states, len(t)) for an array."""
    return _integrated(velocity, start, [end]).sol


def _integrated(velocity, start, times):
    from scipy.integrate import solve_ivp

    start = np.atleast_1d(np.asarray(start, float))
    found = solve_ivp(
        lambda _, x: velocity(x),
        (0.0, times[-1]),
        start,
        method="DOP853",
        t_eval=times,
        dense_output=True,
        rtol=1e-12,
        atol=1e-14,
    )
    if not found.success:
        raise ArithmeticError(found.message)
    return found


def first_time(function: Callable, end: float) -> float:
    """The first zero on [0, end] of a function of arrays, positive at 0; inf if it stays so at 401 points."""
    from scipy.optimize import brentq

    times = np.linspace(0.0, end, 401)
    values = np.asarray(function(times))
    if values[0] <= 0:
        raise ValueError(f"the function must be positive at 0, got {values[0]:g}")
    below = np.flatnonzero(values <= 0)
    return brentq(function, times[below[0] - 1], times[below[0]], xtol=1e-13) if below.size else np.inf


def sigmoid(z):
    """1/(1 + e^-z)."""
    return 0.5 * (1.0 + np.tanh(np.asarray(z) / 2.0))


def softmax(z):
    """e^z / sum e^z, along the first axis."""
    weights = np.exp(z - np.max(z, axis=0))
    return weights / weights.sum(axis=0)


def bernoulli_kl(z, base):
    """KL(model || base) of two coins with logits z and base, nats."""
    p, log = sigmoid(z), np.log(sigmoid(z) / sigmoid(base))
    return p * log + sigmoid(-z) * np.log(sigmoid(-z) / sigmoid(-base))


CONTEXTS, OUTCOMES, LINEAR = 12, 4, 4
INPUTS = 1.5 * np.stack([np.cos(1.1 * np.arange(CONTEXTS)), np.sin(2.2 * np.arange(CONTEXTS))], axis=1)
TEACHER = np.array([-0.6, 0.6, 1.0, 1.0, 1.8, -0.4, 0.5, -0.4, -1.4, -0.7, 0.1, -0.9])  # W_1, b, W_2


@dataclass(frozen=True, eq=False)
class Model:
    """A small model of targets (datasets, contexts, outcomes), each with sum 1, in which losses are linear.

    Its logits are features @ (linear parameters) + W_2 tanh(W_1 inputs + b); a model has either part, and
    one compiled function serves them all. `theta` are the parameters of that part.
    """

    name: str
    part: slice
    features: np.ndarray

    def derivatives(self, theta, targets) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Losses (datasets,), their gradients and Hessians, by automatic differentiation."""
        orders = _derivatives()(self._full(theta), self.features)
        losses, gradients, hessians = (-np.tensordot(targets, order, 2) for order in orders)
        return losses, gradients[:, self.part], hessians[:, self.part, self.part]

    def draw(self, rng, datasets: int) -> tuple[np.ndarray, np.ndarray]:
        """Parameters, and targets whose laws lie around those of the model that has them."""
        theta = TEACHER if self.part.start else rng.normal(size=LINEAR)
        used = self.features[:, 0].any(axis=1) | (self.part.start > 0)
        own = np.exp(_log_probability(np, self._full(theta), self.features))
        other = rng.dirichlet(np.ones(OUTCOMES), (datasets, CONTEXTS))
        return theta, (0.9 * own + 0.1 * other) * (used / used.sum())[:, None]

    def _full(self, theta):
        full = np.zeros(LINEAR + len(TEACHER))
        full[self.part] = theta
        return full

    def minimum(self, targets, volumes, start) -> np.ndarray:
        """Parameters at a minimum of sum_i volumes_i L_i, by a trust region and four Newton steps."""
        from scipy.optimize import minimize

        def total(theta):
            return [np.tensordot(volumes, each, 1) for each in self.derivatives(theta, targets)]

        options = {"jac": True, "hess": lambda theta: total(theta)[2], "method": "trust-exact"}
        found = minimize(lambda theta: total(theta)[:2], start, options={"gtol": 1e-6}, **options).x
        for _ in range(4):
            _, gradient, hessian = total(found)
            found = found - np.linalg.pinv(hessian, rcond=1e-10) @ gradient
        return found


def _log_probability(xp, theta, features):
    first, bias = theta[LINEAR : LINEAR + 4].reshape(2, 2), theta[LINEAR + 4 : LINEAR + 6]
    hidden = xp.tanh(INPUTS @ first + bias) @ theta[LINEAR + 6 :].reshape(2, 3)
    logits = features @ theta[:LINEAR] + xp.concatenate([hidden, xp.zeros((CONTEXTS, 1))], axis=1)
    return logits - xp.log(xp.sum(xp.exp(logits), axis=1, keepdims=True))


@cache
def _derivatives():
    """Compiled: the log probabilities, their gradients and their second derivatives."""
    jax, jnp = jax64()

    def log_probability(theta, features):
        return _log_probability(jnp, theta, features)

    gradient = jax.jacfwd(log_probability)
    return jax.jit(lambda *point: (log_probability(*point), gradient(*point), jax.jacfwd(gradient)(*point)))


def models() -> tuple[Model, ...]:
    """A tabular softmax (one context, four logits), a log-linear model (four features), a tanh network."""
    single = np.zeros((CONTEXTS, OUTCOMES, LINEAR))
    single[0] = np.eye(OUTCOMES)
    features = np.random.default_rng(1).normal(size=(CONTEXTS, OUTCOMES, LINEAR))
    return (
        Model("tabular softmax", slice(0, LINEAR), single),
        Model("log-linear model", slice(0, LINEAR), features),
        Model("network of two tanh units", slice(LINEAR, LINEAR + len(TEACHER)), np.zeros_like(features)),
    )
