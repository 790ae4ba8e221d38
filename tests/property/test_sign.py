"""Signs at the start: over generated mixtures, and of many leaves for every mass law."""

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st

import compression_sim as cs
from compression_sim import testing
from compression_sim.limits import mass_response

from .laws import MASS_LAWS, K, as_tests, registry, sizes, t_of

LAWS, law = registry()


@law(testing.mixtures(zeros=False), sign=1.0)
def alignment_rate_rises_iff_the_inner_product_is_negative(api, mix, sign=-1.0):
    on = mix.distributions[1] > 0
    overlap = (mix.distributions[1, on] * (mix.distributions[-1, on] / mix.joint[on])).sum()
    assume(abs(overlap - 1) > 1e-9 * (1 + overlap + sizes(mix)[1]))
    return np.sign(api.elastic_response(mix, t_of(mix))[1]) == sign * np.sign(overlap - 1)


@law(MASS_LAWS, K, examples=20, share=0.05)
def equal_parts_have_the_printed_sign(api, mass_law, k, share=1 / 3):
    """E G(2,3) <= 0 at equal shares, by the sum rule's constant: for every law and k."""
    weights = [k * (1 - 2 * share), k * share + 1, k * share]
    response, own = mass_response(mass_law, weights), -mass_response(mass_law, weights, 1, 1)
    return response > 0 and np.isclose(response, (1 + 3 / k) / 2 * own, rtol=1e-9)


@law(st.tuples(*3 * [st.floats(0.01, 0.99)]), pairs=2)
def two_leaves_have_one_aligned_pair(api, masses, pairs=1):
    """Of three laws on two leaves, in equal parts, exactly one pair has G > 0."""
    a = np.array(masses)
    gap = a - a.mean()
    if min(np.abs(gap)) < 1e-6:
        return True
    mix = cs.Mixture(np.stack([a, 1 - a], axis=1), [1, 1, 1])
    G = [api.inner_products(mix, t)[i] for i, t in ((0, 1), (1, 2), (2, 0))]
    return np.count_nonzero(np.array(G) > 0) == pairs


test_law, test_wrong_statement_has_a_counterexample = as_tests(LAWS)
