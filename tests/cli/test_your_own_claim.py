"""docs/your_own_claim.md: its very text runs and prints what it shows."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

TEXT = (Path(__file__).parents[2] / "docs" / "your_own_claim.md").read_text("utf-8")
FIRST, SECOND, THIRD = re.findall(r"^```python\n(.*?)^```", TEXT, re.DOTALL | re.MULTILINE)
SHOWN = re.findall(r"^```console\n\$ compression-sim (.*?)\n(.*?)^```", TEXT, re.DOTALL | re.MULTILINE)


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


@pytest.mark.parametrize(
    ("claims", "shown"),
    list(zip((FIRST, FIRST + SECOND, FIRST + THIRD), SHOWN, strict=True)),
    ids=("true", "false", "derived"),
)
def test_the_claims_of_the_page_print_what_it_shows(tmp_path, claims, shown):
    command, printed = shown
    done = run(tmp_path, claims, *command.split())
    assert (done.returncode, done.stderr) == (0, "")
    assert steady(done.stdout) == steady(printed)


def test_the_first_has_ten_lines():
    assert len([line for line in FIRST.splitlines() if line]) == 10


def test_the_second_is_refuted_by_the_search_alone(tmp_path):
    searched = SECOND.partition("    p = [[")[0] + '    yield cs.Evidence.true("peer", True, detail="x")\n'
    done = run(tmp_path, FIRST + searched, "verify", "--file", "my_claims.py", "always-falls")
    assert re.search(r"always-falls .*\n  refuted", done.stdout)
    true = SECOND.replace("<= 1e-12", "<= 1e6")
    done = run(tmp_path, FIRST + true, "verify", "--file", "my_claims.py", "always-falls")
    assert "it holds in all of" in re.sub(r"\s+", " ", done.stdout)


@pytest.mark.parametrize(
    "break_",
    [("[1, -1]", "[1, 1]"), ("-k * G_pp)", "k * G_pp)"), ("Total(Pp, LEAVES, 1)", "Total(Pa, LEAVES, 1)")],
)
def test_a_wrong_derivation_is_refused(tmp_path, break_):
    assert break_[0] in THIRD
    done = run(tmp_path, FIRST + THIRD.replace(*break_), "verify", "--file", "my_claims.py", "replay")
    assert done.returncode == 1
    assert "FAIL symbolic proof" in done.stdout


@pytest.mark.parametrize("break_", ["2 * n", "/ 2\n"])
def test_the_claim_can_fail(tmp_path, break_):
    assert break_ in FIRST
    wrong = FIRST.replace(break_, {"2 * n": "2.02 * n", "/ 2\n": "/ 2.02\n"}[break_])
    done = run(tmp_path, wrong, "verify", "--file", "my_claims.py")
    assert done.returncode == 1
    assert "FAILED" in done.stdout


HOSTILE = """import os, subprocess
import compression_sim as cs

os.system("echo printed by a child")


class Mute(Exception):
    def __str__(self):
        raise RuntimeError("no words")


def raises(error):
    def evidence(run):
        subprocess.run(["echo", "printed by another"])
        raise error
        yield

    return evidence


mute = cs.claim("mute", statement="s")(raises(Mute()))
leaves = cs.claim("leaves", statement="s")(raises(GeneratorExit()))
base = cs.claim("base", statement="s")(raises(BaseException("told")))
"""


def test_whatever_a_file_raises_or_prints_the_json_is_whole(tmp_path):
    done = run(tmp_path, HOSTILE, "verify", "--file", "my_claims.py", "--json")
    assert (done.returncode, "Traceback" in done.stderr) == (1, False)
    found = {claim["id"]: claim["evidence"][0]["detail"] for claim in json.loads(done.stdout)["claims"]}
    assert found == {
        "mute": "evidence could not run: Mute",
        "leaves": "evidence could not run: GeneratorExit: ",
        "base": "evidence could not run: BaseException: told",
    }
    assert "printed by another" in done.stderr
    done = run(tmp_path, "raise BaseException('at once')", "verify", "--file", "my_claims.py")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "compression-sim verify: my_claims.py, line 1: BaseException: at once\n"
