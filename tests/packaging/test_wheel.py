"""The built wheel, installed away from any checkout, derives and judges: symbolic evidence included."""

import json
import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
RECORD = """
import atexit, os, sys
def write():
    files = (getattr(module, "__file__", None) for module in list(sys.modules.values()))
    with open(os.environ["LOADED_MODULES"], "w") as record:
        print(*filter(None, files), sep="\\n", file=record)
atexit.register(write)
"""


def run(*command, **options):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, **options)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="session")
def installed(tmp_path_factory):
    """A Python in which compression_sim is installed from the wheel that is built from the sdist.

    Its dependencies are this environment's, through a path file. Path files inside a folder added in that
    way are not read, so the editable install of this environment stays out of sight.
    """
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder / "dist", ROOT)
    (wheel,) = (folder / "dist").glob("*.whl")
    run(sys.executable, "-m", "venv", "--without-pip", folder / "venv")
    python = folder / "venv" / "bin" / "python"
    site = Path(run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip())
    run(
        sys.executable,
        "-m",
        "uv",
        "pip",
        "install",
        "-q",
        "--python",
        python,
        "--no-deps",
        "--offline",
        wheel,
    )
    (site / "record_modules.py").write_text(RECORD)
    (site / "shared.pth").write_text(f"{sysconfig.get_path('purelib')}\nimport record_modules\n")
    return python, site


def test_the_wheel_holds_every_file(installed):
    _, site = installed
    for source in (ROOT / "src", ROOT / "theory"):
        files = [path.relative_to(source) for path in source.rglob("*") if path.is_file()]
        files = [path for path in files if "__pycache__" not in path.parts]
        assert files
        assert [path for path in files if not (site / path).exists()] == []


def loaded_modules(python, folder, *arguments, **environment):
    """What `python -m compression_sim ARGUMENTS` prints, run in `folder`, and the files that it loads."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    output = run(
        python,
        "-m",
        "compression_sim",
        *arguments,
        cwd=folder,
        env=clean | {"LOADED_MODULES": str(folder / "modules")} | environment,
    )
    return output, [Path(line) for line in (folder / "modules").read_text().splitlines()]


def from_elsewhere(files, site):
    """Modules of ours that are not from `site`, and any module from the checkout's own folders."""
    ours = [file for file in files if {"compression_sim", "compression_theory"} & set(file.parts)]
    sources = [ROOT / name for name in ("src", "theory", "tests")]
    return [file for file in ours if not file.is_relative_to(site)] + [
        file for file in files if any(file.is_relative_to(source) for source in sources)
    ]


def test_the_wheel_verifies_away_from_the_checkout(installed, tmp_path):
    python, site = installed
    output, files = loaded_modules(python, tmp_path, "verify", "--level", "quick", "--json")
    ledger = json.loads(output)
    symbolic = [
        item for claim in ledger["claims"] for item in claim["evidence"] if item["route"] == "symbolic"
    ]
    assert symbolic
    assert all(item["passed"] for item in symbolic)
    assert site / "compression_theory" / "derivation.py" in files
    assert from_elsewhere(files, site) == []


def test_the_files_of_a_claim_are_those_that_are_installed(installed, tmp_path):
    python, site = installed
    output, _ = loaded_modules(python, tmp_path, "claims", "exact-ratio", "--json")
    files = json.loads(output)["claims"][0]["files"]
    assert files == {
        "derivation": ["compression_theory/ratio.py"],
        "evidence": ["compression_sim/ledger/evidence/ratio.py"],
        "tests": [],
    }
    assert all((site / path).is_file() for paths in files.values() for path in paths)


def test_a_module_from_the_checkout_would_be_seen(installed, tmp_path):
    python, site = installed
    _, files = loaded_modules(python, tmp_path, "--help", PYTHONPATH=str(ROOT / "src"))
    assert ROOT / "src" / "compression_sim" / "cli.py" in from_elsewhere(files, site)
