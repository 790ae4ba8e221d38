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
        (
            ("sign-map", "--out", "no/such/folder/x.nc"),
            "cannot write no/such/folder/x.nc: there is no folder",
        ),
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
    from compression_sim import _runner, _store, experiments

    file, cells = tmp_path / "map.nc", tmp_path / "map.nc.cells"
    args = ("experiment", "sign-map", "--set", "seeds=60", "--out", file)
    with command.start(*args) as process:
        deadline = time.monotonic() + 60
        while not list(cells.glob("*.cell")) and time.monotonic() < deadline:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err.strip()) == (130, "", "compression-sim: interrupted")
    assert not file.exists()
    kept = {path.name for path in cells.glob("*.cell")}
    assert 0 < len(kept) < 8

    computed, write = [], _runner.write_whole

    def recorded(path, *pieces, **how):
        computed.append(path.name)
        write(path, *pieces, **how)

    monkeypatch.setattr(_runner, "write_whole", recorded)
    resumed = experiments.run("sign-map", settings={"seeds": 60}, out=file)
    assert len(computed) == 8 - len(kept)
    assert not kept & set(computed)
    assert not cells.exists()
    whole = experiments.run("sign-map", settings={"seeds": 60})
    assert _store.read_netcdf(file).equals(resumed)
    assert resumed.equals(whole)


def test_other_parameters_do_not_use_kept_cells_and_a_damaged_one_is_computed_anew(tmp_path, monkeypatch):
    from compression_sim import experiments
    from compression_sim.experiments._lab import runner

    monkeypatch.setattr(runner.Cells, "finish", lambda self: None)  # cells stay
    file, folder = tmp_path / "map.nc", tmp_path / "map.nc.cells"

    def run(**changes):
        settings = {"leaves": 64, "alphas": (1.5, 3.0), "seeds": 3} | changes
        return experiments.run("sign-map", "quick", settings=settings, out=file, overwrite=True)

    first = run()
    cells = sorted(folder.glob("*.cell"))
    assert len(cells) == 2
    times = [cell.stat().st_mtime_ns for cell in cells]
    assert run().equals(first)
    assert [cell.stat().st_mtime_ns for cell in cells] == times
    run(seeds=4)
    assert len(list(folder.glob("*.cell"))) == 4
    whole = bytearray(cells[0].read_bytes())
    whole[len(whole) // 2] ^= 1
    cells[0].write_bytes(whole)
    with pytest.warns(RuntimeWarning, match="is computed anew"):
        assert run().equals(first)
    assert run().equals(first)


@pytest.mark.parametrize("name", ["rebound", "k-ratio", "matrix"])
def test_cells_depend_on_the_modules_that_compute_them_and_on_no_others(name):
    """What voids a half-done run: the experiment and what it imports, not pages, painters or claims."""
    from compression_sim._code import reached

    module = f"compression_sim.experiments.{name.replace('-', '_')}"
    modules = set(reached(module))
    assert module in modules
    assert {"compression_sim.experiments._lab.families", "compression_sim.experiments._lab.worlds"} <= modules
    others = ("plotting", "ledger", "measure", "cli", "experiments._lab.runner", "experiments._matrix.page")
    assert not [m for m in modules if m.removeprefix("compression_sim.").startswith(others)]
    assert ("compression_sim.experiments.sign_map" in modules) == (name == "sign-map")
