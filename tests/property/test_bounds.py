"""Finite changes over generated mixtures: their bounds, and the change itself."""

import numpy as np
from hypothesis import strategies as st

from compression_sim import testing

from .laws import LN2, as_tests, between, covered, registry, sizes, small, t_of, tame

LAWS, law = registry()


@law(st.tuples(testing.mixtures(3), st.floats(1e-6, 10.0)), half=0.4)
def finite_changes_lie_within_the_bounds(api, example, half=0.5):
    """-mu G_0 <= Delta <= min(-(l/T_0) G_l, -mu G_0 + l^2 V/(2 T_0^2)), nats."""
    mix, amount = example
    start = covered(mix)
    end, change = start.with_volume(t_of(mix), amount), api.finite_response(start, 2, amount) * LN2
    mu, rate, on = amount / end.total_volume, amount / start.total_volume, start.joint > 0
    with np.errstate(over="ignore", invalid="ignore"):  # the bound may be inf; 0 * inf, a nan, is 0 here
        terms = mix.distributions[:, on] * (mix.distributions[-1, on] / start.joint[on] - 1) ** 2
        curve = half * rate**2 * np.nansum(terms, axis=1)
    first, last = -mu * api.inner_products(start, 2), -rate * api.inner_products(end, 2)
    slack = 1e-11 * (mu * sizes(start) + rate * sizes(end))
    return between(first - slack, change, np.minimum(last, first + curve) + slack)


@law(st.tuples(tame(), st.floats(0.01, 10.0)), scale=1.01)
def finite_response_is_the_difference_of_rates(api, example, scale=1.0):
    mix, amount = example
    before, after = (
        api.compression_rates(m) for m in (mix, mix.with_volume(t_of(mix), mix.volumes[-1] + amount))
    )
    return small(scale * api.finite_response(mix, t_of(mix), amount) - (after - before), 1 + before, 1e-12)


test_law, test_wrong_statement_has_a_counterexample = as_tests(LAWS)
