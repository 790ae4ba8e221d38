"""The least volume that brings a generated mixture back."""

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st

from .flows import rows
from .laws import as_tests, registry

LAWS, law = registry()


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
