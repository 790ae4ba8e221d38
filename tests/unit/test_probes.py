"""Probes formed from a model's gradients: against closed forms, finite differences and finite retraining."""

import numpy as np
import pytest

from compression_sim import estimators, models, training
from compression_sim.estimators.statistics import probes
from compression_sim.models.base import LN2, jax, jnp

PROMPTS, RESPONSES, N = 3, 5, 400
ROLES = ("pretraining", "alignment", "perturbation")


def drawn(rng, laws):
    """Responses from each law (prompts, responses): prompts and responses, (3, N) each."""
    flat = np.stack([rng.choice(law.size, N, p=law.ravel()) for law in laws])
    return np.divmod(flat, RESPONSES)


def empirical(where):
    """The empirical law of drawn responses, by role: (3, prompts, responses)."""
    laws = np.zeros((3, PROMPTS, RESPONSES))
    for law, at in zip(laws, zip(*where, strict=True), strict=True):
        np.add.at(law, at, 1 / N)
    return laws


MODELS = {
    "tabular": lambda rng: models.TabularSoftmax(PROMPTS, RESPONSES),
    "log-linear": lambda rng: models.LogLinear.random(PROMPTS, RESPONSES, 6, rng),
    "low-rank": lambda rng: models.LowRank(PROMPTS, RESPONSES, 2),
}


@pytest.fixture(params=MODELS)
def world(request):
    rng = np.random.default_rng(7)
    model = MODELS[request.param](rng)
    laws = rng.dirichlet(np.ones(PROMPTS * RESPONSES), 3).reshape(3, PROMPTS, RESPONSES)
    where = drawn(rng, laws)
    losses = {
        role: training.response_losses(model, *at)
        for role, at in zip(ROLES, zip(*where, strict=True), strict=True)
    }
    params = jax.tree.map(lambda x: x + jnp.asarray(rng.normal(0, 0.5, x.shape)), model.init(rng))
    return model, params, losses, where, empirical(where)


def test_dots_of_a_softmax_table_are_the_closed_form():
    """-log p(x | c) has gradient p(. | c) - onehot(x), and Hessian diag(p) - p p' on the logits of c."""
    rng = np.random.default_rng(0)
    model = models.TabularSoftmax(PROMPTS, RESPONSES)
    params, update, along = rng.normal(size=(3, PROMPTS, RESPONSES))
    p = np.exp(params) / np.exp(params).sum(1, keepdims=True)
    prompts, responses = rng.integers(0, PROMPTS, 20), rng.integers(0, RESPONSES, 20)
    losses = training.response_losses(model, prompts, responses)
    expected = (np.sum(p * update, 1)[prompts] - update[prompts, responses]) / LN2
    np.testing.assert_allclose(
        training.probe_dots(losses, jnp.asarray(params), jnp.asarray(update)), expected
    )
    bent = np.sum(p * along * update, 1) - np.sum(p * along, 1) * np.sum(p * update, 1)
    found = training.curvature_dots(losses, jnp.asarray(params), jnp.asarray(along), jnp.asarray(update))
    np.testing.assert_allclose(found, bent[prompts] / LN2)
    shares = np.zeros((PROMPTS, RESPONSES))
    np.add.at(shares, (prompts, responses), 1 / 20)
    expected = -0.5 * (p * shares.sum(1, keepdims=True) - shares) / LN2
    np.testing.assert_allclose(training.update_along(losses, jnp.asarray(params), rate=0.5), expected)


def test_dots_are_differences_of_losses(world):
    _, params, losses, _, _ = world
    update = training.update_along(losses["perturbation"], params)
    along = jax.tree.map(lambda x: x + 0.3, update)
    h = 1e-4

    def moved(role, a, b):
        return np.asarray(
            losses[role](jax.tree.map(lambda x, u, v: x + a * u + b * v, params, update, along))
        )

    for role in ROLES:
        first = (moved(role, h, 0) - moved(role, -h, 0)) / (2 * h)
        np.testing.assert_allclose(training.probe_dots(losses[role], params, update), first, atol=1e-6)
        second = (moved(role, h, h) - moved(role, h, -h) - moved(role, -h, h) + moved(role, -h, -h)) / (
            4 * h * h
        )
        np.testing.assert_allclose(
            training.curvature_dots(losses[role], params, along, update), second, atol=1e-5
        )


def test_first_order_k_eff_is_that_of_a_small_step(world):
    model, params, losses, _, laws = world
    update = training.update_along(losses["perturbation"], params, rate=1e-6)
    dots = {role: training.probe_dots(losses[role], params, update) for role in ROLES}
    found = probes.first_order_k_eff(dots["alignment"], dots["pretraining"])
    after = jax.tree.map(jnp.add, params, update)
    change = np.asarray(models.loss_changes(model, params, after, laws))  # on the same responses
    assert found.value == pytest.approx(-change[1] / change[0], rel=1e-4)
    for role, moved in zip(ROLES, change, strict=True):
        assert dots[role].mean() * LN2 == pytest.approx(moved, rel=1e-4)


def test_sequential_k_eff_is_that_of_aligning_and_reversing():
    """Pre-trained to stationarity, aligned by a short flow, then a small step on the perturbation."""
    rng = np.random.default_rng(3)
    model = models.LogLinear.random(PROMPTS, RESPONSES, 6, rng)
    where = drawn(rng, rng.dirichlet(np.ones(PROMPTS * RESPONSES), 3).reshape(3, PROMPTS, RESPONSES))
    laws = empirical(where)
    losses = {
        role: training.response_losses(model, *at)
        for role, at in zip(ROLES, zip(*where, strict=True), strict=True)
    }
    base = training.stationary(training.sft(model, laws[0]), model.init(rng)).params
    update = training.update_along(losses["perturbation"], base)
    gradient = jax.tree.map(jnp.negative, training.update_along(losses["alignment"], base))
    tau = 1e-3
    dots = training.probe_dots(losses["alignment"], base, update)
    bent = training.curvature_dots(losses["pretraining"], base, gradient, update)
    # the flow of bits runs for tau; ours of nats for tau / ln 2 in its own time
    _, aligned = training.gradient_flow(training.sft(model, laws[1]), base, jnp.array([tau / LN2]), 20)
    aligned = jax.tree.map(lambda x: x[0], aligned)
    step = training.update_along(losses["perturbation"], aligned, rate=1e-6)
    change = np.asarray(models.loss_changes(model, aligned, jax.tree.map(jnp.add, aligned, step), laws))
    retrained = -change[1] / change[0]
    assert probes.sequential_k_eff(dots, bent, tau).value == pytest.approx(retrained, rel=0.02)
    residual = training.probe_dots(losses["pretraining"], base, update)
    assert probes.residual_share(residual, bent, tau) < 1e-6
    # through the table, as a user would
    blank = np.full(N, np.nan)
    table = estimators.from_columns({
        "dataset": np.repeat(ROLES[:2], N), "checkpoint": ["base"] * 2 * N, "response": list(range(N)) * 2,
        "bits": np.concatenate([losses[role](base) for role in ROLES[:2]]), "tokens": np.ones(2 * N),
        "probe": np.concatenate([residual, dots]), "curvature": np.concatenate([bent, blank]),
        "tau": np.full(2 * N, tau),
    })  # fmt: skip
    found = {
        one.name: one.value
        for one in estimators.estimate_table(table, resampling=estimators.Resampling(resamples=100))
    }
    assert found["sequential k_eff"] == pytest.approx(retrained, rel=0.02)
