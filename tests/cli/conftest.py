import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner

from compression_sim.cli import main

TWO_CLAIMS = """
import compression_sim as cs

@cs.claim("sum", statement="One and one are two.", source="school")
def check(run):
    print("a line that must not reach stdout")
    yield cs.Evidence.equal("closed-form", 1 + 1, 2, detail="the sum")
    yield cs.Evidence.equal("enumeration", len([1, 1]), 2, detail="counted")

@cs.claim("product", statement="Two and two are five.")
def check(run):
    yield cs.Evidence.equal("closed-form", 2 + 2, 4, detail="2 + 2 = 4", role="counterexample")
    yield cs.Evidence.equal("enumeration", len([1, 1, 1, 1]), 4, detail="counted", role="counterexample")
"""


@dataclass(frozen=True)
class Outcome:
    """What a command left: exit status, stdout, stderr."""

    code: int
    out: str
    err: str

    @property
    def json(self):
        return json.loads(self.out, parse_constant=lambda name: pytest.fail(f"not strict JSON: {name}"))


@pytest.fixture
def invoke():
    """Run the command in this process: invoke("verify", "--json") -> Outcome."""
    runner = CliRunner() if click_major_minor() >= (8, 2) else CliRunner(mix_stderr=False)

    def run(*args: str) -> Outcome:
        result = runner.invoke(main, [str(arg) for arg in args])
        return Outcome(result.exit_code, result.stdout, result.stderr)

    return run


@pytest.fixture
def command():
    """Run the command as a process of its own; keyword arguments go to subprocess.run."""

    def run(*args: str, **options) -> Outcome:
        done = subprocess.run(argv(*args), capture_output=True, text=True, timeout=120, **options)
        return Outcome(done.returncode, done.stdout, done.stderr)

    return run


def argv(*args: str) -> list[str]:
    return [sys.executable, "-m", "compression_sim", *map(str, args)]


def click_major_minor() -> tuple[int, ...]:
    from importlib.metadata import version

    return tuple(int(part) for part in version("click").split(".")[:2])


@pytest.fixture
def claims_file(tmp_path):
    """Write a file of claims: claims_file(text) -> Path."""

    def write(text: str | bytes = TWO_CLAIMS, name: str = "my_claims.py") -> Path:
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write
