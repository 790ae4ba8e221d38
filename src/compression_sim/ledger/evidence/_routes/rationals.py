"""The slow second route: mixtures of exact rationals, or of balls, from the definitions.

Arrays have dtype object; their entries are `Fraction` or `flint.arb`, and the same lines serve both.
"""

from fractions import Fraction

import numpy as np

fractions = np.frompyfunc(lambda p, q: Fraction(int(p), int(q)), 2, 1)


def rational_laws(rng, datasets: int, leaves: int, largest: int = 9) -> np.ndarray:
    """Random laws with small integer weights: (datasets, leaves), exact."""
    weights = rng.integers(1, largest + 1, (datasets, leaves))
    return fractions(weights, weights.sum(axis=1, keepdims=True))


def joint(laws, volumes) -> np.ndarray:
    """sum_i n_i P_i / T: (leaves,)."""
    return (volumes @ laws) / volumes.sum()


def inner_products(laws, volumes, t: int) -> np.ndarray:
    """G(i, t) = sum_x P_i P_t / P^D - 1: (datasets,)."""
    return (laws * laws[t] / joint(laws, volumes)).sum(axis=1) - 1


def responses(laws, volumes, t: int) -> np.ndarray:
    """d rate_i / d n_t in nats, -G(i, t)/T: (datasets,)."""
    return -inner_products(laws, volumes, t) / volumes.sum()


def floats(values) -> np.ndarray:
    """The nearest floats."""
    return np.asarray(values, dtype=object).astype(float)


def balls(values) -> np.ndarray:
    """Fractions, integers or floats as balls, at flint's present precision."""
    from flint import arb

    def ball(value):
        if isinstance(value, float):
            return arb(value)
        value = Fraction(value)
        return arb(value.numerator) / value.denominator

    return np.frompyfunc(ball, 1, 1)(np.asarray(values, dtype=object))


def log(values) -> np.ndarray:
    """Logarithms of balls."""
    return np.frompyfunc(lambda value: value.log(), 1, 1)(values)


def rates(laws, volumes) -> np.ndarray:
    """-sum_x P_i log P^D in nats, of balls: (datasets,)."""
    return -(laws * log(joint(laws, volumes))).sum(axis=1)


def digits(count: int):
    """A context in which balls are computed with `count` decimal digits."""
    from flint import ctx

    return ctx.workdps(count)
