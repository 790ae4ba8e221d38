"""Tables from files: every format gives the same table, and errors name file, run and row."""

import json

import pytest
import xarray as xr

from compression_sim.estimators import TableError
from compression_sim.estimators.tables import files

from .tables import columns, columns_of, table_of


@pytest.mark.parametrize("kind", ["csv", "jsonl", "nc"])
def test_every_file_format_gives_the_same_table(tmp_path, data, kind):
    path, expected = tmp_path / f"t.{kind}", table_of(data)
    if kind == "csv":
        names = list(data[0])
        path.write_text("\n".join([",".join(names), *(",".join(str(row[n]) for n in names) for row in data)]))
    elif kind == "jsonl":
        path.write_text("\n".join(map(json.dumps, data)) + "\n\n")
    else:
        expected.to_netcdf(path, engine="h5netcdf")
    xr.testing.assert_allclose(files.read_table(path), expected)


def test_parquet(tmp_path, data):
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    parquet.write_table(pyarrow.table(columns_of(data)), tmp_path / "t.parquet")
    xr.testing.assert_allclose(files.read_table(tmp_path / "t.parquet"), table_of(data))


def test_a_wrong_row_of_several_files_is_named_with_its_file(tmp_path):
    for name, bits in (("one.csv", "1"), ("two.csv", "x")):
        (tmp_path / name).write_text(
            f"dataset,checkpoint,response,bits,tokens\na,{name},1,2,3\na,{name},2,{bits},3\n"
        )
    with pytest.raises(TableError, match=r"got 'x' in row 2 of .*two\.csv$"):
        files.read_table(tmp_path / "one.csv", tmp_path / "two.csv")


def test_runs_are_kept_apart_and_errors_name_them():
    wrong = columns(n=3)
    wrong = {name: list(values) * 2 for name, values in wrong.items()}
    wrong["run"] = ["x"] * 18 + ["y"] * 18
    wrong["bits"][20] = "?"
    with pytest.raises(TableError, match=r"run 'y': .*bits: must be finite numbers .* got '\?' in row 21"):
        files.runs_from_columns(wrong)
    wrong["run"][4] = " "
    with pytest.raises(TableError, match="run: must not be empty, got nothing in row 5"):
        files.runs_from_columns(wrong)
