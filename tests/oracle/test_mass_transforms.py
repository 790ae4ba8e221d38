"""Transforms, responses and critical shares against certified interval arithmetic (Arb, 40 digits)."""

import numpy as np
import pytest
from flint import acb, arb, ctx

import compression_sim as cs
from compression_sim._expint import log_expint
from compression_sim.ledger.evidence._routes.many_leaves import response_enclosure
from compression_sim.limits import critical_share, mass_response
from compression_sim.masses import Gamma, LogNormal, Pareto, Uniform

S = [1e-30, 1e-12, 1e-3, 0.3, 0.999, 1.0, 1.001, 3.0, 20.0, 300.0, 700.0]


@pytest.fixture(autouse=True)
def forty_digits():
    with ctx.workdps(40):
        yield


def log_reference(law, s, order):
    """A ball around log E[p^order e^(-s p)]: the definition integrated, or Arb's own special functions."""
    s = arb(s)
    if isinstance(law, Pareto):
        alpha = arb(law.alpha)
        low = 1 - 1 / alpha
        return (alpha * low**order * acb(s * low).expint(alpha + 1 - order).real).log()
    if isinstance(law, Gamma):
        kappa = arb(law.kappa)
        moment = (kappa + order).gamma() / kappa.gamma() / kappa**order
        return moment.log() - (kappa + order) * (1 + s / kappa).log()
    if isinstance(law, Uniform):
        width = arb(law.half_width)
        value = acb.integral(
            lambda p, _: p**order * (-s * p).exp(), 1 - width, 1 + width, rel_tol=1e-30, abs_tol=1e-330
        )
        return (value.real / (2 * width)).log()
    sigma = arb(law.sigma)

    def density(z, _):
        log_p = sigma * z - sigma**2 / 2
        return (order * log_p - z * z / 2 - s * log_p.exp()).exp()

    value = acb.integral(density, -45, 30, rel_tol=1e-25, abs_tol=1e-330)
    return (value.real / (2 * arb.pi()).sqrt()).log()


def assert_near(value, ball, rtol):
    """Of log E: an absolute error is a relative one of E; s p itself is rounded, hence the second term."""
    mid = float(ball.mid())
    assert float(ball.rad()) < 1e-16 * max(1, abs(mid))
    assert abs(float(arb(float(value)) - ball.mid())) < rtol * max(1, abs(mid) / 10)


LAWS = [
    *map(Pareto, (1.001, 1.5, 2.0, 2.000001, 3.0, 7.3, 100.0, 1000.0)),
    *map(Gamma, (0.01, 1.0, 30.0, 1e5)),
    *map(LogNormal, (0.1, 1.0, 2.5)),
    *map(Uniform, (1e-3, 0.4, 1.0)),
]


@pytest.mark.parametrize("order", [0, 1, 2])
@pytest.mark.parametrize("law", LAWS, ids=repr)
def test_transforms_agree_to_1e_13(law, order):
    for s, value in zip(S, law.log_laplace(S, order), strict=True):
        assert_near(value, log_reference(law, s, order), 1e-13)


def test_exponential_integral_near_its_branches():
    for nu in (0.0, 0.5, 1.0, 1 + 1e-9, 2.0, 2 - 1e-7, 5.0, 33.25, 1001.0):
        z = np.array([1e-250, 1e-30, 1e-5, 0.5, 1 - 1e-12, 1.0, 1 + 1e-12, 2.0, 30.0, 700.0])
        for point, value in zip(z, log_expint(nu, z), strict=True):
            assert_near(value, acb(float(point)).expint(arb(nu)).real.log(), 4e-15)


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
    ball = response_enclosure(Pareto(1000.0), CASES["paper"], digits=17)
    assert cs.pareto_response(1000, [10 / 3, 13 / 3, 10 / 3]) == pytest.approx(float(ball.mid()), rel=1e-10)


@pytest.mark.parametrize("alpha", [1.1, 1.5, 3.0])
def test_the_sign_changes_at_the_critical_share(alpha):
    share = critical_share(Pareto(alpha))
    for factor, sign in ((1 - 1e-9, -1), (1 + 1e-9, 1)):
        q = share * factor
        assert response_enclosure(Pareto(alpha), [1 - 2 * q, q, q], digits=16) * sign > 0
