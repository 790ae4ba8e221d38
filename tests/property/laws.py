"""How a law is stated and tried: a predicate of the package's functions and of a generated example.

The parameters' defaults state a law truly; `wrong` values make it false. In a mixture dataset 0 is p, 1 is a,
the last is t.
"""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import Phase, assume, find, given, settings
from hypothesis import strategies as st

import compression_sim as cs
from compression_sim import elasticity, testing

LN2 = np.log(2.0)
FUNCTIONS = (
    "compression_rates",
    "normalized_compression_rates",
    "inner_products",
    "elastic_response",
    "finite_response",
    "elasticity_ratio",
    "critical_perturbation",
    "hooke_forces",
    "rebound_curve",
    "entropy",
    "cross_entropy",
    "kl_divergence",
    "normalize",
)
API = SimpleNamespace(**{name: getattr(elasticity, name, None) or getattr(cs, name) for name in FUNCTIONS})
SEARCH = settings(max_examples=300, phases=[Phase.generate], derandomize=True, deadline=None, database=None)
MASS_LAWS = testing.mass_laws()
K = st.floats(-1.0, 9.0).map(lambda e: 10.0**e)
WEIGHT = st.floats(-4.0, 4.0).map(lambda e: 10.0**e)


def registry():
    """(laws, register): `@register(*strategies, **wrong)` adds a law to `laws`.

    `holds(api, *example)` is true of all examples of the strategies; each of `wrong`, as a keyword, makes it
    false. `examples`: how many are tried, where the profile's number takes too long.
    """
    laws = {}

    def register(*strategies, examples=None, **wrong):
        def add(holds):
            laws[holds.__name__] = st.tuples(*strategies), holds, wrong, examples
            return holds

        return add

    return laws, register


def as_tests(laws):
    """The two tests of a registry: each law holds, and fails when it is stated wrongly."""
    parameters = [pytest.param(*case, id=name) for name, case in laws.items()]

    @pytest.mark.parametrize(("strategy", "holds", "wrong", "examples"), parameters)
    def test_law(strategy, holds, wrong, examples):
        @settings(max_examples=examples or settings().max_examples)
        @given(strategy)
        def check(example):
            assert holds(API, *example)

        check()

    @pytest.mark.parametrize(("strategy", "holds", "wrong", "examples"), parameters)
    def test_wrong_statement_has_a_counterexample(strategy, holds, wrong, examples):
        assert wrong
        for name, value in wrong.items():
            find(strategy, lambda example: not holds(API, *example, **{name: value}), settings=SEARCH)  # noqa: B023

    return test_law, test_wrong_statement_has_a_counterexample


@st.composite
def tame(draw, overlap="any", datasets=None):
    """Any rows, but volumes of one order: what a difference of two rates resolves."""
    mix = draw(testing.mixtures(datasets, overlap=overlap, zeros=False))
    m = len(mix.volumes)
    return cs.Mixture(mix.distributions, draw(st.lists(st.floats(0.2, 5.0), min_size=m, max_size=m)))


def t_of(mix):
    return len(mix.volumes) - 1


def covered(mix):
    """The mixture without its perturbation, if it has all leaves of it; other examples are thrown away."""
    start = mix.with_volume(t_of(mix), 0.0)
    assume((start.joint[mix.distributions[-1] > 0] > 1e-290).all())
    return start


def sizes(mix):
    """(datasets,): size of the terms of G(i, t), sum_j n_j (P_i - P_j) expanded; rounding scales with it."""
    n, rows, total = mix.volumes, mix.distributions, mix.total_volume
    spread = (rows * (total - n)[:, None] + (n @ rows - n[:, None] * rows)) / total
    on = mix.joint > 1e-290
    assume(not (rows[:, ~on] > 0).any())
    return (spread[:, on] * (spread[-1, on] / mix.joint[on])).sum(axis=1)


def small(values, size, rtol=1e-11):
    return bool(np.all(np.abs(values) <= rtol * np.asarray(size)))


def same(values, others, rtol=1e-11):
    return np.allclose(values, others, rtol=rtol, atol=0.0, equal_nan=True)


def between(low, value, high):
    return bool(np.all((low <= value) & (value <= high)))


def secants(mix, value, step=1e-3):
    """Slopes in l of `value`, convex in mu = l/T, just before and just after the mixture's own l."""
    total, rest = mix.total_volume, mix.total_volume - mix.volumes[-1]
    mu, slope = mix.volumes[-1] / total, rest / total**2  # slope: d mu / d l
    h = step * min(mu, 1 - mu)
    before, here, after = (
        value(mix.with_volume(t_of(mix), rest * m / (1 - m))) for m in (mu - h, mu, mu + h)
    )
    noise = 1e-14 * (1 + np.abs(here)) / h
    return ((here - before) / h - noise) * slope, ((after - here) / h + noise) * slope
