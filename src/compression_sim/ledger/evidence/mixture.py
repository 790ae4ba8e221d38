"""Evidence on mixtures of a saturated model: conservation, the ratio, finite bounds and the response."""

from fractions import Fraction

import numpy as np

from ... import elasticity
from ..._jax import jax64
from ...mixtures import Mixture
from .._claims import judges
from .._evidence import Evidence
from . import _exact, derived
from ._log_linear import random_model

LN2 = np.log(2.0)
P, A, T = 0, 1, 2  # pre-training, alignment, perturbation


def mixture(laws, volumes) -> Mixture:
    """The float mixture next to an exact one."""
    return Mixture(_exact.floats(laws), _exact.floats(volumes))


def disjoint_supports(k, q, ell):
    """D_t on one leaf, of which D_p has the mass q; D_a on another; D_p alone on two more: exact."""
    q = Fraction(q)
    rest = (1 - q) / 4
    return np.array([[rest, rest, 2 * rest, q], [0, 0, 1, 0], [0, 0, 0, 1]]), np.array([k, 1, Fraction(ell)])


def pareto_mixture(rng, alpha, leaves, k, ell, parts=3):
    """D_p of equal parts with independent Pareto leaf masses, D_a ~ D_2, D_t ~ D_3."""
    laws = rng.pareto(alpha, (parts, leaves)) + 1
    laws /= laws.sum(axis=1, keepdims=True)
    return Mixture([laws.mean(axis=0), laws[1], laws[2]], [k, 1.0, ell])


@judges("conservation-law")
def conservation_law(run):
    """Exact responses of rational mixtures; a capacity-limited model retrained."""
    yield from derived("conservation-law")
    rng, found, expected, sums = run.rng, [], [], []
    sizes = range(3, run.size(7, 11, 31))
    for datasets in sizes:
        laws = _exact.rational_laws(rng, datasets, 6)
        volumes = _exact.fractions(rng.integers(1, 1000, datasets), 7)
        t = int(rng.integers(datasets))
        exact = _exact.responses(laws, volumes, t)
        sums.append(volumes @ exact)
        found.extend(elasticity.elastic_response(mixture(laws, volumes), t) * LN2)
        expected.extend(_exact.floats(exact))
    detail = f"exact rationals, {sizes[0]} to {sizes[-1]} datasets: "
    yield Evidence.equal("enumeration", _exact.floats(sums), 0, detail=detail + "the weighted sum")
    yield Evidence.equal("closed-form", found, expected, rtol=1e-11, detail=detail + "elastic_response")
    for ridge, what in ((0.0, "0"), (0.5, "minus the regulariser's slope along the motion")):
        model, volumes, step = random_model(rng, ridge), np.array([20.0, 1.0, 0.5]), 1e-4
        low, high = (model.fit(volumes + np.array([0, 0, move])) for move in (-step, step))
        slopes = (model.losses(high) - model.losses(low)) / (2 * step)
        scale = volumes @ np.abs(slopes)
        yield Evidence.equal(
            "simulation",
            volumes @ slopes / scale,
            -ridge * model.fit(volumes) @ (high - low) / (2 * step) / scale,
            atol=1e-6,
            detail=f"log-linear model retrained at n_t +- {step:g}, ridge {ridge:g}: the sum is {what}",
        )


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
        laws = _exact.rational_laws(rng, 3, 5)
        k, ell = Fraction(int(rng.integers(1, 10**6))), Fraction(int(rng.integers(0, 40)), 10)
        G = _exact.inner_products(laws, np.array([k, 1, ell]), T)
        if G[A] and abs(1 + ell * G[T] / G[A]) > Fraction(1, 1000):  # not next to its pole
            found.append(elasticity.elasticity_ratio(mixture(laws, np.array([k, 1, ell])), A, P, T))
            expected.append(-k / (1 + ell * G[T] / G[A]))
    detail = f"elasticity_ratio against -k/(1 - l/lambda) of {len(found)} rational mixtures"
    yield Evidence.equal("enumeration", found, _exact.floats(expected), rtol=1e-9, detail=detail)
    with _exact.digits(60):
        laws, k = _exact.rational_laws(rng, 3, 5), Fraction(10) ** 9
        before, after = (
            _exact.rates(_exact.balls(laws), _exact.balls(np.array([k, 1, ell])))
            for ell in (Fraction(0), Fraction(1, 10**25))
        )
        ratio = (after[A] - before[A]) / (after[P] - before[P])
    detail = "ratio of finite changes for l = 1e-25 in 60 digits, k = 1e9"
    yield Evidence.equal("interval", float(ratio), -1e9, rtol=1e-12, detail=detail)
    for share in (Fraction(3, 10), Fraction(1)):
        inside = _exact.rational_laws(rng, 1, 4)[0]
        laws = np.array([[*_exact.rational_laws(rng, 1, 4)[0], 0] for _ in range(2)] + [[0] * 5])
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
    low, high = [], []
    for alpha in (1.2, 1.5, 3.0):
        start = pareto_mixture(run.rng, alpha, run.size(3000, 10000, 100000), k, 0.0)
        turn = elasticity.critical_perturbation(start, P, T)
        mix = start.with_volume(T, fraction * turn)
        G = elasticity.inner_products(mix, T)
        used = -mix.volumes[T] * G[T] / G[A]  # l/lambda
        ratio = -elasticity.elasticity_ratio(mix, A, P, T) / k
        low.append(1 / (1 - used) - ratio)
        high.append(ratio - 1 / (1 - used))
        yield Evidence.at_most(
            "simulation", [1.0, used], [ratio, 1.0], slack=1e-9, detail=f"Pareto alpha {alpha:g}: l = l*/2"
        )
    yield Evidence.equal(
        "closed-form", high, 0, atol=1e-8, detail="1/(1 - l/lambda), from inner_products, at those volumes"
    )
    laws, volumes = disjoint_supports(9, "1/5", "3/10")
    yield Evidence.equal(
        "enumeration",
        elasticity.elasticity_ratio(mixture(laws, volumes), A, P, T),
        float(np.divide(*_exact.responses(laws, volumes, T)[[A, P]])),
        rtol=1e-11,
        detail="beyond lambda the ratio is positive: k = 9, q = 1/5, l = 3/10",
        role="boundary",
    )


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
        laws = _exact.rational_laws(rng, 3, 5)
        laws[T] *= 1 - outside
        with _exact.digits(50):
            before, after = (
                _exact.rates(_exact.balls(laws), _exact.balls(np.array([k, 1, ell])))
                for ell in (Fraction(0), Fraction(1, 2))
            )
            expected.extend(_exact.floats(after - before)[: 2 if outside else 3])
        whole = np.column_stack([laws, [0, 0, outside]])
        change = elasticity.finite_response(mixture(whole, np.array([k, 1, 0])), T, 0.5) * LN2
        found.extend(change[: 2 if outside else 3])
    detail = "finite_response against 50 digits, l = 1/2, k = 1, 1e3, 1e6; 10 with new leaves"
    yield Evidence.equal("interval", found, expected, rtol=1e-10, detail=detail)


@judges("elastic-response")
def elastic_response(run):
    """Exact rationals, and the derivative of the rates by autodiff."""
    yield from derived("elastic-response")
    rng = run.rng
    laws, volumes = _exact.rational_laws(rng, 4, 6), np.array([Fraction(1000), 1, Fraction(1, 3), 5])
    mix = mixture(laws, volumes)
    everyone = range(len(volumes))
    exact = np.array([_exact.inner_products(laws, volumes, t) for t in everyone])
    G = np.array([elasticity.inner_products(mix, t) for t in everyone])
    response = np.array([elasticity.elastic_response(mix, t, depth=3) for t in everyone])
    detail = "four datasets, every pair: "
    yield Evidence.equal(
        "enumeration", G, _exact.floats(exact), rtol=1e-10, detail=detail + "inner_products, exact rationals"
    )
    yield Evidence.equal(
        "closed-form",
        response * 3 * LN2,
        -_exact.floats(exact / volumes.sum()),
        rtol=1e-10,
        detail=detail + "elastic_response is -G/T, in bits per token at depth 3",
    )
    yield Evidence.at_most(
        "property", -np.linalg.eigvalsh(G), 0, slack=1e-12, detail="G has no negative eigenvalue"
    )
    jax, jnp = jax64()
    laws = jnp.asarray(mix.distributions)
    rates = jax.jacfwd(lambda n: -jnp.sum(laws * jnp.log((n / n.sum()) @ laws), axis=1))
    yield Evidence.equal(
        "autodiff",
        response.T * 3 * LN2,
        np.asarray(rates(jnp.asarray(mix.volumes))),
        rtol=1e-8,
        detail=detail + "jax's derivative of the rates in the volumes",
    )


@judges("slope-falls-with-k")
def slope_falls(run):
    """k times the slope converges, at the rate 1/k; the bound 1/(qk) holds for every k."""
    yield from derived("slope-falls-with-k")
    rng, q = run.rng, Fraction(1, 3)
    laws = _exact.rational_laws(rng, 3, 6)
    laws[P] = laws.sum(axis=0) / 3
    powers = np.arange(1, 10)
    slopes = []
    for power in powers:
        mix = mixture(laws, np.array([10 ** int(power), 1, 0]))
        slopes.append(elasticity.elastic_response(mix, T)[A] * LN2)
    slopes = np.array(slopes)
    limit = 1 - (laws[A] * laws[T] / laws[P]).sum()
    yield Evidence.equal(
        "closed-form", slopes[-1] * 1e9, float(limit), atol=1e-8, detail="k times the slope at k = 1e9"
    )
    exact = [_exact.responses(laws, np.array([Fraction(10) ** int(p), 1, 0]), T)[A] for p in powers]
    detail = "the slope for k = 10 to 1e9, exact rationals"
    yield Evidence.equal("enumeration", slopes, _exact.floats(exact), rtol=1e-10, detail=detail)
    gap = np.abs(slopes * 10.0**powers - float(limit))
    detail = "k times the slope is within 1/(q^2 k) of its limit, for those k"
    yield Evidence.at_most("enumeration", gap * 10.0**powers * float(q) ** 2, 1, detail=detail)
    detail = "|slope| <= 1/(q k), q = 1/3"
    yield Evidence.at_most(
        "property", np.abs(slopes) * float(q) * 10.0**powers, 1, slack=1e-12, detail=detail
    )
