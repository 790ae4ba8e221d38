"""The rebound grid by Adam, schedules, minibatches and the flow, against NumPy and against each other."""

import re
from dataclasses import replace

import numpy as np
import pytest

from compression_sim import experiments, models, results, training
from compression_sim.experiments import optimizers
from compression_sim.experiments._lab.families import MODEL_CLASSES
from compression_sim.experiments._lab.protocol import OBJECTIVES, Plan, grid
from compression_sim.models.base import jax

TABLE = MODEL_CLASSES["tabular-softmax"]


def draw(kind=TABLE, seeds=2, seed=3):
    return kind.draw(seeds, np.random.default_rng(seed))


def softmax(z):
    z = np.exp(z - z.max(axis=1, keepdims=True))
    return z / z.sum(axis=1, keepdims=True)


def adam(z, data, steps, length):
    """Kingma and Ba's algorithm 1 with a cosine rate, on the mean code length; logits after every step."""
    m, v, path = 0.0, 0.0, []
    for t in range(steps):
        g = data.sum(axis=1, keepdims=True) * softmax(z) - data
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
        rate = TABLE.adam * (1 + np.cos(np.pi * min(t / length, 1))) / 2
        z = z - rate * (m / (1 - 0.9 ** (t + 1))) / (np.sqrt(v / (1 - 0.999 ** (t + 1))) + 1e-8)
        path.append(z)
    return path


def test_the_grid_by_adam_with_a_schedule_is_adam():
    """Every stage starts Adam and the schedule anew; each alignment has a schedule of its own length."""
    plan = Plan(5.0, (1, 3), 4, 8, optimizer="adam", schedule="cosine")
    worlds, starts = draw()
    found = grid(TABLE, worlds, starts, plan)["score"]
    world = type(worlds)(*(np.asarray(part[1]) for part in worlds))
    base = adam(np.asarray(starts[1]), world.pretraining_data, 20, 20)[-1]
    for j, volume in enumerate(plan.alignments):
        aligned = adam(base, world.positive_data, volume * plan.steps, volume * plan.steps)[-1]
        path = [aligned, *adam(aligned, world.negative_data, 16, 16)[1::2]]
        scores = [world.test @ softmax(z) @ world.valence for z in path]
        np.testing.assert_allclose(found[1, j], scores, rtol=1e-11)


def test_the_flow_does_not_depend_on_the_size_of_its_steps():
    """Twice as many steps of half the size: the same curves by the flow, others by gradient descent."""
    fine = replace(TABLE, rate=TABLE.rate / 2)
    gaps = {}
    for optimizer in ("flow", "sgd"):
        plan = Plan(5.0, (1, 3), 4, 8, optimizer=optimizer)
        coarse = grid(TABLE, *draw(), plan)["score"]
        gaps[optimizer] = np.abs(grid(fine, *draw(), replace(plan, steps=8))["score"] - coarse).max()
    assert gaps["flow"] < 1e-4 < 1e-2 < gaps["sgd"]


def test_one_seed_draws_the_same_minibatches_and_another_does_not():
    plan = Plan(5.0, (1, 3), 4, 8, batch=16)
    first, again = (grid(TABLE, *draw(), plan)["score"] for _ in range(2))
    exact = grid(TABLE, *draw(), replace(plan, batch=0))["score"]
    np.testing.assert_array_equal(first, again)
    assert 1e-3 < np.abs(first - exact).mean() < 0.1
    worlds, starts = draw()
    other = grid(TABLE, worlds._replace(draws=worlds.draws + 1), starts, plan)["score"]
    assert np.abs(first - other).mean() > 1e-3


def test_a_drawn_table_is_a_minibatch():
    """Shares of whole draws, right on average, and the objective that `minibatch` has with the same key."""
    table = np.random.default_rng(0).dirichlet(np.ones(12)).reshape(3, 4)
    table[0, 0], table[0, 1] = 0, table[0, 0] + table[0, 1]
    keys = jax.random.split(jax.random.key(0), 2000)
    found = np.asarray(jax.vmap(lambda key: training.drawn(table, key, 5))(keys))
    np.testing.assert_allclose(found.sum(axis=(1, 2)), 1)
    np.testing.assert_allclose(found * 5, np.round(found * 5), atol=1e-12)
    np.testing.assert_allclose(found.mean(axis=0), table, atol=4 * np.sqrt(0.25 / 5 / 2000))
    assert (found[:, 0, 0] == 0).all()
    model = models.TabularSoftmax(3, 4)
    params = np.random.default_rng(1).normal(size=(3, 4))
    one = training.sft(model, training.drawn(table, keys[0], 5))(params)
    np.testing.assert_allclose(training.minibatch(model, table, 5)(params, keys[0]), one, rtol=1e-13)


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_every_objective_takes_the_score_down_by_minibatches(objective):
    plan = Plan(5.0, (1, 2), 2, 4, objective=objective, batch=32)
    scores = grid(MODEL_CLASSES["scalar"], *draw(MODEL_CLASSES["scalar"], 8), plan)["score"].mean(axis=0)
    assert (scores[:, -1] < scores[:, 0]).all()


def test_ways_are_compared_with_the_first():
    settings = {"models": "scalar", "ways": "sgd,adam", "seeds": "6"}
    result = experiments.run("optimizers", "quick", 0, settings)
    lone = experiments.run("rebound", "quick", 0, {"models": "scalar", "scenarios": "midway", "seeds": "6"})
    cell = result.sel(model="scalar", scenario="midway")
    np.testing.assert_array_equal(
        cell.effect.sel(way="sgd"), lone.effect.sel(model="scalar", scenario="midway")
    )
    same = optimizers.agreement(result).sel(model="scalar", scenario="midway")
    assert same.sel(way="sgd").all()
    assert not same.sel(way="adam", claim="fig-4-rebound")  # Adam divides the size of the gradient out
    text = "\n".join(experiments.summary(result))
    assert re.search(r"^rebound, midway +1 +0$", text, re.MULTILINE)
    assert re.search(r"^scalar +0\.\d+\* +-?0\.\d+!$", text, re.MULTILINE)


@pytest.mark.parametrize("way", ["sgd/", "adam/sgd", "32/64", "sgd/linear", "sgd/-1"])
def test_ways_that_are_none_are_refused(way):
    with pytest.raises(ValueError, match=r"ways are an optimizer \(sgd, adam, flow\), then / and a schedule"):
        experiments.run("optimizers", "quick", 0, {"ways": way})


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"optimizer": "adm"}, "unknown optimizer 'adm'; did you mean 'adam'"),
        ({"schedule": "linear"}, "unknown schedule 'linear'"),
        ({"batch": "-1"}, "batch must be an integer of at least 0, got -1"),
        (
            {"optimizer": "adam"},
            "saturated .* takes no optimizer, got 'adam'; leave it out: models=scalar,shared-gain",
        ),
        ({"batch": "8", "models": "saturated"}, "takes no batch, got 8; leave it out: models=scalar"),
    ],
)
def test_bad_parameters_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        experiments.run("rebound", "quick", 0, settings)


@pytest.mark.parametrize(
    "other",
    [{"objective": "dpo"}, {"speed": 2.0}, {"optimizer": "flow"}, {"schedule": "cosine"}, {"batch": 4}],
)
def test_what_is_not_trained_takes_no_way_of_training(other):
    kind = MODEL_CLASSES["saturated"]
    with pytest.raises(ValueError, match=f"saturated is not trained and takes no {next(iter(other))}"):
        grid(kind, *draw(kind), Plan(5.0, (1, 3), 4, 8, **other))


def test_why_adam_turns_the_rebound():
    """One logit: Adam moves it as far from every start, gradient descent farther after more alignment."""
    ratios = {}
    for optimizer in ("sgd", "adam"):
        plan = Plan(60.0, (1, 10), 2, 4, optimizer=optimizer)
        scores = grid(MODEL_CLASSES["scalar"], *draw(MODEL_CLASSES["scalar"], 20), plan)["score"]
        logits = np.log(scores / (1 - scores))
        fall = logits[:, :, 0] - logits[:, :, -1]
        ratios[optimizer] = fall[:, 1] / fall[:, 0]
    assert np.median(ratios["sgd"]) > 1.3
    assert abs(np.median(ratios["adam"]) - 1) < 0.05


@pytest.fixture(scope="module")
def stored():
    return results.load("optimizers")


def test_a_cell_of_the_stored_result_comes_out_again(stored):
    settings = {"models": "scalar", "scenarios": "near", "ways": "sgd,adam/32"}
    again = experiments.run("optimizers", "standard", int(stored.attrs["seed"]), settings)
    cell = stored.sel(model=["scalar"], scenario=["near"], way=["sgd", "adam/32"])
    for name in ("effect", "start"):
        np.testing.assert_allclose(again[name], cell[name], rtol=1e-6, atol=1e-9)


def test_what_the_stored_result_says(stored):
    """Minibatches and the flow leave fig. 4 as it is; Adam turns the rebound of the simplest classes."""
    same = optimizers.agreement(stored)
    assert stored.sizes["seed"] >= 20
    for way, least in (
        ("flow", 0.9),
        ("sgd/cosine", 0.9),
        ("sgd/32", 0.95),
        ("adam", 0.75),
        ("adam/32", 0.75),
    ):
        assert float(same.sel(way=way).mean()) > least
    turned = stored.sel(claim="fig-4-rebound", scenario="midway", model=["scalar", "tabular-softmax"])
    assert (turned.effect_low.sel(way=["sgd", "flow", "sgd/cosine", "sgd/32"]) > 0.1).all()
    assert (turned.effect_high.sel(way=["adam", "adam/32"]) < 0).all()
