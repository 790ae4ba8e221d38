"""Sweeps compile once per shape, in bounded memory; shared parameters; the witness of falling counts."""

import numpy as np
import pytest

from compression_sim import _jax, experiments, models
from compression_sim.experiments import k_ratio, resistance, sequential_ratio
from compression_sim.experiments._lab import protocol
from compression_sim.experiments._lab.batches import over_seeds
from compression_sim.experiments._lab.families import MODEL_CLASSES
from compression_sim.experiments._lab.protocol import Plan, grid, layers
from compression_sim.experiments._lab.worlds import SCENARIOS, STEEP
from compression_sim.experiments.model_size import FAMILIES
from compression_sim.models.base import jax, jnp
from compression_sim.training import sft

ONE = {"models": ("scalar",), "seeds": 4}
SHORT = ONE | {"alignments": (1, 2), "perturbation": 1, "window": 1.0}
BRIEF = SHORT | {"pretraining": 2.0}
SWEEPS = {  # experiment: (settings, programs that it needs)
    "rebound": (BRIEF | {"models": ("scalar", "saturated")}, 2),
    "role-exchange": (BRIEF, 1),
    "return-kl": (BRIEF, 1),
    "objectives": (BRIEF | {"objectives": ("dpo", "simpo")}, 2),
    "model-size": (BRIEF | {"models": ("low-rank",), "objectives": ("sft",)}, 3),
    "pretraining-volume": (SHORT | {"pretrainings": (1.0, 2.0)}, 1),
    "resistance": (ONE | {"pretraining": 2.0, "slice": 1}, 1),
    "optimizers": ({"models": ("scalar",), "ways": ("sgd", "adam/4"), "seeds": 4}, 2),
    "falling-count": ({"perturbation": 1, "window": 1.0, "seeds": 4}, 1),
    "k-ratio": ({"models": ("saturated", "tabular-softmax"), "ks": (1.0, 10.0, 100.0), "seeds": 3}, 2),
    "sequential-ratio": ({"models": ("log-linear",), "times": (0.1, 0.2), "substeps": 2, "seeds": 3}, 1),
}


@pytest.mark.parametrize("name", SWEEPS)
def test_a_sweep_compiles_once_per_shape(name, monkeypatch):
    """Settings, worlds and volume ratios share one program and one trace."""
    programs = []

    def recorded(function):
        programs.append(_jax.jit(function))
        return programs[-1]

    for module in (protocol, resistance, k_ratio, sequential_ratio):
        monkeypatch.setattr(module, "jit", recorded)
    for cached in (protocol.program, resistance.program):
        cached.cache_clear()
    settings, expected = SWEEPS[name]
    experiments.run(name, "quick", settings=settings)
    assert [program._cache_size() for program in programs] == [1] * expected


@pytest.mark.parametrize("cached", [protocol.program, resistance.program])
def test_a_long_session_does_not_keep_every_program(cached):
    for steps in range(40):  # none is traced
        cached(
            MODEL_CLASSES["scalar"],
            Plan(steps=steps + 1, points=1) if cached is protocol.program else steps,
            (),
        )
    assert cached.cache_info().currsize <= 16


def test_chunks_of_seeds_change_nothing_and_share_a_trace():
    program = jax.jit(jax.vmap(lambda x, y: {"sum": x + y["a"].sum(), "x": 2 * x}))
    x, y = np.arange(7.0), {"a": np.random.default_rng(0).normal(size=(7, 3))}
    whole, parts = over_seeds(program, x, y), over_seeds(program, x, y, chunk=3)
    for key in whole:
        assert whole[key].shape == (7,)
        np.testing.assert_array_equal(whole[key], parts[key])
    assert program._cache_size() == 2  # 7 seeds, and chunks of 3


def test_large_programs_are_compiled_without_ynnpack(monkeypatch):
    x, y = jnp.ones((20, 144, 8)), jnp.ones((20, 8, 24))
    compiled = _jax.jit(lambda x, y: x @ y).lower(x, y).compile()
    assert "__ynn_fusion" not in compiled.as_text()
    np.testing.assert_array_equal(compiled(x, y), np.full((20, 144, 24), 8.0))

    def unknown(*args, **options):
        raise jax.errors.JaxRuntimeError("No such compile option")

    with monkeypatch.context() as patched:
        patched.setattr(jax, "jit", unknown)
        assert _jax._without_ynnpack.__wrapped__() == {}


def test_layers_represented_are_those_that_a_tree_learns():
    rng = np.random.default_rng(0)
    data = rng.dirichlet(np.ones(8), 6) * rng.dirichlet(np.ones(6))[:, None]
    whole = models.Saturated(6, 8)
    assert layers(whole, data, data) == pytest.approx(3, abs=1e-12)
    assert layers(whole, np.ones_like(data) / 48, data) == pytest.approx(0, abs=1e-12)
    for known in (1, 2, 3):
        nodes = data.reshape(6, 2**known, -1).sum(axis=2, keepdims=True)
        cut = np.broadcast_to(nodes, (6, 2**known, 2 ** (3 - known))).reshape(6, 8)
        assert layers(whole, cut, data) == pytest.approx(known, abs=1e-12)


def test_the_steep_world_starts_where_pre_training_ends_and_at_the_logits_that_it_says():
    for scenario, z in zip(SCENARIOS, (-1.0, -6.0), strict=True):
        worlds, starts = STEEP.draw(5, np.random.default_rng(0), scenario)
        for i in range(5):
            world = jax.tree.map(lambda x: x[i], worlds)  # noqa: B023
            model = STEEP.make(world.features)
            slope = jax.grad(sft(model, world.pretraining_data))(starts[i])
            np.testing.assert_allclose(slope, 0, atol=1e-14)
            logits = world.features[:, 0] @ starts[i]
            assert logits[1] == pytest.approx(z, rel=0.011)
            assert logits[2] == pytest.approx(0, abs=1e-9)


def test_counts_fall_on_one_side_of_the_bound_only():
    result = experiments.run("falling-count", "quick").sel(model="log-linear/steep", claim="table-3-samples")
    near, midway = (result.sel(scenario=s) for s in ("near", "midway"))
    assert near.effect_low > 0.5
    assert midway.effect < 0
    back = near.return_kl_from_base.values
    assert (np.diff(back) < 0).all()
    assert np.isfinite(back).all()


def test_sizes_of_transformers_are_what_they_are_said_to_be():
    sizes = [models.num_parameters(kind.make(None).init(np.random.default_rng(0)))
             for kind in FAMILIES["transformer"].values()]  # fmt: skip
    assert sizes == [1330, 5060, 19720]


@pytest.mark.parametrize(
    ("name", "settings", "message"),
    [
        ("rebound", {"models": ""}, "models must be one or more different values, got ''"),
        (
            "rebound",
            {"scenarios": "near,near"},
            "scenarios must be one or more different values",
        ),
        ("sign-map", {"shares": ""}, "shares must be one or more different values"),
        ("k-ratio", {"models": ("saturated", "saturated")}, "models must be one or more different values"),
        ("optimizers", {"ways": ""}, "ways must be one or more different values"),
        ("matrix", {"experiments": "rebound,rebound"}, "experiments must be one or more different values"),
        ("rebound", {"seeds": "3"}, "seeds must be an integer of at least 4, got 3"),
        ("rebound", {"window": "21"}, "window must be a finite number above 0 and at most 20"),
        ("objectives", {"models": "saturated"}, "unknown models 'saturated'"),
        ("objectives", {"objectives": "dpo,dpo"}, "objectives must be one or more different values"),
        ("objectives", {"alignments": "5,1"}, "alignments must be at least 2 ascending volumes"),
        ("model-size", {"models": "scalar"}, "unknown models 'scalar'"),
        ("model-size", {"alignments": "0,1"}, "alignments must be an integer of at least 1"),
        ("witness", {"models": "scalar"}, "unknown models 'scalar'"),
        ("resistance", {"pretraining": "-1"}, "pretraining"),
        (
            "resistance",
            {"pretraining": "1e308"},
            "pretraining must be a finite number of at least 0 and at most",
        ),
        (
            "rebound",
            {"pretraining": "1e308"},
            "pretraining must be a finite number of at least 0 and at most",
        ),
        ("rebound", {"seeds": "99999999999999999999"}, "seeds must be an integer of at most 1000000"),
        ("rebound", {"perturbation": 10**11}, "perturbation must be an integer of at most 1000000"),
        (
            "rebound",
            {"alignments": "1,999999999999999999"},
            "alignments must be an integer of at most 1000000",
        ),
        ("matrix", {"experiments": "witness"}, "experiments must name one besides witness and falling-count"),
    ],
)
def test_shared_parameters_are_checked_everywhere(name, settings, message):
    with pytest.raises(ValueError, match=message):
        experiments.run(name, "quick", settings=settings)


def test_parameters_of_stored_results_are_settings_under_their_old_names():
    settings = {"kinds": ("scalar",), "settings": ("near",), "seeds": 4}
    found = experiments.run("resistance", "quick", settings=settings)
    assert (found.model.values.tolist(), found.scenario.values.tolist()) == (["scalar"], ["near"])


@pytest.mark.soak
def test_transformers_amplify_rounding_and_tables_do_not():
    """Why single transformer curves are not compared across machines, as docs/experiments.md says."""
    plan = Plan(60.0, (1, 5), 10, 20)
    moved = {}
    for name in ("transformer", "log-linear"):
        worlds, starts = MODEL_CLASSES[name].draw(10, np.random.default_rng(0))
        near = jax.tree.map(lambda x: x * (1 + 1e-10) + 1e-10, starts)
        ends = [grid(MODEL_CLASSES[name], worlds, start, plan)["score"] for start in (starts, near)]
        moved[name] = np.abs(ends[1] - ends[0]).max()
    assert moved["log-linear"] < 1e-8
    assert moved["transformer"] > 1e-2
