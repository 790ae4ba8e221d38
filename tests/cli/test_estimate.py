"""`compression-sim estimate`: the worked example of the docs, JSON, unbounded sets, wrong tables."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FLAGS = re.DOTALL | re.MULTILINE
HEAD = "dataset,checkpoint,response,bits,tokens\n"


def example():
    """The CSV of docs/estimators.md, the command, and what it says is printed."""
    text = (ROOT / "docs" / "estimators.md").read_text("utf-8")
    (csv,) = re.findall(r"^```csv\n(.*?)^```", text, FLAGS)
    (command, shown), *_ = re.findall(r"^```console\n\$ compression-sim (.*?)\n(.*?)^```", text, FLAGS)
    return csv, command.split(), shown


@pytest.fixture
def runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "110")
    (tmp_path / "runs.csv").write_text(example()[0])
    return "runs.csv"


def squeezed(text):
    return [" ".join(line.split()) for line in text.splitlines() if line.strip()]


def test_the_documents_show_what_is_printed(invoke, runs):
    _, command, shown = example()
    outcome = invoke(*command)
    assert (outcome.code, outcome.err) == (0, "")
    assert squeezed(outcome.out) == squeezed(shown)


@pytest.mark.parametrize("width", [40, 60, 80, 110])
def test_every_column_can_be_read_however_narrow(invoke, runs, monkeypatch, width):
    """Long names fold; no number, interval or floor is lost."""
    names = {
        "pretraining": "wikitext_103_raw_v1_validation",
        "tuned": "meta-llama__Llama-3.1-8B-Instruct-ft-1e-5",
    }
    text = example()[0]
    for old, new in names.items():
        text = text.replace(old, new)
    Path("long.csv").write_text(text)
    monkeypatch.setenv("COLUMNS", str(width))
    args = "estimate", "long.csv", "--pretraining", names["pretraining"]
    out = invoke(*args).out
    glued = "".join(out.split())
    for part in ("value", "interval", "noise", "floor", "measured"):
        assert part in out.split()
    for one in invoke(*args, "--json").json["estimates"]:
        low, high = one["interval"]
        assert {f"{one['value']:.4g}", f"[{low:.4g},", f"{high:.4g}]"} <= set(out.split())
    assert "change,bitspertoken" in glued
    assert width < 60 or max(map(len, out.splitlines())) <= width
    first = "".join(line[:16] for line in out.splitlines())
    for name in names.values():
        assert name[:12] in first or name in glued


def test_json_has_every_estimate_with_its_interval_and_warnings(invoke, runs):
    found = invoke("estimate", runs, "--plan", 10, "--json").json
    assert found["roles"] == {"pretraining": "pretraining", "alignment": "alignment", "perturbation": None}
    assert found["checkpoints"] == ["aligned", "tuned"]
    by_name = {one["name"]: one for one in found["estimates"]}
    assert set(by_name) == {"rate", "change", "k_eff"}
    for one in found["estimates"]:
        assert {"value", "interval", "bounded", "units", "noise_floor", "warnings", "unit", "of"} <= set(one)
        assert one["noise_floor"] == "not measured"
        assert "4 independent units" in " ".join(one["warnings"])
    (plan,) = found["plans"]
    assert plan["bounded"] <= plan["quarter"]
    assert plan["now"] == 4


def test_an_unbounded_set_is_told_in_words_and_json(invoke, tmp_path):
    rows = [
        f"{dataset},{checkpoint},{response},{10 + (checkpoint == 'b') * move * (-1) ** response},4"
        for checkpoint in "ab"
        for dataset, move in (("p", 1), ("a", 2))
        for response in range(6)
    ]
    (tmp_path / "t.csv").write_text(HEAD + "\n".join(rows))
    args = ("estimate", tmp_path / "t.csv", "--pretraining", "p", "--alignment", "a")
    out = invoke(*args).out
    assert "anything" in out
    assert "the change of p is within its noise" in " ".join(out.split())
    (k,) = [one for one in invoke(*args, "--json").json["estimates"] if one["name"] == "k_eff"]
    assert (k["bounded"], k["interval"]) == (False, ["-Infinity", "Infinity"])


MISSPELT = "dataset,checkpoint,response,bit,tokens\na,x,1,2,3\n"
WRONG = [
    (MISSPELT, "bits: missing ('bit' looks like it); the table has 'dataset'"),
    (
        HEAD + "a,x,1,two,3\na,x,2,-1,3\n",
        "bits: must be finite numbers of at least 0, got 'two' in row 1 and 1 more",
    ),
    (HEAD + "a,x,1,2,3\na,x,1,2,3\n", "'1' of dataset 'a' occurs 2 times at checkpoint 'x'"),
    (HEAD, "the table has no rows"),
    ("", "dataset: missing; the table has no columns"),
    (HEAD + "a,x,1,2,3\n", "an interval needs at least 2 responses or clusters, got 1"),
]


@pytest.mark.parametrize(("text", "message"), WRONG)
def test_a_wrong_table_ends_with_one_line(invoke, tmp_path, text, message):
    (tmp_path / "t.csv").write_text(text)
    outcome = invoke("estimate", tmp_path / "t.csv", "--json")
    assert (outcome.code, outcome.out, outcome.err.count("\n")) == (2, "", 1)
    assert message in outcome.err


def test_wrong_files_and_options_end_with_one_line(invoke, runs, tmp_path):
    (tmp_path / "t.jsonl").write_text('{"bits": 1}\nx\n')
    (tmp_path / "t.nc").write_text("no netCDF")
    (tmp_path / "t.parquet").write_text("no Parquet")
    (tmp_path / "d.csv").mkdir()
    for args, message in (
        (["none.csv"], "none.csv cannot be read: No such file or directory"),
        (["t.txt"], "a table must end in .csv, .jsonl, .parquet, .nc, got .txt"),
        (["d.csv"], "d.csv is a directory"),
        (["t.jsonl"], "t.jsonl, line 2: not JSON"),
        (["t.nc"], "t.nc cannot be read"),
        (["t.parquet"], "arquet"),
        (
            [runs, "--alignment", "algnment"],
            "unknown alignment dataset 'algnment'; did you mean 'alignment'?",
        ),
        ([runs, "--before", "tuned"], "give both checkpoints to compare, or none"),
        ([runs, "--per", "bite"], "unknown per 'bite'; did you mean 'byte'?"),
        ([runs, "--per", "byte"], "rates per byte need a column 'bytes', which the table lacks"),
        ([runs, "--plan", "0"], "k must be a finite number above 0"),
    ):
        outcome = invoke("estimate", *args)
        assert (outcome.code, outcome.out, outcome.err.count("\n")) == (2, "", 1), args
        assert message in outcome.err
