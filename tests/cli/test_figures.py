"""`compression-sim figures`: what it writes, and what it refuses to overwrite."""


def test_figures_are_written_where_asked(invoke, tmp_path):
    outcome = invoke("figures", "--out", tmp_path / "new")
    assert (outcome.code, outcome.err) == (0, "")
    names = sorted(path.name for path in (tmp_path / "new").iterdir())
    assert names == ["k-ratio.png", "k-ratio.svg", "manifest.json", "real-text.png", "real-text.svg"]
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
