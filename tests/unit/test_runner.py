"""The runner: cells kept and reused, shared, killed and taken up again; and what code they depend on."""

import os
import shutil
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import compression_sim
from compression_sim import _code, _progress
from compression_sim._runner import Cells, CellsFailed, code_digest

PACKAGE = Path(compression_sim.__file__).parent


class Counted:
    """A function of cells that notes its calls; `fails` on some."""

    def __init__(self, cells, fails=(), note=None):
        self.cells, self.calls, self.fails, self.note = cells, [], fails, note

    def __call__(self, name, n=0):
        self.calls.append((name, n))
        if (name, n) in self.fails:
            raise ZeroDivisionError("no such\nthing")
        return xr.Dataset({"x": ("i", self.cells.rng(name, n).normal(size=3))}, attrs={"n": n})


def cells_of(folder, suffix=".cell"):
    return sorted(folder.glob("*" + suffix))


GRID = {"name": ("a", "b"), "n": (1, 2, 3)}


def run(folder=None, fails=(), **how):
    """(result, calls) of a small run."""
    with Cells(how.pop("seed", 0), folder=folder, **how) as cells:
        compute = Counted(cells, fails)
        try:
            return cells.grid(compute, **GRID), compute.calls
        except CellsFailed as error:
            error.calls = compute.calls
            raise


# -- draws and results -----------------------------------------------------------------------------


def test_draws_are_those_of_the_stored_results():
    rng = Cells(7).rng("saturated", "near", 0.1, 3)
    assert rng.integers(0, 2**63, 3).tolist() == DRAWN
    assert Cells(7).rng("saturated", "near", 0.1, 4).integers(0, 2**63, 3).tolist() != DRAWN
    assert Cells(8).rng("saturated", "near", 0.1, 3).integers(0, 2**63, 3).tolist() != DRAWN


DRAWN = [6021763709132746163, 3192779603223709273, 7800513057788472560]  # by the release that stored them


def test_kept_cells_give_the_same_as_computed_ones(tmp_path):
    folder = tmp_path / "new" / "cells"
    plain, _ = run()
    first, calls = run(folder)
    again, no_calls = run(folder)
    assert (len(calls), no_calls) == (6, [])
    assert first.x.dims == ("name", "n", "i")
    assert plain.identical(first)
    assert plain.identical(again)
    assert len(cells_of(folder)) == 6
    assert not cells_of(folder, ".lock")


def test_a_cell_of_one_part_is_a_string():
    assert Cells().map(lambda name: name + "!", ["a", ("b",)]) == ["a!", "b!"]
    assert Cells().map(lambda: 0, []) == []


@pytest.mark.parametrize(
    "change",
    [{"seed": 1}, {"settings": {"n": 1}}, {"settings": {"n": 1.0}}, {"code": ("compression_sim.trees",)}],
)
def test_other_seeds_settings_and_code_do_not_use_them(tmp_path, change):
    run(tmp_path)
    assert len(run(tmp_path, **change)[1]) == 6
    assert run(tmp_path, **change)[1] == run(tmp_path)[1] == []


def test_settings_are_compared_by_what_they_say(tmp_path):
    run(tmp_path, settings={"a": (1, 2), "b": np.float64(0.5)})
    assert run(tmp_path, settings={"b": 0.5, "a": [1, 2]})[1] == []


def test_cells_that_are_equal_in_python_are_not_the_same(tmp_path):
    with Cells(folder=tmp_path) as cells:
        found = cells.map(Counted(cells), [("a", 1), ("a", 1.0), ("a", "1")])
    assert len(cells_of(tmp_path)) == 3
    assert not found[0].x.equals(found[1].x)


def test_two_functions_of_one_name_that_hold_on_to_others_are_told_apart(tmp_path):
    def over(cells, one):
        def cell(name):
            return one(name)

        return cells.map(cell, ["a"])[0]

    with Cells(folder=tmp_path) as cells:
        ones = over(cells, lambda name: xr.Dataset({"x": 1}))
        twos = over(cells, partial(_two, more=0))
    assert (int(ones.x), int(twos.x)) == (1, 2)


def _two(name, more):
    return xr.Dataset({"x": 2 + more})


@pytest.mark.parametrize(
    ("how", "says"),
    [
        ({"seed": 10**30}, "seed must be an integer in 0..9223372036854775807, got 1000000000000000000000"),
        ({"seed": -1}, "seed"),
        ({"seed": 1.0}, "seed"),
        ({"settings": {"x": object()}}, "settings"),
        ({"workers": 0}, "workers"),
        ({"workers": 2}, "entry"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_computed(how, says):
    with pytest.raises(ValueError, match=says):
        Cells(**how)


def test_a_folder_that_cannot_be_is_a_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    calls = []
    for folder, says in ((tmp_path / "file", "in the way"), (tmp_path / "file" / "in", "is not a folder")):
        with pytest.raises(ValueError, match=says) as caught, Cells(folder=folder) as cells:
            cells.map(calls.append, ["a"])
        assert str(folder) in str(caught.value)
    assert calls == []


# -- failures and damage ---------------------------------------------------------------------------


def test_a_failed_cell_does_not_stop_the_rest_and_is_tried_again(tmp_path):
    fails = {("a", 2), ("b", 3)}
    with pytest.raises(
        CellsFailed, match=r"2 of 6 cells failed .*a 2: ZeroDivisionError: no such; b 3: "
    ) as caught:
        run(tmp_path, fails)
    assert len(caught.value.calls) == 6
    assert "\n" not in str(caught.value)
    assert str(tmp_path) in str(caught.value)
    assert "Counted" not in str(caught.value)
    assert "test_runner.py" in caught.value.failures["a", 2]
    assert isinstance(caught.value.__cause__, ZeroDivisionError)
    assert (len(cells_of(tmp_path)), len(cells_of(tmp_path, ".failed"))) == (4, 2)
    with pytest.raises(CellsFailed, match="1 of 6") as caught:
        run(tmp_path, {("b", 3)})
    assert caught.value.calls == [("a", 2), ("b", 3)]
    result, calls = run(tmp_path)
    assert calls == [("b", 3)]
    assert result.identical(run()[0])
    assert not cells_of(tmp_path, ".failed")
    with pytest.raises(CellsFailed, match="2 of 6 cells failed: a 2"):
        run(None, fails)


def test_many_failures_are_counted():
    def fails(_):
        raise ValueError

    with pytest.raises(CellsFailed, match=r"7 of 7 .*; and 2 more"):
        Cells().map(fails, "abcdefg")


def test_what_is_no_dataset_is_a_failure_of_the_cell(tmp_path):
    with pytest.raises(CellsFailed, match="a: "):
        Cells(folder=tmp_path).map(lambda name: 1, ["a"])
    with pytest.raises(CellsFailed, match="must hold numbers"):
        Cells(folder=tmp_path).map(lambda name: xr.Dataset({"x": ("i", [None])}), ["a"])


def damaged_copies(data, other):
    yield from (data[:-1], data[: len(data) // 2], b"", b"nonsense", data + b"\0", other)
    for i in range(0, len(data), 97):
        yield data[:i] + bytes([data[i] ^ 16]) + data[i + 1 :]


def test_a_damaged_cell_is_computed_anew_and_says_so(tmp_path):
    plain, _ = run(tmp_path)
    path, other = cells_of(tmp_path)[:2]
    for bad in damaged_copies(path.read_bytes(), other.read_bytes()):
        path.write_bytes(bad)
        with pytest.warns(RuntimeWarning, match=f"computed anew: .*{path.name}"):
            result, calls = run(tmp_path)
        assert len(calls) == 1
        assert result.identical(plain)
    assert run(tmp_path)[1] == []


def test_overwrite_forgets_and_finish_removes(tmp_path):
    folder = tmp_path / "cells"
    run(folder)
    for path in cells_of(folder):
        path.write_bytes(b"damaged")
    assert len(run(folder, overwrite=True)[1]) == 6
    (folder / "mine.txt").write_text("")
    with Cells(folder=folder) as cells, Cells(folder=folder) as other:
        cells.map(Counted(cells), [])
        other.map(Counted(other), [])
        cells.finish()
        assert len(cells_of(folder)) == 6  # another run is at work here
        other.finish()
    assert [path.name for path in folder.iterdir()] == ["mine.txt"]
    run(tmp_path / "own")
    with Cells(folder=tmp_path / "own") as cells:
        cells.map(Counted(cells), [])
        cells.finish()
    assert not (tmp_path / "own").exists()


def test_a_full_disk_ends_the_run_and_keeps_what_is_there(tmp_path, monkeypatch):
    def full(handle, data):
        raise OSError(28, "")

    with Cells(folder=tmp_path) as cells:
        compute = Counted(cells)
        cells.map(compute, ["a"])
        monkeypatch.setattr(os, "write", full)
        with pytest.raises(ValueError, match=f"{tmp_path}.*the disk is full"):
            cells.map(compute, ["a", "b", "c"])
        monkeypatch.undo()
    assert len(compute.calls) == 2
    assert [path.suffix for path in tmp_path.iterdir() if path.name != ".users"] == [".cell"]


# -- progress --------------------------------------------------------------------------------------


def test_progress_counts_kept_cells_as_done(tmp_path):
    shown = []
    run(tmp_path, progress=lambda *now: shown.append(now))
    assert shown == [*((i, 6, f"{'ab'[i // 3]} {i % 3 + 1}") for i in range(6)), (6, 6, "b 3")]
    cells_of(tmp_path)[0].unlink()
    shown.clear()
    run(tmp_path, progress=lambda *now: shown.append(now))
    assert [now[:2] for now in shown] == [(5, 6), (6, 6)]


def test_the_time_left_is_by_the_pace_of_this_run():
    now = [0.0]
    left = _progress.TimeLeft(lambda: now[0])
    assert left(90, 100) == ""
    now[0] = 10.0
    assert left(92, 100) == "about 40 s left"
    now[0] = 700.0
    assert left(93, 100) == "about 27 min left"
    assert left(100, 100) == ""
    assert left(1, 50) == ""  # another run
    now[0] += 3600
    assert left(2, 50) == "about 48.0 h left"
    assert left(2, 49) == ""


# -- ctrl-C, kill -9, other processes --------------------------------------------------------------

SCRIPT = '''
"""Cells that take their time."""
import sys, time
import numpy as np, xarray as xr
from compression_sim import small_part
from compression_sim._runner import Cells, CellsFailed

def work(cells, note, pause):
    def one(name, n):
        with open(note, "a") as file:
            file.write(f"{name} {n}\\n")
        time.sleep(pause)
        return xr.Dataset({"x": ("i", small_part.double(cells.rng(name, n).normal(size=4)))})
    return cells.grid(one, name=("a", "b"), n=tuple(range(10)))

if __name__ == "__main__":
    folder, note, pause, workers = sys.argv[1], sys.argv[2], float(sys.argv[3]), int(sys.argv[4])
    entry = ("script", "work", {"note": note, "pause": pause}) if workers > 1 else None
    with Cells(5, folder=folder, workers=workers, entry=entry) as cells:
        result = work(cells, note, pause)
        print(result.x.values.tobytes().hex())
'''
PART = '"""A part."""\n\ndef double(x):\n    return 2 * x\n'


@pytest.fixture
def script(tmp_path):
    """A program with a copy of the package, to be changed; starts it."""
    shutil.copytree(
        PACKAGE, tmp_path / "copy" / "compression_sim", ignore=shutil.ignore_patterns("*.nc", "*.pyc")
    )
    (tmp_path / "copy" / "compression_sim" / "small_part.py").write_text(PART)
    (tmp_path / "copy" / "script.py").write_text(SCRIPT)
    environment = os.environ | {"PYTHONPATH": str(tmp_path / "copy"), "PYTHONDONTWRITEBYTECODE": "1"}

    def start(pause=0.0, workers=1, folder=tmp_path / "cells"):
        arguments = [str(folder), str(tmp_path / "note"), str(pause), str(workers)]
        command = [sys.executable, str(tmp_path / "copy" / "script.py"), *arguments]
        return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    return start


def until(condition, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def output(process):
    out, error = process.communicate(timeout=120)
    assert process.returncode == 0, error.decode()
    return out


def noted(tmp_path):
    return (tmp_path / "note").read_text().split("\n")[:-1]


def edit(tmp_path, name, old, new):
    path = tmp_path / "copy" / "compression_sim" / name
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def test_killed_twice_with_comments_changed_a_run_ends_with_the_same_values(script, tmp_path):
    folder = tmp_path / "cells"
    whole = output(script(folder=tmp_path / "others"))
    (tmp_path / "note").unlink()
    for number, signal_ in ((4, signal.SIGKILL), (9, signal.SIGKILL), (13, signal.SIGINT)):
        process = script(pause=0.1)
        until(lambda number=number: len(cells_of(folder)) >= number)
        process.send_signal(signal_)
        process.communicate()
        assert process.returncode == -signal_
        edit(tmp_path, "small_part.py", '"""A part', f'# {number}\n"""A part, changed')
        edit(tmp_path, "plotting/__init__.py", '"""', '"""Other words. ')
    edit(tmp_path, "small_part.py", "    return 2 * x\n", "    # why\n    return (2 *\n        x)\n")
    edit(tmp_path, "elasticity.py", "import", "UNUSED = 1\nimport")
    assert output(script()) == whole
    computed = noted(tmp_path)
    assert len(set(computed)) == 20
    assert len(computed) <= 23  # at most the three that were cut short, again
    (tmp_path / "note").unlink()
    edit(tmp_path, "small_part.py", "2 *", "3 *")
    assert output(script()) != whole
    assert len(noted(tmp_path)) == 20


def test_two_runs_on_one_folder_share_the_work(script, tmp_path):
    alone = output(script(folder=tmp_path / "others"))
    (tmp_path / "note").unlink()
    both = [script(pause=0.1), script(pause=0.1)]
    assert [output(process) for process in both] == [alone, alone]
    assert sorted(noted(tmp_path)) == sorted(set(noted(tmp_path)))


def test_when_one_of_two_is_killed_the_other_does_all(script, tmp_path):
    alone = output(script(folder=tmp_path / "others"))
    first, second = script(pause=0.2), script(pause=0.2)
    until(lambda: len(cells_of(tmp_path / "cells")) >= 4)
    first.kill()
    first.communicate()
    assert output(second) == alone


def test_workers_are_other_processes_that_end_with_the_first(script, tmp_path):
    alone = output(script(folder=tmp_path / "others"))
    (tmp_path / "note").unlink()
    assert output(script(pause=0.3, workers=3)) == alone
    assert sorted(noted(tmp_path)) == sorted(set(noted(tmp_path)))
    process = script(pause=2.0, workers=2, folder=tmp_path / "third")
    until(lambda: len(cells_of(tmp_path / "third", ".lock")) == 2)
    process.kill()
    process.communicate()
    time.sleep(0.5)
    before = noted(tmp_path)
    time.sleep(2.5)
    assert noted(tmp_path) == before


# -- what code a cell depends on -------------------------------------------------------------------


@pytest.fixture
def copied(tmp_path):
    """code digests by a copy of the package that may be changed."""
    shutil.copytree(
        PACKAGE, tmp_path / "copy" / "compression_sim", ignore=shutil.ignore_patterns("*.nc", "*.pyc")
    )
    environment = os.environ | {"PYTHONPATH": str(tmp_path / "copy"), "PYTHONDONTWRITEBYTECODE": "1"}

    def digest(module):
        program = f"from compression_sim import _code; print(_code.code_digest('compression_sim.{module}'))"
        return subprocess.run(
            [sys.executable, "-P", "-c", program], env=environment, check=True, capture_output=True
        ).stdout

    return digest


def test_the_digest_changes_with_what_computes_and_with_nothing_else(copied, tmp_path):
    module = "experiments.rebound"
    before = copied(module)
    for name, old, new in (
        ("plotting/_rebound.py", "\ndef ", "\ndef _new():\n    pass\n\n\ndef "),
        ("experiments/k_ratio.py", "PROMPTS, DEPTH = 4, 3", "PROMPTS, DEPTH = 4, 4"),
        (
            "experiments/__init__.py",
            "from ._lab.j",
            "from ._lab.registry import describe as _other\nfrom ._lab.j",
        ),
        ("experiments/rebound.py", '"""Fig. 4:', '"""Figure 4:'),
        ("experiments/_lab/effects.py", "import numpy as np\n", "# numbers\n\n\nimport numpy as np\n"),
        ("__init__.py", '__version__ = "0', '__version__ = "9'),
        ("_files.py", "import stat\n", "import stat\nimport sys\n"),
    ):
        path = tmp_path / "copy" / "compression_sim" / name
        text = path.read_text()
        assert old in text, name
        path.write_text(text.replace(old, new, 1))
    assert copied(module) == before
    seen = {before}
    for name, old, new in (
        ("training/steps.py", "\ndef ", "\nNEW = 1\n\n\ndef "),  # by way of training/__init__
        ("experiments/rebound.py", "0.01)", "0.02)"),
        ("models/__init__.py", "\nfrom .base", "\nimport os\nos.environ['X'] = '1'\nfrom .base"),
        ("_jax.py", "\nfrom", "\nimport sys\nfrom"),
    ):
        edit(tmp_path, name, old, new)
        seen.add(copied(module))
    assert len(seen) == 5


def test_the_closure_is_small_and_follows_lazy_relative_and_passed_on_imports(tmp_path, monkeypatch):
    package = tmp_path / "pack"
    files = {
        "__init__.py": "from .used import f as f\nfrom .not_used import g as g\nHERE = 1\n",
        "used.py": "import numpy\ndef f():\n    from . import lazy\n    return lazy.x\n",
        "lazy.py": "import typing\nx = 1\nif typing.TYPE_CHECKING:\n    from . import types_only\n",
        "types_only.py": "",
        "not_used.py": "import scipy\ng = 1\n",
        "inner/__init__.py": "from .a import *\nfrom .b import b as other\nprint('runs')\n",
        "inner/a.py": "a = 1\n",
        "inner/b.py": "from .. import HERE\nb = 2\n",
        "inner/c.py": "c = 3\n",
        "start.py": "from . import inner\nfrom pack import f\ndef h():\n    return inner.other\n",
        "whole.py": "from . import inner\nprint(inner)\n",
        "passed_on.py": "from . import inner\n",
    }
    for name, text in files.items():
        (package / name).parent.mkdir(parents=True, exist_ok=True)
        (package / name).write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    reached = _code.reached("pack.start")
    assert reached == [
        "pack",
        "pack.inner.a",
        "pack.inner.b",
        "pack.lazy",
        "pack.not_used",
        "pack.start",
        "pack.used",
    ]
    (package / "inner" / "b.py").write_text("b = 2\n")
    _code._source.cache_clear(), _code._closure.cache_clear()
    reached = _code.reached("pack.start")
    assert reached == ["pack.inner.a", "pack.inner.b", "pack.lazy", "pack.start", "pack.used"]
    assert _code._closure(("pack.start",)).libraries & _code.LIBRARIES.keys() == {"numpy"}
    assert "pack.inner" in _code._closure(("pack.start",)).effects
    assert "pack.inner" in _code.reached("pack.whole")
    assert "pack.inner" in _code.reached("pack.passed_on")
    with pytest.raises(ValueError, match=r"no source of the module pack\.none"):
        code_digest("pack.none")


def test_names_of_the_package_lead_to_their_modules(tmp_path, monkeypatch):
    (tmp_path / "mine.py").write_text(
        "import compression_sim as cs\n\ndef f(m):\n    return cs.hooke_forces(m, 1)\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    reached = _code.reached("mine")
    assert "compression_sim.elasticity" in reached
    assert not {"compression_sim", "compression_sim.ledger"} & set(reached)


def test_versions_of_libraries_that_are_reached_count(monkeypatch):
    def digest(changed):
        _code._lines.cache_clear()
        monkeypatch.setattr(_code, "version", lambda name: "9" if name == changed else "1")
        return code_digest("compression_sim.masses")

    one = digest(None)
    assert digest("numpy") != one
    assert digest("scipy") != one
    assert digest("matplotlib") == digest("jaxlib") == one
    monkeypatch.undo()
    _code._lines.cache_clear()


def test_functions_typed_in_count_by_their_code():
    def made(text):
        space = {"__name__": "nowhere"}
        exec(text, space)
        return space["f"]

    bodies = "return x", "# why\n    return x", "return x + 1", "return x + 2", "return [x + i for i in x]"
    digests = [_code.digest_of(made(f"def f(x):\n    {body}\n")) for body in bodies]
    assert digests[0] == digests[1]
    assert len(set(digests)) == 4
