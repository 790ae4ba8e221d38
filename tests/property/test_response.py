"""The elastic response over generated mixtures: inner products, and the slope of the rates."""

import numpy as np

import compression_sim as cs
from compression_sim import testing

from .laws import LN2, as_tests, between, registry, same, secants, sizes, small, t_of, tame

LAWS, law = registry()


@law(testing.mixtures(zeros=False), scale=1.01)
def response_is_minus_the_inner_product_over_the_volume(api, mix, scale=1.0):
    response = api.elastic_response(mix, t_of(mix)) * mix.total_volume * LN2
    return same(response, -scale * api.inner_products(mix, t_of(mix)))


def last_in_turn(mix):
    """The mixture with each dataset in turn in the last place."""
    for i in range(len(mix.volumes)):
        order = [j for j in range(len(mix.volumes)) if j != i] + [i]
        yield cs.Mixture(mix.distributions[order], mix.volumes[order])


@law(tame(), sign=-1.0)
def inner_products_are_symmetric_and_positive(api, mix, sign=1.0):
    """G is symmetric, positive semidefinite, and its rows weighted by volume sum to 0."""
    matrix = sign * np.array([api.inner_products(mix, t) for t in range(len(mix.volumes))])
    size = max(sizes(other).max() for other in last_in_turn(mix))
    return (
        small(matrix - matrix.T, size, 1e-12)
        and small(matrix @ mix.volumes, size * mix.total_volume, 1e-12)
        and np.linalg.eigvalsh(matrix).min() >= -1e-12 * size
    )


@law(testing.mixtures(zeros=False), end=1.01)
def inner_products_sum_to_zero(api, mix, end=1.0):
    weights = mix.volumes.copy()
    weights[0] *= end
    return small(weights @ api.inner_products(mix, t_of(mix)), weights @ sizes(mix))


@law(tame(), scale=1.01)
def response_is_the_slope_of_the_rates(api, mix, scale=1.0):
    low, high = secants(mix, api.compression_rates)
    return between(low, scale * api.elastic_response(mix, t_of(mix)), high)


test_law, test_wrong_statement_has_a_counterexample = as_tests(LAWS)
