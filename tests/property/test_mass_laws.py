"""Statements about many leaves, for every mass law; each seen to fail when it is stated wrongly."""

import numpy as np
import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st

from compression_sim import elasticity, testing
from compression_sim.limits import critical_share, mass_response

SEARCH = settings(max_examples=100, phases=[Phase.generate], derandomize=True, deadline=None, database=None)
K = st.floats(-1.0, 9.0).map(lambda e: 10.0**e)
LAWS = testing.mass_laws()


def equal_parts_have_the_printed_sign(example, share=1 / 3):
    """E G(2,3) <= 0 at equal shares, by the sum rule's constant: for every law and k."""
    law, k = example
    weights = [k * (1 - 2 * share), k * share + 1, k * share]
    response, own = mass_response(law, weights), -mass_response(law, weights, 1, 1)
    return response > 0 and np.isclose(response, (1 + 3 / k) / 2 * own, rtol=1e-9)


def conservation(example, with_last=1.0):
    """sum_i w_i G(i, t) = 0, for parts with laws of their own."""
    laws, weights = example
    terms = [w * mass_response(laws, weights, i, 2) for i, w in enumerate(weights)]
    terms[-1] *= with_last
    return abs(sum(terms)) <= 1e-9 * max(np.abs(terms)) + 1e-13 * sum(weights)


def shares_reverse_the_signs_below_one_value(example, least=1.0):
    """f is positive before q*, negative after it; there is no q* for k <= 1."""
    law, k, place = example
    turn = critical_share(law, k)
    if k <= least:
        return turn == 0
    below, above = turn * place, turn + (1 / 3 - turn) * place
    signs = [mass_response(law, [1 - 2 * q, q + 1 / k, q]) for q in (below, above)]
    return 0 < turn < 1 / 3 and signs[0] < 0 < signs[1]


def response_is_concave_in_the_share(example, sign=1.0):
    """-f is concave in q, which is why q* is the only sign change."""
    law, k, low, step = example
    f = [-mass_response(law, [1 - 2 * q, q + 1 / k, q]) for q in low + step * np.arange(3)]
    return sign * (f[0] - 2 * f[1] + f[2]) >= -1e-10 * np.abs(f).max()


def narrow_laws_forget_all_but_the_variance(example, scale=1.0):
    """G -> variance * (sum of squared shares - q_2 - q_3)."""
    law, weights = example
    shares = np.divide(weights, sum(weights))
    expected = law.variance * (shares[1] + shares[2] - shares @ shares)
    return np.isclose(mass_response(law, weights), scale * expected, rtol=5e-3, atol=5e-3 * law.variance)


def inner_product_is_bounded_by_the_overlap(mix, half=0.5):
    """1 + G(2,3) <= T/(2 sqrt(w_2 w_3)) sum sqrt(P_2 P_3): why masses without a mean look disjoint."""
    last = mix.with_volume(len(mix.volumes) - 1, max(mix.volumes[-1], 1e-3))
    rows, w = last.distributions, last.volumes
    overlap = np.sqrt(rows[1] * rows[-1]).sum() * last.total_volume / np.sqrt(w[1] * w[-1])
    return 1 + elasticity.inner_products(last, len(w) - 1)[1] <= half * overlap * (1 + 1e-9) + 1e-12


def two_leaves_have_one_aligned_pair(masses, pairs=1):
    """Of three laws on two leaves, in equal parts, exactly one pair has G > 0."""
    a = np.array(masses)
    gap = a - a.mean()
    if min(np.abs(gap)) < 1e-6:
        return True
    mix = elasticity.Mixture(np.stack([a, 1 - a], axis=1), [1, 1, 1])
    G = [elasticity.inner_products(mix, t)[i] for i, t in ((0, 1), (1, 2), (2, 0))]
    return np.count_nonzero(np.array(G) > 0) == pairs


WEIGHT = st.floats(-4.0, 4.0).map(lambda e: 10.0**e)
NARROW = LAWS.filter(lambda law: law.variance < 1e-6)
CASES = [
    (equal_parts_have_the_printed_sign, st.tuples(LAWS, K), {"share": 0.05}),
    (conservation, st.tuples(st.tuples(LAWS, LAWS, LAWS), st.tuples(*3 * [WEIGHT])), {"with_last": 1.01}),
    (
        shares_reverse_the_signs_below_one_value,
        st.tuples(LAWS, K.filter(lambda k: not 0.99 < k < 1.1), st.floats(0.5, 0.99)),
        {"least": 10.0},
    ),
    (
        response_is_concave_in_the_share,
        st.tuples(LAWS, K, st.floats(0.01, 0.2), st.floats(0.01, 0.12)),
        {"sign": -1.0},
    ),
    (narrow_laws_forget_all_but_the_variance, st.tuples(NARROW, st.tuples(*3 * [WEIGHT])), {"scale": 1.02}),
    (inner_product_is_bounded_by_the_overlap, testing.mixtures(zeros=False), {"half": 0.05}),
    (two_leaves_have_one_aligned_pair, st.tuples(*3 * [st.floats(0.01, 0.99)]), {"pairs": 2}),
]
NAMES = [holds.__name__ for holds, *_ in CASES]


@pytest.mark.parametrize(("holds", "examples", "wrong"), CASES, ids=NAMES)
def test_statement(holds, examples, wrong):
    @settings(max_examples=20)
    @given(examples)
    def check(example):
        assert holds(example)

    check()


@pytest.mark.parametrize(("holds", "examples", "wrong"), CASES, ids=NAMES)
def test_wrong_statement_has_a_counterexample(holds, examples, wrong):
    find(examples, lambda example: not holds(example, **wrong), settings=SEARCH)
