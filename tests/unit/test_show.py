"""How results look: one rule for JSON, number words, tables, and results that show themselves."""

import json
import re
from dataclasses import dataclass
from fractions import Fraction
from html import unescape

import numpy as np
import pytest

import compression_sim as cs
from compression_sim import estimators, measure
from compression_sim._show.console import Shown, as_html, as_text
from compression_sim._show.jsonable import MISSING, NOT_A_NUMBER, UNDEFINED, jsonable
from compression_sim._show.numbers import shown, shown_interval


@pytest.mark.parametrize("nan", [UNDEFINED, MISSING, NOT_A_NUMBER])
def test_json_is_strict_whatever_the_value(nan):
    value = {"a": np.array([[1.5, np.nan], [np.inf, -np.inf]]), "b": (np.int64(3), np.bool_(True), None),
             "c": [Fraction(1, 3), {"d": float("nan")}, "text"]}  # fmt: skip
    found = jsonable(value, nan)
    assert found == {"a": [[1.5, nan], ["Infinity", "-Infinity"]], "b": [3, True, None],
                     "c": ["1/3", {"d": nan}, "text"]}  # fmt: skip
    assert json.loads(json.dumps(found, allow_nan=False)) == found


def test_what_nan_becomes_is_0_over_0_unless_said_otherwise():
    assert jsonable(float("nan")) == "undefined"


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (0.48404123, 4, "0.484"),
        (0.48404123, 5, "0.48404"),
        (1234567.0, 4, "1.235e+06"),
        (float("nan"), 4, "undefined"),
        (float("inf"), 4, "infinite"),
        (-np.inf, 5, "-infinite"),
    ],
)
def test_numbers_in_digits_and_words(value, digits, text):
    assert shown(value, digits) == text


@pytest.mark.parametrize(
    ("ends", "outside", "text"),
    [
        ((1.0, 2.5), False, "[1, 2.5]"),
        ((1.0, 2.5), True, "outside (1, 2.5)"),
        ((-np.inf, np.inf), False, "anything"),
        ((-np.inf, 3.0), False, "[-infinite, 3]"),
    ],
)
def test_intervals_in_words(ends, outside, text):
    assert shown_interval(*ends, outside=outside) == text


@dataclass
class Wide(Shown):
    text: str = "[b] <b> " + "x" * 150

    def __rich__(self):
        from rich.text import Text

        return Text(self.text, "bold red")


def test_a_result_shows_itself_and_nothing_is_cut_or_taken_for_markup():
    assert str(Wide()) == as_text(Wide())
    assert str(Wide()).split() == ["[b]", "<b>", "x" * 100, "x" * 50]
    html = Wide()._repr_html_()
    assert html == as_html(Wide())
    assert html.startswith("<pre")
    assert unescape(re.sub(r"<[^>]*>", "", html)).split() == ["[b]", "<b>", "x" * 120, "x" * 30]


def results():
    mix = cs.Mixture([[0.5, 0.5], [0.5, 0.5], [0.2, 0.8]], [10, 1, 0])
    table = estimators.from_arrays(np.ones((2, 60)), np.ones(60), ["x"] * 60, ("a", "b"))
    yield measure.measure_masses(mix, source="masses"), "elastic response"
    yield estimators.Report("responses", {"x": 60}, estimators.estimate_table(table)), "x, a to b"


@pytest.mark.parametrize(("result", "part"), list(results()), ids=lambda one: type(one).__name__)
def test_every_result_is_a_page_of_text_and_of_html(result, part):
    assert part in str(result)
    assert "\x1b" not in str(result)
    assert part in unescape(re.sub(r"<[^>]*>", "", result._repr_html_()))
