"""Small exact worlds for laws of training in sequence and of rebound."""

import numpy as np
from hypothesis import strategies as st


def vectors(size, low=-2.0, high=2.0):
    """Vectors of `size` numbers between low and high."""
    return st.lists(st.floats(low, high), min_size=size, max_size=size).map(np.array)


def rows(datasets, leaves):
    """Laws of `datasets` on `leaves`, no mass under a hundredth of the largest."""
    return vectors(datasets * leaves, 0.05, 5.0).map(
        lambda w: w.reshape(datasets, leaves) / w.reshape(datasets, leaves).sum(axis=1, keepdims=True)
    )


def softmax(z):
    weights = np.exp(z - z.max())
    return weights / weights.sum()


def sigmoid(z):
    return 1.0 / (1.0 + np.exp(-z))


def runge_kutta(velocity, state, time, steps=200):
    """The state after `time`, by the classical method of fourth order."""
    h = time / steps
    for _ in range(steps):
        a = velocity(state)
        b = velocity(state + h / 2 * a)
        c = velocity(state + h / 2 * b)
        state = state + h / 6 * (a + 2 * b + 2 * c + velocity(state + h * c))
    return state


def near(value, expected, rtol=1e-7, atol=0.0):
    return bool(np.allclose(value, expected, rtol=rtol, atol=atol))


def fisher(p):
    return np.diag(p) - np.outer(p, p)


def conserved(z):
    """What the logistic reversal z' = -1/(1 + e^-z) conserves, less time: its slope is 1/v."""
    return z - np.exp(-z)


def after(z, time):
    """The logit that the logistic reversal has reached: bisection on what is conserved."""
    low, high = np.full_like(z, -60.0), z
    for _ in range(80):
        middle = (low + high) / 2
        below = conserved(middle) < conserved(z) - time
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return high
