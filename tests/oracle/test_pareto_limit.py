"""The Pareto limit against 30-digit ball arithmetic, and that reference against mpmath's quadrature."""

import flint
import mpmath
import numpy as np
import pytest
from flint import acb, arb

import compression_sim as cs

from .exact import agree


@pytest.fixture(autouse=True)
def _hundred_digits():
    with flint.ctx.workprec(340):
        yield


def pareto_exact(alpha, weights, digits=30):
    """1 - T int_0^inf L(w_1 s) L1(w_2 s) L1(w_3 s) ds, s = e^y: the trapezoidal rule on the real line.

    The integrand is analytic for |Im y| < pi/2, so that a step h errs by about exp(-pi^2/h).
    """
    alpha, w = arb(alpha), [arb(float(v)) for v in weights]
    total, x = sum(w, arb(0)), (alpha - 1) / alpha

    def expint(order, z):
        return acb(z).expint(acb(order)).real

    def integrand(s):
        z = [x * s * v / total for v in w]
        plain = alpha * expint(alpha + 1, z[0])
        return plain * (alpha * x) ** 2 * expint(alpha, z[1]) * expint(alpha, z[2]) * s

    span = digits * np.log(10) + 5
    step = arb(np.pi**2) / span
    high = np.log(span * 3 / float(x.mid()))  # past it exp(-x s) has fallen below the digits kept
    first, last = int(-span / float(step.mid())), int(high / float(step.mid())) + 1
    return 1 - step * sum((integrand((step * j).exp()) for j in range(first, last + 1)), arb(0))


PARETO = [
    (alpha, (k * a, k * b + 1, k * c))
    for alpha in (1.001, 1.05, 1.2, 1.5, 2.0, 3.0, 5.5, 10.0, 50.0, 1e3)
    for k, (a, b, c) in ((10, (1 / 3, 1 / 3, 1 / 3)), (1e5, (0.8, 0.1, 0.1)), (1e9, (1 / 3, 1 / 3, 1 / 3)))
]


@pytest.mark.parametrize(("alpha", "weights"), PARETO)
def test_pareto_response(alpha, weights):
    agree(cs.pareto_response(alpha, weights), pareto_exact(alpha, weights))


def test_pareto_check_value():
    """Check value of the notes: alpha = 3 at k = 10."""
    assert cs.pareto_response(3, (10 / 3, 13 / 3, 10 / 3)) == pytest.approx(0.058942, abs=5e-7)


@pytest.mark.parametrize(("alpha", "weights"), [(1.5, (3.0, 4.0, 3.0)), (3.0, (10 / 3, 13 / 3, 10 / 3))])
def test_pareto_reference_agrees_with_mpmath_quadrature(alpha, weights):
    with mpmath.workdps(25):
        x = mpmath.mpf(alpha - 1) / alpha
        w = [mpmath.mpf(v) for v in weights]

        def integrand(s):
            first = alpha * mpmath.expint(alpha + 1, x * w[0] * s)
            return first * mpmath.fprod(alpha * x * mpmath.expint(alpha, x * v * s) for v in w[1:])

        total = 1 - sum(w) * mpmath.quad(integrand, [0, 0.1, 1, 4, 20])
        assert float(total) == pytest.approx(float(pareto_exact(alpha, weights)), rel=1e-9)
