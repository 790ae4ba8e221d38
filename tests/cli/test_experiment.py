"""`compression-sim experiment`: lists, runs, resumes, refuses."""

import json
import signal
import time

import pytest

SMALL = ("sign-map", "--level", "quick", "--set", "leaves=64", "--set", "alphas=1.5,3", "--set", "seeds=3")


def test_without_a_name_the_experiments_are_listed(invoke):
    from compression_sim import experiments

    outcome = invoke("experiment")
    assert (outcome.code, outcome.err) == (0, "")
    listed = [line.split()[0] for line in outcome.out.splitlines()]
    assert listed == experiments.names()
    assert {"domain-map", "sign-map"} <= set(listed)


def test_a_result_says_where_it_came_from(invoke, tmp_path):
    import xarray

    file = tmp_path / "map.nc"
    outcome = invoke("experiment", *SMALL, "--seed", "5", "--out", file)
    assert (outcome.code, outcome.err) == (0, "")
    assert [path.name for path in tmp_path.iterdir()] == ["map.nc"]
    with xarray.open_dataset(file) as result:
        attrs = result.attrs
        assert (attrs["experiment"], attrs["level"], attrs["seed"]) == ("sign-map", "quick", 5)
        assert json.loads(attrs["parameters"])["leaves"] == 64
        assert json.loads(attrs["versions"])["jax"]
        assert attrs["commit"] == "null" or len(attrs["commit"]) >= 40
        assert dict(result.inner.sizes) == {"alpha": 2, "share": 6, "seed": 3}


def test_one_seed_same_numbers_and_another_seed_others():
    from compression_sim import experiments

    settings = {"leaves": 64, "alphas": (1.5,), "seeds": 2}
    one, same, other = (experiments.run("sign-map", "quick", seed, settings) for seed in (0, 0, 1))
    assert one.identical(same)
    assert not one.inner.equals(other.inner)


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("sign-mop",), "unknown experiment 'sign-mop'; did you mean 'sign-map'?"),
        (("sign-map", "--set", "leafs=3"), "unknown parameter 'leafs'; did you mean 'leaves'?"),
        (("sign-map", "--set", "leaves=many"), "leaves must be an integer, got 'many'"),
        (("sign-map", "--set", "leaves"), "--set takes KEY=VALUE, got 'leaves'"),
        (("sign-map", "--set", "seeds=0"), "seeds must be an integer of at least 1, got 0"),
        (
            ("sign-map", "--set", "shares=0.7"),
            "shares must be a finite number above 0 and at most 0.5, got 0.7",
        ),
        (("sign-map", "--out", "no/such/folder/x.nc"), "--out must be a file in a folder that exists"),
        (("--set", "seeds=1"), "--set needs the NAME of an experiment"),
    ],
)
def test_bad_input_is_told_in_one_line(invoke, args, message):
    outcome = invoke("experiment", *args)
    assert (outcome.code, outcome.out, outcome.err.count("\n")) == (2, "", 1)
    assert message in outcome.err


def test_a_file_that_exists_is_not_replaced_unasked(invoke, tmp_path):
    file = tmp_path / "map.nc"
    file.write_text("mine")
    outcome = invoke("experiment", *SMALL, "--out", file)
    assert (outcome.code, file.read_text()) == (2, "mine")
    assert "--force replaces it" in outcome.err
    assert invoke("experiment", *SMALL, "--out", file, "--force").code == 0
    assert file.read_bytes() != b"mine"


def test_an_interrupted_run_keeps_its_cells_and_goes_on(command, tmp_path, monkeypatch):
    from compression_sim import experiments
    from compression_sim.experiments._lab import cells as _cells

    file, cells = tmp_path / "map.nc", tmp_path / "map.nc.cells"
    args = ("experiment", "sign-map", "--set", "seeds=60", "--out", file)
    with command.start(*args) as process:
        deadline = time.monotonic() + 60
        while not list(cells.glob("*.nc")) and time.monotonic() < deadline:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err.strip()) == (130, "", "compression-sim: interrupted")
    assert not file.exists()
    kept = {path.name for path in cells.glob("*.nc")}
    assert 0 < len(kept) < 8

    computed, write = [], _cells.write_netcdf

    def recorded(dataset, path):
        computed.append(path.name)
        write(dataset, path)

    monkeypatch.setattr(_cells, "write_netcdf", recorded)
    resumed = experiments.run("sign-map", settings={"seeds": 60}, out=file)
    assert len(computed) == 8 - len(kept)
    assert not kept & set(computed)
    assert not cells.exists()
    whole = experiments.run("sign-map", settings={"seeds": 60})
    assert _cells.read_netcdf(file).equals(resumed)
    assert resumed.equals(whole)


def test_kept_cells_are_used_and_other_parameters_do_not_use_them(tmp_path):
    from compression_sim.experiments import Progress

    calls = []

    def compute(name, number):
        import xarray

        calls.append((name, number))
        return xarray.Dataset({"x": number})

    def grid(fingerprint):
        progress = Progress(0, tmp_path / "cells", fingerprint)
        return progress.grid(compute, name=("a", "b"), number=(1, 2, 3))

    first, again = grid("one"), grid("one")
    assert first.identical(again)
    assert (len(calls), first.x.dims, first.x.values.tolist()) == (6, ("name", "number"), [[1, 2, 3]] * 2)
    grid("two")
    assert len(calls) == 12
    damaged = next((tmp_path / "cells").glob("*.nc"))
    damaged.unlink()
    grid("one"), grid("two")
    assert len(calls) == 13
