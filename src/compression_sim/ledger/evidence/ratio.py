"""Evidence on the ratio of Theorem 4.2: exactly -k at l = 0, and -k/(1 - l/lambda) beyond."""

from fractions import Fraction

import numpy as np

from ... import elasticity
from .._claims import judges
from .._evidence import Evidence
from . import derived
from ._routes import rationals
from ._routes.mixtures import LN2, A, P, T, disjoint_supports, mixture, pareto_mixture


@judges("exact-ratio")
def exact_ratio(run):
    """Closed form, exact rationals, 60-digit finite differences, and mass outside the support."""
    yield from derived("exact-ratio")
    volumes = ("1/20", "1/10", "1/5", "3/10")
    yield Evidence.equal(
        "closed-form",
        [elasticity.elasticity_ratio(mixture(*disjoint_supports(9, "1/5", ell)), A, P, T) for ell in volumes],
        [-11.5625, -95 / 6, -50.0, 52.5],
        rtol=1e-11,
        detail="elasticity_ratio, disjoint supports, k = 9, q = 1/5, l = 1/20, 1/10, 1/5, 3/10",
    )
    rng, found, expected = run.rng, [], []
    for _ in range(run.size(20, 100, 500)):
        laws = rationals.rational_laws(rng, 3, 5)
        k, ell = Fraction(int(rng.integers(1, 10**6))), Fraction(int(rng.integers(0, 40)), 10)
        G = rationals.inner_products(laws, np.array([k, 1, ell]), T)
        if G[A] and abs(1 + ell * G[T] / G[A]) > Fraction(1, 1000):  # not next to its pole
            found.append(elasticity.elasticity_ratio(mixture(laws, np.array([k, 1, ell])), A, P, T))
            expected.append(-k / (1 + ell * G[T] / G[A]))
    detail = f"elasticity_ratio against -k/(1 - l/lambda) of {len(found)} rational mixtures"
    yield Evidence.equal("enumeration", found, rationals.floats(expected), rtol=1e-9, detail=detail)
    with rationals.digits(60):
        laws, k = rationals.rational_laws(rng, 3, 5), Fraction(10) ** 9
        before, after = (
            rationals.rates(rationals.balls(laws), rationals.balls(np.array([k, 1, ell])))
            for ell in (Fraction(0), Fraction(1, 10**25))
        )
        ratio = (after[A] - before[A]) / (after[P] - before[P])
    detail = "ratio of finite changes for l = 1e-25 in 60 digits, k = 1e9"
    yield Evidence.equal("interval", float(ratio), -1e9, rtol=1e-12, detail=detail)
    for share in (Fraction(3, 10), Fraction(1)):
        inside = rationals.rational_laws(rng, 1, 4)[0]
        laws = np.array([[*rationals.rational_laws(rng, 1, 4)[0], 0] for _ in range(2)] + [[0] * 5])
        laws[T] = [*(inside * (1 - share)), share]
        slopes = elasticity.elastic_response(mixture(laws, np.array([9, 1, 0])), T) * LN2
        yield Evidence.equal(
            "closed-form",
            slopes[A] + 9 * slopes[P],
            float(share),
            rtol=1e-11,
            detail=f"mass {float(share):g} outside the support: the sum of the slopes is that mass",
            role="boundary",
        )


@judges("thm-4.2-ratio")
def ratio_of_the_theorem(run):
    """Pareto mixtures within and beyond lambda."""
    yield from derived("thm-4.2-ratio")
    k, fraction = 100.0, 0.5
    low, high, left, slopes, expected = [], [], [], [], []
    for alpha in (1.2, 1.5, 3.0):
        start = pareto_mixture(run.rng, alpha, run.size(3000, 10000, 100000), k, 0.0)
        turn = elasticity.critical_perturbation(start, P, T)
        mix = start.with_volume(T, fraction * turn)
        G = elasticity.inner_products(mix, T)
        used = -mix.volumes[T] * G[T] / G[A]  # l/lambda
        ratio = -elasticity.elasticity_ratio(mix, A, P, T) / k
        at_turn = elasticity.inner_products(start.with_volume(T, turn), T)[P]
        left.append(at_turn / elasticity.inner_products(start, T)[P])
        slopes.append(elasticity.elastic_response(mix, T)[A] * LN2 * mix.volumes.sum())
        expected.append(-G[A])
        low.append(1 / (1 - used) - ratio)
        high.append(ratio - 1 / (1 - used))
        yield Evidence.at_most(
            "simulation", [1.0, used], [ratio, 1.0], slack=1e-9, detail=f"Pareto alpha {alpha:g}: l = l*/2"
        )
    yield Evidence.equal(
        "closed-form", high, 0, atol=1e-8, detail="1/(1 - l/lambda), from inner_products, at those volumes"
    )
    yield Evidence.equal(
        "closed-form",
        left,
        0,
        atol=1e-6,
        detail="G(p,t) at l*, over that at l = 0: the pre-training rate turns",
    )
    detail = "elastic_response times T, and -G(a,t), at l*/2"
    yield Evidence.equal("closed-form", slopes, expected, rtol=1e-9, detail=detail)
    laws, volumes = disjoint_supports(9, "1/5", "3/10")
    yield Evidence.equal(
        "enumeration",
        elasticity.elasticity_ratio(mixture(laws, volumes), A, P, T),
        float(np.divide(*rationals.responses(laws, volumes, T)[[A, P]])),
        rtol=1e-11,
        detail="beyond lambda the ratio is positive: k = 9, q = 1/5, l = 3/10",
        role="boundary",
    )
