import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner

from compression_sim.cli import main

TWO_CLAIMS = Path(__file__).with_name("two_claims.py").read_text()


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
    """Run the command as a process of its own; keyword arguments go to Popen."""

    def run(*args: str, **options) -> Outcome:
        with start(*args, **options) as process:
            out, err = process.communicate(timeout=120)
        return Outcome(process.returncode, out, err)

    def start(*args: str, **options) -> subprocess.Popen:
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        return subprocess.Popen([sys.executable, "-m", "compression_sim", *map(str, args)], **pipes | options)

    run.start = start
    return run


def click_major_minor() -> tuple[int, ...]:
    from importlib.metadata import version

    return tuple(int(part) for part in version("click").split(".")[:2])


@pytest.fixture
def claims_file(tmp_path):
    """Write a file of claims: claims_file(text) -> Path; without text, the two of two_claims.py."""

    def write(text: str | bytes = TWO_CLAIMS, name: str = "my_claims.py") -> Path:
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


@pytest.fixture(scope="session")
def ledger():
    """The whole ledger, judged at level quick."""
    import compression_sim as cs

    return cs.verify(level="quick")
