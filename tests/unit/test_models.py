"""Models and training: rows, gradients, exact answers where there are some."""

from itertools import combinations

import numpy as np
import optax
import pytest

import compression_sim as cs
from compression_sim import models, training
from compression_sim.masses import Pareto
from compression_sim.models.base import jax, jnp

PROMPTS, DEPTH = 3, 3
RESPONSES = 2**DEPTH


def some_models():
    rng = np.random.default_rng(0)
    return {
        model.name: model
        for model in (
            models.Saturated(PROMPTS, RESPONSES),
            models.TabularSoftmax(PROMPTS, RESPONSES),
            models.LowRank(PROMPTS, RESPONSES, rank=1),
            models.TreeSoftmax(PROMPTS, DEPTH),
            models.TreeSoftmax(PROMPTS, DEPTH, known=2),
            models.TreeSoftmax(PROMPTS, DEPTH, nodes=(0, 2, 5)),
            models.LogLinear.random(PROMPTS, RESPONSES, 5, rng),
            models.SharedGain(rng.normal(size=(PROMPTS, 4)), scale=0.7),
            models.Transformer(PROMPTS, DEPTH, width=6, heads=2),
        )
    }


MODELS = some_models()


def moved(params, rng, size=0.3):
    """Parameters at a generic point; factors, so that a saturated model's weights stay positive."""
    return jax.tree.map(lambda x: x * jnp.asarray(np.exp(size * rng.normal(size=x.shape)))
                        + (x == 0) * jnp.asarray(size * rng.normal(size=x.shape)), params)  # fmt: skip


@pytest.fixture(scope="module")
def laws():
    """(D_p, D_a, D_t), each (prompts, responses)."""
    parts = Pareto(2.0).distributions(3, PROMPTS * RESPONSES, seed=3)
    return np.stack([parts.mean(axis=0), parts[1], parts[2]]).reshape(3, PROMPTS, RESPONSES)


def log_joint(laws, volumes):
    """log P^D(response | prompt) by division."""
    joint = np.tensordot(volumes, laws, axes=1)
    return np.log(joint / joint.sum(axis=1, keepdims=True))


@pytest.mark.parametrize("name", MODELS)
def test_rows_are_distributions_and_draws_repeat(name):
    model = MODELS[name]
    params = moved(model.init(np.random.default_rng(1)), np.random.default_rng(2))
    p = np.exp(jax.jit(model.log_probabilities)(params))
    assert p.shape == (PROMPTS, 2 if name == "shared-gain" else RESPONSES)
    np.testing.assert_allclose(p.sum(axis=1), 1, rtol=1e-13)
    assert np.ptp(p) > 1e-3  # a generic point, not the uniform model
    again = moved(model.init(np.random.default_rng(1)), np.random.default_rng(2))
    assert all(map(np.array_equal, jax.tree.leaves(params), jax.tree.leaves(again)))


@pytest.mark.parametrize("name", MODELS)
def test_the_gradient_is_the_slope_of_the_loss(name, laws):
    model = MODELS[name]
    rng = np.random.default_rng(2)
    params = moved(model.init(np.random.default_rng(1)), rng)
    law = laws[1] if name != "shared-gain" else laws[1][:, :2] / laws[1][:, :2].sum()
    way = jax.tree.map(
        lambda x: jnp.asarray(rng.normal(size=x.shape)) * jnp.minimum(1.0, jnp.abs(x) + 0.1), params
    )
    step, far = 1e-3, 0.05

    @jax.jit
    def computed():  # one program: compilation is what costs
        def at(h):
            return jax.tree.map(lambda x, v: x + h * v, params, way)

        def loss(h):
            return models.loss(model, at(h), law)

        losses = jax.lax.map(loss, jnp.array([-2, -1, 1, 2, 0, far / step]) * step)
        return losses, jax.grad(loss)(0.0), models.loss_changes(model, params, at(far), law[None])[0]

    losses, slope, change = computed()
    difference = (8 * (losses[2] - losses[1]) - (losses[3] - losses[0])) / (12 * step)
    np.testing.assert_allclose(slope, difference, rtol=1e-8)
    np.testing.assert_allclose(change, losses[5] - losses[4], rtol=1e-10)


def test_a_tree_model_is_its_nodes_marginals(laws):
    """Every leaf's probability is the product along its path, and the fitted tree is the data's own tree."""
    tree = MODELS["tree-softmax"]
    params = moved(tree.init(None), np.random.default_rng(5))
    p = np.exp(tree.log_probabilities(params))
    for leaf, bits in ((0, "000"), (5, "101"), (7, "111")):
        product, node = 1.0, 0
        for bit in bits:
            one = 1 / (1 + np.exp(-params[1, node]))
            product *= one if bit == "1" else 1 - one
            node = 2 * node + 1 + int(bit)
        assert p[1, leaf] == pytest.approx(product, rel=1e-13)
    law = laws[1] / laws[1].sum(axis=1, keepdims=True)
    marginals = [law.reshape(PROMPTS, 2**layer, 2, -1).sum(axis=3) for layer in range(DEPTH)]
    logits = np.concatenate([np.log(m[:, :, 1] / m[:, :, 0]) for m in marginals], axis=1)
    np.testing.assert_allclose(np.exp(tree.log_probabilities(jnp.asarray(logits))), law, rtol=1e-13)


def test_a_capacity_limited_tree_codes_as_the_pruned_tree(laws):
    """Trained to the end, its code lengths are those of TokenTree.prune(known), the rest sent plain."""
    counts = np.random.default_rng(7).integers(1, 9, RESPONSES)
    strings = [np.array([int(c) for c in f"{leaf:0{DEPTH}b}"]) for leaf in range(RESPONSES)]
    tree = cs.TokenTree.from_sequences(np.repeat(strings, counts, axis=0), DEPTH).prune(2)
    rows = zip(tree.leaf_tokens, tree.leaf_is_eos, tree.leaf_probabilities, strict=True)
    pruned = {"".join(map(str, tokens)): p for tokens, eos, p in rows if not eos}  # EOS: empty last chunks
    known = np.array([pruned[f"{leaf:0{DEPTH}b}"[:2]] for leaf in range(RESPONSES)])
    expected = -np.log2(known / (known.sum() / 2)) + (DEPTH - 2)  # two strings to each known prefix
    model = models.TreeSoftmax(1, DEPTH, known=2)
    law = (counts / counts.sum())[None]
    found = jax.jit(lambda p: training.stationary(training.sft(model, law), p))(model.init(None))
    assert found.gradient_norm < 1e-14
    np.testing.assert_allclose(models.code_lengths(model, found.params)[0], expected, rtol=1e-12)


def test_a_node_budget_is_spent_best(laws):
    """Against every choice of as many nodes, each at its minimum: the log-odds of the data."""
    law = laws[1]
    marginals = [law.reshape(PROMPTS, 2**layer, 2, -1).sum(axis=3) for layer in range(DEPTH)]
    odds = np.concatenate([np.log(m[:, :, 1] / m[:, :, 0]) for m in marginals], axis=1)

    def fitted(model):
        return float(models.loss(model, jnp.asarray(odds[:, model.learnt]), law))

    for budget in (1, 3, 7):
        best = models.TreeSoftmax.on_budget(budget, law)
        choices = combinations(range(2**DEPTH - 1), budget)
        losses = [fitted(models.TreeSoftmax(PROMPTS, DEPTH, nodes=nodes)) for nodes in choices]
        assert fitted(best) == pytest.approx(min(losses), abs=1e-14)
        assert budget == 7 or fitted(best) < sorted(losses)[1]
        assert models.num_parameters(best.init(None)) == PROMPTS * budget
        slope = jax.grad(training.sft(best, law))(jnp.asarray(odds[:, best.learnt]))
        np.testing.assert_allclose(slope, 0, atol=1e-15)
    whole = MODELS["tree-softmax"].log_probabilities(jnp.asarray(odds))
    np.testing.assert_allclose(best.log_probabilities(jnp.asarray(odds)), whole, rtol=1e-13)


def test_a_tree_without_nodes_is_a_fair_coin_and_nodes_are_checked(laws):
    p = models.TreeSoftmax(PROMPTS, DEPTH, nodes=()).log_probabilities(jnp.zeros((PROMPTS, 0)))
    np.testing.assert_allclose(p, -DEPTH * np.log(2), rtol=1e-15)
    for nodes in ((2**DEPTH - 1,), (-1,), (0.0,)):
        with pytest.raises(ValueError, match=r"nodes must be an integer in 0\.\."):
            models.TreeSoftmax(PROMPTS, DEPTH, nodes=nodes)
    with pytest.raises(ValueError, match=r"nodes must be different, got \(1, 1\)"):
        models.TreeSoftmax(PROMPTS, DEPTH, nodes=(1, 1))
    for budget in (0, 1.5):
        with pytest.raises(ValueError, match="budget must be an integer of at least 1"):
            models.TreeSoftmax.on_budget(budget, laws[1])


def test_a_transformer_of_another_vocabulary_is_causal_and_sums_to_one():
    """The first token's law is that of the model cut to length 1; a response is its tokens as digits."""
    model = models.Transformer(2, 2, width=6, vocabulary=5)
    params = model.init(np.random.default_rng(0))
    p = np.exp(model.log_probabilities(params))
    assert p.shape == (2, 25)
    np.testing.assert_allclose(p.sum(axis=1), 1, rtol=1e-13)
    assert np.ptp(p) > 1e-3
    first = models.Transformer(2, 1, width=6, vocabulary=5)
    cut = params | {"position": params["position"][:1]}
    np.testing.assert_allclose(
        np.exp(first.log_probabilities(cut)), p.reshape(2, 5, 5).sum(axis=2), rtol=1e-12
    )


def test_a_transformer_of_a_million_parameters_scores_bytes():
    """Seven bytes have 2^56 responses: those asked for are scored alone; the gradient is the slope."""
    model = models.Transformer(2, 7, width=128, heads=4, blocks=5, vocabulary=256)
    params = model.init(np.random.default_rng(0))
    assert 1e6 < models.num_parameters(params) < 1.1e6
    prompts = np.array([0, 1, 1])
    responses = np.array([int.from_bytes(text, "big") for text in (b"elastic", b"rebound", b"rebount")])

    def loss(params):
        return -jnp.mean(model.log_probability(params, prompts, responses))

    value, slope = jax.jit(jax.value_and_grad(loss))(params)
    assert value == pytest.approx(7 * np.log(256), rel=0.01)
    ahead, behind = (
        jax.jit(loss)(jax.tree.map(lambda x, g, h=h: x - h * g, params, slope)) for h in (1e-4, -1e-4)
    )
    squared = sum(float(jnp.vdot(g, g)) for g in jax.tree.leaves(slope))
    np.testing.assert_allclose((behind - ahead) / 2e-4, squared, rtol=1e-5)


def test_trained_to_the_end_a_table_is_the_joint_at_every_k(laws):
    """TabularSoftmax = Saturated = the closed form, and the changes agree with finite_response at k = 1e6."""
    table = MODELS["tabular-softmax"]

    @jax.jit
    def retrained(k):
        before = training.stationary(
            training.mixture(table, laws, jnp.array([k, 1.0, 0.0])), table.init(None)
        )
        after = training.stationary(training.mixture(table, laws, jnp.array([k, 1.0, 0.1])), before.params)
        return before, after, models.loss_changes(table, before.params, after.params, laws)

    for k in (1.0, 1e6):
        before, after, change = retrained(k)
        assert max(before.gradient_norm, after.gradient_norm) < 2e-15
        for found, volume in ((before, 0.0), (after, 0.1)):
            expected = log_joint(laws, [k, 1.0, volume])
            np.testing.assert_allclose(table.log_probabilities(found.params), expected, rtol=1e-12)
        whole, prompts = (cs.Mixture(rows, [k, 1.0, 0.0]) for rows in (laws.reshape(3, -1), laws.sum(axis=2)))
        bits = [cs.elasticity.finite_response(mix, 2, 0.1) for mix in (whole, prompts)]
        expected = (bits[0] - bits[1]) * np.log(2)
        np.testing.assert_allclose(change, expected, rtol=1e-7)
        saturated = MODELS["saturated"]
        ends = [saturated.fit(laws, [k, 1.0, x]) / (k + 1 + x) for x in (0.0, 0.1)]
        np.testing.assert_allclose(models.loss_changes(saturated, *ends, laws), expected, rtol=1e-9)


def test_newton_says_when_it_has_not_arrived(laws):
    table = MODELS["tabular-softmax"]
    found = jax.jit(lambda p: training.stationary(training.sft(table, laws[0]), p, max_steps=1))(
        table.init(None)
    )
    assert found.steps == 1
    slope = jax.grad(training.sft(table, laws[0]))(found.params)
    np.testing.assert_allclose(found.gradient_norm, np.linalg.norm(slope), rtol=1e-12)
    assert found.gradient_norm > 1e-6


def test_gauss_newton_fits_what_a_network_can_represent(laws):
    """Both solvers end at the joint: a table by `fit` and by Newton, and a table is what `fit` finds."""
    table = MODELS["tabular-softmax"]
    found = jax.jit(lambda p: training.fit(table, laws[0], p))(table.init(None))
    assert found.gradient_norm < 1e-14
    np.testing.assert_allclose(table.log_probabilities(found.params), log_joint(laws, [1, 0, 0]), rtol=1e-10)


def test_the_flow_converges_with_the_fourth_order(laws):
    """Against the closed form of one context with two responses: z' = q - sigmoid(z), by SciPy."""
    from scipy.integrate import solve_ivp

    model = models.LogLinear.logistic([[1.0]])
    law = np.array([[0.9, 0.1]])
    exact = solve_ivp(lambda t, z: 0.9 - 1 / (1 + np.exp(-z)), (0, 4), [0.0], rtol=1e-13, atol=1e-14).y[0, -1]
    errors = []
    for substeps in (4, 8):
        flow = jax.jit(
            lambda p, n=substeps: training.gradient_flow(training.sft(model, law), p, [2.0, 4.0], n)[0]
        )
        errors.append(abs(float(flow(model.init(None))[0]) - exact))
    assert errors[1] > 1e-13
    assert 12 < errors[0] / errors[1] < 22


def test_a_network_scores_pairs_as_it_scores_all(laws):
    """A minibatch through `log_probability` is the mean over the same draws of the whole table."""
    model = MODELS["transformer"]
    params, key = model.init(np.random.default_rng(1)), jax.random.key(4)
    drawn = jax.random.categorical(key, jnp.log(laws[1]).ravel(), shape=(16,))
    logs = jax.jit(model.log_probabilities)(params)
    found = jax.jit(training.minibatch(model, laws[1], 16))(params, key)
    np.testing.assert_allclose(found, -logs.ravel()[drawn].mean(), rtol=1e-13)


def test_minibatches_of_one_key_are_the_same_run_and_records_are_taken(laws):
    model = MODELS["log-linear"]
    objective = training.minibatch(model, laws[1], 8)

    @jax.jit
    def run(key):
        return training.train(objective, model.init(None), optax.sgd(0.1), 20, key=key, records=4)

    (end, kept), (again, _), (other, _) = (run(jax.random.key(seed)) for seed in (0, 0, 1))
    assert np.array_equal(end, again)
    assert not np.array_equal(end, other)
    assert kept.shape == (4, 5)
    np.testing.assert_array_equal(kept[-1], end)
    with pytest.raises(ValueError, match="steps must be a multiple of records, got 20 and 3"):
        training.train(objective, model.init(None), optax.sgd(0.1), 20, key=jax.random.key(0), records=3)


def test_a_kl_penalty_trained_to_the_end_is_k(laws):
    """Theory: kl-penalty. At the minimum of L_a + w KL(base || model), g_a = -w g_p: k_eff = w."""
    model, weight = MODELS["log-linear"], 7.0
    prompts = laws[0].sum(axis=1)

    @jax.jit
    def ratio():
        base = training.stationary(training.sft(model, laws[0]), model.init(None)).params
        both = training.with_kl_penalty(training.sft(model, laws[1]), model, base, weight, prompts)
        end = training.stationary(both, base).params
        towards = jax.grad(training.sft(model, laws[2]))(end)
        a = jax.grad(training.sft(model, laws[1]))(end)
        p = jax.grad(lambda x: models.kl_divergence(model, base, x, prompts))(end)
        return -(a @ towards) / (p @ towards)

    assert float(ratio()) == pytest.approx(weight, rel=1e-9)
