"""Training in sequence over generated worlds: modes, short alignments, residual gradients."""

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st

from .flows import fisher, near, rows, runge_kutta, softmax, vectors
from .laws import as_tests, registry

rates = vectors(3, 0.1, 3.0)

LAWS, law = registry()


@law(
    rates,
    rates,
    rates,
    vectors(3, 0.2, 2.0),
    vectors(3, 0.1, 2.0),
    st.floats(0.05, 3.0),
    factor=1.01,
    swap=True,
)
def modes_average(api, h_a, h_p, rate, target, push, tau, factor=1.0, swap=False):
    delta = runge_kutta(lambda x: -rate * h_a * (x - target), np.zeros(3), tau)
    found = -(h_a * (delta - target)) @ push / ((h_p * delta) @ push)
    k = (h_p / h_a if swap else h_a / h_p) / np.expm1(rate * tau * h_a)
    weights = h_p * delta * push
    inside = k.min() * (1 - 1e-6) <= found <= k.max() * (1 + 1e-6)
    return inside and near(found, factor * (k @ weights) / weights.sum(), 1e-5)


@law(rows(3, 4), vectors(4, 0.2, 3.0), vectors(4, 0.2, 3.0), factor=1.05, plain=True)
def a_short_alignment_meets_curvature(api, laws, A, B, factor=1.0, plain=False):
    """-g_p'Bg_t = tau g_a'A H_p B g_t + O(tau^2): what the limit of tau k_eff rests on."""
    tau, base = 1e-3, np.log(laws[0])
    theta = runge_kutta(lambda z: -A * (softmax(z) - laws[1]), base, tau, 4)
    push = B * (softmax(theta) - laws[2])
    first = tau * (laws[0] - laws[1]) @ (np.eye(4) if plain else np.diag(A)) @ fisher(laws[0]) @ push
    bound = 10.0 * tau**2 * A.max() ** 2 * np.linalg.norm(laws[0] - laws[1]) * np.linalg.norm(push)
    return abs((softmax(theta) - laws[0]) @ push + factor * first) <= bound + 1e-15


@law(rows(3, 4), vectors(4), factor=1.05)
def a_residual_gradient_keeps_the_ratio_finite(api, laws, offset, factor=1.0):
    theta = np.log(laws[0]) + 0.3 * offset  # not where g_p = 0
    push = softmax(theta) - laws[2]
    start = (softmax(theta) - laws[:2]) @ push
    assume(abs(start[0]) > 1e-2)
    later = runge_kutta(lambda z: laws[1] - softmax(z), theta, 1e-7, 1)
    now = (softmax(later) - laws[:2]) @ (softmax(later) - laws[2])
    return near(-now[1] / now[0], -factor * start[1] / start[0], 1e-4, 1e-6)


test_law, test_wrong_statement_has_a_counterexample = as_tests(LAWS)
