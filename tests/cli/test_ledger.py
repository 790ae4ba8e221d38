"""The ledger from Python: what it prints, what it refuses, what its table says."""

import re
from html import unescape

import pytest

import compression_sim as cs
from compression_sim._show.numbers import shown_value
from compression_sim.ledger import Run


@cs.claim("half", statement="Half of one is a half.", source="school")
def half(run):
    yield cs.Evidence.equal("closed-form", 1 / 2, 0.5, detail="divided")
    yield cs.Evidence.equal(
        "simulation", run.rng.random(400).mean(), 0.5, atol=0.1, detail="mean of 400 draws"
    )


def test_repr_is_one_line_and_str_is_the_table():
    ledger = cs.verify(half, level="quick", seed=4)
    line = r"<Ledger: 1 claim: 1 holds; 2 items of evidence, all as expected; \d\.\d s; level quick, seed 4>"
    assert re.fullmatch(line, repr(ledger))
    assert "Half of one is a half." in str(ledger)
    assert "\x1b" not in str(ledger)
    assert "$ compression-sim verify half --level quick --seed 4" in str(ledger)
    assert max(map(len, str(ledger).splitlines())) <= 100


def test_a_notebook_shows_the_table():
    html = cs.verify(half)._repr_html_()
    assert html.startswith("<pre")
    assert "Half of one is a half." in unescape(re.sub(r"<[^>]*>", "", html))


def test_a_ledger_is_read_by_id_length_and_order():
    ledger = cs.verify(["exact-ratio", half, "def-3.1"], "quick")
    assert [judged.id for judged in ledger] == ["exact-ratio", "half", "def-3.1"]
    assert len(ledger) == 3
    assert ledger["half"].verdict == "holds"
    with pytest.raises(ValueError, match="unknown claim 'halv'; did you mean 'half'"):
        ledger["halv"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"ids": ["exact-rato"]}, "unknown claim 'exact-rato'; did you mean 'exact-ratio'?"),
        ({"ids": "nothing like it"}, "unknown claim 'nothing like it'"),
        ({"ids": [half], "level": "ful"}, "unknown level 'ful'; did you mean 'full'?"),
        ({"ids": [half], "seed": -1}, "seed must be an integer of at least 0, got -1"),
        ({"ids": [half], "seed": 1.5}, "seed must be an integer of at least 0, got 1.5"),
    ],
)
def test_verify_refuses_in_a_sentence(options, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        cs.verify(**options)


def test_a_claims_id_is_a_word():
    for wrong in ("", "two words", 3):
        with pytest.raises(ValueError, match="must be a word without spaces, got"):
            cs.claim(wrong, statement="s")


def test_a_claims_draws_depend_on_its_id_and_the_seed_alone():
    draws = {(claim, seed): Run(claim, "quick", seed).rng.random() for claim in "ab" for seed in (0, 1)}
    assert len(set(draws.values())) == 4
    assert Run("a", "full", 0).rng.random() == draws["a", 0]
    assert cs.verify([half])["half"].evidence == cs.verify(["def-3.1", half], "quick")["half"].evidence


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0589421234, "0.0589421"),
        (1.0, "1"),
        (123456.0, "123,456"),
        (1e9, "1e+09"),
        (-1e-300, "-1e-300"),
        (True, "True"),
        (float("inf"), "inf"),
        (float("nan"), "nan"),
        ("<= 0.333333333333", "<= 0.333333"),
        (None, "None"),
    ],
)
def test_numbers_are_shown_with_six_digits(value, text):
    assert shown_value(value) == text
