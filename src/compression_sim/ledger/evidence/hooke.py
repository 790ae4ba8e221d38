"""Evidence on Hooke's law, with the divergence from data to model, and as printed."""

from fractions import Fraction

import numpy as np

from ... import elasticity
from ..._jax import jax64
from .._claims import judges
from .._evidence import Evidence
from . import derived
from ._routes import rationals
from ._routes.mixtures import LN2, A, P, T, mixture

UNIFORM, ALIGNED = [Fraction(1, 3)] * 3, [Fraction(6, 10), Fraction(3, 10), Fraction(1, 10)]
PERTURBED = {(10, 10, 80): 1.3765, (20, 75, 5): 4.3953, (2, 90, 8): -0.4675, (50, 2, 48): -0.7501}


def divergences(laws, joint, *, reverse):
    """KL(P_i || P^D), or KL(P^D || P_i), of balls: (datasets,), nats."""
    ratio = rationals.log(laws / joint)
    return -(joint * ratio).sum(axis=1) if reverse else (laws * ratio).sum(axis=1)


def slopes(laws, volumes, *, reverse):
    """n_i times the change of a divergence per unit of n_t, by a step of 1e-25 in 70 digits."""
    step = Fraction(1, 10**25)
    with rationals.digits(70):
        balls = rationals.balls(laws)
        low, high = (
            divergences(balls, rationals.joint(balls, rationals.balls(v)), reverse=reverse)
            for v in (volumes, volumes + np.array([0, 0, step]))
        )
        return rationals.floats((high - low) * rationals.balls(volumes / step))


@judges("hooke-forward")
def hooke_forward(run):
    """Equal and opposite to first order; the second order's constant; autodiff."""
    yield from derived("hooke-forward")
    rng, found, expected = run.rng, [], []
    for _ in range(run.size(10, 50, 300)):
        laws, k = rationals.rational_laws(rng, 3, 5), int(10 ** rng.uniform(0, 6))
        volumes = np.array([k, Fraction(1), 0])
        found.append(elasticity.hooke_forces(mixture(laws, volumes), T)[:2] * LN2)
        expected.append(rationals.floats(volumes * rationals.responses(laws, volumes, T))[:2])
    detail = f"hooke_forces at l = 0 in {len(found)} mixtures: "
    yield Evidence.equal("enumeration", found, expected, rtol=1e-9, detail=detail + "exact rationals")
    found = np.array(found)
    quotient = found[:, A] / found[:, P]
    yield Evidence.equal("closed-form", quotient, -1, rtol=1e-9, detail=detail + "equal and opposite")
    yield Evidence.equal(
        "interval",
        slopes(laws, volumes, reverse=False)[:2],
        found[-1],
        rtol=1e-9,
        detail="divergences in 70 digits, differenced",
    )
    new = np.column_stack([laws, [0, 0, 1]]) * np.array([[1], [1], [Fraction(3, 4)]])
    new[:2, -1], new[T, -1] = 0, Fraction(1, 4)
    forces = elasticity.hooke_forces(mixture(new, volumes), T) * LN2
    yield Evidence.equal(
        "closed-form",
        [forces.sum(), forces[T]],
        [0, -1 / 4],
        atol=1e-12,
        detail="a quarter of P_t on new leaves: its own force is -1/4, the other two are not opposite",
        role="boundary",
    )
    amount = 1e-3
    mix = mixture(laws, np.array([9, 1, 0]))
    change = elasticity.finite_response(mix, T, amount) * LN2
    G = float(rationals.inner_products(laws, np.array([Fraction(9), 1, 0]), T)[T])
    yield Evidence.equal(
        "closed-form",
        (9 * change[P] + change[A]) / (amount**2 * G / 20),
        1,
        atol=5e-3,
        detail="finite_response, l = 1e-3: the sum over l^2 G(t,t)/(2 T0)",
    )
    sums, bounds = [], []
    for _ in range(run.size(40, 200, 1000)):
        laws, ell = rng.dirichlet(np.full(5, rng.uniform(0.5, 5)), 3), 10 ** rng.uniform(-2, 1)
        mix = mixture(laws, np.array([9, 1, 0]))
        change = elasticity.finite_response(mix, T, ell) * LN2
        sums.append(9 * change[P] + change[A])
        bounds.append(ell**2 * elasticity.inner_products(mix, T)[T] / 20)
    yield Evidence.at_most(
        "property",
        [np.negative(sums), sums],
        [np.zeros(len(sums)), bounds],
        slack=1e-12,
        parts=("hooke-forward/not-below", "hooke-forward/bounded"),
        detail=f"finite_response in {len(sums)} mixtures, l = .01 to 10: within 0 and l^2 G(t,t)/(2 T0)",
    )
    mix = mixture(rationals.rational_laws(rng, 3, 5), np.array([9, 1, 0]))
    G = elasticity.inner_products(mix, T)[T]
    jax, jnp = jax64()
    rows = jnp.asarray(mix.distributions)

    def weighted(ell):
        model = (9 * rows[P] + rows[A] + ell * rows[T]) / (10 + ell)
        return 9 * jnp.sum(rows[P] * jnp.log(rows[P] / model)) + jnp.sum(rows[A] * jnp.log(rows[A] / model))

    yield Evidence.equal(
        "autodiff",
        [float(jax.grad(weighted)(0.0)), float(jax.grad(jax.grad(weighted))(0.0)) * 10 / G],
        [0, 1],
        atol=1e-9,
        detail="first and second derivative of k KL_p + KL_a at l = 0: 0 and G(t,t)/T0",
    )


@judges("hooke-reverse")
def hooke_reverse(run):
    """The three-leaf counterexample, and a P_t for every quotient that is asked for."""
    yield from derived("hooke-reverse")
    volumes = np.array([1000, 1, 0])
    mixes = [np.array([UNIFORM, ALIGNED, [Fraction(p, 100) for p in percent]]) for percent in PERTURBED]
    printed = [elasticity.hooke_forces(mixture(laws, volumes), T, "reverse") for laws in mixes]
    quotients = np.array([-force[A] / force[P] for force in printed])
    yield Evidence.equal(
        "closed-form",
        quotients,
        list(PERTURBED.values()),
        atol=6e-5,
        detail="hooke_forces as printed, P_p uniform, P_a = (.6, .3, .1), k = 1000, four P_t: agreement is 1",
        role="counterexample",
    )
    exact = np.array([slopes(laws, volumes, reverse=True)[:2] for laws in mixes])
    yield Evidence.equal(
        "interval",
        [force[:2] * LN2 for force in printed],
        exact,
        rtol=1e-9,
        detail="the same forces from divergences in 70 digits, differenced",
        role="counterexample",
    )
    forward = np.array([elasticity.hooke_forces(mixture(laws, volumes), T) for laws in mixes])
    detail = "the same mixtures, forward: the quotient is 1"
    yield Evidence.equal("closed-form", -forward[:, A] / forward[:, P], 1, rtol=1e-9, detail=detail)
    targets, uniform, aligned = (
        np.array([-100, -1, 0, 0.5, 1, 3, 100]),
        *map(rationals.floats, (UNIFORM, ALIGNED)),
    )
    rho, found = aligned / uniform, []
    for z in targets:
        h = np.linalg.solve(np.array([uniform, uniform * rho, uniform * np.log(rho)]), [0, 1, z])
        law = uniform * (1 + h * 0.5 / np.abs(h).max())
        mix = mixture(np.array([uniform, aligned, law]), np.array([1e9, 1, 0]))
        force = elasticity.hooke_forces(mix, T, "reverse")
        found.append(-force[A] / force[P])
    detail = "a P_t for each of the quotients -100, -1, 0, .5, 1, 3, 100, at k = 1e9"
    yield Evidence.equal(
        "property", found, targets, rtol=1e-5, atol=1e-5, detail=detail, role="counterexample"
    )
