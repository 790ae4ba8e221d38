"""Influence form, sequential ratio, KL penalty: each proved statement over generated worlds."""

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st

import compression_sim as cs

from .flows import as_tests, registry, rows, runge_kutta, softmax, vectors

LAWS, law = registry()


def near(value, expected, rtol=1e-7, atol=0.0):
    return bool(np.allclose(value, expected, rtol=rtol, atol=atol))


def fisher(p):
    return np.diag(p) - np.outer(p, p)


rates = vectors(3, 0.1, 3.0)


@law(rows(3, 5), vectors(3, 0.2, 5.0), sign=1.0, power=2)
def influence_is_the_elastic_response(api, laws, volumes, sign=-1.0, power=1):
    mix = cs.Mixture(laws, volumes)
    gradients = mix.joint - laws
    inverse = np.linalg.pinv(mix.total_volume**power * fisher(mix.joint), rcond=1e-10)
    response = api.elastic_response(mix, 2) * np.log(2.0)
    return near(
        sign * gradients @ inverse @ gradients[2], response, atol=1e-9 * np.abs(response).max() + 1e-13
    )


@law(rows(2, 5), st.floats(0.1, 50.0), vectors(5), factor=1.01)
def a_penalty_is_the_ratio_of_any_update(api, laws, strength, update, factor=1.0):
    joint = (strength * laws[0] + laws[1]) / (strength + 1.0)
    change = (joint - laws) @ update
    return near(change[1], -factor * strength * change[0], rtol=1e-9, atol=1e-12 * strength)


@law(rates, rates, vectors(3, 0.2, 2.0), st.floats(0.0, 5.0), st.floats(0.1, 2.0), factor=1.01, sign=-1.0)
def a_penalty_before_convergence(api, h_a, h_p, target, strength, tau, factor=1.0, sign=1.0):
    pull = h_a + strength * h_p
    delta = runge_kutta(lambda x: h_a * target - pull * x, np.zeros(3), tau)
    fade = np.exp(-sign * tau * pull)
    return near(
        -h_a * (delta - target) / (h_p * delta), factor * (strength + h_a / h_p * fade) / (1 - fade), 1e-5
    )


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


@law(rows(3, 4), factor=2.0)
def a_reverse_penalty_has_an_offset(api, laws, factor=1.0):
    base, aligned, reverse = laws
    rho, step = aligned / base - 1.0, -fisher(base) @ (base - reverse)
    first, second = rho @ step, rho**2 @ step
    assume(abs(first) > 0.02)
    errors = []
    for strength in (200.0, 400.0):
        q, nu = base * (1 + rho / strength), -1.0  # -P_a/q + strength log(q/P_p) = nu and sum q = 1: Newton
        for _ in range(30):
            gap = -aligned / q + strength * np.log(q / base) - nu
            slope = aligned / q**2 + strength / q
            nu += (1.0 - q.sum() + (gap / slope).sum()) / (1 / slope).sum()
            q = q - (-aligned / q + strength * np.log(q / base) - nu) / slope
        change = (laws[:2] / q) @ fisher(q) @ (q - reverse)
        errors.append(-change[1] / change[0] - strength - factor * second / (2 * first))
    return abs(2 * errors[1] - errors[0]) <= 1e-2 * (1 + abs(second / first)) / abs(first)


test_law, test_wrong_statement_has_a_counterexample = as_tests(LAWS)
