"""The checker is checked first; then every estimator, in few worlds (the command has the many)."""

import importlib.util
import re
import subprocess
import warnings
from pathlib import Path

import numpy as np
import pytest
import xarray
from scipy import stats

from compression_sim import _provenance, results
from compression_sim._code import reached
from compression_sim.estimators.calibration import domains, draws, rmse, run, worlds
from compression_sim.estimators.calibration.regime import Outcome, Regime, draw_worlds
from compression_sim.estimators.calibration.run import Calibration

WORLDS = 15
ROOT = Path(__file__).parents[2]
_file = importlib.util.spec_from_file_location("calibration_example", ROOT / "tools" / "make_calibration.py")
EXAMPLE = importlib.util.module_from_spec(_file)
_file.loader.exec_module(EXAMPLE)


def test_the_checker_passes_an_exact_interval_and_catches_wrong_ones():
    found = run.check_the_checker(seed=1)
    assert found["passed"]
    assert found["too_short"] < found["band"][0] <= found["exact"] <= found["band"][1] < found["too_long"]


@pytest.mark.parametrize(("stretch", "instead"), [(1.0, 0.8), (1.0, 1.4), (0.8, 1.0), (1.4, 1.0)])
def test_the_checker_does_not_pass_where_one_of_its_three_intervals_is_not_what_it_should_be(
    monkeypatch, stretch, instead
):
    right = run.normal_mean
    monkeypatch.setattr(run, "normal_mean", lambda s: right(instead if s == stretch else s))
    assert not run.check_the_checker()["passed"]


def test_the_checker_catches_a_wrong_estimator(monkeypatch):
    """Fieller with the 68% quantile in place of the 95% one."""
    from compression_sim.estimators.statistics import intervals

    right = Calibration(["first-order k_eff"], 300)
    right.run()
    assert not right.failures

    def short(*args, **how):
        return intervals.fieller(*args, **how | {"confidence": 0.68})

    monkeypatch.setattr(worlds.probes, "fieller", short)
    wrong = Calibration(["first-order k_eff"], 300)
    wrong.run()
    assert {o.regime.estimator for o in wrong.failures} == {"first-order k_eff"}


def test_every_estimator_in_few_worlds():
    """One test, so that the worlds are drawn once: coverage, rows, who is calibrated, and who is warned."""
    run = Calibration(worlds=WORLDS, seed=3)
    run.run()
    assert [outcome.regime.id for outcome in run.failures] == []
    row = run.outcomes[0].to_dict()
    assert {"name", "worlds", "bias", "rmse", "coverage", "band", "domain", "in_domain"} <= set(row)
    assert len({outcome.regime.id for outcome in run.outcomes}) == len(run.regimes)
    assert {regime.estimator for regime in run.regimes} == {
        "rate", "normalised rate", "excess rate", "change", "k_eff", "conservation residual", "Hooke force",
        "noise floor", "tail index", "Hill", "initial slope", "plateau", "lag", "fall rate at a score",
        "samples to return",
        "crossing", "scaling exponent", "first-order k_eff", "sequential k_eff",
        "levelling ratio",
    }  # fmt: skip
    warned = {outcome.regime.id: outcome.warned.mean() for outcome in run.outcomes}
    assert warned["k_eff: rare leaves, k = 1e3, n 200"] > 0.6
    assert warned["rate: 8 responses"] == 1
    assert warned["crossing: start within noise"] > 0.5
    assert warned["tail index: over a body, x_min by KS"] == 1
    assert warned["k_eff: normal, k = 1e3, within noise"] > 0.5
    assert warned["change: 400 responses"] < 0.2
    assert warned["change: 50 responses"] == warned["conservation residual: 30 responses"] == 1
    assert warned["change: no effect, within scoring noise"] > 0.6
    assert warned["change: clear of scoring noise"] < 0.2


@pytest.mark.parametrize(("repeats", "freedom"), [(2, 2), (5, 8)])
def test_the_warning_beside_the_noise_floor_comes_as_often_as_student_says(repeats, freedom):
    """No effect: the mean of r scorings differs by noise sqrt(2/r); the floor has `freedom` degrees of it."""
    draw = worlds.beside_noise(0.0, repeats=repeats, resamples=100)
    found = [draw(np.random.default_rng([5, i]))[0] for i in range(400)]
    warned = np.mean([any("noise of scoring" in text for text in one.warnings) for one in found])
    expected = 1 - 2 * stats.t.sf(2 * np.sqrt(repeats), freedom)
    low, high = stats.binom.interval(0.999, 400, expected)
    assert low / 400 <= warned <= high / 400
    far = [worlds.beside_noise(100.0, spread=500.0)(np.random.default_rng([6, i]))[0] for i in range(40)]
    assert not any("noise of scoring" in text for one in far for text in one.warnings)


def test_errors_fall_with_the_square_root_of_n():
    """Slopes of 300 worlds at 200 and 3200: their own error is 0.03; no estimator is left out."""
    assert {regime.estimator for regime in domains.regimes()} == set(rmse.GROWING)
    names = ["Hill", "first-order k_eff", "levelling ratio", "k_eff", "tail index", "initial slope"]
    for found in rmse.rmse_against_n(names, 300, sizes=(200, 3200)):
        assert found.exponent == pytest.approx(-0.5, abs=0.1), found.estimator
        assert found.to_dict()["rmse"][0] > found.to_dict()["rmse"][1] > 0


def test_the_stored_calibration_is_of_this_code():
    """The first worlds of every regime drawn again: a change of 1% in an estimator makes the result stale."""
    result = results.load("calibration")
    stored = dict(zip((result["name"] + ": " + result.worlds_of).values.tolist(), result["first"].values,
                      strict=True))  # fmt: skip
    assert list(stored) == [regime.id for regime in domains.regimes()]
    for regime in domains.regimes():
        again = draw_worlds(regime, 0, result.sizes["world"], 0)
        np.testing.assert_allclose(again, stored[regime.id], rtol=1e-6, err_msg=regime.id)


def test_unbounded_sets_are_counted_whichever_kind_they_are():
    nan = np.nan
    rows = [
        [1, 0, 2, 1, 1, 0],
        [1, 0, 2, 9, 1, 0],
        [1, 0, 2, 1, 0, 0],
        [nan, -np.inf, np.inf, 1, 1, 1],
        [1, 0, 2, 9, 0, 0],
    ]
    outcome = Outcome(Regime("x", "y", None, ""), np.array(rows, float))
    assert outcome.unbounded == pytest.approx(3 / 5)
    assert outcome.coverage == pytest.approx(3 / 5)


def test_worlds_do_not_depend_on_how_they_are_split():
    regime = domains.regimes()[0]
    whole = draw_worlds(regime, 0, 6, 0)
    np.testing.assert_array_equal(
        whole, np.concatenate([draw_worlds(regime, 0, 2, 0), draw_worlds(regime, 2, 6, 0)])
    )
    assert not np.array_equal(whole, draw_worlds(regime, 0, 6, 1))


def test_an_interrupted_run_goes_on_from_its_cells(tmp_path):
    path, names = tmp_path / "worlds.nc", ["Hill", "levelling ratio"]
    whole = Calibration(names, 130)
    whole.run()

    def stop(done, total, what):
        if done >= 200:
            raise KeyboardInterrupt

    first = Calibration(names, 130, out=path)
    assert first.run(stop)
    assert 0 < first.done < first.total
    assert not path.exists()
    again = Calibration(names, 130, out=path)
    assert count_draws(again.run) == again.total - first.done
    for one, two in zip(whole.outcomes, again.outcomes, strict=True):
        np.testing.assert_array_equal(one.drawn, two.drawn)
    assert list(tmp_path.iterdir()) == [path]
    kept, ids, worlds, seed = run.read_worlds(path)
    assert (len(ids), worlds, seed) == (3, 130, 0)
    np.testing.assert_array_equal(kept.drawn, np.stack([one.drawn for one in whole.outcomes]))
    for other, message in (
        ({}, "exists and is complete; --force replaces it"),
        ({"seed": 1}, "holds a calibration of 3 regimes, 130 worlds and seed 0, not of these 3, 130 and 1"),
    ):
        with pytest.raises(ValueError, match=message):
            Calibration(names, 130, **other, out=path)
    Calibration(names, 20, out=path, overwrite=True).run()
    assert run.read_worlds(path)[2] == 20


def count_draws(work):
    """How many worlds `work` draws."""
    drawn, right = [], draws.draw_worlds
    with pytest.MonkeyPatch.context() as patch:

        def counted(regime, first, last, seed):
            drawn.append(last - first)
            return right(regime, first, last, seed)

        patch.setattr(draws, "draw_worlds", counted)
        work()
    return sum(drawn)


def test_more_worlds_go_on_from_fewer(tmp_path, monkeypatch):
    path = tmp_path / "worlds.nc"
    monkeypatch.setattr(run, "write_netcdf", lambda *_: (_ for _ in ()).throw(ValueError("the disk is full")))
    with pytest.raises(ValueError, match="the disk is full"):
        Calibration(["Hill"], 40, out=path).run()
    monkeypatch.undo()
    assert count_draws(Calibration(["Hill"], 100, out=path).run) == 2 * 60


def test_a_world_that_cannot_be_drawn_does_not_stop_the_others(tmp_path, monkeypatch):
    right = draws.draw_worlds

    def breaks(regime, first, last, seed):
        if first == 20 and "slowly" in regime.id:
            raise FloatingPointError("broken on purpose")
        return right(regime, first, last, seed)

    monkeypatch.setattr(draws, "draw_worlds", breaks)
    path = tmp_path / "worlds.nc"
    with pytest.raises(
        ValueError, match=r"1 batches of worlds failed \(the others are kept in .*broken on purpose"
    ):
        Calibration(["Hill"], 60, out=path).run()
    assert not path.exists()
    monkeypatch.undo()
    assert count_draws(Calibration(["Hill"], 60, out=path).run) == 20


def test_damaged_cells_are_drawn_again_and_never_believed(tmp_path):
    """Every byte of a cell changed, one at a time: none gives other worlds."""
    path = tmp_path / "worlds.nc"
    first = Calibration(["levelling ratio"], 4, out=path)
    first.run()
    right = run.read_worlds(path)[0].drawn.values
    path.unlink()

    def stop_at_the_end(*_):
        raise ValueError("stopped")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run, "write_netcdf", stop_at_the_end)
        with pytest.raises(ValueError, match="stopped"):
            Calibration(["levelling ratio"], 4, out=path).run()
    (cell,) = (tmp_path / "worlds.nc.cells").glob("*.cell")
    whole = cell.read_bytes()
    for at in range(0, len(whole), 7):
        cell.write_bytes(whole[:at] + bytes([whole[at] ^ 0x10]) + whole[at + 1 :])
        again = Calibration(["levelling ratio"], 4, out=path)
        with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            patch.setattr(run, "write_netcdf", stop_at_the_end)
            with pytest.raises(ValueError, match="stopped"):
                again.run()
        assert said
        assert all("computed anew" in str(one.message) for one in said)
        np.testing.assert_array_equal(again.outcomes[0].drawn, right[0])


def test_the_digest_covers_what_draws_and_nothing_that_shows(monkeypatch):
    covered = reached(draws.__name__)
    for name in ("calibration.worlds", "calibration.regime", "statistics.probes", "statistics.intervals"):
        assert f"compression_sim.estimators.{name}" in covered
    for name in ("estimators.calibration.run", "estimators.calibration.table", "estimators.report", "cli"):
        assert f"compression_sim.{name}" not in covered
    first = run.made_by()
    monkeypatch.setattr(run, "digest", lambda: "0" * 64)
    assert run.made_by() != first


def test_code_that_cannot_be_told_from_the_commit_is_not_called_clean(monkeypatch):
    def git(args, **how):
        said = {"ls-files": "__init__.py\n", "rev-parse": "a" * 40 + "\n"}.get(args[3])
        return subprocess.CompletedProcess(args, said is None, said or "")  # `git status` fails

    monkeypatch.setattr(_provenance.subprocess, "run", git)
    assert _provenance.commit() == "a" * 40 + "+"


def test_worlds_of_other_code_or_lacking_a_regime_do_not_become_the_stored_result(tmp_path, monkeypatch):
    known = [regime for regime in domains.regimes() if regime.estimator in ("Hill", "levelling ratio")]
    monkeypatch.setattr(EXAMPLE, "regimes", lambda: known)
    parts = [tmp_path / "hill.nc", tmp_path / "ratio.nc"]
    for name, path in zip(("Hill", "levelling ratio"), parts, strict=True):
        Calibration([name], 20, out=path).run()
    assert [one.regime for one in EXAMPLE.kept(parts)[0]] == known
    with pytest.raises(SystemExit, match="some are lacking: levelling ratio"):
        EXAMPLE.kept(parts[:1])
    for other in ({"worlds": 21}, {"seed": 1}):
        Calibration(["levelling ratio"], **{"worlds": 20} | other, out=parts[1], overwrite=True).run()
        with pytest.raises(SystemExit, match="of one code, equally many, and of seed 0"):
            EXAMPLE.kept(parts)
    monkeypatch.setattr(run, "made_by", lambda: "other code")
    Calibration(["levelling ratio"], 20, out=parts[1], overwrite=True).run()
    with pytest.raises(SystemExit, match=r"of one code.*other code"):
        EXAMPLE.kept(parts)


def test_the_stored_panels_are_of_this_code():
    """What the figures show beside coverage, drawn again where it takes no time."""
    result = results.load("calibration")
    xarray.testing.assert_allclose(EXAMPLE.ratios(), result[list(EXAMPLE.ratios())], rtol=1e-6)
    again = EXAMPLE.indices()
    xarray.testing.assert_allclose(again, result[list(again)], rtol=1e-6)
    names = ["Hill", "levelling ratio", "first-order k_eff"]
    for one in rmse.rmse_against_n(names, EXAMPLE.REPEATS, EXAMPLE.SEED, sizes=EXAMPLE.SIZES[:2]):
        stored = result.error.sel(estimator=one.estimator, n=list(one.sizes))
        np.testing.assert_allclose(one.errors, stored, rtol=1e-6, err_msg=one.estimator)


def test_the_page_tells_the_stored_numbers():
    """docs/estimators.md: how many regimes, their range, what fails, and the panel of tail indices."""
    result = results.load("calibration")
    page = " ".join((ROOT / "docs" / "estimators.md").read_text("utf-8").split())
    covers = result.coverage.values
    shown = dict(zip((result["name"] + ": " + result.worlds_of).values.tolist(), covers, strict=True))
    inside = covers[result.in_domain.values == 1]
    low, high = result.band.values
    ratios = result.alpha[1].sel(what="value").values / result.alpha_truth.values
    for told in (
        f"400 for each of {len(covers)} regimes",
        f"{low:.3f} to {high:.3f} at 10,000",
        f"each of the {len(inside)} regimes in its estimator's domain lies inside** ({inside.min():.4f} to "
        f"{inside.max():.4f} at 10,000)",
        f"coverage falls to {covers[[name.startswith('k_eff: rare') for name in shown]].min():.2f}",
        f"at 50 responses their intervals cover {shown['change: 50 responses']:.3f}, the Hooke force's at 30 "
        f"{shown['Hooke force: 30 responses']:.3f}",
        f"coverage is {shown['Hill: slowly varying tail, k 100']:.2f}",
        f"(coverage {shown['tail index: over a body, x_min by KS']:.2f})",
        f"gives {ratios.min():.2f} to {ratios.max():.1f} times their index (median {np.median(ratios):.1f})",
    ):
        assert re.sub(r"\b0\.", ".", told) in page, told


def test_odd_files_are_refused_before_a_world_is_drawn(tmp_path):
    (tmp_path / "folder.nc").mkdir()
    (tmp_path / "text.nc").write_text("no netCDF")
    xarray.Dataset({"drawn": ("x", [1.0])}).to_netcdf(tmp_path / "other.nc", engine="h5netcdf")
    whole = tmp_path / "whole.nc"
    Calibration(["Hill"], 20, out=whole).run()
    (tmp_path / "half.nc").write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    for name, message in (("folder.nc", "is a folder"), ("text.nc", "--force replaces it"),
                          ("other.nc", "holds no calibration"), ("half.nc", "--force replaces it"),
                          ("none/x.nc", "cannot write .*none/x.nc")):  # fmt: skip
        with pytest.raises(ValueError, match=message):
            Calibration(["Hill"], 20, out=tmp_path / name)
    link = tmp_path / "link.nc"
    link.symlink_to(tmp_path / "target.nc")
    Calibration(["Hill"], 20, out=link).run()
    assert link.is_symlink()
    assert (tmp_path / "target.nc").exists()


def test_bad_requests():
    with pytest.raises(ValueError, match="unknown estimator 'k_ef'; did you mean 'k_eff'"):
        Calibration(["k_ef"])
    with pytest.raises(ValueError, match=r"netCDF, in a file that ends in \.nc"):
        Calibration(["Hill"], out="x.json")
