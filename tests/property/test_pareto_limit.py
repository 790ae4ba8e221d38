"""The limit of many leaves, for every mass law."""

import numpy as np
from hypothesis import strategies as st

from compression_sim import testing
from compression_sim.limits import mass_response

from .laws import MASS_LAWS, WEIGHT, as_tests, registry

NARROW = MASS_LAWS.filter(lambda mass_law: mass_law.variance < 1e-6)

LAWS, law = registry()


@law(st.tuples(MASS_LAWS, MASS_LAWS, MASS_LAWS), st.tuples(*3 * [WEIGHT]), examples=20, with_last=1.01)
def conservation(api, laws, weights, with_last=1.0):
    """sum_i w_i G(i, t) = 0, for parts with laws of their own."""
    terms = [w * mass_response(laws, weights, i, 2) for i, w in enumerate(weights)]
    terms[-1] *= with_last
    return abs(sum(terms)) <= 1e-9 * max(np.abs(terms)) + 1e-13 * sum(weights)


@law(NARROW, st.tuples(*3 * [WEIGHT]), examples=20, scale=1.02)
def narrow_laws_forget_all_but_the_variance(api, mass_law, weights, scale=1.0):
    """G -> variance * (sum of squared shares - q_2 - q_3)."""
    shares = np.divide(weights, sum(weights))
    expected = mass_law.variance * (shares[1] + shares[2] - shares @ shares)
    return np.isclose(
        mass_response(mass_law, weights), scale * expected, rtol=5e-3, atol=5e-3 * mass_law.variance
    )


@law(testing.mixtures(zeros=False), half=0.05)
def inner_product_is_bounded_by_the_overlap(api, mix, half=0.5):
    """1 + G(2,3) <= T/(2 sqrt(w_2 w_3)) sum sqrt(P_2 P_3): why masses without a mean look disjoint."""
    last = mix.with_volume(len(mix.volumes) - 1, max(mix.volumes[-1], 1e-3))
    rows, w = last.distributions, last.volumes
    overlap = np.sqrt(rows[1] * rows[-1]).sum() * last.total_volume / np.sqrt(w[1] * w[-1])
    return 1 + api.inner_products(last, len(w) - 1)[1] <= half * overlap * (1 + 1e-9) + 1e-12


test_law, test_wrong_statement_has_a_counterexample = as_tests(LAWS)
