"""Figures: drawn from stored results alone, written with a manifest, and as stored in figures/."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure

from compression_sim import plotting, results

FIGURES = Path(__file__).parents[2] / "figures"


def test_stored_results_are_small_and_say_where_they_are_from():
    assert sum(len(results.content(name)) for name in results.names()) < results.LIMIT
    for name in results.names():
        found = results.provenance(results.load(name))
        assert {"seed", "versions", "commit", "parameters", "sources", "date"} <= set(found)
        assert all(len(digest) == 64 for digest in found["sources"].values())


def test_the_stored_forces_obey_the_conservation_law_and_flip_at_the_stored_volume():
    result = results.load("real_text")
    np.testing.assert_allclose(result.force.sum("role"), 0, atol=1e-14)
    assert result.verdict.values.tolist() == ["reversed", "as the paper"]
    first, second = (result.sel(panel=name) for name in result.panel.values)
    assert float(first.critical) == 0
    assert (first.force.sel(role="pretraining") > 0).all()
    signs = np.sign(second.force.sel(role="pretraining"))
    np.testing.assert_array_equal(signs > 0, second.volume > second.critical)


def test_the_readme_tells_what_is_stored():
    result = results.load("real_text")
    readme = (FIGURES.parent / "README.md").read_text("utf-8")
    assert f"l\\* = {float(result.critical[1]):.2f} alignment volumes" in " ".join(readme.split())
    for column in (*(f"{k:.3f}" for k in result.k.values), *(f"{G:.3f}" for G in result.inner.values)):
        assert column in readme


def test_a_panel_is_drawn_on_the_given_axes():
    result = results.load("real_text")
    for name in result.panel.values:
        ax = Figure().subplots()
        assert plotting.response_panel(result.sel(panel=name), ax) is ax
        assert len([line for line in ax.lines if line.get_label() in plotting._style.NAMES.values()]) == 3
        assert "l^*" in ax.texts[0].get_text()


def test_the_stored_calibration_is_within_the_band_in_every_domain_and_its_checks_can_fail():
    result = results.load("calibration")
    low, high = result.band.values
    inside = result.in_domain.values == 1
    within = (result.coverage.values >= low) & (result.coverage.values <= high)
    assert within[inside].all()
    named = [": ".join(pair) for pair in zip(result["name"].values, result.worlds_of.values, strict=True)]
    failing = {name for name, held in zip(named, within, strict=True) if not held}
    assert failing >= {
        "k_eff: rare leaves, k = 1e3, n 200", "Hooke force: rare leaves, k = 1e3, n 200",
        "Hill: slowly varying tail, k 100", "crossing: start within noise", "rate: 8 responses",
        "tail index: over a body, x_min by KS", "change: no effect, within scoring noise",
    }  # fmt: skip
    assert {"k_eff", "tail index", "crossing"} <= set(result["name"].values.tolist())


@pytest.mark.parametrize("name", ["ratio_panel", "error_panel", "index_panel", "coverage_panel"])
def test_a_calibration_panel_is_drawn_on_the_given_axes(name):
    from compression_sim.plotting import _calibration

    ax = Figure().subplots()
    assert getattr(_calibration, name)(results.load("calibration"), ax) is ax
    assert ax.get_legend() is not None


def test_figures_and_manifest_are_written_and_not_replaced_unasked(tmp_path):
    written = plotting.save(tmp_path)
    assert all(path.stat().st_size > 10_000 for path in written)
    entry = json.loads((tmp_path / "manifest.json").read_text())["real-text"]
    own = [path for path in written if path.stem == "real-text"]
    assert entry["files"] == {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in own}
    assert entry["result_sha256"] == results.digest("real_text")
    with pytest.raises(ValueError, match="exists; pass overwrite=True to replace it"):
        plotting.save(tmp_path)
    assert plotting.save(tmp_path, ["real-text"], overwrite=True) == own


def test_the_k_ratio_figure_shows_every_stored_class_and_no_interval_below_the_bound():
    result = results.load("k_ratio")
    ax = Figure().subplots()
    assert plotting.ratio_panel(result, ax) is ax
    shown = [line.get_label() for line in ax.lines if not line.get_label().startswith("_")]
    assert shown == result.model.values.tolist()
    assert (result.k_eff_low / result.k > 1).all()
    assert float(result.least.min()) > 1


def test_the_maps_show_every_cell_and_the_theory_beside_it():
    signs, domain = results.load("sign_map"), results.load("domain_map")
    ax = Figure().subplots()
    assert plotting.reversal_panel(signs, ax) is ax
    assert ax.images[0].get_array().shape == (signs.sizes["share"], signs.sizes["alpha"])
    assert int(signs.agrees.sum()) >= 0.9 * signs.agrees.size
    assert (signs.reversed.diff("share") <= 0.1).all()  # fewer draws are reversed at a larger share
    for alpha in domain.alpha.values:
        ax = Figure().subplots()
        assert plotting.range_panel(domain.sel(alpha=alpha), ax) is ax
        labels = ax.get_legend_handles_labels()[1]
        assert len(labels) == 1 + domain.sizes["design"]
    equal = domain.sel(design="equal")
    assert ((equal.critical_low < equal.equal_parts) & (equal.equal_parts < equal.critical_high)).all()


def test_the_panels_of_trained_models_show_all_that_is_stored():
    table, curves, product = (results.load(name) for name in ("matrix", "rebound", "sequential_ratio"))
    ax = Figure().subplots()
    assert plotting.cell_panel(table, ax) is ax
    assert [t.get_text() for t in ax.get_yticklabels()] == table.claim.values.tolist()
    assert [t.get_text() for t in ax.get_xticklabels()] == table.model.values.tolist()
    for scenario in curves.scenario.values:
        ax = Figure().subplots()
        assert plotting.curve_panel(curves.sel(scenario=scenario, model="transformer"), ax) is ax
        assert len(ax.get_legend_handles_labels()[1]) == curves.sizes["alignment"] + 1
    np.testing.assert_allclose(curves.curve, curves.score.mean("seed"), atol=1e-6)
    assert ((curves.curve_low <= curves.curve) & (curves.curve <= curves.curve_high)).all()
    ax = Figure().subplots()
    assert plotting.product_panel(product, ax) is ax
    assert ax.get_legend_handles_labels()[1] == product.model.values.tolist()
    first = product.isel(tau=0)
    assert (abs(first["median"] - 1) < 0.1).all()


def test_the_figures_of_the_repository_are_of_the_stored_results():
    manifest = json.loads((FIGURES / "manifest.json").read_text())
    assert set(manifest) == set(plotting.FIGURES)
    for entry in manifest.values():
        stored = entry["result"].removesuffix(".nc")
        assert entry["result_sha256"] == results.digest(stored)
        for name, digest in entry["files"].items():
            assert hashlib.sha256((FIGURES / name).read_bytes()).hexdigest() == digest


def test_unknown_names_are_answered_with_the_nearest(tmp_path):
    with pytest.raises(ValueError, match="did you mean 'real-text'"):
        plotting.save(tmp_path / "new", ["real-txt"])
    assert not (tmp_path / "new").exists()
    with pytest.raises(ValueError, match="unknown stored result 'real-txt'; did you mean 'real-text'"):
        results.load("real_txt")


def test_a_stored_result_has_one_name_in_two_spellings():
    assert {"k-ratio", "real-text"} <= set(results.names())
    assert results.content("k-ratio") == results.content("k_ratio")
    assert results.load("k-ratio").identical(results.load("k_ratio"))
    assert results.file_name("k-ratio") == results.file_name("k_ratio") == "k_ratio.nc"


def test_a_result_without_provenance_is_not_stored(tmp_path):
    with pytest.raises(ValueError, match="a stored result needs its versions"):
        results.save(results.load("real_text"), tmp_path / "x.nc", seed=0)
    assert not list(tmp_path.iterdir())


def test_dimensions_of_older_results_are_read_under_the_names_of_now():
    """Stored before the rename: kind, setting, and in `optimizers` a `model` that was no class of models."""
    import xarray

    dims = {"kind": ["scalar"], "setting": ["near"], "model": ["base"], "way": ["sgd"]}
    old = xarray.Dataset({"start": (tuple(dims), np.ones((1, 1, 1, 1)))}, dims)
    found = results.renamed(old)
    assert found.start.dims == ("model", "scenario", "stage", "way")
    assert (found.model.item(), found.scenario.item(), found.stage.item()) == ("scalar", "near", "base")
    assert results.renamed(found) is found
    for name in results.names():
        assert not {"kind", "setting"} & set(results.load(name).dims), name
    assert results.load("k-ratio").k_eff.dims == ("model", "k")


def test_painters_take_the_classes_and_volumes_that_are_there():
    """A class that no family has gets a look of its own; fewer classes, more volumes: nothing is dropped."""
    looks = plotting._style.looks(["low-rank", "new", "newer", "scalar", "low-rank/held-out"])
    assert looks["low-rank"] == looks["low-rank/held-out"] == ("#E69F00", "D")
    assert len({looks[name] for name in ("low-rank", "new", "newer", "scalar")}) == 4
    ratios = results.load("k-ratio").isel(model=[0, 1]).assign_coords(model=["saturated", "new"])
    ax = Figure().subplots()
    plotting.ratio_panel(ratios, ax)
    assert [line.get_label() for line in ax.lines if line.get_label() in ("saturated", "new")] == [
        "saturated",
        "new",
    ]
    curves = results.load("rebound")
    assert len(plotting.draw("rebound").axes) == 8
    assert len(plotting.draw("rebound", curves.sel(model=["scalar"], scenario=["near"])).axes) == 1
    many = curves.isel(alignment=[0, 1, 2, 3, 3, 3]).assign_coords(alignment=[1, 2, 5, 10, 20, 40])
    panel = plotting.curve_panel(many.sel(scenario="near", model="scalar"), Figure().subplots())
    labels = panel.get_legend_handles_labels()[1]
    assert labels == [f"alignment {v}" for v in (1, 2, 5, 10, 20, 40)] + ["base"]
    shares = results.load("critical-share")
    for ks in ([10.0], [10.0, 100.0, 1000.0, np.inf]):
        some = shares.isel(k=[0] * len(ks)).assign_coords(k=ks)
        panel = plotting.share_panel(some, Figure().subplots())
        assert len(panel.get_legend_handles_labels()[1]) == len(ks)


def test_the_figure_of_effects_shows_every_cell():
    """Each class a mark or the words; arrows stay on the axes."""
    found = results.load("model-size")
    figure = Figure()
    plotting._figures.PAINTERS["effects"](found, figure)
    assert len(figure.axes) == found.sizes["claim"] * found.sizes["scenario"]
    for ax, (claim, scenario) in zip(
        figure.axes, [(c, s) for c in found.claim.values for s in found.scenario.values], strict=True
    ):
        effect = found.effect.sel(claim=claim, scenario=scenario)
        marks = {line.get_label() for line in ax.lines}
        assert {str(m) for m in effect.model.values[~np.isnan(effect.values)]} <= marks
        assert len(ax.texts) == int(np.isnan(effect).sum())
    endless = found.sel(claim="fig-5", scenario="near").copy(deep=True)
    endless.effect[0] = np.inf
    ax = plotting.effect_panel(endless, Figure().subplots())
    assert ax.lines[0].get_marker() == ">"
    assert np.isfinite(ax.lines[0].get_xdata()).all()
