"""The ratio over generated mixtures: -k at the start, -k/(1 - l/lambda) later."""

import numpy as np
from hypothesis import assume

from compression_sim import testing

from .laws import as_tests, covered, registry, sizes, small, tame

LAWS, law = registry()


@law(testing.mixtures(3), factor=1.01)
def ratio_is_minus_k_at_the_start(api, mix, factor=1.0):
    start = covered(mix)
    assume((np.abs(api.elastic_response(start, 2)) > 1e-290).all())
    k, ratio = start.volumes[0] / start.volumes[1], api.elasticity_ratio(start, 1, 0, 2)
    assume(np.isfinite(ratio))  # where G(a, t) is rounding the ratio of it is, too: only its size is bounded
    return small(
        (ratio + factor * k) * api.inner_products(start, 2)[1], (abs(ratio) + k) * sizes(start)[1], 1e-13
    )


@law(tame(datasets=3), reach=1.2)
def ratio_with_perturbation(api, mix, reach=1.0):
    """-k/(1 - l/lambda), lambda = -G(a,t)/G(t,t), multiplied out, since 1 - l/lambda may vanish."""
    inner, size, ratio = api.inner_products(mix, 2), sizes(mix), api.elasticity_ratio(mix, 1, 0, 2)
    k, one, amount = mix.volumes
    assume((np.abs(inner) > 1e-6 * size).all())
    gap = ratio * (one * inner[1] + reach * amount * inner[2]) + k * inner[1]
    return small(gap, 10 * (abs(ratio) + 1) * size.sum(), 1e-8)


test_law, test_wrong_statement_has_a_counterexample = as_tests(LAWS)
