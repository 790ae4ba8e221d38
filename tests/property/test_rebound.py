"""Rebound, return counts, levels, depth, inverse alignment: each proved statement over generated worlds."""

from itertools import pairwise

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st

import compression_sim as cs
from compression_sim import testing

from .flows import as_tests, registry, rows, runge_kutta, sigmoid, vectors

LAWS, law = registry()


volume, gap = st.floats(0.1, 100.0), st.floats(0.01, 5.0)


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


@law(st.floats(-6.0, 2.0), st.floats(0.01, 0.99), st.floats(0.01, 8.0), turned=True)
def the_count_falls_iff_neighbours_have_crossed(api, base, beta, lift, turned=False):
    """Count int_(z0 + beta c)^(z0 + c) dz/v; at the return they stand as v(now) - beta v(start) says."""
    step = 1e-5 * lift
    count = [conserved(base + c) - conserved(base + beta * c) for c in (lift - step, lift + step)]
    order = sigmoid(base + beta * lift) - beta * sigmoid(base + lift)
    assume(abs(order) > 1e-3)
    return (count[1] < count[0]) == (order > 0 if turned else order < 0)


@law(st.floats(-6.0, -1.0), st.floats(0.05, 0.95), shift=0.2, mirrored=True)
def the_base_must_be_low_for_a_falling_count(api, base, beta, shift=0.0, mirrored=False):
    bound = (1 + beta) / (1 - beta) * np.log(beta) + shift
    bound = -bound - 5.0 if mirrored else bound
    assume(abs(base - bound) > 0.02)
    c = np.linspace(0.0, 8.0 - 2.0 * np.log(beta) / (1 - beta), 4001)[1:]
    slope = 1 + np.exp(-base - c) - beta * (1 + np.exp(-base - beta * c))
    return (slope.min() < 0) == (base < bound)


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


@law(rows(2, 5), st.floats(0.1, 5.0), st.floats(1.0, 100.0), factor=0.98, other=True)
def the_least_volume_of_a_return(api, laws, n_a, k, factor=1.0, other=False):
    base, aligned = laws
    assume(np.abs(base - aligned).max() > 0.01)
    excess = (base / aligned if other else aligned / base).max() - 1.0
    n_b = factor * n_a * excess
    weights = n_b * base - n_a * (aligned - base)  # n_b P_b: the only law that brings the joint back
    joint = (k * base + n_a * aligned + weights) / (k + n_a + n_b)
    tight = weights.min() <= 1e-9 * n_b
    return tight and weights.min() >= -1e-9 * n_b and np.allclose(joint, base, rtol=1e-12)


test_law, test_wrong_statement_has_a_counterexample = as_tests(LAWS)
