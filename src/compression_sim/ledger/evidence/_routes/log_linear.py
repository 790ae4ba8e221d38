"""A capacity-limited model, trained to its global minimum: leaf probabilities softmax(F theta).

Its loss is convex, so that Newton's method ends where theory says the model stands. Three features for
eight leaves: it cannot represent the joint, and shows what does not depend on saturation.
"""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class LogLinear:
    """`laws`: (datasets, leaves); `features`: (leaves, parameters); loss_i = -P_i . log softmax(F theta)."""

    laws: np.ndarray
    features: np.ndarray
    ridge: float = 0.0

    def fit(self, volumes) -> np.ndarray:
        """The minimiser of sum_i n_i loss_i + ridge |theta|^2 / 2."""
        theta, total = np.zeros(self.features.shape[1]), np.sum(volumes)
        target = np.asarray(volumes) @ self.laws @ self.features
        for _ in range(100):
            p = np.exp(self._log(theta))
            mean = p @ self.features
            slope = total * mean - target + self.ridge * theta
            spread = self.features - mean
            bend = total * (spread.T * p) @ spread + self.ridge * np.eye(len(theta))
            step = np.linalg.solve(bend, slope)
            theta = theta - step / max(1.0, np.abs(step).max())
            if np.abs(step).max() < 1e-14:
                break
        return theta

    def losses(self, theta) -> np.ndarray:
        """Nats per leaf: (datasets,)."""
        return -self.laws @ self._log(theta)

    def _log(self, theta):
        logits = self.features @ theta
        return logits - logits.max() - np.log(np.exp(logits - logits.max()).sum())


def random_model(rng, ridge: float = 0.0) -> LogLinear:
    """Three datasets on eight leaves, three features."""
    return LogLinear(rng.dirichlet(np.ones(8), 3), rng.normal(size=(8, 3)), ridge)
