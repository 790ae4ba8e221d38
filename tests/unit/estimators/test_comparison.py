"""What of a table is compared: roles, pairs of checkpoints, unit."""

import pytest

from compression_sim import estimators
from compression_sim.estimators import Comparison

from .tables import rows, table_of


def test_roles_and_pairs_are_chosen_by_name(data):
    table = table_of(data)
    chosen = Comparison.of(
        table, pretraining="perturbation", alignment="alignment", perturbation="pretraining"
    )
    assert chosen.pairs == (("aligned", "tuned"), ("tuned", "last"))
    assert Comparison.of(table, before="aligned", after="last").pairs == (("aligned", "last"),)
    for given, message in (
        ({"alignment": "algnment"}, "unknown alignment dataset 'algnment'; did you mean 'alignment'?"),
        ({"alignment": "pretraining"}, "each role needs a dataset of its own"),
        ({"before": "aligned"}, "give both checkpoints to compare, or none"),
        ({"before": "tuned", "after": "tuned"}, "must be different checkpoints, got 'tuned' twice"),
        ({"per": "byte"}, "rates per byte need a column 'bytes', which the table lacks"),
    ):
        with pytest.raises(ValueError, match=message.replace("?", r"\?")):
            Comparison.of(table, **given)


def test_numbers_may_name_checkpoints():
    table = estimators.check_table(table_of(rows(responses=4)).assign_coords(checkpoint=[0, 10, 20]))
    assert Comparison.of(table, before="0", after="20").pairs == (("0", "20"),)
    with pytest.raises(ValueError, match="unknown checkpoint '1'; did you mean '10'"):
        Comparison.of(table, before="1", after="20")
