"""The influence form over generated mixtures: it is the elastic response."""

import numpy as np

import compression_sim as cs

from .flows import fisher, near, rows, vectors
from .laws import as_tests, registry

LAWS, law = registry()


@law(rows(3, 5), vectors(3, 0.2, 5.0), sign=1.0, power=2)
def influence_is_the_elastic_response(api, laws, volumes, sign=-1.0, power=1):
    mix = cs.Mixture(laws, volumes)
    gradients = mix.joint - laws
    inverse = np.linalg.pinv(mix.total_volume**power * fisher(mix.joint), rcond=1e-10)
    response = api.elastic_response(mix, 2) * np.log(2.0)
    return near(
        sign * gradients @ inverse @ gradients[2], response, atol=1e-9 * np.abs(response).max() + 1e-13
    )


test_law, test_wrong_statement_has_a_counterexample = as_tests(LAWS)
