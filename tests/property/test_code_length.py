"""The rate and the normalised rate over generated mixtures, against entropies and divergences."""

import numpy as np
from hypothesis import assume

from compression_sim import testing

from .laws import as_tests, between, registry, same, small

LAWS, law = registry()


@law(testing.mixtures(), scale=1.01)
def rate_is_the_cross_entropy_with_the_joint(api, mix, scale=1.0):
    assume((mix.joint[(mix.distributions[mix.volumes > 0] > 0).any(axis=0)] > 1e-290).all())
    cost = -np.log2(np.where(mix.joint > 0, mix.joint, 1.0))
    direct = np.where((mix.distributions > 0) & (mix.joint == 0), np.inf, mix.distributions * cost).sum(
        axis=1
    )
    rates = scale * api.compression_rates(mix)
    return same(rates, api.cross_entropy(mix.distributions, mix.joint)) and np.allclose(
        rates, direct, rtol=1e-9, atol=1e-13
    )


@law(testing.mixtures(zeros=False), scale=1.01)
def mean_rate_is_the_entropy_of_the_joint(api, mix, scale=1.0):
    mean = mix.volumes @ api.compression_rates(mix) / mix.total_volume
    return same(scale * mean, api.entropy(mix.joint), 1e-10)


@law(testing.mixtures(zeros=False), most=0.0)
def rate_exceeds_the_entropy_by_the_divergence(api, mix, most=np.inf):
    assume((mix.joint[(mix.distributions > 0).any(axis=0)] > 1e-290).all())
    rates = api.compression_rates(mix)
    gap, slack = rates - api.entropy(mix.distributions), 1e-13 + 1e-12 * rates
    kl = api.kl_divergence(mix.distributions, mix.joint)
    return small(gap - kl, slack, 1.0) and between(0, kl, most + slack)


@law(testing.distributions(), most=0.99)
def entropy_is_at_most_the_log_of_the_leaves(api, p, most=1.0):
    return bool(0 <= api.entropy(p) <= most * np.log2(len(p)) + 1e-12)


@law(testing.mixtures(), positive_only=False)
def normalized_rate_compares_with_the_uniform_code(api, mix, positive_only=True):
    leaves = np.count_nonzero(mix.distributions, axis=1) if positive_only else mix.distributions.shape[1]
    rates, uniform = api.compression_rates(mix), np.log2(leaves)
    on = np.isfinite(rates)
    gap = api.normalized_compression_rates(mix)[on] - (rates - uniform)[on]
    return small(gap, (rates + uniform)[on], 1e-12)


test_law, test_wrong_statement_has_a_counterexample = as_tests(LAWS)
