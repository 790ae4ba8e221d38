"""Tables of leaves: tail index and Hill of every dataset, and what a wrong table is told."""

from dataclasses import asdict

import numpy as np
import pytest

from compression_sim.estimators import TableError, leaf_masses
from compression_sim.estimators.statistics import tails
from compression_sim.estimators.tables import leaves


@pytest.mark.parametrize("column", ["count", "mass"])
def test_a_table_of_leaves_gives_tail_index_and_hill(column):
    rng = np.random.default_rng(0)
    sizes = {d: rng.zipf(2.2, 300) if column == "count" else rng.pareto(1.2, 300) + 1 for d in "xy"}
    table = {
        "dataset": np.repeat(list("xy"), 300), "leaf": list(range(300)) * 2,
        column: np.concatenate([*sizes.values()]),
    }  # fmt: skip
    assert leaves.is_leaf_table(table)
    found = leaf_masses.estimate_leaves(*leaves.leaf_sizes(table), x_min=1.0, largest=50)
    assert [one.name for one in found] == ["tail index", "Hill"] * 2
    for name, index, hill in zip("xy", found[::2], found[1::2], strict=True):
        values = sizes[name].astype(float)
        direct = tails.tail_index(values, x_min=1.0, discrete=column == "count").alpha
        for one, same in ((index, direct), (hill, tails.hill(values, 50))):
            np.testing.assert_equal(asdict(one.interval), asdict(same))  # nan equals nan
        assert hill.warnings[0] == leaf_masses.PARETO_ALONE
        assert len(hill.warnings) == 1 + (column == "count")
    assert "x_min was found" in leaf_masses.estimate_leaves(*leaves.leaf_sizes(table))[0].warnings[0]


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"count": [1, 2]}, "leaf: missing; the table has 'count'"),
        ({"leaf": [1, 2]}, "count: a table of leaves needs count or mass, one of the two, got none"),
        ({"leaf": "ab", "count": [1, 2], "mass": [1, 2]}, "one of the two, got"),
        ({"leaf": "aa", "count": [1, 2.5]}, "count: must be whole numbers .* got 2.5 in row 2;\nleaf: each"),
        ({"leaf": [], "mass": []}, "mass: the table has no rows"),
    ],
)
def test_wrong_leaves_are_answered_column_by_column(table, message):
    with pytest.raises(TableError, match=message):
        leaves.leaf_sizes(table)
    if "leaf" in table and len(table["leaf"]) > 1 and "count" not in table:
        assert leaves.is_leaf_table(table)


def test_too_few_leaves_are_named():
    with pytest.raises(ValueError, match=r"^x: a tail index needs at least 10 observations"):
        leaf_masses.estimate_leaves({"x": np.arange(1.0, 5)}, "mass")
