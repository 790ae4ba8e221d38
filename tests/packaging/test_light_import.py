"""`import compression_sim` and `compression-sim --help` load nothing heavy, and the probe can fail."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
IMPORT = "import compression_sim"
HELP = """
import runpy, sys
sys.argv = ["compression-sim", "--help"]
try:
    runpy.run_module("compression_sim", run_name="__main__", alter_sys=True)
except SystemExit as stop:
    assert not stop.code, stop.code
"""


def loaded(program, source=ROOT / "src"):
    """The packages outside the standard library that `program` loads, besides what an empty program does."""

    def run(text):
        ending = "\nimport sys; print(*sys.modules, file=sys.stderr)"
        environment = os.environ | {"PYTHONPATH": str(source)}
        done = subprocess.run(
            [sys.executable, "-c", text + ending], env=environment, capture_output=True, text=True, check=True
        )
        return {name.partition(".")[0] for name in done.stderr.split()}

    return run(program) - run("") - set(sys.stdlib_module_names) - {"compression_sim", "__mp_main__"}


def test_the_import_loads_only_itself():
    assert loaded(IMPORT) == set()


def test_help_loads_only_click():
    assert loaded(HELP) <= {"click"}


@pytest.mark.parametrize(("program", "file"), [(IMPORT, "__init__.py"), (HELP, "cli.py")])
def test_the_probe_sees_a_heavy_import(tmp_path, program, file):
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__"))
    path = tmp_path / "src" / "compression_sim" / file
    path.write_text("import numpy\n" + path.read_text("utf-8"), "utf-8")
    assert "numpy" in loaded(program, tmp_path / "src")
