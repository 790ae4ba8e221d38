"""Hooke's law over generated mixtures: forces are slopes of divergences, and the forward ones balance."""

from compression_sim import testing

from .laws import as_tests, between, registry, secants, sizes, small, t_of, tame

LAWS, law = registry()


@law(tame("full"), scale=1.01)
def forward_force_is_the_slope_of_the_divergence(api, mix, scale=1.0):
    low, high = secants(mix, lambda m: api.kl_divergence(m.distributions, m.joint))
    return between(low, scale * api.hooke_forces(mix, t_of(mix)) / mix.volumes, high)


@law(tame("full"), scale=1.01)
def reverse_force_is_the_slope_of_the_reverse_divergence(api, mix, scale=1.0):
    low, high = secants(mix, lambda m: api.kl_divergence(m.joint, m.distributions))
    return between(low, scale * api.hooke_forces(mix, t_of(mix), direction="reverse") / mix.volumes, high)


@law(testing.mixtures(zeros=False), scale=1.01)
def forward_forces_balance(api, mix, scale=1.0):
    forces = api.hooke_forces(mix, t_of(mix))
    forces[-1] *= scale
    return small(forces.sum(), mix.volumes @ sizes(mix) / mix.total_volume)


test_law, test_wrong_statement_has_a_counterexample = as_tests(LAWS)
