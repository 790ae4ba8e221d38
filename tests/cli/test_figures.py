"""`compression-sim figures`: what it writes, and what it refuses to overwrite."""

from compression_sim.plotting import FIGURES


def test_figures_are_written_where_asked(invoke, tmp_path):
    outcome = invoke("figures", "--out", tmp_path / "new")
    assert (outcome.code, outcome.err) == (0, "")
    names = sorted(path.name for path in (tmp_path / "new").iterdir())
    drawn = [f"{name}.{kind}" for name in FIGURES for kind in ("png", "svg")]
    assert {"k-ratio", "real-text"} <= set(FIGURES)
    assert names == sorted([*drawn, "manifest.json"])
    again = invoke("figures", "--out", tmp_path / "new")
    assert (again.code, again.out, again.err.count("\n")) == (2, "", 1)
    assert "--force replaces it" in again.err
    assert invoke("figures", "--out", tmp_path / "new", "--force").code == 0


def test_bad_names_and_places_are_told_in_one_line(invoke, tmp_path):
    (tmp_path / "file").write_text("x")
    for args, message in (
        (("real-txt", "--out", tmp_path / "new"), "unknown figure 'real-txt'; did you mean 'real-text'?"),
        (("--out", tmp_path / "file"), "cannot write to"),
    ):
        outcome = invoke("figures", *args)
        assert (outcome.code, outcome.out, outcome.err.count("\n")) == (2, "", 1)
        assert message in outcome.err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file"]
