"""`.importlinter` keeps the one direction of docs/architecture.md, and a breach of it is seen."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINT = "from importlinter.cli import lint_imports_command; lint_imports_command()"

BREACHES = {
    "a lower layer imports a higher one": (
        "src/compression_sim/_validation.py",
        "from compression_sim import ledger",
        "One direction",
    ),
    "a module without a place": ("src/compression_sim/stray.py", "", "One direction"),
    "a public function imports jax, even indirectly": (
        "src/compression_sim/elasticity.py",
        "from compression_sim._jax import jax64",
        "Public functions over arrays import no jax",
    ),
    "the theory imports the simulation": (
        "theory/compression_theory/derivation.py",
        "import compression_sim._validation",
        "The theory imports no simulation code",
    ),
    "the simulation imports the theory": (
        "src/compression_sim/_validation.py",
        "import compression_theory",
        "Only the ledger imports the theory",
    ),
}


@pytest.fixture
def copy(tmp_path):
    """The packages and the contracts in a folder of their own."""
    for folder in ("src", "theory"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / ".importlinter", tmp_path)
    return tmp_path


def lint(folder):
    return subprocess.run(
        [sys.executable, "-c", LINT, "--no-cache"],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(["src", "theory"])},
        capture_output=True,
        text=True,
    )


def test_the_code_keeps_the_contracts(copy):
    result = lint(copy)
    assert result.returncode == 0, result.stdout
    assert " 0 broken" in result.stdout


@pytest.mark.parametrize("breach", BREACHES)
def test_a_breach_is_seen(copy, breach):
    path, line, contract = BREACHES[breach]
    with (copy / path).open("a") as file:
        file.write(f"\n{line}\n")
    result = lint(copy)
    assert result.returncode == 1
    assert any(contract in text and "BROKEN" in text for text in result.stdout.splitlines()), result.stdout
