"""docs/your_own_claim.md: its very text runs and prints what it shows."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

TEXT = (Path(__file__).parents[2] / "docs" / "your_own_claim.md").read_text("utf-8")
FIRST, SECOND = re.findall(r"^```python\n(.*?)^```", TEXT, re.DOTALL | re.MULTILINE)
COMMAND, PRINTED = re.search(
    r"^```console\n\$ compression-sim (.*?)\n(.*?)^```", TEXT, re.DOTALL | re.MULTILINE
).groups()


def run(folder: Path, claims: str, *args: str) -> subprocess.CompletedProcess:
    (folder / "my_claims.py").write_text(claims, "utf-8")
    argv = [sys.executable, "-m", "compression_sim", *args]
    return subprocess.run(argv, cwd=folder, capture_output=True, text=True)


def steady(text: str) -> list[str]:
    """The lines but for times and versions, which differ from run to run and from machine to machine."""
    return [
        re.sub(r"\d+\.\d+ s\b", "0.0 s", line)
        for line in text.partition("\ncompression-sim 0")[0].split("\n")
    ]


def test_ten_lines_judge_a_claim_and_print_what_the_page_shows(tmp_path):
    assert len([line for line in FIRST.splitlines() if line]) == 10
    done = run(tmp_path, FIRST, *COMMAND.split())
    assert (done.returncode, done.stderr) == (0, "")
    assert steady(done.stdout) == steady(PRINTED)


def test_the_second_claim_is_refuted(tmp_path):
    done = run(tmp_path, FIRST + SECOND, "verify", "--file", "my_claims.py", "always-falls")
    assert done.returncode == 0
    assert re.search(r"always-falls .*\n  refuted", done.stdout)
    assert "counterexample: a perturbation like the alignment data raises it" in re.sub(
        r"\s+", " ", done.stdout
    )


@pytest.mark.parametrize("break_", ["2 * n", "/ 2\n"])
def test_the_claim_can_fail(tmp_path, break_):
    assert break_ in FIRST
    wrong = FIRST.replace(break_, {"2 * n": "2.02 * n", "/ 2\n": "/ 2.02\n"}[break_])
    done = run(tmp_path, wrong, "verify", "--file", "my_claims.py")
    assert done.returncode == 1
    assert "FAILED" in done.stdout
