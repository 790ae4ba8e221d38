"""jit equals eager around powers of two, where jax 0.10.2 computes wrong numbers (jax-ml/jax#39103)."""

from functools import partial

import numpy as np
import pytest

from compression_sim import elasticity
from compression_sim._jax import refuse_broken_jax
from compression_sim.coding.entropy import _cross_entropy_nats, _kl_nats

SIZES = sorted({2**k + step for k in (1, 2, 3, 4, 6, 8, 10, 12, 14, 15, 16) for step in (-1, 0, 1)})


@pytest.mark.parametrize("size", SIZES)
def test_a_vectorised_quadratic_form(jax64, size):
    jax, _ = jax64
    rng = np.random.default_rng(size)
    matrix, points = rng.normal(size=(3, 3)), rng.normal(size=(size, 3))
    jitted = jax.jit(jax.vmap(lambda p: ((matrix @ p) ** 2).sum()))(points)
    np.testing.assert_allclose(jitted, ((points @ matrix.T) ** 2).sum(axis=1), rtol=1e-12)


def kernels(xp, distributions, volumes):
    return (
        elasticity._rates(xp, distributions, volumes),
        elasticity._response(xp, distributions, volumes, 2),
        elasticity._finite_response(xp, distributions, volumes, 2, 0.5),
        _cross_entropy_nats(xp, distributions, distributions[::-1]),
        _kl_nats(xp, distributions, distributions[::-1]),
    )


@pytest.mark.parametrize("leaves", [2**k + step for k in (2, 10, 15) for step in (-1, 0, 1)])
def test_the_kernels(jax64, leaves):
    jax, jnp = jax64
    rng = np.random.default_rng(leaves)
    masses = rng.pareto(1.5, size=(3, leaves)) + 1
    distributions, volumes = masses / masses.sum(axis=1, keepdims=True), np.array([1e3, 1.0, 0.1])
    eager, jitted = (
        kernels(np, distributions, volumes),
        jax.jit(partial(kernels, jnp))(distributions, volumes),
    )
    for expected, found in zip(eager, jitted, strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-16)


def test_the_broken_release_is_refused():
    with pytest.raises(RuntimeError, match=r"jax 0\.10\.2 is installed, but it computes wrong numbers"):
        refuse_broken_jax("0.10.2")


def test_other_releases_are_not():
    for release in ("0.10.1", "0.10.3", "0.12.0"):
        refuse_broken_jax(release)
    refuse_broken_jax()
