"""Rebound curves over generated worlds: mixtures, states of one dimension, linear features."""

import numpy as np
from hypothesis import strategies as st

from compression_sim import testing

from .flows import after, sigmoid, vectors
from .laws import as_tests, registry, small

volume, gap = st.floats(0.1, 100.0), st.floats(0.01, 5.0)
SCORES = st.tuples(st.floats(-1, 1), st.floats(0.1, 2.0), st.floats(0.1, 2.0), st.floats(0, 9))

LAWS, law = registry()


@law(SCORES, factor=1.01)
def rebound_returns_at_an_amount_free_of_k(api, example, factor=1.0):
    """s_p again at n_t = n_a (s_a - s_p)/(s_p - s_t), linear in n_a."""
    base, up, down, exponent = example
    for size in (1.0, 3.0):
        amount, k = factor * size * up / down, 10**exponent
        curve = api.rebound_curve([base, base + up, base - down], [k, size, 0.0], 2, [amount])
        if abs(curve[0] - base) > 1e-14 + 1e-3 * size * up / (k + size + amount):
            return False
    return True


@law(SCORES, order=-1.0)
def rebound_falls_convexly_and_never_crosses(api, example, order=1.0):
    base, up, down, exponent = example
    k, amounts = 10 ** min(exponent, 3.0), np.linspace(0.0, 20.0, 9)
    scores = [base, base + up, base - down]
    less, more = (api.rebound_curve(scores, [k, size, 7.0], 2, amounts) for size in (1.0, 2.0))
    falls = (np.diff(more) < 0).all() and (np.diff(more, 2) > -1e-13).all()
    return bool(falls and (order * (more - less) > 0).all())


@law(st.tuples(testing.volumes(4), st.floats(-5, 5)), constant=1.01)
def rebound_of_equal_scores_is_flat(api, example, constant=1.0):
    volumes, score = example
    curve = api.rebound_curve([score] * 4, volumes, 3, [0.0, 0.1, 10.0])
    return small(curve - constant * score, abs(score), 1e-13)


@law(st.floats(-3.0, 3.0), gap, gap, volume, volume, volume, order=-1, shape=-1)
def mixtures_keep_their_order(api, s_t, up, lift, k, n_a, more, order=1, shape=1):
    scores, amounts = [s_t + up, s_t + up + lift, s_t], np.linspace(0.0, 50.0, 11)
    low, high = (api.rebound_curve(scores, [k, n, 0.0], 2, amounts) for n in (n_a, n_a + more))
    slack = 1e-13 * (abs(s_t) + up + lift)
    return (order * (high - low) > -slack).all() and (shape * np.diff(low, 2) >= -10 * slack).all()


@law(st.floats(-3.0, 3.0), gap, gap, volume, volume, factor=1.01, upside=True)
def the_return_is_linear_and_free_of_k(api, s_t, up, lift, k, n_a, factor=1.0, upside=False):
    scores = [s_t + up, s_t + up + lift, s_t]
    back = factor * n_a * (up / lift if upside else lift / up)
    found = api.rebound_curve(scores, [k, n_a, 0.0], 2, [back, 1e12])
    return abs(found[0] - scores[0]) <= 1e-9 * (abs(s_t) + up + lift) and abs(found[1] - s_t) <= 1e-8 * (
        up + lift
    )


@law(vectors(3), vectors(3), vectors(6, -3.0, 3.0), eta=3.0)
def small_steps_keep_the_order(api, amplitudes, centres, starts, eta=0.95):
    """f = sum a tanh(x - c): its slope is at most the sum of the positive a."""
    steepest = max(np.maximum(amplitudes, 0.0).sum(), 0.1)
    x = np.sort(starts)
    for _ in range(5):
        x = x - eta / steepest * (np.tanh(x[:, None] - centres) @ amplitudes)
    return (np.diff(x) >= -1e-12).all()


@law(st.floats(-3.0, 3.0), st.floats(0.0, 4.0), st.floats(0.1, 4.0), st.floats(0.0, 20.0), squared=True)
def monotone_scores_of_one_orbit_do_not_cross(api, base, lift, more, time, squared=False):
    low, high = after(base + np.array([lift, lift + more]), time)
    return low**2 <= high**2 if squared else low <= high + 1e-9


@law(st.floats(-3.0, 3.0), st.floats(0.0, 4.0), st.floats(0.05, 0.95), st.floats(0.01, 40.0), turned=True)
def neighbours_cross_at_beta(api, base, lift, beta, time, turned=False):
    """Test logit (1 - beta) c - m, m the fall of the reversal logit: slope v(now)/v(start) - beta in c."""
    lifts = base + lift + np.array([-1e-4, 0.0, 1e-4])
    now = after(lifts, time)
    logit = (1.0 - beta) * (lifts - base) - (lifts - now)
    law = sigmoid(now[1]) / sigmoid(lifts[1]) - (1.0 - beta if turned else beta)
    return abs((logit[2] - logit[0]) / 2e-4 - law) <= 1e-5


test_law, test_wrong_statement_has_a_counterexample = as_tests(LAWS)
