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
TWO = HEAD + "a,x,1,2,3\na,x,2,2,3\n"
WRONG = [
    (MISSPELT, "bits: missing ('bit' looks like it); the table has 'dataset'"),
    (HEAD.upper() + "a,x,1,2,3\n", "dataset: missing ('DATASET' looks like it); response: missing ('RESP"),
    (
        HEAD + "a,x,1,two,3\na,x,2,-1,3\n",
        "bits: must be finite numbers of at least 0, got 'two' in row 1 and 1 more",
    ),
    (
        "dataset,checkpoint,response,bits,tokens,volume,leaves\na,x,1,nan,-3,1,0\na,x,2,1,4,2,9\n",
        "bits: must be finite numbers of at least 0, got 'nan' in row 1; leaves: must be finite numbers of "
        "at least 1, got '0' in row 1; tokens: must be finite numbers of at least 0, got '-3' in row 1; "
        "volume: must be one value per dataset, got another in row 2",
    ),
    (HEAD + "a,x,1,1e300,3\na,x,2,1,3\n", "bits: must be at most 1e+100, got '1e300' in row 1"),
    (HEAD + "a,x,1,2,3\na,x,1,2,3\n", "'1' of dataset 'a' occurs 2 times at checkpoint 'x'"),
    (TWO + "a,y,1,2,3\n", "'2' of dataset 'a' occurs 0 times at checkpoint 'y'"),
    (
        TWO + "a,y,1,2,5\na,y,1,-2,3\n",
        "bits: must be finite numbers of at least 0, got '-2' in row 4; response: each response must occur "
        "once at each checkpoint; '1' of dataset 'a' occurs 2 times at checkpoint 'y'; tokens: must be one "
        "value per response, got another in row 3",
    ),
    (TWO + "b,y,1,2,3\n", "dataset 'b' has none at checkpoint 'x'"),
    (TWO + "a,y,1,2,4\na,y,2,2,3\n", "tokens: must be one value per response, got another in row 3"),
    (HEAD + "a,x,1,2,3,4\n", "every row must have as many fields as the first line, 5, got 6 in row 1"),
    (HEAD.replace("tokens", "bits") + "a,x,1,2,3\n", "the column 'bits' occurs 2 times"),
    (TWO.replace("a,x,1,2", 'a,x,1,"2'), "t.csv cannot be read: unexpected end of data"),
    (TWO.replace(",", ";").replace("2;3", "2,5;3"), "bits: must be finite numbers of at least 0, got '2,5'"),
    (HEAD, "the table has no rows"),
    (
        "",
        "bits: missing; checkpoint: missing; dataset: missing; response: missing; tokens: missing, and so is",
    ),
    (HEAD + "a,x,1,2,3\n", "an interval needs at least 2 responses or clusters, got 1 of dataset 'a'"),
    (
        "leaf,count\na,1\na,2.5\n",
        "count: must be whole numbers of at least 0, got '2.5' in row 2; leaf: each",
    ),
]


SAME = {
    "byte order mark": lambda text: "\ufeff" + text,
    "crlf": lambda text: text.replace("\n", "\r\n"),
    "semicolons": lambda text: text.replace(",", ";"),
    "tabs": lambda text: text.replace(",", "\t"),
    "spaces": lambda text: text.replace(",", ", ").replace("aligned", "aligned "),
    "empty lines": lambda text: text.replace("\n", "\n\n"),
    "an index": lambda text: "\n".join(f"{n or ''},{row}" for n, row in enumerate(text.splitlines())),
}


@pytest.mark.parametrize("kind", SAME)
def test_csv_in_its_many_forms(invoke, runs, kind):
    Path("other.csv").write_text(SAME[kind](example()[0]), newline="")
    expected = invoke("estimate", runs).out
    assert invoke("estimate", "other.csv").out == expected


@pytest.mark.parametrize(("text", "message"), WRONG)
def test_a_wrong_table_ends_with_one_line(invoke, tmp_path, text, message):
    (tmp_path / "t.csv").write_text(text)
    outcome = invoke("estimate", tmp_path / "t.csv", "--json")
    assert (outcome.code, outcome.out, outcome.err.count("\n")) == (2, "", 1)
    assert message in outcome.err


def test_what_was_left_out_is_said(invoke, runs):
    text = example()[0].replace("pretraining", "wiki").replace("tokens", "tokens,clusters").splitlines()
    Path("t.csv").write_text("\n".join([text[0], *(f"{row},c" for row in text[1:])]))
    out = " ".join(invoke("estimate", "t.csv").out.split())
    assert "columns that were not read: 'clusters' (is it 'cluster'?)" in out
    assert "no k_eff: name the pretraining dataset (--pretraining)" in out
    assert invoke("estimate", "t.csv", "--pretraining", "wiki", "--json").json["notes"] == [
        "columns that were not read: 'clusters' (is it 'cluster'?)"
    ]
    assert invoke("estimate", runs, "--json").json["notes"] == []


def test_runs_of_several_files_and_leaves(invoke, runs):
    head, *rows = example()[0].splitlines()
    for name, volume in (("k1", 1), ("k9", 9)):
        lines = [f"{row},{name},{volume if row.startswith('pre') else 1}" for row in rows]
        Path(f"{name}.csv").write_text("\n".join([f"{head},run,volume", *lines]))
    found = invoke("estimate", "k1.csv", "k9.csv", "--json").json
    assert found["runs"] == ["k1", "k9"]
    (one, other) = [one for one in found["estimates"] if one["name"] == "scaling exponent"]
    assert (one["of"], round(one["value"], 9)) == ("pretraining, aligned to tuned, over 2 volumes", 0)
    assert "alignment, aligned to tuned" in other["of"]
    out = " ".join(invoke("estimate", "k1.csv", "k9.csv", "--plan", 9).out.split())
    assert "; 2 runs; 95% intervals" in out
    assert "plan, aligned to tuned (run k9): at k = 9" in out
    assert "Warning: spreads of 4 units are a guess" in out
    Path("leaves.csv").write_text("leaf,count\n" + "".join(f"{i},{1000 // i}\n" for i in range(1, 200)))
    found = invoke("estimate", "leaves.csv", "--x-min", 5, "--json").json
    assert [one["name"] for one in found["estimates"]] == ["tail index", "Hill"]
    assert found["leaves"] == {"all": 199}
    assert "count 5 or more" in invoke("estimate", "leaves.csv", "--x-min", 5).out


def test_ctrl_c_ends_with_130(invoke, runs, monkeypatch):
    from compression_sim.estimators import rates

    monkeypatch.setattr(rates, "rate_change", lambda *args, **how: (_ for _ in ()).throw(KeyboardInterrupt))
    outcome = invoke("estimate", runs)
    assert (outcome.code, outcome.out, outcome.err.split()[-1]) == (130, "", "interrupted")


def test_wrong_files_and_options_end_with_one_line(invoke, runs, tmp_path):
    (tmp_path / "t.jsonl").write_text('{"bits": 1}\nx\n')
    (tmp_path / "t.nc").write_text("no netCDF")
    (tmp_path / "t.parquet").write_text("no Parquet")
    (tmp_path / "l.csv").write_text("leaf,count\na,1\nb,2\n")
    (tmp_path / "d.csv").mkdir()
    for args, message in (
        (["none.csv"], "none.csv cannot be read: No such file or directory"),
        (["t.txt"], "a table must end in .csv, .tsv, .jsonl, .parquet, .nc, got .txt"),
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
        ([runs, "--plan", "1e300"], "k must be one that 1e+18 responses can show, got 1e+300"),
        ([runs, "--eps", "0.1"], "eps needs the column 'amount', which the table lacks"),
        ([runs, "--score", "2"], "score needs the column 'amount', which the table lacks"),
        ([runs, "--x-min", "2"], "x_min is for tables of leaves"),
        (["l.csv", "--plan", "2"], "plan is for tables of code lengths, and this is one of leaves"),
        (["l.csv", "--largest", "9"], "all: a tail index needs at least 10 observations"),
    ):
        outcome = invoke("estimate", *args)
        assert (outcome.code, outcome.out, outcome.err.count("\n")) == (2, "", 1), args
        assert message in outcome.err
