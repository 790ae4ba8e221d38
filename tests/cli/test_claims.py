"""`claims`: one name per page in theory, evidence and tests; a claim loads its own page alone."""

import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import pytest

import compression_sim as cs
import compression_theory as theory
from compression_sim.ledger import evidence, files_of, statements
from compression_sim.ledger._claims import Judge, judges
from compression_sim.ledger._registry import listed_claims
from compression_sim.ledger._statements import derived_in

ROOT = Path(__file__).parents[2]
PAGES = {row["id"]: row["page"] for row in statements()}
NO_PAGE = {"test_elasticity", "test_invariances"}  # of functions that every page uses


def test_every_claim_is_judged_on_its_page_and_every_file_of_evidence_is_a_page():
    modules = {info.name for info in iter_modules(evidence.__path__) if not info.name.startswith("_")}
    assert modules == set(PAGES.values())
    judged = {
        item.claim: name
        for name in modules
        for item in vars(import_module(f"{evidence.__name__}.{name}")).values()
        if isinstance(item, Judge)
    }
    assert judged == PAGES
    assert all(claim.functions for claim in listed_claims().values())


def test_every_derivation_is_found_where_the_statement_says_and_nowhere_else():
    for claim in PAGES:
        found = theory.pages(claim, derived_in(claim))
        assert found == theory.pages(claim), f"{claim} is derived elsewhere too: complete its derived_in"
        for part in set(derived_in(claim)) & set(theory.PARTS) if found else ():
            assert theory.pages(claim, [part]), f"{part} has no page about {claim}"


def test_pages_of_a_part_are_those_of_its_module():
    assert theory.derivations(["ratio"]) == theory.derivations(iter(["ratio"]))
    assert {page.claim for page in theory.derivations(["ratio"])} == {"exact-ratio", "thm-4.2-ratio"}
    assert theory.pages("exact-ratio", ["hooke"]) == ()


def test_a_new_statement_alone_is_listed_and_open(monkeypatch, invoke):
    row = {"place": "ours", "page": "nothing_yet", "statement": "Something new."}
    monkeypatch.setattr("compression_sim.ledger._statements._table", lambda: {"new": row})
    assert invoke("claims").out.split() == ["new", "ours", "Something", "new."]
    assert files_of("new")["derivation"] == files_of("new")["evidence"] == []
    (claim,) = invoke("verify", "new", "--json").json["claims"]
    assert (claim["verdict"], claim["evidence"]) == ("open", [])


def test_evidence_in_the_wrong_file_is_refused():
    def check(run):
        yield

    with pytest.raises(ValueError, match=r"judges 'exact-ratio', whose evidence belongs in ratio\.py"):
        judges("exact-ratio")(check)
    with pytest.raises(ValueError, match="unknown claim 'exact-rato'; did you mean 'exact-ratio'"):
        judges("exact-rato")


@pytest.mark.parametrize("claim", PAGES)
def test_the_files_of_a_claim_are_there_and_name_it(claim):
    files = files_of(claim)
    assert list(files) == ["derivation", "evidence", "tests"]
    for path in (path for paths in files.values() for path in paths):
        assert (ROOT / path).is_file()
    assert files["evidence"] == [f"src/compression_sim/ledger/evidence/{PAGES[claim]}.py"]
    assert f'"{claim}"' in (ROOT / files["evidence"][0]).read_text("utf-8")
    assert bool(files["derivation"]) == bool(theory.pages(claim))
    modules = [path for path in files["derivation"] if path.endswith(".py")]
    assert any(f'"{claim}"' in (ROOT / path).read_text("utf-8") for path in modules) or not modules
    own = [str(path.relative_to(ROOT)) for path in (ROOT / "tests").glob(f"*/test_{PAGES[claim]}.py")]
    assert sorted(own) == files["tests"][: len(own)]
    assert "tests/cli/test_breaks.py" in files["tests"]


def test_a_property_is_tried_in_the_file_of_its_page():
    names = {path.stem for path in (ROOT / "tests" / "property").glob("test_*.py")}
    assert names - NO_PAGE <= {f"test_{page}" for page in PAGES.values()}


def test_the_command_prints_the_files_of_the_claims_that_are_named(invoke):
    outcome = invoke("claims", "exact-ratio", "huffman-jump")
    assert outcome.code == 0
    assert re.findall(r"^(\S+) ", outcome.out, re.M) == ["huffman-jump", "exact-ratio"]  # the ledger's order
    for kind, paths in files_of("huffman-jump").items():
        assert re.search(rf"^  {kind} +{paths[0]}$", outcome.out, re.M)
    row = invoke("claims", "exact-ratio", "--json").json["claims"][0]
    assert row["files"] == files_of("exact-ratio")
    assert (row["id"], row["page"]) == ("exact-ratio", "ratio")
    assert not any("files" in row for row in invoke("claims", "--json").json["claims"])
    wrong = invoke("claims", "exact-rato")
    assert (wrong.code, wrong.out) == (2, "")
    assert wrong.err == "compression-sim claims: unknown claim 'exact-rato'; did you mean 'exact-ratio'?\n"


CHECKER = ("algebra", "answers", "balls", "coq", "derivation", "notation", "signs", "smt", "spots")


def loaded(claim: str) -> set[str]:
    """The modules that judging one claim loads."""
    program = f"import sys, compression_sim as cs; cs.verify({claim!r}, 'quick'); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_a_claim_loads_and_derives_its_own_page_alone():
    modules = loaded("exact-ratio")
    pages = {name for name in modules if re.fullmatch(r"compression_sim\.ledger\.evidence\.[a-z]\w+", name)}
    assert pages == {"compression_sim.ledger.evidence.ratio"}
    parts = {name for name in modules if name.startswith("compression_theory.")}
    assert parts - {f"compression_theory.{name}" for name in CHECKER} == {"compression_theory.ratio"}
    assert not {"jax", "optax", "scipy", "xarray", "compression_sim.estimators"} & modules


def test_what_a_claim_loads_is_seen():
    assert {"jax", "compression_sim.measure", "compression_theory.response"} <= loaded("elastic-response")


def test_progress_counts_the_claims_that_are_done():
    seen = []
    cs.verify(["def-3.5", "exact-ratio"], "quick", progress=lambda *args: seen.append(args))
    assert seen == [(0, 2, "def-3.5"), (1, 2, "exact-ratio")]
