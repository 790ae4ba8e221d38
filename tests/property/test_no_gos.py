"""Return counts over generated worlds: when they fall, and where they cannot."""

from itertools import pairwise

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st

from .flows import conserved, rows, sigmoid, vectors
from .laws import as_tests, registry

LAWS, law = registry()


@law(st.floats(-6.0, 2.0), st.floats(0.01, 0.99), st.floats(0.01, 8.0), turned=True)
def the_count_falls_iff_neighbours_have_crossed(api, base, beta, lift, turned=False):
    """Count int_(z0 + beta c)^(z0 + c) dz/v; at the return they stand as v(now) - beta v(start) says."""
    step = 1e-5 * lift
    count = [conserved(base + c) - conserved(base + beta * c) for c in (lift - step, lift + step)]
    order = sigmoid(base + beta * lift) - beta * sigmoid(base + lift)
    assume(abs(order) > 1e-3)
    return (count[1] < count[0]) == (order > 0 if turned else order < 0)


@law(rows(3, 4), st.floats(1.0, 50.0), st.floats(0.05, 0.8), st.booleans(), concave=True)
def mixtures_need_more_for_more(api, laws, k, share, forward, concave=False):
    """Least n_t on the edge of the set within eps of the base, over n_a: convex from 0, never falling."""

    def distance(n_a, n_t):
        joint = (k * laws[0] + n_a * laws[1] + n_t[:, None] * laws[2]) / (k + n_a + n_t[:, None])
        p, q = (laws[0], joint) if forward else (joint, laws[0])
        return (p * np.log(p / q)).sum(axis=1)

    grid = np.linspace(0.0, 20.0, 4001)
    eps = share * distance(4.0, np.zeros(1))[0]
    inside = [distance(n_a, grid) <= eps for n_a in (1.0, 2.0, 3.0, 4.0)]
    counts = np.array([grid[each.argmax()] if each.any() else np.inf for each in inside])
    if concave:
        return not (np.isfinite(counts[3]) and counts[1] + counts[3] > 2 * counts[2] + 0.02)
    return all(b >= a - 1e-9 for a, b in pairwise(counts))


@law(
    vectors(3, 0.05, 3.0),
    vectors(3, 0.05, 3.0),
    vectors(3),
    st.floats(0.1, 3.0),
    st.floats(0.1, 3.0),
    turned=True,
)
def common_axes_need_more_for_more(api, a, h, target, tau, more, turned=False):
    start = [(1 - np.exp(-t * a)) * target for t in (tau, tau + more)]
    grid = np.linspace(0.0, 100.0, 2001)
    short, long = (np.exp(-2 * np.outer(grid, h)) @ s**2 for s in start)
    return (short >= long).all() if turned else (short <= long).all()


@law(vectors(3), vectors(3), st.floats(-4.0, 4.0), st.floats(0.3, 2.0), held_out=True)
def linear_features_on_their_own_context(api, x_a, x_t, base, power, held_out=False):
    assume(abs(x_a @ x_t) > 0.1)
    beta = max(1 - (x_a @ x_a) * (x_t @ x_t) / (x_a @ x_t) ** 2, -10.0)
    beta = 0.5 if held_out else min(beta, 0.0)
    c = np.linspace(0.1, 6.0, 20)
    slope = (1 + np.exp(-base - c)) ** power - beta * (1 + np.exp(-base - beta * c)) ** power
    return (slope > 0).all()


test_law, test_wrong_statement_has_a_counterexample = as_tests(LAWS)
