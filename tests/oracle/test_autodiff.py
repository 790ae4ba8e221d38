"""The closed forms of the derivatives against autodiff of the same kernels in jax, in float64."""

from functools import cache

import numpy as np
import pytest

import compression_sim as cs
from compression_sim import elasticity, mixtures
from compression_sim.coding.entropy import _kl_nats

LN2 = np.log(2.0)
T = 2  # the perturbation
LEAVES = 33  # of every world, so that jax compiles each kernel once; the last may have no mass


def rows_of(leaves, seed=0, shape=1.5):
    masses = np.random.default_rng([leaves, seed]).pareto(shape, size=(3, leaves)) + 1
    return masses / masses.sum(axis=1, keepdims=True)


def partly_shared():
    rows = rows_of(9)
    rows[0, :3] = rows[1, 2:5] = rows[2, 4:] = 0.0
    return cs.normalize(rows)


def nested():
    rows = rows_of(LEAVES, seed=4)
    rows[0] = rows.mean(axis=0)  # the paper's case: D_p holds some of all
    return rows


WORLDS = {
    "pareto": (rows_of(LEAVES), [1e3, 1.0, 0.1]),
    "large k": (rows_of(LEAVES, seed=1), [1e9, 1.0, 1e-3]),
    "start": (rows_of(LEAVES, seed=2), [1e5, 1.0, 0.0]),
    "nested": (nested(), [100.0, 1.0, 0.0]),
    "one leaf dominates": (rows_of(5, shape=0.1), [30.0, 1.0, 0.5]),
    "partly shared": (partly_shared(), [10.0, 1.0, 0.3]),
    "disjoint": (np.eye(3), [10.0, 1.0, 0.3]),
}
FULL = ("pareto", "large k", "start", "nested")


def world(name):
    rows, volumes = WORLDS[name]
    return cs.Mixture(np.pad(rows, ((0, 0), (0, LEAVES - rows.shape[1]))), volumes)


@pytest.fixture(scope="module")
def slope(jax64):
    """slope(kernel, mix): d kernel(distributions, volumes) / d volumes[T], compiled once per kernel."""
    jax, jnp = jax64

    @cache
    def compiled(kernel):
        def along(rows, volumes):
            return jax.jvp(lambda v: kernel(jnp, rows, v), (volumes,), (jnp.eye(3)[T],))[1]

        return jax.jit(along)

    return lambda kernel, mix: np.asarray(compiled(kernel)(mix.distributions, mix.volumes))


def forward(xp, rows, volumes):
    return _kl_nats(xp, rows, xp.broadcast_to(mixtures._joint(xp, rows, volumes), rows.shape))


def reverse(xp, rows, volumes):
    return _kl_nats(xp, xp.broadcast_to(mixtures._joint(xp, rows, volumes), rows.shape), rows)


def close(found, closed_form, mix):
    """To 1e-10, or 1e-13 of 1/T: autodiff forms the difference (P_t/P^D - 1)/T, which closed forms avoid."""
    np.testing.assert_allclose(found, closed_form, rtol=1e-10, atol=1e-13 / mix.total_volume)


def test_elastic_response(slope):
    for name in WORLDS:
        mix = world(name)
        close(slope(elasticity._rates, mix) / LN2, cs.elastic_response(mix, T), mix)


def test_the_rates_are_those_of_the_public_function(jax64):
    jax, jnp = jax64
    rates = jax.jit(lambda rows, volumes: elasticity._rates(jnp, rows, volumes))
    for name in WORLDS:
        mix = world(name)
        expected = cs.compression_rates(mix)
        np.testing.assert_allclose(rates(mix.distributions, mix.volumes) / LN2, expected, rtol=1e-12)


def test_response_is_the_slope_of_the_finite_response(jax64):
    jax, jnp = jax64

    def change(amount, rows, volumes):
        return elasticity._finite_response(jnp, rows, volumes, T, amount)

    start = jax.jit(lambda *mix: jax.jvp(lambda amount: change(amount, *mix), (1e-30,), (1.0,))[1])
    for name in WORLDS:
        mix = world(name)
        close(start(mix.distributions, mix.volumes) / LN2, cs.elastic_response(mix, T), mix)


@pytest.mark.parametrize("divergence", [forward, reverse])
def test_hooke_forces(slope, divergence):
    """n_i d KL/d n_t, from the package's own KL kernel at the joint."""
    for name in FULL:
        mix = world(name)
        forces = cs.hooke_forces(mix, T, direction=divergence.__name__) / np.where(
            mix.volumes, mix.volumes, 1
        )
        close(np.where(mix.volumes, slope(divergence, mix), 0) / LN2, forces, mix)


def test_critical_perturbation_is_a_stationary_point(slope):
    mix = world("nested")
    turn = cs.critical_perturbation(mix, 0, T)
    assert 0 < turn < np.inf
    for factor, sign in ((1.0, 0), (0.99, -1), (1.01, 1)):
        at = mix.with_volume(T, factor * turn)
        rise = slope(elasticity._rates, at)[0] * at.total_volume
        assert (abs(rise) < 1e-12) if sign == 0 else np.sign(rise) == sign


@pytest.mark.parametrize("leaves", [2**k + step for k in (3, 8) for step in (-1, 0, 1)])
def test_jitted_slopes_equal_closed_forms(slope, leaves):
    mix = cs.Mixture(rows_of(leaves), [1e3, 1.0, 0.1])
    close(slope(elasticity._rates, mix) / LN2, cs.elastic_response(mix, T), mix)


@pytest.mark.parametrize("name", WORLDS)
def test_an_error_of_one_percent_is_noticed(slope, name):
    mix = world(name)
    with pytest.raises(AssertionError):
        close(1.01 * slope(elasticity._rates, mix) / LN2, cs.elastic_response(mix, T), mix)
