"""Preference losses against the published formulas, written out in loops; gradients by a second route."""

import numpy as np
import pytest

from compression_sim.models import TabularSoftmax
from compression_sim.models.base import jax, jnp
from compression_sim.training import preference

PROMPTS, RESPONSES = 3, 4
MODEL = TabularSoftmax(PROMPTS, RESPONSES)


@pytest.fixture
def world():
    rng = np.random.default_rng(5)
    laws = rng.dirichlet(np.ones(RESPONSES), (2, PROMPTS))
    prompts = rng.dirichlet(np.ones(PROMPTS))
    logits = rng.normal(size=(2, PROMPTS, RESPONSES))
    return jnp.asarray(logits[0]), jnp.asarray(logits[1]), laws * prompts[:, None], prompts


def policy(logits, prompt, response):
    logits = np.asarray(logits)[prompt]
    return np.exp(logits[response]) / np.exp(logits).sum()


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def mean_over_pairs(value, data, prompts):
    """sum over prompts, chosen, rejected of probability times value(prompt, chosen, rejected)."""
    return sum(
        prompts[c] * (data[0][c, w] / prompts[c]) * (data[1][c, r] / prompts[c]) * value(c, w, r)
        for c in range(PROMPTS)
        for w in range(RESPONSES)
        for r in range(RESPONSES)
    )


def test_pairs_are_a_law_and_drop_prompts_that_one_side_lacks(world):
    *_, data, prompts = world
    pairs = np.asarray(preference.pairs(*data))
    assert pairs.sum() == pytest.approx(1, abs=1e-14)
    assert pairs.sum(axis=(1, 2)) == pytest.approx(prompts)
    alone = data[1].copy()
    alone[0] = 0
    assert np.asarray(preference.pairs(data[0], alone))[0].sum() == 0
    assert np.asarray(preference.pairs(data[0], alone)).sum() == pytest.approx(1, abs=1e-14)


def test_dpo_is_the_published_loss(world):
    reference, params, data, prompts = world

    def published(c, w, r):
        chosen = np.log(policy(params, c, w) / policy(reference, c, w))
        rejected = np.log(policy(params, c, r) / policy(reference, c, r))
        return -np.log(sigmoid(0.3 * chosen - 0.3 * rejected))

    found = preference.dpo(MODEL, reference, preference.pairs(*data), beta=0.3)
    assert float(found(params)) == pytest.approx(mean_over_pairs(published, data, prompts), rel=1e-12)
    assert float(found(reference)) == pytest.approx(np.log(2), rel=1e-12)


def test_simpo_is_the_published_loss(world):
    _, params, data, prompts = world
    lengths = np.array([1, 2, 2, 3])

    def published(c, w, r):
        reward = [2.5 / lengths[y] * np.log(policy(params, c, y)) for y in (w, r)]
        return -np.log(sigmoid(reward[0] - reward[1] - 0.8))

    found = preference.simpo(MODEL, preference.pairs(*data), lengths, beta=2.5, margin=0.8)
    assert float(found(params)) == pytest.approx(mean_over_pairs(published, data, prompts), rel=1e-12)


def test_kto_is_the_published_loss(world):
    reference, params, data, prompts = world
    z0 = sum(
        prompts[c] * policy(params, c, y) * np.log(policy(params, c, y) / policy(reference, c, y))
        for c in range(PROMPTS)
        for y in range(RESPONSES)
    )
    total = 0.0
    for c in range(PROMPTS):
        for y in range(RESPONSES):
            r = np.log(policy(params, c, y) / policy(reference, c, y))
            total += 0.5 * data[0][c, y] * (1.2 - 1.2 * sigmoid(0.4 * (r - z0)))
            total += 0.5 * data[1][c, y] * (0.7 - 0.7 * sigmoid(0.4 * (z0 - r)))
    found = preference.kto(MODEL, reference, *data, beta=0.4, weights=(1.2, 0.7))
    assert float(found(params)) == pytest.approx(total, rel=1e-12)


def test_kto_has_no_gradient_through_its_reference_point(world):
    reference, params, data, prompts = world
    found = jax.grad(preference.kto(MODEL, reference, *data, beta=0.4))(params)

    def frozen(x):  # the same loss with z_0 a number
        ratio = jax.nn.log_softmax(x, axis=1) - jax.nn.log_softmax(reference, axis=1)
        return jnp.sum(
            data[0] / 2 * (1 - jax.nn.sigmoid(0.4 * (ratio - z0)))
            + data[1] / 2 * (1 - jax.nn.sigmoid(0.4 * (z0 - ratio)))
        )

    now = np.asarray(jax.nn.log_softmax(params, axis=1))
    old = np.asarray(jax.nn.log_softmax(reference, axis=1))
    z0 = float(np.sum(prompts[:, None] * np.exp(now) * (now - old)))
    np.testing.assert_allclose(found, jax.grad(frozen)(params), rtol=1e-10, atol=1e-14)


def test_policy_gradient_is_the_score_function_estimator_without_its_noise(world):
    reference, params, _, prompts = world
    rewards = np.random.default_rng(1).normal(size=(PROMPTS, RESPONSES))
    found = preference.policy_gradient(MODEL, reference, rewards, prompts, penalty=0.2)
    value, gradient = 0.0, np.zeros((PROMPTS, RESPONSES))
    for c in range(PROMPTS):
        for y in range(RESPONSES):
            p = policy(params, c, y)
            gain = rewards[c, y] - 0.2 * np.log(p / policy(reference, c, y))
            value += prompts[c] * p * gain
            score = np.eye(RESPONSES)[y] - [policy(params, c, x) for x in range(RESPONSES)]  # grad log p
            gradient[c] += prompts[c] * p * gain * score
    assert float(found(params)) == pytest.approx(-value, rel=1e-12)
    np.testing.assert_allclose(jax.grad(found)(params), -gradient, rtol=1e-10, atol=1e-14)


def test_the_optimum_of_the_policy_gradient_and_of_dpo_is_the_tilted_reference(world):
    """Both are stationary at reference * exp(reward / penalty): the identity that DPO is derived from."""
    reference, _, _, prompts = world
    rewards = np.random.default_rng(2).normal(size=(PROMPTS, RESPONSES))
    optimum = reference + rewards / 0.5
    reinforced = preference.policy_gradient(MODEL, reference, rewards, prompts, penalty=0.5)
    np.testing.assert_allclose(jax.grad(reinforced)(optimum), 0, atol=1e-13)
    both = np.ones((PROMPTS, RESPONSES, RESPONSES)) / (PROMPTS * RESPONSES**2)
    preferred = 1 / (1 + np.exp(rewards[:, None, :] - rewards[:, :, None]))  # Bradley-Terry
    compared = preference.dpo(MODEL, reference, both * preferred, beta=0.5)
    np.testing.assert_allclose(jax.grad(compared)(optimum), 0, atol=1e-13)
    assert np.abs(jax.grad(compared)(reference)).max() > 1e-3
