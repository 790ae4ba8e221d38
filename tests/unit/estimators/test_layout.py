"""A wrong table is answered column by column."""

import pytest

from compression_sim import estimators
from compression_sim.estimators import TableError

from .tables import columns_of, rows, table_of


def put(name, where, value):
    return lambda table: table[name].__setitem__(where, value)


def add(name, value):
    return lambda table: table.update({name: [value] * len(table["bits"])})


def misspell(table):
    table["bit"] = table.pop("bits")


WRONG = [
    (misspell, r"bits: missing \('bit' looks like it\)"),
    (lambda table: table.pop("tokens"), "tokens: missing, and so is bytes; one of the two is needed"),
    (put("bits", 2, "x"), "bits: must be finite numbers of at least 0, got 'x' in row 3$"),
    (
        put("bits", slice(0, 3), [-1.0] * 3),
        "bits: must be finite numbers of at least 0, got -1.0 in row 1 and 2 more",
    ),
    (put("tokens", 0, 7e9), "tokens: must be one value per response, got another in row"),
    (put("dataset", 0, " "), "dataset: must not be empty, got nothing in row 1"),
    (put("response", 0, 1), "'1' of dataset 'pretraining' occurs 2 times at checkpoint 'aligned'"),
    (
        lambda table: table.update(volume=range(len(table["bits"]))),
        "volume: must be one value per dataset, got",
    ),
    (add("amount", 1.0), "amount: must ascend with the checkpoints"),
    (add("leaves", 0.5), "leaves: must be finite numbers of at least 1, got 0.5"),
    (add("tokens", 0), "tokens: must not be 0 for every response of a dataset"),
    (lambda table: [table.update({name: []}) for name in list(table)], "the table has no rows"),
]


@pytest.mark.parametrize(("edit", "message"), WRONG)
def test_a_wrong_table_is_answered_column_by_column(edit, message):
    wrong = columns_of(rows(responses=4))
    edit(wrong)
    with pytest.raises(TableError, match=message):
        estimators.from_columns(wrong)


def test_all_wrong_columns_are_named_at_once():
    wrong = columns_of(rows(responses=4))
    wrong["bits"][0], wrong["tokens"][5] = "nan", None
    del wrong["checkpoint"]
    with pytest.raises(TableError) as error:
        estimators.from_columns(wrong)
    assert [line.split(":")[0] for line in str(error.value).splitlines()] == ["bits", "checkpoint", "tokens"]


LACKING = {"volume": ("dataset", [1.0])}


WRONG_LAYOUTS = [
    (lambda t: t.drop_vars("bits"), "bits: missing; it must have dimensions"),
    (lambda t: t.drop_vars("tokens"), "tokens: missing; a table needs tokens or bytes"),
    (lambda t: t.assign(bits=t.bits.T), "bits: must have dimensions"),
    (lambda t: t.assign(tokens=t.tokens.astype(str)), "tokens: must be numbers, got"),
    (lambda t: t.assign(bits=-t.bits), "bits: must be finite and at least 0, got -"),
    (lambda t: t.drop_vars("checkpoint"), "checkpoint: must be a coordinate"),
    (lambda t: t.assign_coords(checkpoint=["a", "b", "a"]), r"checkpoint: must name each once, got \['a'"),
    (lambda t: t.assign(LACKING).assign_coords(dataset=["alignment"]), "volume: lacks the dataset"),
    (lambda t: t.isel(response=[]), "response: the table has no rows"),
]


@pytest.mark.parametrize(("edit", "message"), WRONG_LAYOUTS)
def test_a_wrong_netcdf_layout_is_named(edit, message):
    with pytest.raises(TableError, match=message):
        estimators.check_table(edit(table_of(rows(responses=4))))


def test_partly_given_columns_are_refused(probed):
    wrong = {name: list(values) for name, values in probed.items()}
    wrong["probe"][3] = None
    wrong["curvature"][0] = "high"
    wrong["tau"][1] = 0.5
    with pytest.raises(TableError) as error:
        estimators.from_columns(wrong)
    assert str(error.value).splitlines() == [
        "curvature: must be finite numbers, got 'high' in row 1;",
        "probe: must be given for all responses of a dataset or none, 'pretraining' has some;",
        "tau: must be one value per checkpoint, got another in row 2",
    ]
