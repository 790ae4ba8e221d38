"""What the documents show runs as they say."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def python_blocks(document):
    return re.findall(
        r"^```python\n(.*?)^```", (ROOT / document).read_text("utf-8"), re.DOTALL | re.MULTILINE
    )


def test_the_claim_of_contributing_is_judged(tmp_path):
    (example,) = [block for block in python_blocks("CONTRIBUTING.md") if "@cs.claim" in block]
    (tmp_path / "my_claims.py").write_text(example, "utf-8")
    assert len(example.split("\n@cs.claim")[1].splitlines()) <= 10
    done = subprocess.run(
        [sys.executable, "-m", "compression_sim", "verify", "--file", "my_claims.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "same-text" in done.stdout
    assert "holds" in done.stdout


@pytest.mark.parametrize("document", ["README.md", "docs/estimators.md"])
def test_the_examples_of_documents_run(document):
    examples = python_blocks(document)
    assert examples
    for example in examples:
        exec(compile(example, document, "exec"), {})


def test_the_files_that_the_documents_point_to_exist():
    for document in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs/architecture.md"):
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", (ROOT / document).read_text("utf-8")):
            assert (ROOT / document).parent.joinpath(target).exists(), f"{document} points to {target}"
