"""The frame: what each exit status means, one-line errors, a light --help."""

import json
import os
import subprocess
import sys
from pathlib import Path

import click
import pytest

from compression_sim import __version__
from compression_sim._program import NAME, Program, bad_input, write

HEAVY = {"numpy", "jax", "sympy", "rich", "scipy", "matplotlib", "xarray", "flint"}


def loaded_by(*args: str) -> set[str]:
    """The top-level modules that a run of the command imports."""
    run = [sys.executable, "-X", "importtime", "-m", "compression_sim", *args]
    lines = subprocess.run(run, capture_output=True, text=True, check=True).stderr.splitlines()
    return {
        line.rsplit("|", 1)[-1].strip().split(".")[0] for line in lines if line.startswith("import time:")
    }


@pytest.mark.parametrize(
    "args", [("--help",), ("--version",), ("verify", "--help"), ("claims", "--help"), ()]
)
def test_help_imports_click_and_nothing_heavy(args):
    modules = loaded_by(*args)
    assert "click" in modules
    assert not modules & HEAVY


def test_the_import_check_can_fail():
    assert "numpy" in loaded_by("claims")


def test_version_is_the_package_version(command):
    assert command("--version").out == f"{NAME} {__version__}\n"


def test_without_a_command_help_is_printed(invoke):
    assert invoke().code == 0
    assert invoke().out == invoke("--help").out
    assert {"verify", "claims"} <= set(invoke().out.split())


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("verfy",), "compression-sim: unknown command 'verfy'; did you mean 'verify'?"),
        (
            ("verify", "--level", "quik"),
            "compression-sim verify: unknown level 'quik'; did you mean 'quick'?",
        ),
        (
            ("verify", "--level", "zzz"),
            "compression-sim verify: unknown level 'zzz'; allowed: quick, standard, full",
        ),
        (
            ("verify", "exact-rato"),
            "compression-sim verify: unknown claim 'exact-rato'; did you mean 'exact-ratio'?",
        ),
        (
            ("verify", "--seed", "-1"),
            "compression-sim verify: Invalid value for '--seed': -1 is not in the range "
            "0<=x<=9223372036854775807.",
        ),
        (
            ("verify", "--seed", "x"),
            "compression-sim verify: Invalid value for '--seed': 'x' is not a valid integer range.",
        ),
    ],
)
def test_bad_arguments_are_told_in_one_line(invoke, args, message):
    outcome = invoke(*args)
    assert (outcome.code, outcome.out, outcome.err) == (2, "", message + "\n")


def test_an_unknown_option_offers_the_nearest(invoke):
    outcome = invoke("verify", "--sed", "1")
    assert outcome.code == 2
    assert outcome.err.count("\n") == 1
    assert "--seed" in outcome.err


@click.group(cls=Program)
def program():
    """For the tests below."""


@program.command()
@click.argument("ends")
def end(ends):
    if ends == "interrupt":
        raise KeyboardInterrupt
    with bad_input():
        if ends == "value":
            raise ValueError("weights must be non-negative,\ngot -1")
        if ends == "system":
            Path("/nowhere/at/all").read_bytes()
    if ends == "bug":
        raise KeyError("a bug is not dressed as bad input")
    return int(ends)


@pytest.mark.parametrize(
    ("ends", "code", "err"),
    [
        ("0", 0, ""),
        ("1", 1, ""),
        ("interrupt", 130, "compression-sim: interrupted"),
        ("value", 2, "compression-sim end: weights must be non-negative, got -1"),
        ("system", 2, "compression-sim end: [Errno 2] No such file or directory: '/nowhere/at/all'"),
    ],
)
def test_exit_status(capsys, ends, code, err):
    with pytest.raises(SystemExit) as stop:
        program.main(["end", ends])
    assert stop.value.code == code
    assert capsys.readouterr().err.strip() == err


@pytest.mark.parametrize("args", [("claims",), ("claims", "--json"), ("verify", "def-3.1")])
def test_a_reader_that_has_gone_is_no_error(command, args):
    process = command.start(*args)
    process.stdout.close()
    assert (process.stderr.read(), process.wait()) == ("", 0)
    process.stderr.close()


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_a_full_disk_is_told_in_one_line(command):
    with open("/dev/full", "w") as full:
        outcome = command("claims", stdout=full)
    assert outcome.code == 2
    assert outcome.err == "compression-sim claims: cannot write the output: No space left on device\n"


def test_a_terminal_without_the_sign_does_not_end_the_run(command):
    outcome = command("verify", "def-3.1", env={**os.environ, "PYTHONIOENCODING": "ascii"})
    assert outcome.code == 0
    assert outcome.out.isascii()
    assert "def-3.1" in outcome.out


def test_a_bug_is_not_dressed_as_bad_input():
    with pytest.raises(KeyError):
        program.main(["end", "bug"])


def test_write_adds_one_line_end(capsys):
    write("one")
    assert capsys.readouterr().out == "one\n"


@pytest.mark.parametrize("command", ["verify"])
def test_a_broken_jax_is_refused_at_start(invoke, monkeypatch, command):
    monkeypatch.setattr("compression_sim._jax.version", lambda name: "0.10.2")
    outcome = invoke(command)
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.count("\n") == 1
    assert "jax 0.10.2 is installed, but it computes wrong numbers" in outcome.err


def test_claims_lists_every_statement_on_one_line(invoke):
    listed = invoke("claims", "--json").json["claims"]
    lines = invoke("claims").out.splitlines()
    assert [line.split()[0] for line in lines] == [row["id"] for row in listed]
    assert all(
        row["source"] in line and row["statement"] in line for row, line in zip(listed, lines, strict=True)
    )
    assert all(set(row) == {"id", "statement", "source", "page"} for row in listed)


def test_python_dash_m_is_the_command(command):
    assert json.loads(command("claims", "--json").out)["claims"]
