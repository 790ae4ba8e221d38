"""Evidence on finite changes: their bounds, and the change itself in ball arithmetic."""

from fractions import Fraction

import numpy as np

from ... import elasticity
from ...mixtures import Mixture
from .._claims import judges
from .._evidence import Evidence
from . import derived
from ._routes import rationals
from ._routes.mixtures import LN2, A, P, T, mixture


@judges("finite-l")
def finite_l(run):
    """The bounds on random mixtures, and the exact change in ball arithmetic."""
    yield from derived("finite-l")
    rng, gaps, ratios, lows, highs = run.rng, [], [], [], []
    for _ in range(run.size(60, 600, 6000)):
        laws = rng.dirichlet(np.full(6, rng.uniform(0.5, 5)), 3)
        k, ell = 10 ** rng.uniform(0, 4), 10 ** rng.uniform(-3, 1)
        laws[P] = laws.mean(axis=0) if rng.random() < 0.5 else laws[P]
        mix = Mixture(laws, [k, 1.0, 0.0])
        change = elasticity.finite_response(mix, T, ell) * LN2
        G, later = (elasticity.inner_products(m, T) for m in (mix, mix.with_volume(T, ell)))
        T0, total = k + 1, k + 1 + ell
        V = (laws * (laws[T] / mix.joint - 1) ** 2).sum(axis=1)
        tangent = -ell / total * G
        upper = np.minimum(-ell / T0 * later, tangent + ell**2 / (2 * T0**2) * V)
        scale = np.abs(tangent).max()
        gaps.append(np.minimum(change - tangent, upper - change)[[P, A]].min() / scale)
        bend = ell * total / (2 * T0**2 * -G[A])
        if G[A] < -1e-6 and k * bend * V[P] < 1:
            ratios.append(-change[A] / change[P])
            lows.append(k)
            highs.append(k * (1 + bend * V[A]) / (1 - k * bend * V[P]))
    yield Evidence.at_most(
        "property", -np.array(gaps), 0, slack=1e-9, detail=f"both bounds on {len(gaps)} random mixtures"
    )
    detail = f"bounds on the ratio in the {len(ratios)} cases with G(a,t) < 0 and x < 1"
    yield Evidence.at_most("property", np.divide(lows, ratios), 1, slack=1e-9, detail=detail)
    yield Evidence.at_most("property", np.divide(ratios, highs), 1, slack=1e-9, detail=detail)
    found, expected = [], []
    for k, outside in ((1, 0), (10**3, 0), (10**6, 0), (10, Fraction(1, 4))):
        laws = rationals.rational_laws(rng, 3, 5)
        laws[T] *= 1 - outside
        with rationals.digits(50):
            before, after = (
                rationals.rates(rationals.balls(laws), rationals.balls(np.array([k, 1, ell])))
                for ell in (Fraction(0), Fraction(1, 2))
            )
            expected.extend(rationals.floats(after - before)[: 2 if outside else 3])
        whole = np.column_stack([laws, [0, 0, outside]])
        change = elasticity.finite_response(mixture(whole, np.array([k, 1, 0])), T, 0.5) * LN2
        found.extend(change[: 2 if outside else 3])
    detail = "finite_response against 50 digits, l = 1/2, k = 1, 1e3, 1e6; 10 with new leaves"
    yield Evidence.equal("interval", found, expected, rtol=1e-10, detail=detail)
