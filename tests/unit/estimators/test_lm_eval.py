"""Samples as lm-evaluation-harness logs them: every kind of request, old and new layouts, several folders."""

import json

import numpy as np
import pytest

from compression_sim import estimators
from compression_sim.estimators import Comparison, Resampling, TableError
from compression_sim.estimators.tables import files, lm_eval

STAMP = "2026-11-24T09-14-22.123456"
LN2 = np.log(2.0)


def sample(answers, requests, target, doc_id=0, *, old=False, **more):
    """A logged sample: newer versions write strings and an object of objects, older ones plain lists."""
    if old:
        resps, arguments = answers, requests
    else:
        resps = json.loads(json.dumps(answers), parse_float=str, parse_int=str)
        resps = [[[str(x) for x in one] if isinstance(one, list) else one for one in row] for row in resps]
        arguments = {
            f"gen_args_{i}": {f"arg_{j}": part for j, part in enumerate(request)}
            for i, request in enumerate(requests)
        }
    return {
        "doc_id": doc_id, "doc": {"query": "Q"}, "target": target if old else str(target),
        "arguments": arguments, "resps": resps, "filtered_resps": [row[0] for row in resps],
        "filter": "none", "metrics": ["acc"], "doc_hash": "d" * 64, "prompt_hash": "p" * 64,
        "target_hash": "t" * 64, "acc": 0.0, **more,
    }  # fmt: skip


CHOICES = ([[[-3.5, False]], [[-7.25, True]]], [["Q: is it?", " no"], ["Q: is it?", " yés"]])
UNCONDITIONED = (CHOICES[0] * 2, [*CHOICES[1], ["", " no"], ["", " yés"]])
KINDS = {
    "rolling": (sample([[-12.5]], [["a text of é"]], "a text of é"), 12.5, 12),
    "rolling, old": (sample([[-12.5]], [["a text of é"]], "a text of é", old=True), 12.5, 12),
    "one continuation": (sample([[[-4.0, False]]], [["Yesterday I", " left"]], " left"), 4.0, 5),
    "choice by number": (sample(*CHOICES, 1), 7.25, 5),
    "choice by number, old": (sample(*CHOICES, 1, old=True), 7.25, 5),
    "choice by number, its text a number": (sample(CHOICES[0], [["1 +", " 0"], ["1 +", " 1"]], 1), 7.25, 2),
    "choice among numbers, an integer": (
        sample(CHOICES[0], [["Q", " 1"], ["Q", " 2"]], 1, old=True),
        7.25,
        2,
    ),
    "choice by text": (sample(*CHOICES, "no"), 3.5, 3),
    "choice, also without its question": (sample(*UNCONDITIONED, 0), 3.5, 3),
    "certain": (sample([[[0.0, True]]], [["a", " b"]], " b"), 0.0, 2),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_logged_request(kind):
    logged, nats, size = KINDS[kind]
    (found,) = lm_eval.columns([(files.Path("results/base", f"samples_a_task_{STAMP}.jsonl"), [logged])])
    assert found["bits"] == [pytest.approx(nats / LN2)]
    assert (found["bytes"], found["dataset"], found["checkpoint"]) == ([size], ["a_task"], ["base"])


def write(folder, task, samples, stamp=STAMP):
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"samples_{task}_{stamp}.jsonl"
    path.write_text("".join(json.dumps(one, ensure_ascii=False) + "\n" for one in samples), "utf-8")
    return path


def test_tasks_and_models_become_datasets_and_checkpoints(tmp_path):
    paths = []
    for number, model in enumerate(("meta__base", "meta__tuned")):
        rolling = [sample([[-9.0 - i - number]], [[f"text {i}"]], "text", i) for i in range(40)]
        choices = [sample(*CHOICES, i % 2, i) for i in range(30)]
        paths += [write(tmp_path / model, "wiki_x", rolling), write(tmp_path / model, "mc1", choices)]
    table = files.read_table(*paths)
    assert table.checkpoint.values.tolist() == ["meta__base", "meta__tuned"]
    assert Comparison.of(table).per == "byte"
    found = estimators.estimate_table(table, resampling=Resampling(resamples=200))
    changes = {one.of: one.value for one in found if one.name == "change"}
    assert changes["wiki_x, meta__base to meta__tuned"] == pytest.approx(
        40 / LN2 / sum(len(f"text {i}") for i in range(40))
    )
    assert changes["mc1, meta__base to meta__tuned"] == 0


def test_folders_of_one_name_are_told_apart(tmp_path):
    paths = [write(tmp_path / run / "model", "t", [KINDS["rolling"][0]]) for run in ("sft", "dpo")]
    assert files.read_table(*paths).checkpoint.values.tolist() == ["sft/model", "dpo/model"]


def test_two_logs_of_one_task_in_one_folder_are_not_mixed(tmp_path):
    """With `--output_path x.json` all models log into one folder: which is which cannot be told."""
    paths = [write(tmp_path, "t", [KINDS["rolling"][0]], day + STAMP[4:]) for day in ("2025", "2026")]
    with pytest.raises(TableError, match="two logs of the task 't' in one folder"):
        files.read_table(*paths)
    with pytest.raises(TableError, match="two logs of the task 't' in one folder"):
        files.read_table(paths[0], paths[0])


def test_a_document_is_read_once_though_logged_for_every_filter(tmp_path):
    logged = [KINDS["rolling"][0] | {"filter": name, "doc_id": i} for name in "ab" for i in range(3)]
    table = files.read_table(write(tmp_path, "t", logged))
    assert table.sizes["response"] == 3
    with pytest.raises(TableError, match="'0' of dataset 't' occurs 2 times"):
        files.read_table(write(tmp_path, "t", [KINDS["rolling"][0]] * 2))


GENERATED = sample([["-5"]], [["What is 2 - 7?", {"until": ["\n"]}]], "-5")
WRONG = [
    (GENERATED, "row 1: a logged sample needs a log-likelihood .* got '-5'; log a loglikelihood"),
    (sample([["yes"]], [["a"]], "yes"), "got 'yes'"),
    (sample([[[3.5, True]]], [["a", " b"]], "b"), "got '3.5'"),
    (sample(*CHOICES, "maybe"), "of 2 requests the right one must be given .* got 'maybe'"),
    (sample(*CHOICES, [0, 1]), r"by its number or its text, got '\[0, 1\]'"),
    (sample(*CHOICES, 7), "got '7'"),
    (
        sample(CHOICES[0], [["1 +", " 1"], ["1 +", " 2"]], 1),
        "'1' is the number of one choice and the text of another",
    ),
    # a choice among contexts (winogrande): the target is the one continuation of all of them
    (sample(CHOICES[0], [["He", " left"], ["She", " left"]], "left"), "of 2 requests the right one must be"),
    (sample(CHOICES[0], [["Q", " x"]], 0), "'arguments' with a request for each"),
    (KINDS["rolling"][0] | {"arguments": None}, "'arguments' with a request for each"),
    (KINDS["rolling"][0] | {"resps": []}, "a logged sample needs 'resps'"),
]


@pytest.mark.parametrize(("logged", "message"), WRONG)
def test_samples_without_a_log_likelihood_are_refused(tmp_path, logged, message):
    with pytest.raises(TableError, match=message):
        files.read_table(write(tmp_path, "t", [logged]))
