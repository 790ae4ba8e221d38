"""CONTRIBUTING is followed: its table of files, a stored result, an experiment and a class in one place."""

import ast
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
RESULTS = Path("src") / "compression_sim" / "results"
EXPERIMENTS = Path("src") / "compression_sim" / "experiments"
TOY = """    Family(
        "toy-tree",
        {"": ModelClass("toy-tree", lambda _: models.TreeSoftmax(6, 3, 1), 8.0)},
        lambda prompts, depth, rng: models.TreeSoftmax(prompts, depth, known=1),
    ),
)  # fmt: skip
"""


def section(title):
    return TEXT.split(f"\n## {title}\n")[1].split("\n## ")[0]


def rows():
    found = re.findall(r"^\| (.+?) \| `(.+?)` \| `(.+?)` \|$", section("Find your way"), re.MULTILINE)
    assert len(found) > 20
    return found


@pytest.mark.parametrize(("question", "file", "name"), rows())
def test_a_question_leads_to_a_file_with_that_name_in_it(question, file, name):
    path = ROOT / file if file.startswith(("theory/", "tools/")) else ROOT / "src" / "compression_sim" / file
    made = set()
    for node in ast.parse(path.read_text("utf-8")).body:
        targets = node.targets if isinstance(node, ast.Assign) else [node]
        made |= {getattr(target, "name", None) or getattr(target, "id", None) for target in targets}
    assert name in made, (question, file)


def test_every_row_of_the_table_is_read():
    assert len(rows()) == section("Find your way").count("\n| ") - 1  # the head


@pytest.fixture
def copy(tmp_path):
    """The parts of a checkout that storing a result reads and writes."""
    for folder in ("src", "tools", "docs", "figures"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "Makefile", tmp_path)
    return tmp_path


def files(folder):
    """SHA-256 of every file, by path."""
    paths = [path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    return {str(path.relative_to(folder)): sha256(path.read_bytes()).hexdigest() for path in paths}


def run(folder, *command):
    done = subprocess.run(
        [str(part) for part in command],
        cwd=folder,
        env={k: v for k, v in os.environ.items() if not k.startswith("MAKE")}  # `make test` sets some
        | {"PYTHONPATH": str(folder / "src")},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def drawn(*names):
    return {f"figures/{name}.{kind}" for name in names for kind in ("png", "svg")} | {"figures/manifest.json"}


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_one_command_stores_a_result_and_all_that_is_made_of_it(copy):
    command = re.search(r"^make results NAME=rebound", section("Store a result"), re.MULTILINE)[0]
    before = files(copy)
    installed = ("-o", ".venv/installed", f"PY={sys.executable}")
    printed = run(copy, *shlex.split(command), "LEVEL=quick", *installed)
    after = files(copy)
    stored = {str(RESULTS / name) for name in ("rebound.nc", "matrix.nc")}
    changed = {path for path in after if after[path] != before.get(path)}
    assert changed == stored | {"docs/experiments.md"} | drawn("rebound", "matrix")
    assert set(before) <= set(after)
    assert set(printed.splitlines()) == changed - {"figures/manifest.json"}
    assert re.search(r"^`rebound.nc`: level quick, seed 0", (copy / "docs/experiments.md").read_text(), re.M)
    manifest = json.loads((copy / "figures/manifest.json").read_text())
    digest = run(
        copy, sys.executable, "-c", "from compression_sim import results; print(results.digest('rebound'))"
    )
    assert manifest["rebound"]["result_sha256"] == digest.strip()
    assert manifest["rebound"]["level"] == "quick"


def test_what_no_experiment_makes_is_refused_in_one_line():
    for name, says in (("calibration", "make_calibration.py makes it"), ("rebond", "did you mean 'rebound'")):
        done = subprocess.run(
            [sys.executable, ROOT / "tools" / "make_results.py", name], capture_output=True, text=True
        )
        assert (done.returncode, done.stderr.count("\n")) == (1, 1)
        assert says in done.stderr


def test_an_experiment_is_one_file_and_a_class_of_models_one_entry(copy):
    """The module that CONTRIBUTING shows, and a class that says nothing of its looks."""
    (module,) = re.findall(r"^```python\n(.*?)^```", section("An experiment"), re.DOTALL | re.MULTILINE)
    (copy / EXPERIMENTS / "data_differ.py").write_text(module, "utf-8")
    families = copy / EXPERIMENTS / "_lab" / "families.py"
    text = families.read_text("utf-8")
    assert text.count("\n)  # fmt: skip\n") == 1
    families.write_text(text.replace("\n)  # fmt: skip\n", "\n" + TOY), "utf-8")

    listed = run(copy, sys.executable, "-m", "compression_sim", "experiment").splitlines()
    (line,) = [line for line in listed if line.startswith("data-differ ")]
    assert line.endswith("How far apart are positive and negative data, before anything is trained on them?")
    small = ("--level", "quick", "--set", "models=scalar,toy-tree")
    shown = run(copy, sys.executable, "-m", "compression_sim", "experiment", "data-differ", *small)
    assert re.search(r"^  midway  toy-tree .* shows$", shown, re.MULTILINE)
    unstored = run(copy, sys.executable, "-m", "compression_sim", "experiment", "matrix")
    assert "no result is stored of data-differ" in unstored
    ratios = ("k-ratio", "--level", "quick", "--set", "models=toy-tree", "--set", "ks=1", "--set", "seeds=2")
    assert "toy-tree" in run(copy, sys.executable, "-m", "compression_sim", "experiment", *ratios)

    before = files(copy)
    run(copy, sys.executable, "tools/make_results.py", "--level", "standard", "data-differ")
    after = files(copy)
    stored = {str(RESULTS / name) for name in ("data_differ.nc", "matrix.nc")}
    changed = {path for path in after if after[path] != before.get(path)}
    assert changed == stored | {"docs/experiments.md"} | drawn("data-differ", "matrix")
    page = (copy / "docs" / "experiments.md").read_text("utf-8")
    assert re.search(r"^\| data-differ \| 13 of 13 \| scalar ", page, re.MULTILINE)
    assert re.search(r"^- `data-differ`: shown midway 13 of 13 classes", page, re.MULTILINE)
    matrix = json.loads(run(copy, sys.executable, "-m", "compression_sim", "experiment", "matrix", "--json"))
    assert "toy-tree" in matrix["coordinates"]["model"]["values"]
    assert matrix["coordinates"]["claim"]["values"][-1] == "data-differ"
    table = run(copy, sys.executable, "-m", "compression_sim", "experiment", "matrix")
    assert max(map(len, table.splitlines())) <= 80
    assert re.search(
        r"^data-differ\n +scal oppo .* tran tr/h\n midway .*\n near .*\n +toy\n", table, re.MULTILINE
    )
    colours = (copy / "figures" / "data-differ.svg").read_text("utf-8")
    assert "#44aa99" in colours  # the first of the cycle: scalar's
    assert "#882255" in colours  # the next one, toy-tree's
