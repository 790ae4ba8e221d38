"""The conservation law over generated mixtures, and what mass on new leaves takes from it."""

import numpy as np
from hypothesis import strategies as st

import compression_sim as cs
from compression_sim import testing

from .laws import LN2, as_tests, registry, sizes, small, t_of

LAWS, law = registry()


@law(testing.mixtures(zeros=False), with_t=0.0)
def conservation(api, mix, with_t=1.0):
    """Sum of n_i d rate_i over all datasets, the perturbation among them, is 0."""
    terms = mix.volumes * api.elastic_response(mix, t_of(mix))
    terms[-1] *= with_t
    return small(terms.sum(), mix.volumes @ sizes(mix) / mix.total_volume)


@law(st.tuples(testing.mixtures(overlap="full"), st.floats(1e-3, 1.0)), share=0.0)
def new_leaves_break_conservation_by_their_mass(api, example, share=1.0):
    """At l = 0 the other datasets' sum is m0/(ln 2), m0 the mass that only t has."""
    mix, new = example
    rows = np.pad(mix.distributions, ((0, 0), (0, 1)))
    rows[-1] = rows[-1] * (1 - new) + new * (np.arange(rows.shape[1]) == rows.shape[1] - 1)
    start = cs.Mixture(rows, mix.volumes).with_volume(t_of(mix), 0.0)
    terms = start.volumes[:-1] * api.elastic_response(start, t_of(mix))[:-1]
    return abs(terms.sum() * LN2 - share * new) <= 1e-10 * (1 + np.abs(terms).sum())


test_law, test_wrong_statement_has_a_counterexample = as_tests(LAWS)
