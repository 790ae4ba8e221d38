"""Evidence on signs: equal parts in expectation, single draws, the critical volume and the domain."""

from fractions import Fraction
from itertools import product

import numpy as np

from ... import elasticity
from ...mixtures import Mixture
from .._claims import judges
from .._evidence import Evidence
from . import _exact, derived
from ._averages import average
from .mixture import LN2, A, P, T, disjoint_supports, mixture, pareto_mixture

SAMPLERS = {
    "Pareto 1.5": lambda rng, shape: rng.pareto(1.5, shape) + 1,
    "Pareto 3": lambda rng, shape: rng.pareto(3.0, shape) + 1,
    "log-normal 1": lambda rng, shape: rng.lognormal(0, 1, shape),
    "exponential": lambda rng, shape: rng.exponential(size=shape),
}


def normalized(masses):
    """Masses divided by their sum over the leaves."""
    return masses / masses.sum(axis=-1, keepdims=True)


def parts(k, m):
    """Weights of m equal parts of D_p with D_a merged in the second."""
    return np.array([Fraction(k, m) + (j == 1) for j in range(m)])


@judges("sign-equal-cardinality")
def sign_equal_cardinality(run):
    """All draws of a small exchangeable law, exactly; and mass laws by simulation."""
    yield from derived("sign-equal-cardinality")
    support = np.array([[Fraction(a, 4), 1 - Fraction(a, 4)] for a in (1, 2, 3)])
    found, rule, functions = [], [], []
    for m, k in ((2, 5), (3, 1), (3, 100), (4, 10)):
        draws = [support[list(chosen)] for chosen in product(range(3), repeat=m)]
        exact = np.array([_exact.inner_products(laws, parts(k, m), 1) for laws in draws]).mean(axis=0)
        partner = -1 if m > 2 else 0
        found.append(exact[partner])
        rule.append(-(1 + Fraction(m, k)) * exact[1] / (m - 1))
        functions.append(
            np.mean([elasticity.inner_products(mixture(laws, parts(k, m)), 1)[partner] for laws in draws])
        )
    yield Evidence.equal(
        "enumeration",
        _exact.floats(np.subtract(found, rule)),
        0,
        detail="E G(2,3) minus the rule, over all draws of a three-point law, exactly: 2, 3, 4 parts",
    )
    yield Evidence.equal(
        "closed-form", functions, _exact.floats(found), rtol=1e-9, detail="inner_products, over those draws"
    )
    k, leaves = 10, 200
    for name, sample in SAMPLERS.items():
        laws = normalized(sample(run.rng, (run.size(100, 1000, 10000), 3, leaves)))
        G = np.array([elasticity.inner_products(Mixture(law, parts(k, 3).astype(float)), 1) for law in laws])
        gap = G[:, 2] + (1 + 3 / k) / 2 * G[:, 1]
        detail = f"{name} masses, k = {k}: G(2,3) + (1/2)(1 + 3/k) G(2,2), beside a mean G(2,3) of "
        yield average(gap, 0, f"{detail}{G[:, 2].mean():.4f}")
    laws = normalized(SAMPLERS["Pareto 3"](run.rng, (20, 3, run.size(10**4, 10**5, 10**6))))
    G = np.array([elasticity.inner_products(Mixture(law, parts(k, 3).astype(float)), 1)[2] for law in laws])
    detail = f"G(2,3), {laws.shape[2]} leaves, Pareto 3, k = 10, against the integral"
    yield average(G, -0.058942, detail)


def _signs(dataset, sign):
    """Evidence on the sign of one dataset's slope at l = 0."""
    from compression_theory.sign import EXPECTATION

    def evidence(run):
        claim = {P: "thm-4.2-sign-pretraining", A: "thm-4.2-sign-alignment"}[dataset]
        yield from derived(claim)
        rng, draws = run.rng, run.size(200, 400, 4000)
        for alpha in (1.2, 1.5, 3.0):
            slopes = np.array(
                [
                    elasticity.elastic_response(pareto_mixture(rng, alpha, 100, 100.0, 0.0), T)[dataset]
                    for _ in range(draws)
                ]
            )
            z = slopes.mean() / (slopes.std(ddof=1) / np.sqrt(draws))
            yield Evidence.at_most(
                "simulation",
                -sign * z,
                -5,
                detail=f"Pareto {alpha:g}, equal parts, {draws} draws: the mean slope has the printed sign "
                f"by {abs(z):.0f} standard errors; {np.mean(sign * slopes < 0):.1%} of the draws do not",
                condition=EXPECTATION,
            )
        laws = np.array([[Fraction(a), 1 - Fraction(a)] for a in ("1/4", "1/2", "2/3")])
        laws[P] = laws.sum(axis=0) / 3
        found = elasticity.elastic_response(mixture(laws, np.array([30, 1, 0])), T)[dataset]
        yield Evidence.equal(
            "closed-form",
            found * 31 * LN2,
            {P: 45 / 2156 / 30, A: -45 / 2156}[dataset],
            rtol=1e-11,
            detail="elastic_response, the single draw (1/4, 3/4), (1/2, 1/2), (2/3, 1/3), k = 30: reversed",
            role="boundary",
            condition=EXPECTATION,
        )

    return evidence


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
        laws = _exact.rational_laws(rng, 3, 6)
        laws[P] = laws.sum(axis=0) / 3
        k = int(10 ** rng.uniform(0, 6))
        turn = elasticity.critical_perturbation(mixture(laws, np.array([k, 1, 0])), P, T)
        if 0 < turn < np.inf:
            for side in (1 - 1e-9, 1 + 1e-9):
                volumes = np.array([k, 1, Fraction(turn * side)])
                G = _exact.inner_products(laws, volumes, T)[P]
                signs.append(np.sign(float(G)) * (1 if side < 1 else -1))
    detail = f"G(p,t) changes sign, in exact rationals, within 1e-9 of l* in {len(signs) // 2} mixtures"
    yield Evidence.equal("enumeration", signs, 1, detail=detail)
    laws = _exact.rational_laws(rng, 3, 60)
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
    laws, volumes = _exact.rational_laws(rng, 3, 8), np.array([3, 1, 0])
    mix = mixture(laws, volumes)
    share = np.linspace(0, 0.99, 100)
    rates = np.array([elasticity.compression_rates(mix.with_volume(T, 4 * mu / (1 - mu))) for mu in share])
    with _exact.digits(50):
        start = _exact.floats(_exact.rates(_exact.balls(laws), _exact.balls(volumes)))
    detail = "the rates at mu = 0 against 50 digits"
    yield Evidence.equal("interval", rates[0] * LN2, start, rtol=1e-12, detail=detail)
    detail = "second differences of every rate in mu, on a grid"
    yield Evidence.at_most("property", -np.diff(rates, 2, axis=0), 0, slack=1e-13, detail=detail)


@judges("thm-4.2-domain")
def domain(run):
    """Slopes on both sides of l*, for disjoint parts exactly and for Pareto masses."""
    from compression_theory.domain import EARLY

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
            for side in (0.01, 0.5, 0.99, 1.01, 2.0)
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


sign_pretraining = judges("thm-4.2-sign-pretraining")(_signs(P, -1))
sign_alignment = judges("thm-4.2-sign-alignment")(_signs(A, 1))
