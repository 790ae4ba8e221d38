"""Speeds past the base, with a shared gain, and at every depth, over generated worlds."""

import numpy as np
from hypothesis import strategies as st

import compression_sim as cs
from compression_sim import testing

from .flows import runge_kutta, sigmoid, vectors
from .laws import as_tests, registry

LAWS, law = registry()


@law(st.floats(-6.0, 4.0), st.floats(0.1, 6.0), vectors(5, 0.0, 10.0), factor=0.9)
def past_the_base_it_is_slow(api, base, lift, depths, factor=1.0):
    ratio = sigmoid(base) / sigmoid(base + lift)
    return (sigmoid(base - depths) <= factor * ratio * sigmoid(base + lift) * (1 + 1e-12)).all()


@law(st.floats(0.2, 3.0), st.floats(-2.0, 2.0), st.floats(0.1, 2.0), gain=1.05)
def a_shared_gain_sets_the_speed(api, a, w, time, gain=1.0):
    """a' = -vw, w' = -va from a^2 - w^2 = C: the speed a^2 + w^2 is sqrt(C^2 + 4 z^2)."""
    now = runge_kutta(lambda s: -sigmoid(s[0] * s[1]) * s[::-1], np.array([a, w]), time)
    found = np.sqrt((gain * (a**2 - w**2)) ** 2 + 4 * now.prod() ** 2)
    return abs(now @ now - found) <= 1e-6 * (now @ now)


@law(testing.token_trees(4), testing.token_trees(4), testing.token_trees(4), row=0, turned=True)
def deeper_trees_resolve_more(api, first, second, third, row=2, turned=False):
    inner, spread = [], []
    for d in range(1, 5):
        mix = cs.Mixture.from_trees([tree.prune(d) for tree in (first, second, third)])
        inner.append(-api.elastic_response(mix, 2)[row] * mix.total_volume)
        spread.append(np.abs(mix.distributions[2] - mix.joint).sum())
    rises = np.append(np.diff(inner), np.diff(spread)) * (-1 if turned else 1)
    return (rises >= -1e-12 * (1 + max(map(abs, inner)))).all()


test_law, test_wrong_statement_has_a_counterexample = as_tests(LAWS)
