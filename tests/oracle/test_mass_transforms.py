"""Transforms and responses against 40-digit arithmetic (mpmath) and certified enclosures (Arb)."""

import mpmath as mp
import numpy as np
import pytest

import compression_sim as cs
from compression_sim._enclosures import response_enclosure
from compression_sim._expint import log_expint
from compression_sim.limits import critical_share, mass_response
from compression_sim.masses import Gamma, LogNormal, Pareto, Uniform

S = [1e-30, 1e-12, 1e-3, 0.3, 0.999, 1.0, 1.001, 3.0, 20.0, 300.0, 700.0]


def log_reference(law, s, order):
    """log E[p^order e^(-s p)] in 40 digits, by formulas that the package does not use."""
    s = mp.mpf(s)
    match law:
        case Pareto():
            alpha, low = mp.mpf(law.alpha), 1 - 1 / mp.mpf(law.alpha)
            # incomplete gamma instead of E_nu
            return mp.log(alpha * low**alpha * s ** (alpha - order) * mp.gammainc(order - alpha, s * low))
        case Gamma():
            kappa = mp.mpf(law.kappa)
            return mp.log(
                mp.gamma(kappa + order) / mp.gamma(kappa) * kappa**kappa / (kappa + s) ** (kappa + order)
            )
        case Uniform():
            low, high = 1 - mp.mpf(law.half_width), 1 + mp.mpf(law.half_width)
            value = mp.gammainc(order + 1, s * low, s * high) / (s ** (order + 1) * (high - low))
            return mp.log(value)
        case LogNormal():
            sigma = mp.mpf(law.sigma)

            def density(z):
                return mp.exp(
                    order * (sigma * z - sigma**2 / 2) - z * z / 2 - s * mp.exp(sigma * z - sigma**2 / 2)
                )

            return mp.log(mp.quad(density, mp.linspace(-40, 24, 257)) / mp.sqrt(2 * mp.pi))
    raise AssertionError(law)


@pytest.mark.parametrize(
    "law",
    [*map(Pareto, (1.001, 1.5, 2.0, 2.000001, 3.0, 7.3, 100.0, 1000.0)), *map(Gamma, (0.01, 1.0, 30.0, 1e5))]
    + [Uniform(1e-3), Uniform(0.4), Uniform(1.0)],
    ids=repr,
)
def test_transforms_agree_to_1e_13(law):
    with mp.workdps(60):
        for order in (0, 1, 2):
            values = law.log_laplace(S, order)
            for s, value in zip(S, values, strict=True):
                reference = log_reference(law, s, order)
                allowed = 1e-13 * max(1, abs(reference) / 10)  # s p itself is rounded
                assert abs(mp.mpf(float(value)) - reference) < allowed, (s, order)


@pytest.mark.parametrize("sigma", [0.1, 1.0, 2.5])
def test_lognormal_transforms_agree_to_1e_13(sigma):
    with mp.workdps(20):
        for order, s in [
            (0, 1e-30),
            (0, 1e-3),
            (0, 1.0),
            (0, 60.0),
            (1, 1e-3),
            (1, 1.0),
            (1, 60.0),
            (2, 1.0),
        ]:
            reference = log_reference(LogNormal(sigma), s, order)
            value = float(LogNormal(sigma).log_laplace(s, order))
            assert abs(mp.mpf(value) - reference) < 1e-13 * max(1, abs(reference) / 10), (s, order)


def test_exponential_integral_near_its_branches():
    with mp.workdps(40):
        for nu in (0.0, 0.5, 1.0, 1 + 1e-9, 2.0, 2 - 1e-7, 5.0, 33.25, 1001.0):
            z = np.array([1e-250, 1e-30, 1e-5, 0.5, 1 - 1e-12, 1.0, 1 + 1e-12, 2.0, 30.0, 700.0])
            for point, value in zip(z, log_expint(nu, z), strict=True):
                reference = mp.log(mp.expint(mp.mpf(nu), mp.mpf(float(point))))
                assert abs(mp.mpf(float(value)) - reference) < 2e-15 * max(1, abs(reference)), (nu, point)


CASES = {
    "paper": [(10, 3), (13, 3), (10, 3)],
    "k=1": [(1, 3), (4, 3), (1, 3)],
    "k=1e9": [(10**9, 3), (10**9 + 3, 3), (10**9, 3)],
    "small D_2": [10**9, 1, 10**4],
    "large D_2": [1, 10**9, 1],
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize(
    "law", [*map(Pareto, (1.001, 1.1, 1.5, 2.0, 3.0, 10.0)), Gamma(0.3), Gamma(4.0)], ids=repr
)
def test_responses_lie_where_interval_arithmetic_says(law, case):
    weights = CASES[case]
    ball = response_enclosure(law, weights, digits=22)
    value = mass_response(law, [w[0] / w[1] if isinstance(w, tuple) else w for w in weights])
    assert float(ball.rad()) < 1e-19 * max(1, abs(value))
    assert value == pytest.approx(float(ball.mid()), rel=1e-10)


def test_a_narrow_law_keeps_ten_digits():
    ball = response_enclosure(Pareto(1000.0), CASES["paper"], digits=18)
    assert cs.pareto_response(1000, [10 / 3, 13 / 3, 10 / 3]) == pytest.approx(float(ball.mid()), rel=1e-10)


@pytest.mark.parametrize("alpha", [1.1, 1.5, 3.0])
def test_the_sign_changes_at_the_critical_share(alpha):
    share = critical_share(Pareto(alpha))
    for factor, sign in ((1 - 1e-9, -1), (1 + 1e-9, 1)):
        q = share * factor
        assert response_enclosure(Pareto(alpha), [1 - 2 * q, q, q], digits=16) * sign > 0
