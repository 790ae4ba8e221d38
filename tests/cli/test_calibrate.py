"""`compression-sim calibrate`: its JSON, its table, exit codes, and a run that is stopped and taken up."""

import re

import numpy as np
import pytest

from compression_sim.estimators.calibration import worlds
from compression_sim.estimators.statistics import probes


def test_json_holds_what_it_promises(invoke):
    outcome = invoke("calibrate", "first-order k_eff", "Hill", "--level", "quick", "--json")
    assert (outcome.code, outcome.err) == (0, "")
    found = outcome.json
    assert {"seed", "checker", "estimators"} <= set(found)
    assert found["checker"]["passed"] is True
    for row in found["estimators"]:
        assert {"name", "worlds", "bias", "rmse", "coverage", "band", "domain", "in_domain"} <= set(row)
        assert row["worlds"] == 60
        assert row["band"][0] < 0.95 < row["band"][1]
    assert [row["in_domain"] for row in found["estimators"] if row["name"] == "Hill"] == [True, False]
    assert [row["name"] for row in found["rmse_against_n"]] == ["first-order k_eff", "Hill"]
    for row in found["rmse_against_n"]:
        assert row["n"] == [50, 200, 800]
        assert row["rmse"][0] > row["rmse"][-1] > 0
        assert row["exponent"] < -0.2


def test_an_error_that_is_not_finite_is_strict_json(invoke, monkeypatch):
    from compression_sim import estimators
    from compression_sim.estimators.calibration.rmse import Growth

    found = [Growth("Hill", (50, 200), (0.1, np.inf))]
    monkeypatch.setattr(estimators, "rmse_against_n", lambda *args, **how: found)
    outcome = invoke("calibrate", "Hill", "--level", "quick", "--json")
    row = outcome.json["rmse_against_n"][0]
    assert (row["rmse"], row["exponent"]) == ([0.1, "Infinity"], "Infinity")


@pytest.mark.parametrize("width", [40, 60, 80, 160])
def test_every_column_can_be_read_however_narrow(invoke, monkeypatch, width):
    monkeypatch.setenv("COLUMNS", str(width))
    lines = invoke("calibrate", "Hill", "--level", "quick").out.splitlines()
    head = next(index for index, line in enumerate(lines) if line.split()[:1] == ["bias"])
    assert lines[head].split() == ["bias", "rmse", "coverage", "unbounded", "warned", "domain"]
    assert lines[head + 1] == "Hill"
    table = lines[head + 2 : lines.index("", head)]
    numbers = [re.search(r" +(-?[\d.]+) +([\d.]+) +(\d\.\d{3}) +\d+% +\d+% +(\w+)$", line) for line in table]
    assert [found[4] for found in numbers if found] == ["in", "outside"]
    names = "".join(
        line[: found.start()] if found else line for line, found in zip(table, numbers, strict=True)
    )
    assert "".join(names.split()) == "Pareto,alpha1.5,n1000,k100slowlyvaryingtail,k100"
    assert width < 60 or max(map(len, lines)) <= width


def test_the_table_tells_the_domain_and_the_checker(invoke, monkeypatch):
    monkeypatch.setenv("COLUMNS", "160")
    out = " ".join(invoke("calibrate", "Hill", "--level", "quick").out.split())
    for part in ("checker passes: an exact interval covers", "outside", "coverage must be 0.833 to",
                 "domain of Hill: k largest values",
                 "1 of 1 regimes in their domain are within the band"):  # fmt: skip
        assert part in out


def test_a_wrong_interval_ends_with_1(invoke, monkeypatch):
    monkeypatch.setenv("COLUMNS", "160")
    right = probes.fieller
    monkeypatch.setattr(
        worlds.probes, "fieller", lambda *args, **how: right(*args, **how | {"confidence": 0.6})
    )
    outcome = invoke("calibrate", "first-order k_eff", "--level", "quick")
    assert outcome.code == 1
    assert "FAILS" in outcome.out


def test_worlds_are_kept_and_taken_up(invoke, tmp_path):
    path = tmp_path / "worlds.nc"
    args = ("calibrate", "Hill", "--level", "quick", "--out", path)
    first = invoke(*args)
    assert first.code == 0
    assert "exists and is complete; --force replaces it" in invoke(*args).err
    assert invoke(*args, "--force").out == first.out
    other = invoke(*args, "--seed", 1)
    assert (other.code, other.err.count("\n")) == (2, 1)
    assert "holds a calibration of 2 regimes, 60 worlds and seed 0" in other.err


def test_ctrl_c_ends_with_130_and_keeps_what_was_drawn(invoke, monkeypatch, tmp_path):
    from compression_sim.estimators.calibration import draws

    draw, calls = draws.draw_worlds, []

    def interrupted(regime, *args):
        calls.append(regime)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return draw(regime, *args)

    monkeypatch.setattr(draws, "draw_worlds", interrupted)
    args = ("calibrate", "Hill", "--level", "quick", "--out", tmp_path / "worlds.nc", "--json")
    outcome = invoke(*args)
    assert outcome.code == 130
    assert outcome.json["complete"] is False
    assert not (tmp_path / "worlds.nc").exists()
    assert len(list((tmp_path / "worlds.nc.cells").glob("*.cell"))) == 2
    assert invoke(*args).json["complete"] is True


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("k_ef",), "unknown estimator 'k_ef'; did you mean 'k_eff'?"),
        (("--level", "fast"), "unknown level 'fast'"),
        (("Hill", "--out", "x.json"), "worlds are kept as netCDF, in a file that ends in .nc"),
        (("Hill", "--out", "/none/x.nc"), "there is no folder /none"),
    ],
)
def test_bad_requests_end_with_one_line(invoke, args, message):
    outcome = invoke("calibrate", *args)
    assert (outcome.code, outcome.out, outcome.err.count("\n")) == (2, "", 1)
    assert message in outcome.err
