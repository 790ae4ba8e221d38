"""The KL penalty over generated worlds: k_eff at convergence, before it, and of the reverse divergence."""

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st

from .flows import fisher, near, rows, runge_kutta, vectors
from .laws import as_tests, registry

rates = vectors(3, 0.1, 3.0)

LAWS, law = registry()


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
