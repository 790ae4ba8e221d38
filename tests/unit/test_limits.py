import numpy as np
import pytest

import compression_sim as cs
from compression_sim.limits import critical_share, mass_response
from compression_sim.masses import Gamma, LogNormal, Pareto, Uniform, Zipf

WEIGHTS = [10 / 3, 13 / 3, 10 / 3]
LAWS = [Pareto(1.05), Pareto(1.5), Pareto(3), Pareto(30), Zipf(0.5), Gamma(0.1), Gamma(2), LogNormal(0.1)]
LAWS += [LogNormal(1), LogNormal(4), Uniform(0.01), Uniform(0.3), Uniform(1)]


def test_the_check_value():
    assert cs.pareto_response(3, WEIGHTS) == pytest.approx(0.0589420733071, abs=1e-13)
    assert (1 - cs.pareto_response(3, WEIGHTS)) / 11 == pytest.approx(0.085551, abs=5e-7)  # E[p2 p3/S]


@pytest.mark.parametrize("kappa", [0.01, 0.3, 1, 40, 1e6])
@pytest.mark.parametrize("parts", [2, 3, 10])
def test_gamma_masses_in_equal_parts_have_a_closed_form(kappa, parts):
    weights = np.full(parts, 7.0)
    assert mass_response(Gamma(kappa), weights, 0, 1) == pytest.approx(1 / (parts * kappa + 1), rel=1e-12)
    own = -(parts - 1) / (parts * kappa + 1)
    assert mass_response(Gamma(kappa), weights, 1, 1) == pytest.approx(own, rel=1e-12)


@pytest.mark.parametrize("alpha", [1.001, 1.5, 3, 100, 1e4])
def test_all_weight_in_one_other_part(alpha):
    expected = -1 / (alpha**2 - 1)  # 1 - E[p] E[1/p]
    assert cs.pareto_response(alpha, [1, 0, 0]) == pytest.approx(expected, rel=1e-12)
    assert cs.pareto_response(alpha, [0, 1, 0]) == pytest.approx(0, abs=1e-15)


@pytest.mark.parametrize("law", LAWS, ids=repr)
@pytest.mark.parametrize("weights", [WEIGHTS, [1, 1e6, 1], [1, 2, 3, 4], [1e9, 1, 1e9 + 7], [5, 1, 1]])
def test_conservation_of_the_limit(law, weights):
    rows = [mass_response(law, weights, i, 1) for i in range(len(weights))]
    scale = np.abs(np.multiply(weights, rows)).max()
    rounding = 1e-14 * sum(weights)  # of a G that happens to be near 0
    assert np.dot(weights, rows) == pytest.approx(0, abs=1e-10 * scale + rounding)


@pytest.mark.parametrize("k", [1, 10, 1e9])
@pytest.mark.parametrize("law", LAWS, ids=repr)
def test_equal_cardinality_fixes_the_sign(law, k):
    weights = [k / 3, k / 3 + 1, k / 3]
    response, own = mass_response(law, weights), mass_response(law, weights, 1, 1)
    assert response > 0
    assert response == pytest.approx(-(1 + 3 / k) / 2 * own, rel=1e-10)


def test_small_variance_depends_on_the_shares_alone():
    shares = np.array([0.5, 0.3, 0.2])
    for law in (Pareto(1e4), Gamma(1e8), LogNormal(1e-4), Uniform(1e-4)):
        expected = law.variance * (shares[1] + shares[2] - shares @ shares)
        assert mass_response(law, shares) == pytest.approx(expected, rel=2e-3)


def test_laws_may_differ_by_part_and_the_unit_of_the_weights_does_not_matter():
    laws = [Pareto(2), Gamma(1), LogNormal(1)]
    here = mass_response(laws, [3, 2, 1])
    assert here == pytest.approx(mass_response(laws[::-1], [1, 2, 3], 1, 0), rel=1e-13)
    assert here == pytest.approx(mass_response(laws, [3e200, 2e200, 1e200]), rel=1e-13)
    assert abs(here - mass_response(laws[::-1], [3, 2, 1])) > 1e-3


def test_divergence_is_infinite():
    assert mass_response(Gamma(0.5), [1, 0, 0]) == -np.inf  # E[1/p]
    assert mass_response(Pareto(1.5), [1, 0, 1], 1, 1) == -np.inf  # E[p^2]


@pytest.mark.parametrize(
    ("alpha", "share"),
    [
        (1.1, 0.0073),
        (1.2, 0.0263),
        (1.5, 0.0781),
        (2, 0.1260),
        (3, 0.1651),
        (5, 0.1891),
        (10, 0.2023),
        (30, 0.2088),
    ],
)
def test_critical_shares_of_the_notes(alpha, share):
    assert critical_share(Pareto(alpha)) == pytest.approx(share, abs=6e-5)


def test_critical_share_at_finite_k_and_for_small_variance():
    assert critical_share(Pareto(1.5), 10) == pytest.approx(0.0451, abs=6e-5)
    assert critical_share(Pareto(1.5), 100) == pytest.approx(0.0740, abs=6e-5)
    assert critical_share(Pareto(1.5), 1e12) == pytest.approx(critical_share(Pareto(1.5)), rel=1e-9)
    assert critical_share(Pareto(3), 1) == critical_share(Pareto(3), 0.5) == 0.0
    for law in (Pareto(1e5), Gamma(1e9), Uniform(1e-4)):
        assert critical_share(law) == pytest.approx((3 - np.sqrt(3)) / 6, rel=1e-3)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: cs.pareto_response(1, WEIGHTS), "alpha must be above 1 .* got 1: .*G.* -> -1"),
        (lambda: cs.pareto_response(-2, WEIGHTS), "alpha must be above 1 .* got -2"),
        (lambda: cs.pareto_response(np.inf, WEIGHTS), "alpha must be a finite number, got inf"),
        (lambda: cs.pareto_response(3, [1, 2]), "weights must be the 3 joint weights"),
        (lambda: cs.pareto_response(3, [1, -2, 1]), "weights must be non-negative, got -2"),
        (lambda: cs.pareto_response(3, [0, 0, 0]), "weights must not all be zero"),
        (lambda: cs.pareto_response(3, [1, np.nan, 0]), "weights must not contain NaN"),
        (lambda: mass_response("pareto", [1, 1, 1]), "law must be one mass law or one per weight"),
        (lambda: mass_response([Gamma(1)], [1, 1, 1]), "law must be one mass law or one per weight"),
        (lambda: mass_response(Gamma(1), [1, 1, 1], 1, 3), "perturbation must be an integer in 0..2, got 3"),
        (lambda: critical_share(Gamma(1), -1), "k must be a finite number above 0, got -1"),
        (lambda: critical_share(Pareto(0.9)), "alpha must be above 1"),
    ],
)
def test_bad_input_is_named(call, says):
    with pytest.raises(ValueError, match=says):
        call()
