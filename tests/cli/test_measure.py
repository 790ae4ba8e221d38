"""`compression-sim measure`: the contract of its JSON, its words, and every way to get its files wrong."""

import os

import pytest

PROSE = "the king of the sea\nthe night and the storm\nblood and the sword of the king\nthe grave\n" * 8
REVIEW = "a funny film with a fine cast\na dull plot\nthe film is a bore\na fine laugh\n" * 6


@pytest.fixture
def files(tmp_path):
    """--pretraining FILE --alignment FILE --perturbation FILE, with small texts in them."""
    (tmp_path / "p.txt").write_text(PROSE)
    (tmp_path / "a.txt").write_text(REVIEW)
    (tmp_path / "t.txt").write_text(REVIEW.replace("fine", "poor"))
    return roles(tmp_path / "p.txt", tmp_path / "a.txt", tmp_path / "t.txt")


def roles(*paths):
    names = ("--pretraining", "--alignment", "--perturbation")
    return [str(item) for pair in zip(names, paths, strict=True) for item in pair]


def test_json_holds_what_it_promises(invoke, files):
    outcome = invoke("measure", *files, "--depth", 8, "--json")
    assert (outcome.code, outcome.err) == (0, "")
    found = outcome.json
    assert {"rates", "response", "ratio", "critical_perturbation", "sign"} <= set(found)
    assert {"value", "null_interval", "verdict"} <= set(found["sign"])
    assert found["sign"]["verdict"] in ("as the paper", "reversed", "undecided")
    assert found["ratio_on_seen_leaves"] == pytest.approx(-found["k"]["value"], rel=1e-9)
    assert abs(found["conservation"]) < 1e-14
    assert found["sources"]["alignment"]["responses"] == 24
    for unit in ("per_chunk_over_depth", "per_token", "per_byte"):
        rate = found["rates"]["alignment"][unit]
        assert rate["interval"][0] <= rate["value"] <= rate["interval"][1]
    assert found["prediction"][-1]["alignment"]["actual"] < 0
    assert found["by_algebra"]
    assert found["measured"]
    assert invoke("measure", *files, "--depth", 8, "--json").json == found


def test_text_output_tells_algebra_from_measurement(invoke, files):
    words = " ".join(invoke("measure", *files, "--depth", 8).out.split())
    for part in ("by algebra: ", "measured: ", "l*, in alignment volumes", "permutation null", "Prediction"):
        assert part in words


def test_without_files_the_standard_library_is_measured(invoke):
    outcome = invoke("measure", "--depth", 8, "--json")
    assert outcome.code == 0
    sources = outcome.json["sources"]
    assert all("standard library" in sources[role]["source"] for role in sources)
    assert outcome.json["sign"]["verdict"] == "reversed"


def test_one_file_in_all_roles_has_no_ratio(invoke, tmp_path):
    (tmp_path / "same.txt").write_text(PROSE)
    outcome = invoke("measure", *roles(*[tmp_path / "same.txt"] * 3), "--json")
    assert outcome.code == 0
    assert outcome.json["ratio"] == "undefined"
    assert outcome.json["sign"]["verdict"] == "undecided"
    assert "undefined" in invoke("measure", *roles(*[tmp_path / "same.txt"] * 3)).out


def test_singleton_leaves_bring_a_warning(invoke, files, tmp_path):
    (tmp_path / "rare.txt").write_text("".join(f"{i:03}\n" for i in range(100)))
    clear = invoke("measure", *files, "--depth", 8, "--json").json["warnings"]
    rare = roles(files[1], tmp_path / "rare.txt", files[5])
    (first, *_) = invoke("measure", *rare, "--depth", 24, "--json").json["warnings"]
    assert "occur once" in first
    assert "99% of alignment" in first
    assert not any("occur once" in warning for warning in clear)


def test_masses(invoke, tmp_path):
    (tmp_path / "m.csv").write_text(
        "leaf,pretraining,alignment,perturbation\nvolume,9,1,0\nx,.5,.2,.6\ny,.5,.8,.4\n"
    )
    found = invoke("measure", "--masses", tmp_path / "m.csv", "--json").json
    assert found["ratio"] == pytest.approx(-9)
    assert found["sign"]["null_interval"] is None
    table = invoke("measure", "--masses", tmp_path / "m.csv")
    assert table.code == 0
    assert table.out.startswith("Masses, depth 1")
    assert not {word for word in ("Texts", "occur once", "prediction") if word in table.out}


def bad(kind, folder, files):
    good = files[1::2]
    path = folder / kind
    if kind == "directory":
        path.mkdir()
    elif kind == "unreadable":
        path.write_text("a\nb\n")
        path.chmod(0)
    elif kind != "missing":
        path.write_bytes(
            {"binary": b"a\nb\x00\n", "empty": b"", "one": b"one line\n", "blank": b"\n\n"}[kind]
        )
    return roles(good[0], good[1], path)


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("missing", "cannot read {path}: No such file or directory"),
        ("directory", "{path} is a directory; a text file is needed"),
        ("binary", "{path} is a binary file (byte 0x00 at offset 3)"),
        ("empty", "{path} is empty; a text of at least two lines is needed"),
        ("blank", "{path} is empty"),
        ("one", "the perturbation text must hold at least two responses, got one line in {path}"),
        ("unreadable", "cannot read {path}: Permission denied"),
    ],
)
def test_a_bad_file_is_told_in_one_line(invoke, files, tmp_path, kind, message):
    if kind == "unreadable" and os.geteuid() == 0:
        pytest.skip("root reads everything")
    outcome = invoke("measure", *bad(kind, tmp_path, files), "--json")
    assert (outcome.code, outcome.out, outcome.err.count("\n")) == (2, "", 1)
    assert message.format(path=tmp_path / kind) in outcome.err


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("--depth", "33"), "depth must be an integer in 1..32, got 33"),
        (("--depth", "0"), "depth must be an integer in 1..32, got 0"),
        (("--records", "lines"), "unknown records 'lines'; did you mean 'line'?"),
        (("--masses", "m.csv"), "--masses takes the place of texts"),
    ],
)
def test_bad_options_are_told_in_one_line(invoke, files, args, message):
    outcome = invoke("measure", *files, *args)
    assert (outcome.code, outcome.out, outcome.err.count("\n")) == (2, "", 1)
    assert message in outcome.err


def test_two_texts_are_too_few(invoke, files):
    outcome = invoke("measure", *files[:4])
    assert outcome.code == 2
    assert "missing: --perturbation" in outcome.err
