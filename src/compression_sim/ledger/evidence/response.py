"""Evidence on the elastic response, and on its size as pre-training grows."""

from fractions import Fraction

import numpy as np

from ... import elasticity
from ..._jax import jax64
from .._claims import judges
from .._evidence import Evidence
from . import derived
from ._routes import rationals, texts
from ._routes.mixtures import LN2, A, P, T, mixture


@judges("elastic-response")
def elastic_response(run):
    """Exact rationals, and the derivative of the rates by autodiff."""
    yield from derived("elastic-response")
    rng = run.rng
    laws, volumes = rationals.rational_laws(rng, 4, 6), np.array([Fraction(1000), 1, Fraction(1, 3), 5])
    mix = mixture(laws, volumes)
    everyone = range(len(volumes))
    exact = np.array([rationals.inner_products(laws, volumes, t) for t in everyone])
    G = np.array([elasticity.inner_products(mix, t) for t in everyone])
    response = np.array([elasticity.elastic_response(mix, t, depth=3) for t in everyone])
    detail = "four datasets, every pair: "
    yield Evidence.equal(
        "enumeration",
        G,
        rationals.floats(exact),
        rtol=1e-10,
        detail=detail + "inner_products, exact rationals",
    )
    yield Evidence.equal(
        "closed-form",
        response * 3 * LN2,
        -rationals.floats(exact / volumes.sum()),
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
        parts=("elastic-response/slope",),
        detail=detail + "jax's derivative of the rates in the volumes",
    )


@judges("elastic-response")
def response_of_real_text(run):
    """The closed form against code lengths that were counted."""
    mix = texts.mixture(*texts.lines_of_kinds(run.rng))
    yield Evidence.equal(
        "real-text",
        elasticity.elastic_response(mix, 2, texts.DEPTH),
        texts.slopes(mix),
        rtol=1e-5,
        detail=f"code, docstrings, reference; {len(mix.joint)} leaves: slopes of the code lengths",
    )


@judges("slope-falls-with-k")
def slope_falls(run):
    """k times the slope converges, at the rate 1/k; the bound 1/(qk) holds for every k."""
    yield from derived("slope-falls-with-k")
    rng, q = run.rng, Fraction(1, 3)
    laws = rationals.rational_laws(rng, 3, 6)
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
    exact = [rationals.responses(laws, np.array([Fraction(10) ** int(p), 1, 0]), T)[A] for p in powers]
    detail = "the slope for k = 10 to 1e9, exact rationals"
    yield Evidence.equal("enumeration", slopes, rationals.floats(exact), rtol=1e-10, detail=detail)
    gap = np.abs(slopes * 10.0**powers - float(limit))
    detail = "k times the slope is within 1/(q^2 k) of its limit, for those k"
    yield Evidence.at_most("enumeration", gap * 10.0**powers * float(q) ** 2, 1, detail=detail)
    detail = "|slope| <= 1/(q k), q = 1/3"
    yield Evidence.at_most(
        "property", np.abs(slopes) * float(q) * 10.0**powers, 1, slack=1e-12, detail=detail
    )
