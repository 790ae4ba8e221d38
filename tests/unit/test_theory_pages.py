"""docs/theory is what the derivations print, and would show a step that does not hold."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
import sympy as sp

import compression_theory as theory
from compression_theory import derivation as dv
from compression_theory import render
from compression_theory.notation import MIXTURE, P0, Pi, Pl, Pp, Pt, T, ell, k, n

DOCS = Path(__file__).parents[2] / "docs" / "theory"


@pytest.fixture(scope="module")
def documents():
    return render.documents()


def test_the_committed_pages_are_what_the_derivations_print(documents):
    made_with = f"SymPy {sp.__version__}."
    if made_with not in (DOCS / "index.md").read_text(encoding="utf-8"):
        pytest.skip(f"the committed pages were not printed by {made_with}")
    committed = {path.name: path.read_text(encoding="utf-8") for path in DOCS.glob("*.md")}
    assert committed == documents, "run: python -m compression_theory.render docs/theory"


def test_every_page_is_there_and_none_fails(documents):
    text = "".join(documents.values())
    for page in theory.derivations():
        assert f"## {page.title}\n" in text
        assert page.statement in text
    assert not re.search("Does not hold|Not decided|is not proved", text)
    assert text.count("**Verdict.**") == len(theory.derivations())


def test_links_lead_somewhere(documents):
    titles = {
        f"{name}#{render._anchor(line[3:])}"
        for name, text in documents.items()
        for line in text.splitlines()
        if line.startswith("## ")
    }
    links = {part.split(")")[0] for part in documents["index.md"].split("](")[1:]}
    assert {link for link in links if "#" in link} <= titles
    assert {link for link in links if "#" not in link} == set(documents) - {"index.md"}


def test_a_step_that_does_not_hold_is_printed_as_such():
    page = theory.derivations()[0]
    wrong = replace(page, steps=(*page.steps, dv.identity("Wrong.", k, sp.Rational(101, 100) * k)))
    text = render.page(wrong)
    assert "*Does not hold: the difference reduces to 0.*" in text
    assert f"{len(page.steps)} of {len(page.steps) + 1} steps hold: nothing is shown." in text


@pytest.mark.parametrize(
    ("expression", "latex"),
    [
        (Pi * Pt / Pl, r"\frac{P_{i} P_{t}}{P_{l}}"),
        (Pp**2, "P_{p}^{2}"),
        (-T * n(dv.sp.Symbol("i", integer=True)), "- T n_{i}"),
        (P0 * (k + 1), "T_{0} P_{0}"),
        (ell / (2 * k + 2), r"\frac{l}{2 T_{0}}"),
        (sp.Rational(2753, 2000), "1.3765"),
        (sp.Rational(-187, 400), "-0.4675"),
        (sp.Rational(45, 2156), r"\frac{45}{2156}"),
        (sp.Rational(1, 5), r"\frac{1}{5}"),
        (sp.Function("L")(0), r"L{\left(0 \right)}"),
    ],
)
def test_how_expressions_are_written(expression, latex):
    assert render.Writer(MIXTURE).formula(expression) == latex


def test_a_wide_relation_is_broken_at_its_sign():
    relation = dv.ge(sum(sp.symbols("a:40")), 0)
    assert "\\begin{gathered}" in render.Writer().formula(relation, 100)
    assert "\\begin{gathered}" not in render.Writer().formula(relation)
