"""How low the base must lie for the return count of a logistic regression to fall."""

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st

from .laws import as_tests, registry

LAWS, law = registry()


@law(st.floats(-6.0, -1.0), st.floats(0.05, 0.95), shift=0.2, mirrored=True)
def the_base_must_be_low_for_a_falling_count(api, base, beta, shift=0.0, mirrored=False):
    bound = (1 + beta) / (1 - beta) * np.log(beta) + shift
    bound = -bound - 5.0 if mirrored else bound
    assume(abs(base - bound) > 0.02)
    c = np.linspace(0.0, 8.0 - 2.0 * np.log(beta) / (1 - beta), 4001)[1:]
    slope = 1 + np.exp(-base - c) - beta * (1 + np.exp(-base - beta * c))
    return (slope.min() < 0) == (base < bound)


test_law, test_wrong_statement_has_a_counterexample = as_tests(LAWS)
