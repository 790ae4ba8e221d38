import numpy as np
import pytest

import compression_sim as cs
from compression_sim.masses import Dirichlet, Gamma, LogNormal, Pareto, Uniform, Zipf

LAWS = [
    Pareto(1.5),
    Pareto(4),
    Zipf(0.4),
    Gamma(0.3),
    Gamma(5),
    Dirichlet(0.7),
    LogNormal(1.2),
    Uniform(),
    Uniform(0.3),
]


@pytest.mark.parametrize("law", LAWS, ids=repr)
def test_samples_have_mean_1_and_the_stated_variance_and_transforms(law):
    masses = law.sample((20, 20_000), seed=1)
    draws = masses.reshape(20, -1)
    assert masses.min() >= 0
    if law.variance < 10:
        assert masses.mean() == pytest.approx(1, abs=6 * np.sqrt(law.variance / masses.size) + 1e-12)
    if law.variance < 3 and not isinstance(law, Pareto | Zipf):  # whose fourth moment is infinite
        assert masses.var() == pytest.approx(law.variance, rel=0.1)
    for order in (0, 1):
        for s in (0.01, 1.0, 30.0):
            values = (masses**order * np.exp(-s * masses)).reshape(20, -1).mean(axis=1)
            error = values.std(ddof=1) / np.sqrt(20)
            bias = 0.05 if isinstance(law, Zipf) else 0  # ranks against their limit law
            assert values.mean() == pytest.approx(
                float(law.laplace(s, order)), rel=bias, abs=5 * error + 1e-12
            )
    assert draws.shape == (20, 20_000)


@pytest.mark.parametrize("law", LAWS, ids=repr)
def test_the_same_seed_gives_the_same_masses_and_a_generator_goes_on(law):
    assert np.array_equal(law.sample(7, seed=3), law.sample(7, seed=3))
    assert not np.array_equal(law.sample(50, seed=3), law.sample(50, seed=4))
    rng = np.random.default_rng(3)
    first, second = law.sample(50, rng), law.sample(50, rng)
    assert np.array_equal(first, law.sample(50, 3))
    assert not np.array_equal(first, second)


@pytest.mark.parametrize("law", LAWS, ids=repr)
def test_orders_are_derivatives_of_each_other_and_s_0_gives_the_moments(law):
    s = np.geomspace(1e-3, 50, 9)
    for order in (0, 1):
        step = 1e-4 * s
        slope = (law.laplace(s - step, order) - law.laplace(s + step, order)) / (2 * step)
        assert slope == pytest.approx(law.laplace(s, order + 1), rel=1e-6)
    assert law.laplace([0.0, 0.0]).tolist() == [1.0, 1.0]
    assert law.laplace(0.0, 1) == 1.0
    assert law.laplace(0.0, 2) == pytest.approx(1 + law.variance, rel=1e-15)


def test_zipf_and_dirichlet_have_mean_exactly_1_in_every_draw():
    assert Zipf(0.7).sample((3, 1000)).mean(axis=1) == pytest.approx(np.ones(3), rel=1e-13)
    assert Dirichlet(0.01).sample((3, 1000)).mean(axis=1) == pytest.approx(np.ones(3), rel=1e-13)
    assert sorted(Zipf(1.0).sample(4)) == pytest.approx([12 / 25, 16 / 25, 24 / 25, 48 / 25])


def test_heavy_tails_can_be_drawn_though_they_have_no_mean():
    rows = Pareto(0.5).distributions(3, 1000, seed=2)
    assert rows.sum(axis=1) == pytest.approx(np.ones(3))
    assert rows.max() > 0.1
    assert Zipf(2).distributions(1, 100).max() == pytest.approx(1 / np.sum(np.arange(1, 101) ** -2.0))


def test_distributions_make_a_mixture():
    mix = cs.Mixture(Gamma(1).distributions(3, 500, seed=0), [10, 1, 0.1])
    assert np.isfinite(cs.elastic_response(mix, 2)).all()


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: Pareto(0), "alpha must be a finite number above 0, got 0"),
        (lambda: Pareto(float("nan")), "alpha must be a finite number above 0, got nan"),
        (lambda: LogNormal("x"), "sigma must be a finite number above 0, got 'x'"),
        (lambda: Uniform(1.5), "half_width must be a finite number above 0 and at most 1, got 1.5"),
        (lambda: Gamma(1).sample(0), "size must be an integer of at least 1, got 0"),
        (lambda: Gamma(1).distributions(2, 1.5), "leaves must be an integer of at least 1, got 1.5"),
        (lambda: Gamma(1).laplace(-1), "s must be non-negative"),
        (lambda: Gamma(1).laplace(1, 3), "order must be an integer in 0..2, got 3"),
        (
            lambda: Pareto(1).laplace(1),
            "alpha must be above 1 for Pareto masses of mean 1, got 1: .*G.* -> -1",
        ),
        (
            lambda: Zipf(1.5).laplace(1),
            "exponent must be below 1 for Zipf masses of mean 1, got 1.5: .*G.* -> -1",
        ),
    ],
)
def test_bad_input_is_named(make, says):
    with pytest.raises(ValueError, match=says):
        make()
