"""Two descriptions of one mixture have the same numbers; weights are normalised in proportion."""

import numpy as np
from hypothesis import strategies as st

import compression_sim as cs
from compression_sim import testing

from .laws import as_tests, registry, same, sizes, small, t_of, tame

SEEDS = st.integers(0, 2**32 - 1)

LAWS, law = registry()


def equivariant(api, mix, other, *, rates=0.0, unit=1.0, order=None):
    """`other` describes the same as `mix`: rates up to `rates`, volumes in a `unit`, datasets in `order`."""
    order = np.arange(len(other.volumes)) if order is None else order
    p, t = (int(np.flatnonzero(order == i)[0]) for i in (0, t_of(mix)))
    slack = sizes(mix)[order] / mix.total_volume
    responses = api.elastic_response(mix, t_of(mix))[order] - api.elastic_response(other, t) * unit
    forces = api.hooke_forces(mix, t_of(mix))[order] - api.hooke_forces(other, t)
    turn = api.critical_perturbation(other, p, t) / unit
    if 0 < turn < 1e10:  # the zero of the response there is one here
        at = mix.with_volume(t_of(mix), turn)
        if not small(api.elastic_response(at, t_of(mix))[0] * at.total_volume, sizes(at)[0], 1e-9):
            return False
    return (
        small((api.compression_rates(mix) + rates)[order] - api.compression_rates(other), 1.0, 1e-12)
        and small(responses, slack)
        and small(forces, mix.volumes[order] * slack)
    )


@law(st.tuples(tame(), SEEDS), together=False)
def order_of_the_leaves_does_not_matter(api, example, together=True):
    mix, seed = example
    rng, leaves = np.random.default_rng(seed), mix.distributions.shape[1]
    orders = np.array([rng.permutation(leaves) for _ in mix.volumes])
    rows = np.take_along_axis(mix.distributions, orders[[0] * len(orders)] if together else orders, axis=1)
    return equivariant(api, mix, cs.Mixture(rows, mix.volumes))


@law(st.tuples(tame(), SEEDS), volumes_too=False)
def order_of_the_datasets_does_not_matter(api, example, volumes_too=True):
    mix, seed = example
    order = np.random.default_rng(seed).permutation(len(mix.volumes))
    volumes = mix.volumes[order] if volumes_too else mix.volumes
    return equivariant(api, mix, cs.Mixture(mix.distributions[order], volumes), order=order)


@law(st.tuples(tame(), SEEDS, st.floats(0.01, 0.99)), cost=0.0)
def splitting_a_leaf_costs_its_own_entropy_and_moves_nothing(api, example, cost=1.0):
    mix, seed, share = example
    leaf = seed % mix.distributions.shape[1]
    rows = np.insert(mix.distributions, leaf, mix.distributions[:, leaf] * share, axis=1)
    rows[:, leaf + 1] *= 1 - share
    bits = mix.distributions[:, leaf] * api.entropy([share, 1 - share])
    return equivariant(api, mix, cs.Mixture(rows, mix.volumes), rates=cost * bits)


@law(st.tuples(tame(), st.sampled_from([1e-30, 1e-3, 3.0, 1e6, 1e30])), used=1.0)
def unit_of_the_volumes_does_not_matter(api, example, used=None):
    mix, unit = example
    other = cs.Mixture(mix.distributions, mix.volumes * unit)
    return equivariant(api, mix, other, unit=unit if used is None else used)


@law(tame(datasets=4), weighted=False)
def merged_datasets_count_as_their_mean(api, mix, weighted=True):
    """D_1 and D_2 as one dataset: the others' numbers stay, its own are the means by volume."""
    weights = mix.volumes[1:3] / mix.volumes[1:3].sum() if weighted else np.array([0.5, 0.5])
    rows = np.vstack([mix.distributions[0], weights @ mix.distributions[1:3], mix.distributions[3]])
    other = cs.Mixture(rows, [mix.volumes[0], mix.volumes[1:3].sum(), mix.volumes[3]])

    def merged(values):
        return np.array([values[0], weights @ values[1:3], values[3]])

    responses = merged(api.elastic_response(mix, 3)) - api.elastic_response(other, 2)
    return same(merged(api.compression_rates(mix)), api.compression_rates(other), 1e-10) and small(
        responses, sizes(mix).sum() / mix.total_volume
    )


@law(st.tuples(tame(), st.integers(2, 32)), power=0.0)
def depth_divides(api, example, power=1.0):
    mix, depth = example
    return all(
        same(f(depth) * depth**power, f(1))
        for f in (
            lambda d: api.compression_rates(mix, d),
            lambda d: api.elastic_response(mix, 0, depth=d),
            lambda d: api.finite_response(mix, 0, 1.0, depth=d),
        )
    )


@law(st.tuples(tame(), st.integers(0, 6)), base=np.e)
def rates_are_in_bits(api, example, base=2.0):
    """A uniform joint of 2^n leaves costs n bits."""
    mix, bits = example
    uniform = cs.Mixture(np.full((len(mix.volumes), 2**bits), 0.5**bits), mix.volumes)
    return small(api.compression_rates(uniform) - np.log(2.0**bits) / np.log(base), 1.0)


@law(st.tuples(testing.distributions(), st.sampled_from([1e-280, 1.0, 1e308])), power=1.1)
def normalized_rows_sum_to_one_in_the_given_proportions(api, example, power=1.0):
    row, unit = example
    weights = row**power * unit
    step = np.finfo(float).smallest_subnormal / unit  # what weights that small can tell apart
    return small(api.normalize(weights) - row, row + step / 1e-12 + 1e-300, 1e-12)


test_law, test_wrong_statement_has_a_counterexample = as_tests(LAWS)
