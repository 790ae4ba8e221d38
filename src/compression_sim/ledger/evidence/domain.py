"""Evidence on the volume at which the pre-training rate turns, and on the domain of the signs."""

from fractions import Fraction

import numpy as np
from scipy.optimize import brentq

from compression_theory.domain import EARLY

from ... import elasticity, limits, masses
from ...mixtures import Mixture
from .._claims import judges
from .._evidence import Evidence
from . import derived
from ._routes import mass_laws, rationals
from ._routes.averages import average
from ._routes.mass_laws import LAWS, SAMPLERS, normalized, weights
from ._routes.mixtures import LN2, A, P, T, disjoint_supports, mixture, pareto_mixture


@judges("critical-volume")
def equal_parts(run):
    """l* of m equal parts: 1/(m-1) for every law, from the limit integral and by simulation."""

    def turning(law, parts, k):
        """The l at which k G(p, t) = -G(a, t) - l G(t, t) is 0 in the limit of many leaves."""

        def slope(ell):
            w = weights(k, np.full(parts, 1 / parts)) + ell * np.eye(parts)[2]
            return limits.mass_response(law, w, 1, 2) + ell * limits.mass_response(law, w, 2, 2)

        return brentq(slope, 0.01, 2, xtol=1e-8)

    cases = [(law, parts) for law in LAWS for parts in (3, 10)]
    yield Evidence.equal(
        "closed-form",
        [turning(law, parts, 1e6) for law, parts in cases],
        [1 / (parts - 1) for _, parts in cases],
        rtol=1e-4,
        detail="many leaves: l* of 3 and of 10 equal parts at k = 1e6 is 1/(m-1), for five mass laws alike",
    )
    yield Evidence.equal(
        "closed-form",
        [limits.mass_response(masses.Gamma(kappa), np.ones(3), 1, 2) for kappa in (0.1, 1, 30)],
        [1 / (3 * kappa + 1) for kappa in (0.1, 1, 30)],
        rtol=1e-11,
        detail="the integral behind it: gamma masses, three equal parts, 1/(3 kappa + 1)",
    )
    rng, leaves = run.rng, run.size(10**4, 3 * 10**4, 2 * 10**5)
    for law, k in zip(LAWS[1:], (10, 1e5, 10, 1e5), strict=True):
        mixtures = (mass_laws.mixture(law, k, leaves, rng) for _ in range(run.size(24, 24, 40)))
        found = np.array([elasticity.critical_perturbation(mix, 0, 2) for mix in mixtures])
        detail = f"{law}, three equal parts, {leaves} leaves, k = {k:g}: l*, against the limit integral's"
        yield average(found, turning(law, 3, k), detail)


@judges("critical-volume")
def critical_volume(run):
    """Disjoint supports, certified sign changes, the limit for large k, equal parts, convexity."""
    yield from derived("critical-volume")
    rng = run.rng
    cases = [(k, q) for k in (1, 10**3, 10**9) for q in ("1/5", "1/3", "1/2")]
    yield Evidence.equal(
        "closed-form",
        [elasticity.critical_perturbation(mixture(*disjoint_supports(k, q, 0)), P, T) for k, q in cases],
        [float(Fraction(q) / (1 - Fraction(q))) for _, q in cases],
        rtol=1e-11,
        detail="critical_perturbation, disjoint supports, q/(1-q), k = 1, 1e3, 1e9",
    )
    signs = []
    for _ in range(run.size(10, 50, 300)):
        laws = rationals.rational_laws(rng, 3, 6)
        laws[P] = laws.sum(axis=0) / 3
        k = int(10 ** rng.uniform(0, 6))
        turn = elasticity.critical_perturbation(mixture(laws, np.array([k, 1, 0])), P, T)
        if 0 < turn < np.inf:
            for side in (1 - 1e-9, 1 + 1e-9):
                volumes = np.array([k, 1, Fraction(turn * side)])
                G = rationals.inner_products(laws, volumes, T)[P]
                signs.append(np.sign(float(G)) * (1 if side < 1 else -1))
    detail = f"G(p,t) changes sign, in exact rationals, within 1e-9 of l* in {len(signs) // 2} mixtures"
    yield Evidence.equal("enumeration", signs, 1, detail=detail)
    laws = rationals.rational_laws(rng, 3, 60)
    laws[P] = laws.sum(axis=0) / 3
    base = [(laws[i] * laws[T] / laws[P]).sum() - 1 for i in (A, T)]
    yield Evidence.equal(
        "closed-form",
        [elasticity.critical_perturbation(mixture(laws, np.array([k, 1, 0])), P, T) for k in (10**6, 10**9)],
        float(-base[0] / base[1]),
        rtol=1e-5,
        detail="60 leaves, k = 1e6 and 1e9: -G_p(a,t)/G_p(t,t)",
    )
    leaves = run.size(10**4, 4 * 10**4, 4 * 10**5)
    for name, m in (("Pareto 3", 3), ("exponential", 3), ("exponential", 10)):
        turns = []
        for _ in range(24):
            law = normalized(SAMPLERS[name](rng, (m, leaves)))
            mix = Mixture([law.mean(axis=0), law[1], law[2]], [1e5, 1.0, 0.0])
            turns.append(elasticity.critical_perturbation(mix, P, T) * (m - 1))
        detail = f"(m-1) l* of {m} equal parts with {name} masses, k = 1e5, {leaves} leaves"
        yield average(turns, 1, detail)
    laws, volumes = rationals.rational_laws(rng, 3, 8), np.array([3, 1, 0])
    mix = mixture(laws, volumes)
    share = np.linspace(0, 0.99, 100)
    rates = np.array([elasticity.compression_rates(mix.with_volume(T, 4 * mu / (1 - mu))) for mu in share])
    with rationals.digits(50):
        start = rationals.floats(rationals.rates(rationals.balls(laws), rationals.balls(volumes)))
    detail = "the rates at mu = 0 against 50 digits"
    yield Evidence.equal("interval", rates[0] * LN2, start, rtol=1e-12, detail=detail)
    detail = "second differences of every rate in mu, on a grid"
    yield Evidence.at_most("property", -np.diff(rates, 2, axis=0), 0, slack=1e-13, detail=detail)


@judges("thm-4.2-domain")
def domain(run):
    """Slopes on both sides of l*, for disjoint parts exactly and for Pareto masses."""
    yield from derived("thm-4.2-domain")
    found, expected = [], []
    for m, k, ell in ((3, 1000, "49/100"), (3, 1000, "51/100"), (101, 10**6, "1/101"), (101, 10**6, "1/50")):
        laws, volumes = disjoint_supports(k, Fraction(1, m), ell)
        slopes = elasticity.elastic_response(mixture(laws, volumes), T)
        found.append(slopes[P] * LN2)
        ell = Fraction(ell)
        expected.append(float(-(1 - (m - 1) * ell) / (k + m * ell) / (k + 1 + ell)))
    yield Evidence.equal(
        "closed-form",
        found,
        expected,
        rtol=1e-9,
        detail="disjoint parts, m = 3 at l = .49, .51 and m = 101 at l = 1/101, 1/50: -, +, -, +",
        condition=EARLY,
    )
    for alpha in (1.5, 3.0):
        start = pareto_mixture(run.rng, alpha, run.size(2000, 20000, 200000), 1000.0, 0.0)
        turn = elasticity.critical_perturbation(start, P, T)
        slopes = [
            elasticity.elastic_response(start.with_volume(T, side * turn), T)[[P, A]]
            for side in (0.01, 0.5, 0.999, 1.001, 2.0)
        ]
        signs = np.sign(np.array(slopes)[:, 0])
        yield Evidence.equal(
            "simulation",
            signs,
            [-1, -1, -1, 1, 1],
            detail=f"Pareto {alpha:g}, three equal parts, l* = {turn:.3f}: d gamma_p/dl below and above it",
            condition=EARLY,
        )
        yield Evidence.at_most(
            "simulation", 0, np.array(slopes)[:3, 1], detail=f"Pareto {alpha:g}: d gamma_a/dl > 0 below l*"
        )
