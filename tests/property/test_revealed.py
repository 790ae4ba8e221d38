"""Revealed preference over generated mixtures, for a finite perturbation."""

from hypothesis import strategies as st

from compression_sim import testing

from .laws import as_tests, covered, registry, sizes

LAWS, law = registry()


@law(st.tuples(testing.mixtures(3), st.floats(1e-6, 10.0)), factor=1.01)
def revealed_preference(api, example, factor=1.0):
    """0 <= k Delta_p + Delta_a <= -l Delta_t for a finite addition l."""
    mix, amount = example
    start = covered(mix)
    change = api.finite_response(start, 2, amount)
    total, slack = (
        start.volumes * change,
        1e-11 * (start.volumes @ sizes(start)) * amount / start.total_volume,
    )
    return bool(-slack <= factor * total[0] + total[1] and total.sum() <= -amount * change[2] + slack)


test_law, test_wrong_statement_has_a_counterexample = as_tests(LAWS)
