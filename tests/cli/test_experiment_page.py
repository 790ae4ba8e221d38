"""The matrix and docs/experiments.md: in 80 columns, in strict JSON, and as the stored results say."""

import json
import tomllib
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from compression_sim import experiments, results
from compression_sim.experiments import matrix
from compression_sim.experiments._lab import effects
from compression_sim.experiments._matrix import page
from compression_sim.experiments._matrix.mechanisms import MECHANISMS

DOCUMENT = Path(__file__).parents[2] / "docs" / "experiments.md"


@pytest.fixture(scope="module")
def table():
    return experiments.run("matrix")


def test_the_document_says_what_is_stored():
    assert DOCUMENT.read_text("utf-8") == page.page()


def test_the_stored_matrix_is_that_of_the_stored_results(table):
    stored = results.load("matrix")
    assert stored.drop_attrs().equals(table.drop_attrs())


def test_transformers_have_every_claim(table):
    """In one scenario at least; only the samples back to the base (table 3) may be out of reach in both."""
    verdict = table.verdict.transpose("claim", "scenario", "model")
    for kind in ("transformer", "transformer/held-out"):
        for claim in MECHANISMS:
            names = [c for c in table.claim.values if c == claim or c.startswith(claim + "/")]
            applies = (verdict.sel(claim=names, model=kind) != effects.MISSING).any()
            assert applies or claim == "table-3-samples", (claim, kind)
    assert (table.seeds >= 20).all()


@pytest.mark.parametrize("claim", MECHANISMS)
def test_mechanisms_are_what_the_matrix_shows_and_name_claims_of_the_ledger(claim, table):
    why = MECHANISMS[claim]
    known = tomllib.loads(files("compression_sim.ledger").joinpath("statements.toml").read_text("utf-8"))
    assert set(why.ledger) <= set(known)
    assert not why.sentence.endswith(".")
    for name, scenario, kind, shows in why.cells:
        verdict = table.verdict.sel(claim=name, scenario=scenario, model=kind).item()
        assert (verdict == effects.SHOWS) == shows, (name, scenario, kind)


def test_the_matrix_prints_every_class_in_80_columns(table):
    lines = experiments.summary(table.assign_attrs(experiment="matrix"))
    assert max(map(len, lines)) <= 80
    heads = [line for line in lines if line.split()[:2] == ["scal", "oppo"]]
    assert len(heads) == table.sizes["claim"]
    for head, row in zip(heads, (line for line in lines if line.startswith(" midway")), strict=True):
        assert len(head.split()) == table.sizes["model"]
        assert len(row) <= 8 + 5 * table.sizes["model"]


def test_digits_fit_their_column():
    values = {0.22: ".22", -0.456: "-.46", 0.003: "0", 0.996: "1.0", -9.96: "-10", 174.0: "174"}
    assert [matrix._digits(value) for value in values] == list(values.values())
    assert matrix._digits(-np.inf) == "-inf"


def test_json_has_all_and_is_strict(invoke, table):
    outcome = invoke("experiment", "matrix", "--json")
    assert (outcome.code, outcome.err) == (0, "")

    def refuse(word):
        raise AssertionError(word)

    found = json.loads(outcome.out, parse_constant=refuse)
    assert set(found["variables"]) == set(table.data_vars)
    effect = found["variables"]["effect"]
    assert effect["dims"] == list(table.effect.dims)
    values = np.array(effect["values"], object)
    assert (values == None).sum() == int(table.effect.isnull().sum())  # noqa: E711
    finite = np.isfinite(table.effect.values)
    np.testing.assert_array_equal(values[finite].astype(float), table.effect.values[finite])
    assert set(values[~finite]) <= {None, "Infinity", "-Infinity"}
    assert found["variables"]["paper"]["values"][0].startswith("IMDb Llama2-7B")
    assert found["attributes"]["parameters"]["experiments"] == list(matrix.EXPERIMENTS)


def test_every_experiment_prints_in_80_columns():
    for name in results.names():
        attrs = results.load(name).attrs
        if "experiment" in attrs:
            lines = experiments.summary(results.load(name))
            assert max(map(len, lines)) <= 80, (name, max(lines, key=len))
