"""Where the pre-training rate turns, over generated mixtures."""

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st

from compression_sim import testing

from .laws import as_tests, covered, registry, sizes, t_of, tame

LAWS, law = registry()


@law(st.tuples(tame(), st.floats(0.01, 0.95), st.floats(0.01, 0.95)), in_mu=False)
def rates_are_convex_in_mu(api, example, in_mu=True):
    """The rate is convex in mu = l/T, though not in l."""
    mix, *ends = example
    rest = mix.with_volume(t_of(mix), 0.0).total_volume
    mus = np.array([ends[0], sum(ends) / 2, ends[1]])
    amounts = rest * mus / (1 - mus)
    if not in_mu:
        amounts[1] = (amounts[0] + amounts[2]) / 2
    first, middle, last = (api.compression_rates(mix.with_volume(t_of(mix), amount)) for amount in amounts)
    return bool((middle <= (first + last) / 2 * (1 + 1e-12) + 1e-14).all())


@law(st.one_of(testing.mixtures(), testing.mixtures(overlap="nested")), factor=1.01)
def critical_perturbation_is_where_the_sign_turns(api, mix, factor=1.0):
    start, t = covered(mix), t_of(mix)
    turn = api.critical_perturbation(mix, 0, t) * factor
    assume(not np.isnan(turn))
    for amount in (0.995 * turn, 1.005 * turn, 1e-9, 1.0, 1e9):
        if np.isfinite(amount):
            moved = start.with_volume(t_of(mix), amount)
            rise, slack = api.elastic_response(moved, t)[0] * moved.total_volume, 1e-11 * sizes(moved)[0]
            if (rise > slack and amount < turn) or (rise < -slack and amount > turn):
                return False
    return True


@law(st.tuples(tame("nested"), st.floats(0, 20)), factor=2.0)
def pretraining_is_compressed_most_at_the_critical_perturbation(api, example, factor=1.0):
    """The pre-training rate is unimodal in l, least at l*."""
    mix, amount = example
    turn = api.critical_perturbation(mix, 0, t_of(mix)) * factor
    assume(np.isfinite(turn))
    best, other = (api.compression_rates(mix.with_volume(t_of(mix), volume))[0] for volume in (turn, amount))
    return bool(best <= other * (1 + 1e-12) + 1e-15)


test_law, test_wrong_statement_has_a_counterexample = as_tests(LAWS)
