"""The share under which both signs are reversed, for every mass law."""

import numpy as np
from hypothesis import strategies as st

from compression_sim.limits import critical_share, mass_response

from .laws import MASS_LAWS, K, as_tests, registry

LAWS, law = registry()


@law(MASS_LAWS, K.filter(lambda k: not 0.99 < k < 1.1), st.floats(0.5, 0.99), examples=20, least=10.0)
def shares_reverse_the_signs_below_one_value(api, mass_law, k, place, least=1.0):
    """f is positive before q*, negative after it; there is no q* for k <= 1."""
    turn = critical_share(mass_law, k)
    if k <= least:
        return turn == 0
    below, above = turn * place, turn + (1 / 3 - turn) * place
    signs = [mass_response(mass_law, [1 - 2 * q, q + 1 / k, q]) for q in (below, above)]
    return 0 < turn < 1 / 3 and signs[0] < 0 < signs[1]


@law(MASS_LAWS, K, st.floats(0.01, 0.2), st.floats(0.01, 0.12), examples=20, sign=-1.0)
def response_is_concave_in_the_share(api, mass_law, k, low, step, sign=1.0):
    """-f is concave in q, which is why q* is the only sign change."""
    f = [-mass_response(mass_law, [1 - 2 * q, q + 1 / k, q]) for q in low + step * np.arange(3)]
    return sign * (f[0] - 2 * f[1] + f[2]) >= -1e-10 * np.abs(f).max()


test_law, test_wrong_statement_has_a_counterexample = as_tests(LAWS)
