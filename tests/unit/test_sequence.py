"""Training in stages: against plain NumPy, and interrupted runs against uninterrupted ones."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import optax
import pytest

from compression_sim import models, training
from compression_sim.models.base import jax, jnp

PAIRS = np.arange(1.0, 28.0).reshape(3, 3, 3) / 378
DATA = np.arange(1.0, 10.0).reshape(3, 3) / 45
MODEL = models.LogLinear.random(3, 3, 4, np.random.default_rng(0))


def stages(rate=0.3, data=DATA, strength=0.5, every=4):
    """Three stages: SGD, Adam on minibatches with a schedule and a KL penalty, the flow of DPO."""

    def align(start):
        drawn = training.minibatch(MODEL, data.T, 8)
        return training.with_kl_penalty(drawn, MODEL, start, strength, np.full(3, 1 / 3))

    adam = optax.adam(optax.cosine_decay_schedule(0.1, 12))
    return (
        training.Stage("pretrain", lambda start: training.sft(MODEL, data), optax.sgd(rate), 12, every),
        training.Stage("align", align, adam, 12, every, random=True),
        training.Stage(
            "perturb", lambda start: training.dpo(MODEL, start, PAIRS), training.flow(0.5), 8, every
        ),
    )


def run(checkpoint=None, key=0, start=0.0, record=None, **options):
    record = {} if record is None else {"record": record}
    params, key = MODEL.init(None) + start, jax.random.key(key)
    return training.sequence(stages(**options), params, key=key, checkpoint=checkpoint, **record)


def same(one, other):
    leaves = [jax.tree.leaves(each) for each in (one, other)]
    return jax.tree.structure(one) == jax.tree.structure(other) and all(map(np.array_equal, *leaves))


@pytest.fixture(scope="module")
def whole():
    return run()


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    path = tmp_path_factory.mktemp("finished") / "run.npz"
    run(checkpoint=path)
    return path


def test_a_finished_run_is_read_off_its_file(finished, whole):
    assert same(run(checkpoint=finished), whole)


class Interrupted(Exception):
    """What happens to a run."""


def stop_at(monkeypatch, write, half=False):
    """The run dies at its write of this number, counted from 1; `half`: with half of the file written."""
    right, count = np.savez, []

    def dies(file, **content):
        count.append(1)
        if len(count) < write:
            return right(file, **content)
        if half:
            file.write(b"PK half of a file")
        raise Interrupted

    monkeypatch.setattr(np, "savez", dies)


def test_stages_are_what_train_does_one_after_the_other(whole):
    end, records = whole
    assert {name: kept.shape for name, kept in records.items()} == {
        "pretrain": (3, 4),
        "align": (3, 4),
        "perturb": (2, 4),
    }
    params, keys = MODEL.init(None), [jax.random.fold_in(jax.random.key(0), j) for j in range(3)]
    for stage, key in zip(stages(), keys, strict=True):
        params, kept = training.train(
            stage.objective(params), params, stage.optimizer, stage.steps,
            key=key if stage.random else None, records=stage.steps // 4,
        )  # fmt: skip
        np.testing.assert_allclose(records[stage.name], kept, rtol=1e-12)
    np.testing.assert_array_equal(end, records["perturb"][-1])


def test_a_stage_is_plain_gradient_descent(whole):
    x, features = np.zeros(4), np.asarray(MODEL.features)
    for _ in range(12):
        p = np.exp(features @ x) / np.exp(features @ x).sum(axis=1, keepdims=True)
        missing = DATA - DATA.sum(axis=1, keepdims=True) * p
        x = x + 0.3 * np.einsum("cxi,cx->i", features, missing)
    np.testing.assert_allclose(whole[1]["pretrain"][-1], x, rtol=1e-12)


@pytest.mark.parametrize(("write", "half"), [(1, True), (4, False), (5, True), (8, False)])
def test_an_interrupted_run_goes_on_to_the_bit(monkeypatch, tmp_path, whole, write, half):
    """At a first write, between stages, within one, at the last; a half-written file harms nothing."""
    path = tmp_path / "run.npz"
    with monkeypatch.context() as patch:
        stop_at(patch, write, half)
        with pytest.raises(Interrupted):
            run(checkpoint=path)
    assert [each.name for each in tmp_path.iterdir()] == ["run.npz"] * (write > 1)
    assert same(run(checkpoint=path), whole)


def test_a_killed_process_is_taken_up_by_another(tmp_path, whole):
    """The file of a process that dies without a word, half a file beside it."""
    path = tmp_path / "run.npz"
    died = subprocess.run([sys.executable, __file__, str(path)], check=False, capture_output=True, text=True)
    assert died.returncode == 9, died.stderr
    assert len(list(tmp_path.iterdir())) == 2
    with np.load(path) as kept:
        assert kept["at"].tolist() == [1, 8]
    assert same(run(checkpoint=path), whole)


def test_a_run_goes_on_where_it_stopped(monkeypatch, tmp_path):
    """What is in the file is not computed again: marked records come back marked."""
    path = tmp_path / "run.npz"
    with monkeypatch.context() as patch:
        stop_at(patch, 5)
        with pytest.raises(Interrupted):
            run(checkpoint=path)
    with np.load(path) as kept:
        content = dict(kept)
    marked = max((name for name in content if name.startswith("leaf")), key=lambda name: int(name[4:]))
    assert content[marked].shape == (1, 4)  # the record of the second stage
    np.savez(path, **content | {marked: content[marked] * 0 + 7})
    records = run(checkpoint=path)[1]["align"]
    np.testing.assert_array_equal(records[0], 7)
    assert (records[1:] != 7).all()


OTHER = DATA.copy()
OTHER[0, 0], OTHER[0, 1] = DATA[0, 0] + 1e-15, DATA[0, 1] - 1e-15


@pytest.mark.parametrize(
    "change",
    [
        {"rate": 0.30000000000000004},
        {"data": OTHER},
        {"strength": 0.51},
        {"every": 2},
        {"key": 1},
        {"start": 1e-15},
        {"record": lambda params: params * 2},
    ],
    ids=lambda change: next(iter(change)),
)
def test_the_file_of_another_run_is_refused(finished, change):
    with pytest.raises(ValueError, match=r"run\.npz is the checkpoint of another run \(other stages, data, "):
        run(checkpoint=finished, **change)


@pytest.mark.parametrize("content", [b"", b"PK half of a file", b"\x93NUMPY"])
def test_a_file_that_is_no_checkpoint_is_refused(tmp_path, content):
    path = tmp_path / "run.npz"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"run\.npz is no checkpoint that can be read; delete it"):
        run(checkpoint=path)
    assert path.read_bytes() == content


def test_one_trace_per_stage_whatever_the_number_of_intervals():
    traces = []

    def objective(params):
        traces.append(1)
        return jnp.sum(params**2)

    for every in (12, 3, 1):
        traces.clear()
        both = [training.Stage(name, lambda _: objective, optax.sgd(0.1), 12, every) for name in "ab"]
        end, _ = training.sequence(both, jnp.ones(2))
        np.testing.assert_allclose(end, 0.8**24, rtol=1e-12)
        assert len(traces) == 2


def test_an_optimizer_keeps_its_state_over_a_checkpoint_and_not_over_a_stage(tmp_path):
    """Momentum: two intervals of one stage are one run of ten steps; two stages are not."""
    half = lambda name: training.Stage(name, lambda _: jnp.sum, optax.sgd(0.1, momentum=0.9), 5)  # noqa: E731
    one = training.Stage("one", lambda _: jnp.sum, optax.sgd(0.1, momentum=0.9), 10, 5)
    through = training.sequence([one], jnp.zeros(1), checkpoint=tmp_path / "run.npz")[0]
    restarted = training.sequence([half("a"), half("b")], jnp.zeros(1))[0]
    step, speed = 0.0, 0.0
    for _ in range(10):
        speed = 0.9 * speed + 1
        step -= 0.1 * speed
    assert float(through[0]) == pytest.approx(step)
    assert float(restarted[0]) > step + 0.1


def test_bad_stages_are_refused():
    one = stages()[1]
    with pytest.raises(ValueError, match="stage 'align' draws minibatches and needs a key"):
        training.sequence([one], MODEL.init(None))
    with pytest.raises(ValueError, match=r"stages must have names of their own, got \['align', 'align'\]"):
        training.sequence([one, one], MODEL.init(None), key=jax.random.key(0))
    with pytest.raises(ValueError, match="checkpoint must be a file in a folder that exists, got nowhere"):
        training.sequence([one], MODEL.init(None), key=jax.random.key(0), checkpoint="nowhere/run.npz")
    with pytest.raises(ValueError, match="steps must be a multiple of every, got 10 and 3"):
        training.Stage("a", lambda start: jnp.sum, optax.sgd(0.1), 10, 3)


if __name__ == "__main__":  # dies at its sixth write
    import os

    save, written = np.savez, []

    def dies(file, **content):
        written.append(1)
        if len(written) == 6:
            file.write(b"PK half of a file")
            file.flush()
            os._exit(9)
        save(file, **content)

    np.savez = dies
    run(checkpoint=Path(sys.argv[1]))
