"""The ledger's claims as `statements.toml` states them, and where each is worked out; loads no evidence."""

import tomllib
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from .._validation import choice

PAPER = "arXiv 2406.06144"
HERE = Path(__file__).parent
EVERY_DERIVATION, EVERY_CLAIM = "unit/test_theory.py", ("cli/test_verify.py", "cli/test_breaks.py")


@cache
def _table() -> dict[str, dict]:
    return tomllib.loads((HERE / "statements.toml").read_text("utf-8"))


def statements() -> list[dict[str, str]]:
    """The ledger's claims as rows of id, statement, source and page, in order."""
    return [
        {
            "id": name,
            "statement": row["statement"],
            "source": row["place"] if row["place"] == "ours" else f"{PAPER}, {row['place']}",
            "page": row["page"],
        }
        for name, row in _table().items()
    ]


def page_of(claim: str) -> str:
    """The page of a claim. Raises ValueError for an unknown id, with the nearest."""
    return _table()[choice(claim, "claim", _table())]["page"]


def derived_in(claim: str) -> tuple[str, ...]:
    """The modules of `compression_theory` that may hold derivations of a claim."""
    return tuple(_table()[choice(claim, "claim", _table())].get("derived_in", [page_of(claim)]))


def parts_of(claim: str) -> dict[str, str]:
    """The parts of a claim, {CLAIM/NAME: what it says}. Raises ValueError for an unknown id."""
    parts = _table()[choice(claim, "claim", _table())].get("parts", {})
    return {f"{claim}/{name}": sentence for name, sentence in parts.items()}


def theorem_of(part: str) -> str:
    """The theorem in Coq that says what a part (CLAIM/NAME) says; "" where there is none."""
    claim, _, name = part.partition("/")
    return _table()[choice(claim, "claim", _table())].get("theorems", {}).get(name, "")


def files_of(claim: str) -> dict[str, list[str]]:
    """The files of a claim, as "derivation", "evidence" and "tests".

    The tests of the claim's own page come first, then those that try every claim. Paths are relative to the
    checkout; of an installed package, which has neither tests nor printed pages, to the folder that holds it.
    Raises ValueError for an unknown id, with the nearest.
    """
    page, parts = page_of(claim), derived_in(claim)
    installed = HERE.parents[1]
    root = installed.parent if (installed.parent / "pyproject.toml").is_file() else installed
    theory, tests = Path(find_spec("compression_theory").submodule_search_locations[0]), root / "tests"
    derivation = [theory / f"{part}.py" for part in parts]
    derivation = [path for path in derivation if path.is_file()]
    every = (EVERY_DERIVATION, *EVERY_CLAIM) if derivation else EVERY_CLAIM
    files = {
        "derivation": [*derivation, *(root / "docs" / "theory" / f"{path.stem}.md" for path in derivation)],
        "evidence": [HERE / "evidence" / f"{page}.py"],
        "tests": [*sorted(tests.glob(f"*/test_{page}.py")), *(tests / name for name in every)],
    }
    return {
        kind: [path.relative_to(root).as_posix() for path in paths if path.is_file()]
        for kind, paths in files.items()
    }
