"""Effects on curves whose answer is known, and the simulations against plain NumPy and the closed forms."""

import numpy as np
import pytest

import compression_sim as cs
from compression_sim import experiments
from compression_sim.experiments import matrix, resistance
from compression_sim.experiments._lab import effects
from compression_sim.experiments._lab.families import MODEL_CLASSES
from compression_sim.experiments._lab.protocol import OBJECTIVES, Plan, grid, program
from compression_sim.experiments._lab.worlds import SCENARIOS
from compression_sim.experiments._matrix.paper import paper_effects

AMOUNTS = np.linspace(0, 10, 41)


def exponential(start, rate, end=0.1):
    return end + (start - end) * np.exp(-rate * AMOUNTS)


def seeds(curve, spread=0.002, n=20, seed=0):
    return curve + spread * np.random.default_rng(seed).normal(size=(n, 1))


def softmax(z):
    z = np.exp(z - z.max(axis=1, keepdims=True))
    return z / z.sum(axis=1, keepdims=True)


def test_faster_is_the_relative_difference_of_the_mean_falls():
    low, high = exponential(0.6, 0.2), exponential(0.9, 0.2)
    sizes = 1 + 0.02 * np.random.default_rng(0).normal(size=(2, 20, 1))  # an offset leaves a fall as it is
    found = effects.paired([low * sizes[0], high * sizes[1]], effects.faster(AMOUNTS, 2.0))
    assert found.value == pytest.approx(0.8 / 0.5 - 1, abs=0.03)
    assert 0.5 < found.low < 0.6 < found.high < 0.7
    assert np.isnan(effects.faster(AMOUNTS, 2.0)(low[::-1], high))  # a curve that rises has no fall


def test_matched_score_removes_what_a_higher_start_does():
    low, high = exponential(0.6, 0.3), exponential(0.9, 0.3)
    assert effects.faster(AMOUNTS, 2.0)(low, high) > 0.3
    fine = np.linspace(0, 10, 1001)  # a slope is that of a segment
    low, high = (0.1 + start * np.exp(-0.3 * fine) for start in (0.5, 0.8))
    assert effects.faster_at_matched_score(fine, 0.4)(low, high) == pytest.approx(0, abs=3e-3)


def test_crossing_is_found_where_it_is():
    low, high = exponential(0.6, 0.2), exponential(0.9, 0.6)
    at = np.log(0.8 / 0.5) / 0.4
    assert effects.crossing_amount(AMOUNTS)(low, high) == pytest.approx(at, rel=0.01)
    assert effects.overtaken(low, high) == pytest.approx(np.max(low - high))
    assert effects.overtaken(low, exponential(0.9, 0.2)) < 0
    assert np.isnan(effects.overtaken(high, low))  # the other one starts higher
    assert effects.order_kept(low, high) < 0 <= effects.order_kept(low, exponential(0.9, 0.2))


def test_a_crossing_is_not_found_in_noise():
    """The deepest point of two noisy curves is below 0 by luck; read on other seeds it is not."""
    rng = np.random.default_rng(0)
    low, high = (np.full((20, 41), 0.5) + 0.1 * rng.normal(size=(20, 41)) for _ in range(2))
    high[:, 0] += 1.0
    lucky = effects.paired([low, high], effects.overtaken)
    assert lucky.low > 0.01
    assert effects.overtaken_unselected(low, high).low < 0.01
    real = effects.overtaken_unselected(low, high - 0.1 * (AMOUNTS > 5))
    assert real.value == pytest.approx(0.1, abs=0.05)
    assert real.low > 0.01


def test_level_and_flat_start():
    curve = exponential(0.9, 2.0, end=0.45)
    assert effects.near_base(AMOUNTS, 0.25)(curve, np.array(0.5)) == pytest.approx(
        0.25 - 0.05 / 0.4, rel=1e-3
    )
    assert effects.flat_start(AMOUNTS, curve) == pytest.approx(-0.5)  # convex: steepest first
    assert effects.flat_start(AMOUNTS, 1 / (1 + np.exp(AMOUNTS - 5))) > 0.4


def test_fewer_to_return():
    low, high = np.exp(-0.2 * AMOUNTS), 2 * np.exp(-1.0 * AMOUNTS)
    found = effects.fewer_to_return(AMOUNTS, 0.5)(low, high)
    assert found == pytest.approx(1 - np.log(4) / (np.log(2) / 0.2), rel=0.01)
    assert effects.fewer_to_return(AMOUNTS, 0.5)(low, high * 0 + 1) == -np.inf  # never back
    assert np.isnan(effects.fewer_to_return(AMOUNTS, 0.01)(low * 0 + 1, high * 0 + 1))


def test_verdicts_need_the_whole_interval():
    low, high = exponential(0.6, 0.2), exponential(0.9, 0.6)
    surely = effects.paired([seeds(low), seeds(high, seed=1)], effects.overtaken)
    unsure = effects.paired([seeds(low, 0.5), seeds(high, 0.5, seed=1)], effects.overtaken)
    missing = effects.paired([seeds(high), seeds(low, seed=1)], effects.overtaken)
    found = effects.table({"a": (surely, 0.01), "b": (unsure, 0.01), "c": (missing, 0.01)})
    assert effects.verdicts(found).tolist() == [effects.SHOWS, effects.NOT, effects.MISSING]


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_tabular_grid_is_plain_gradient_descent(scenario):
    kind, plan = MODEL_CLASSES["tabular-softmax"], Plan(5.0, (1, 3), 4, 8)
    worlds, starts = kind.draw(2, np.random.default_rng(3), scenario)
    found = grid(kind, worlds, starts, plan)
    for i in range(2):
        world = type(worlds)(*(np.asarray(part[i]) for part in worlds))

        def descend(z, data, volume):
            for _ in range(round(volume * plan.steps)):
                z = z - kind.rate * (data.sum(axis=1, keepdims=True) * softmax(z) - data)
            return z

        base = descend(np.asarray(starts[i]), world.pretraining_data, 5)
        for j, volume in enumerate(plan.alignments):
            z = descend(base, world.positive_data, volume)
            for m in range(plan.points + 1):
                law, old = softmax(z), softmax(base)
                score = world.test @ law @ world.valence
                kl = world.test @ np.sum(old * np.log(old / law), axis=1)
                assert found["score"][i, j, m] == pytest.approx(score, rel=1e-10)
                assert found["kl_from_base"][i, j, m] == pytest.approx(kl, rel=1e-9, abs=1e-14)
                z = descend(z, world.negative_data, plan.perturbation / plan.points)


def test_saturated_grid_is_the_mixture():
    kind, plan = MODEL_CLASSES["saturated"], Plan(7.0, (1, 3), 4, 8)
    worlds, starts = kind.draw(1, np.random.default_rng(3))
    found = grid(kind, worlds, starts, plan)["score"][0, 1]
    world = type(worlds)(*(np.asarray(part[0]) for part in worlds))
    scores = [law @ world.valence for law in (world.base, world.positive, world.negative)]
    for_each = [
        cs.rebound_curve([s[c] for s in scores], [7.0, 3 * kind.rate, 0.0], 2, plan.amounts * kind.rate)
        for c in range(kind.prompts)
    ]
    np.testing.assert_allclose(found, np.mean(for_each, axis=0), rtol=1e-12)


def test_one_trace_per_class_and_shape():
    """A sweep over seeds, settings and draws compiles once; the count can grow, as another shape shows."""
    kind, plan = MODEL_CLASSES["scalar"], Plan(2.0, (1, 2), 2, 4)
    compiled = program(kind, plan, (plan.pretraining,))
    for seed, scenario in enumerate(SCENARIOS * 2):
        grid(kind, *kind.draw(3, np.random.default_rng(seed), scenario), plan)
    assert compiled._cache_size() == 1
    grid(kind, *kind.draw(4, np.random.default_rng(0)), plan)
    assert compiled._cache_size() == 2


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_every_objective_takes_the_score_down(objective):
    kind, plan = MODEL_CLASSES["scalar"], Plan(5.0, (1, 2), 2, 4, objective=objective)
    scores = grid(kind, *kind.draw(2, np.random.default_rng(0)), plan)["score"]
    assert (np.diff(scores, axis=-1) < 0).all()


def test_a_seed_has_the_same_laws_in_every_size():
    first, second = (kind.draw(2, np.random.default_rng(1))[0] for kind in matrix_sizes())
    np.testing.assert_array_equal(first.positive, second.positive)
    np.testing.assert_array_equal(first.negative[1], second.negative[1])


def matrix_sizes():
    from compression_sim.experiments.model_size import FAMILIES

    return FAMILIES["low-rank"][1], FAMILIES["low-rank"][4]


def test_resistance_gaps_are_forward_less_inverse():
    losses = np.arange(9.0).reshape(3, 3) ** 2
    entropies = np.array([1.0, 4.0, 10.0])
    raw, same, excess = resistance.gaps(losses, entropies)
    forward, inverse = losses[[0, 1, 0], [1, 2, 2]], losses[[1, 2, 2], [0, 1, 0]]
    assert raw == pytest.approx(np.mean(forward - inverse))
    assert same == pytest.approx(losses[0, 1] - losses[2, 1])
    targets = np.mean([4 - 1, 10 - 4, 10 - 1])
    assert excess == pytest.approx(raw - targets)


@pytest.mark.parametrize("name", ["saturated", "tabular-softmax"])
def test_end_losses_reach_the_entropy_of_their_target(name):
    """The saturated class with much new data learns the target; the tabular one, trained long, too."""
    drawn = MODEL_CLASSES[name].draw(2, np.random.default_rng(0))
    excess = []
    for slice_ in (1, 100):
        losses, entropies = resistance.end_losses(MODEL_CLASSES[name], *drawn, slice_, 1.0)
        assert (losses >= entropies[:, None] - 1e-12).all()
        excess.append((losses / entropies[:, None] - 1).max())
    assert excess[1] < 1e-4 < 1e-3 < excess[0]


def test_paper_effects_are_the_printed_numbers():
    paper = paper_effects()
    assert paper["table-1"]["share"] == 1.0
    assert paper["table-1/same-target"]["share"] == pytest.approx(8 / 9)
    assert paper["table-3-samples"]["Llama2-7B"] == pytest.approx(1 - 729 / 961)
    assert paper["table-3-kl"]["Gemma-2B"] == pytest.approx(0.07)


def test_a_shown_no_go_is_an_error():
    result = experiments.run("rebound", "quick", settings={"models": "scalar", "seeds": 4})
    matrix.table({"rebound": result})
    crossed = result.copy(deep=True)
    crossed["order"] = crossed.order * 0 - 1e-3
    with pytest.raises(matrix.Conflict, match=r"scalar class cross by 0\.001"):
        matrix.table({"rebound": crossed})
    shown = result.copy(deep=True)
    shown["effect"], shown["effect_low"] = result.effect * 0 + 1, result.effect_low * 0 + 0.9
    with pytest.raises(matrix.Conflict, match=r"fig-4-crossing \(midway\) by scalar"):
        matrix.table({"rebound": shown})


@pytest.mark.parametrize(
    ("name", "settings", "message"),
    [
        ("rebound", {"models": "taublar"}, "models"),
        ("rebound", {"alignments": "5,1"}, "alignments must be at least 2 ascending volumes"),
        ("rebound", {"seeds": "1"}, "seeds"),
        ("return-kl", {"eps": "0"}, "eps"),
        ("objectives", {"objectives": "ppo"}, "objectives"),
        ("pretraining-volume", {"pretrainings": "3,1"}, "pretrainings must be at least 2 ascending"),
    ],
)
def test_bad_parameters(name, settings, message):
    with pytest.raises(ValueError, match=message):
        experiments.run(name, "quick", settings=settings)


def test_the_stored_results_make_the_matrix_and_conflict_with_no_theorem():
    table = experiments.run("matrix", "quick")
    assert set(np.unique(table.verdict.values)) <= {effects.SHOWS, effects.NOT, effects.MISSING}
    assert (table.seeds >= 20).all()
    cell = table.sel(scenario="midway")
    assert cell.weakest.sel(claim="fig-4-crossing") == "log-linear/opposed"  # where theory puts it
    assert cell.theory.sel(claim="fig-4-crossing", model="scalar") == "no-go: no-crossing-scalar"
    assert "paper: Llama2-7B 0.241, Gemma-2B 0.352" in "\n".join(experiments.summary(table))
