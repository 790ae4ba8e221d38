"""The matrix and docs/experiments.md: in 80 columns, in strict JSON, and as the stored results say."""

import json
from pathlib import Path

import numpy as np
import pytest

from compression_sim import data, experiments
from compression_sim.experiments import matrix

DOCUMENT = Path(__file__).parents[2] / "docs" / "experiments.md"


@pytest.fixture(scope="module")
def table():
    return experiments.run("matrix")


def test_the_matrix_prints_every_class_in_80_columns(table):
    lines = experiments.summary(table.assign_attrs(experiment="matrix"))
    assert max(map(len, lines)) <= 80
    heads = [line for line in lines if line.split()[:2] == ["sat", "scal"]]
    assert len(heads) == table.sizes["claim"]
    for head, row in zip(heads, (line for line in lines if line.startswith(" midway")), strict=True):
        assert len(head.split()) == table.sizes["kind"]
        assert len(row) <= 8 + 5 * table.sizes["kind"]


def test_digits_fit_their_column():
    for value, shown in (
        (0.22, ".22"),
        (-0.456, "-.46"),
        (0.003, "0"),
        (0.996, "1.0"),
        (-9.96, "-10"),
        (174, "174"),
    ):
        assert matrix._digits(value) == shown
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
    for name in data.names():
        attrs = data.load(name).attrs
        if "experiment" in attrs:
            lines = experiments.summary(data.load(name))
            assert max(map(len, lines)) <= 80, (name, max(lines, key=len))
