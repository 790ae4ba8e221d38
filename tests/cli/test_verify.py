"""`verify`: the JSON object, the table, the exit status, what an interrupt leaves."""

import os
import re
import signal
import subprocess
import time
from pathlib import Path

import pytest

from compression_sim.ledger import LEVELS, statements
from compression_sim.ledger._evidence import ROUTES, VERDICTS

TWO_CLAIMS = Path(__file__).with_name("two_claims.py").read_text()

CLAIM = """
import compression_sim as cs

@cs.claim("mine", statement="What is stated.")
def check(run):
    {body}
"""
TRUE = 'yield cs.Evidence.true("property", True, detail="so it is")'


def test_json_is_the_object_of_the_contract(invoke):
    outcome = invoke("verify", "--json", "--level", "quick", "--seed", "7", "exact-ratio", "def-3.1")
    ledger = outcome.json
    assert outcome.code == 0
    assert (ledger["seed"], ledger["level"], ledger["complete"]) == (7, "quick", True)
    assert {"compression-sim", "python", "jax", "numpy", "sympy"} <= set(ledger["versions"])
    assert [claim["id"] for claim in ledger["claims"]] == ["exact-ratio", "def-3.1"]
    for claim in ledger["claims"]:
        check_claim(claim)


def check_claim(claim: dict) -> None:
    """The contract's line about one claim."""
    assert {"id", "statement", "source", "verdict", "conditions", "evidence"} <= set(claim)
    assert claim["verdict"] in VERDICTS
    assert all(isinstance(condition, str) for condition in claim["conditions"])
    for item in claim["evidence"]:
        assert {"route", "passed", "value", "expected", "tolerance", "detail"} <= set(item)
        assert item["route"] in ROUTES
        assert isinstance(item["passed"], bool)
        assert isinstance(item["detail"], str)
        assert item["detail"]
        assert item["tolerance"] >= 0
        if item["passed"] and isinstance(item["value"], float) and isinstance(item["expected"], float):
            assert abs(item["value"] - item["expected"]) <= item["tolerance"]
    if claim["verdict"] in ("proved", "holds", "refuted"):
        assert len({item["route"] for item in claim["evidence"]}) >= 2
    if claim["verdict"] == "holds":
        assert claim["conditions"]


def test_values_that_are_not_finite_are_words_in_json(invoke, claims_file):
    body = """
    yield cs.Evidence.equal("property", float("inf"), float("inf"), detail="a")
    yield cs.Evidence.equal("property", float("nan"), -float("inf"), detail="b")
    yield cs.Evidence("property", True, (1, run.rng), cs.Mixture, 0.0, "odd values")"""
    items = invoke("verify", "--json", "--file", claims_file(CLAIM.format(body=body))).json["claims"][0][
        "evidence"
    ]
    assert [(item["value"], item["expected"]) for item in items[:2]] == [
        ("Infinity",) * 2,
        ("NaN", "-Infinity"),
    ]
    assert float(items[1]["expected"]) == -float("inf")
    assert items[2]["value"][0] == 1


def test_stdout_holds_the_json_and_nothing_else(command, claims_file):
    outcome = command("verify", "--file", claims_file(), "--json")
    assert [claim["verdict"] for claim in outcome.json["claims"]] == ["holds", "refuted"]
    assert outcome.err == "a line that must not reach stdout\n"


ALL_ROLES = """
import compression_sim as cs

@cs.claim("roles", statement="Stated.", source="A paper, Thm. 1")
def check(run):
    yield cs.Evidence.equal("closed-form", 0.1234567, 0.1234568, rtol=1e-3, detail="in", condition="l < l*")
    yield cs.Evidence.at_most("interval", 1.5, 2, detail="out", role="boundary", condition="l < l*")
"""


def printed(outcome) -> str:
    """What was printed, on one line."""
    return re.sub(r"[\s─]+", " ", outcome.out)


@pytest.mark.parametrize("columns", ["60", "80", "100", "140", "250"])
def test_the_table_fits_the_terminal_and_can_be_copied(invoke, claims_file, monkeypatch, columns):
    monkeypatch.setenv("COLUMNS", columns)
    monkeypatch.chdir(claims_file().parent)
    outcome = invoke("verify", "--file", "my_claims.py", "--seed", "3")
    out = outcome.out
    assert max(map(len, out.splitlines())) <= min(int(columns), 140)
    assert "$ compression-sim verify sum --file my_claims.py --seed 3" in printed(outcome)
    assert not re.search("[│┃|]", out)


@pytest.mark.parametrize("columns", ["80", "200"])
def test_the_table_says_verdict_condition_and_counterexample(invoke, claims_file, monkeypatch, columns):
    monkeypatch.setenv("COLUMNS", columns)
    outcome = invoke("verify", "--file", claims_file(), "--summary")
    assert outcome.code == 0
    head = {"80": "sum One and one are two. holds", "200": "sum holds One and one are two. school"}[columns]
    assert head in printed(outcome)
    assert "holds where: the instances tried" in printed(outcome)
    assert "counterexample: 2 + 2 = 4" in printed(outcome)
    totals = r"2 claims: 1 holds, 1 refuted; 4 items of evidence, all as expected; \d\.\d s; level standard, "
    assert re.search(totals, printed(outcome))


def test_conditions_come_with_what_happens_outside(invoke, claims_file, monkeypatch):
    monkeypatch.setenv("COLUMNS", "140")
    path = claims_file(ALL_ROLES)
    summary, details = (
        printed(invoke("verify", "--file", path, flag)) for flag in ("--summary", "--details")
    )
    assert "roles holds Stated. Thm. 1 " in summary
    assert "holds where: l < l* fails outside: out evidence: 1 closed-form, 1 interval" in summary
    assert "ok closed-form: in [0.123457 = 0.123457 ± 0.00012]" in details
    assert "ok interval boundary: out [1.5 <= 2]" in details


def test_a_measurement_is_quoted(invoke, claims_file):
    item = 'yield cs.Evidence.equal("real-text", 0.3, 0.3, role="measurement", detail="0.3 [0.2, 0.4]")'
    text = printed(invoke("verify", "--summary", "--file", claims_file(CLAIM.format(body=item))))
    assert "measured: 0.3 [0.2, 0.4]" in text


def test_details_are_printed_where_asked_for(invoke, claims_file):
    path = claims_file()
    assert "ok enumeration" not in invoke("verify", "--file", path, "--summary").out
    assert "evidence: 1 closed-form, 1 enumeration" in invoke("verify", "--file", path, "--summary").out


@pytest.mark.parametrize(
    ("body", "code", "verdict", "detail"),
    [
        (TRUE, 0, "open", "so it is"),  # one route: open, and open is no failure
        (TRUE.replace("True", "False"), 1, "open", "so it is"),
        ("yield from ()", 0, "open", None),
        ("return None", 1, "open", "check could not run: TypeError: 'NoneType' object is not iterable"),
        ("yield 3", 1, "open", "check could not run: TypeError: it yielded 3, which is not a cs.Evidence"),
        ("yield 1 / 0", 1, "open", "check could not run: ZeroDivisionError: division by zero"),
        ("raise SystemExit(0)", 1, "open", "check could not run: SystemExit: 0"),
    ],
)
def test_exit_status_and_verdict(invoke, claims_file, body, code, verdict, detail):
    outcome = invoke("verify", "--json", "--file", claims_file(CLAIM.format(body=body)))
    (claim,) = outcome.json["claims"]
    assert (outcome.code, claim["verdict"]) == (code, verdict)
    assert detail is None or claim["evidence"][-1]["detail"] == detail
    assert invoke("verify", "--file", claims_file(CLAIM.format(body=body))).code == code


def test_what_fails_is_printed_in_the_summary_too(invoke, claims_file):
    out = invoke("verify", "--summary", "--file", claims_file(CLAIM.format(body="yield 1 / 0"))).out
    assert "FAILED" in out
    assert "ZeroDivisionError" in out
    assert "1 NOT as expected" in out


def test_the_same_seed_gives_the_same_ledger(invoke, claims_file):
    body = 'yield cs.Evidence.equal("simulation", run.rng.random(), 0.5, atol=0.499, detail="a draw")'
    path = claims_file(CLAIM.format(body=body))

    def value(seed):
        ledger = invoke("verify", "--json", "--file", path, "--seed", seed).json
        return ledger["claims"][0]["evidence"][0]["value"]

    assert value("5") == value("5") != value("6")


def test_ids_choose_among_the_files_claims_and_the_ledgers(invoke, claims_file):
    chosen = invoke(
        "verify", "--json", "--level", "quick", "--file", claims_file(), "sum", "def-3.1", "sum"
    ).json
    assert [claim["id"] for claim in chosen["claims"]] == ["sum", "def-3.1"]
    outcome = invoke("verify", "--file", claims_file(), "produkt")
    assert outcome.err == "compression-sim verify: unknown claim 'produkt'; did you mean 'product'?\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = 1\n", "makes no claim; decorate a function with @cs.claim(id, statement=...)"),
        ("x = (\n", "line 1: '(' was never closed"),
        ("x = 1\nimport no_such_module\n", "line 2: ModuleNotFoundError: No module named 'no_such_module'"),
        ("def f():\n    return 1 / 0\n\nf()\n", "line 2: ZeroDivisionError: division by zero"),
        ("import sys\nsys.exit()\n", "line 2: SystemExit: "),
        (b"\x7fELF\x00\x01", "is not Python text: it holds NUL bytes"),
        (b"x = '\xe9'\n", "(unicode error)"),
        (
            TWO_CLAIMS.replace("product", "sum"),
            "the id 'sum' is used twice; give each claim an id of its own",
        ),
        (
            TWO_CLAIMS.replace("product", "exact-ratio"),
            "the id 'exact-ratio' is a claim of the ledger; give each claim an id of its own",
        ),
        (
            TWO_CLAIMS.replace("product", "two words"),
            "a claim's id must be a word without spaces, got 'two words'",
        ),
    ],
)
def test_a_file_that_cannot_be_judged_is_told_in_one_line(invoke, claims_file, text, message):
    path = claims_file(text)
    outcome = invoke("verify", "--file", path)
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.count("\n") == 1
    assert outcome.err.startswith(f"compression-sim verify: {path}")
    assert message.strip() in outcome.err


def test_a_missing_file_and_a_directory(invoke, tmp_path):
    assert invoke("verify", "--file", tmp_path / "no.py").err == (
        f"compression-sim verify: cannot read {tmp_path}/no.py: No such file or directory\n"
    )
    assert invoke("verify", "--file", tmp_path).err == (
        f"compression-sim verify: {tmp_path} is a directory; "
        "allowed: a Python file with claims made by cs.claim\n"
    )


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/null"])
def test_a_device_is_no_file(invoke, device):
    assert invoke("verify", "--file", device).err == (
        f"compression-sim verify: {device} is no file; allowed: a Python file with claims made by cs.claim\n"
    )


def test_a_file_may_import_its_neighbours_and_rebind_a_name(invoke, claims_file):
    claims_file("TWO = 2\n", "neighbour_of_claims.py")
    text = TWO_CLAIMS.replace("print(", "import neighbour_of_claims as n; assert n.TWO == 2 or print(")
    ledger = invoke("verify", "--json", "--file", claims_file(text)).json  # both functions are named check
    assert [claim["id"] for claim in ledger["claims"]] == ["sum", "product"]


def test_an_interrupt_keeps_what_was_finished(command, claims_file, tmp_path):
    started = tmp_path / "started"
    slow = f'open({str(started)!r}, "w").close(); import time; time.sleep(60); {TRUE}'
    path = claims_file(TWO_CLAIMS + CLAIM.format(body=slow))
    for option, shows in (((), "1 of 3 claims were not judged"), (("--json",), '"complete": false')):
        process = command.start("verify", "--file", path, *option)
        deadline = time.monotonic() + 60
        while not started.exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        started.unlink()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
        assert process.returncode == 130
        assert shows in re.sub(r"\s+", " ", out)
        assert "One and one are two." in out
        assert "Traceback" not in err


def test_colour_only_on_a_terminal_and_not_under_no_color(command, claims_file):
    pty = pytest.importorskip("pty")
    path = claims_file()

    def on_a_terminal(**env):
        chunks = []
        keep = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "FORCE_COLOR")}
        main, other = pty.openpty()
        options = {"env": {**keep, "TERM": "xterm-256color", **env}, "stderr": subprocess.DEVNULL}
        process = command.start("verify", "--file", path, stdout=other, **options)
        os.close(other)
        try:
            while chunk := os.read(main, 65536):
                chunks.append(chunk)
        except OSError:  # Linux: the other side is closed
            pass
        assert process.wait() == 0
        os.close(main)
        return b"".join(chunks)

    assert b"\x1b[32mholds" in on_a_terminal()
    assert b"\x1b[" not in on_a_terminal(NO_COLOR="1")


def test_every_listed_claim_is_judged_by_the_rules(ledger):
    assert [claim.id for claim in ledger] == [row["id"] for row in statements()]
    for claim in ledger.to_dict()["claims"]:
        check_claim(claim)
    assert ledger.passed, [item for judged in ledger for item in judged.failed]


def test_levels_are_those_of_the_library():
    from compression_sim import cli

    assert cli.LEVELS == LEVELS


def test_readme_lists_the_verdicts_that_verify_finds(ledger):
    text = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
    rows = re.findall(r"^\| `(\w+)` \| (`.*`) \|$", text.split("## The claims")[1], re.M)
    listed = {claim: verdict for verdict, claims in rows for claim in re.findall(r"`([^`]+)`", claims)}
    assert listed == {judged.id: judged.verdict for judged in ledger}
