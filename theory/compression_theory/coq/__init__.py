"""The third prover: theorems over any finite leaf set and any number of datasets, proved in Coq.

Beside this file lie the proofs (`*.v`), `theorems.toml` (what each theorem says, of which claim, and where
it proves less than the claim), `statements.txt` (the statements as Coq prints them) and `checked.json`: what
coqc said when it last ran on exactly these files. `check()` compares, `check(run=True)` runs coqc.
"""

import hashlib
import json
import re
import shutil
import subprocess
import tempfile
import time
import tomllib
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent
STORED = FOLDER / "checked.json"
STATEMENTS = FOLDER / "statements.txt"
LIBRARY = "Elastic"
# What the real numbers of Coq's library stand on, and nothing else.
AXIOMS = (
    "ClassicalDedekindReals.sig_forall_dec",
    "ClassicalDedekindReals.sig_not_dec",
    "FunctionalExtensionality.functional_extensionality_dep",
    "Classical_Prop.classic",
)
HOW_TO_INSTALL = "install coqc 8.16 or newer with Coquelicot 3 (Debian: apt install coq libcoq-coquelicot)"


class NoCoq(Exception):
    """coqc or Coquelicot is not there; the message says what to install."""


class Refused(Exception):
    """coqc refused a file; the message is its own."""


@dataclass(frozen=True)
class Theorem:
    """One theorem: its name in `file`.v, the claim that it is about, what it says in a sentence.

    `weaker` says where it proves less than the sentence suggests ("": nowhere); `statement` and `axioms` are
    what Coq printed when the stored check was made.
    """

    name: str
    file: str
    claim: str
    says: str
    weaker: str = ""
    statement: str = ""
    axioms: tuple[str, ...] = ()


@dataclass(frozen=True)
class Check:
    """What coqc said: its version, seconds by file, the axioms and the statement of each theorem.

    `digest` is that of the files that it read. `stored`: it did not run now. `problems` is empty where all is
    as it must be; the check is truthy then.
    """

    digest: str
    coqc: str
    seconds: dict[str, float]
    axioms: dict[str, list[str]]
    statements: dict[str, str]
    stored: bool = False
    problems: tuple[str, ...] = ()

    def __bool__(self):
        return not self.problems


@cache
def _listed(folder: Path) -> dict:
    return tomllib.loads((folder / "theorems.toml").read_text(encoding="utf-8"))


def files(folder: Path = FOLDER) -> tuple[str, ...]:
    """The names of the files of proofs, in the order in which they are compiled."""
    return tuple(_listed(folder)["files"])


def digest(folder: Path = FOLDER) -> str:
    """SHA-256 over the proofs and theorems.toml."""
    total = hashlib.sha256()
    for name in (*(f"{file}.v" for file in files(folder)), "theorems.toml"):
        total.update(name.encode() + b"\0" + (folder / name).read_bytes() + b"\0")
    return total.hexdigest()


def theorems(claim: str | None = None) -> tuple[Theorem, ...]:
    """The theorems about a claim of the ledger; without one, all."""
    stored = _stored()
    return tuple(
        Theorem(
            name,
            row["file"],
            row["claim"],
            row["says"],
            row.get("weaker", ""),
            stored.statements.get(name, ""),
            tuple(stored.axioms.get(name, ())),
        )
        for name, row in _listed(FOLDER)["theorem"].items()
        if claim in (None, row["claim"])
    )


def theorem(name: str) -> Theorem:
    """One theorem by its name; ValueError where there is none."""
    for found in theorems():
        if found.name == name:
            return found
    raise ValueError(f"no theorem of the name {name!r}; there are {', '.join(t.name for t in theorems())}")


def check(run: bool = False, coqchk: bool = False) -> Check:
    """Whether the proofs stand: by the stored check, or by running coqc here (`coqchk`: its checker too).

    Raises NoCoq where coqc is asked for and is not there, Refused where it does not accept a file.
    """
    return compiled(FOLDER, coqchk) if run else _stored()


def _stored() -> Check:
    try:
        kept = json.loads(STORED.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Check(digest(), "", {}, {}, {}, True, ("no check is stored: make proofs ARGS=--write",))
    found = Check(**kept, stored=True)
    problems = list(_problems(found))
    if found.digest != digest():
        problems.append("the proofs are not those that the stored check is of: make proofs ARGS=--write")
    return Check(**kept, stored=True, problems=tuple(problems))


def _problems(found: Check):
    for name in _listed(FOLDER)["theorem"]:
        if name not in found.axioms:
            yield f"{name} was not checked"
        elif others := sorted(set(found.axioms[name]) - set(AXIOMS)):
            yield f"{name} stands on {', '.join(others)}"


def locked(statements: dict[str, str]) -> str:
    """The statements as statements.txt holds them."""
    return "\n".join(f"{name}\n{statement}\n" for name, statement in statements.items())


def compiled(folder: Path, coqchk: bool = False) -> Check:
    """Run coqc on the proofs of a folder, in a temporary copy."""
    version = coqc_version()
    listed, seconds = _listed(folder)["theorem"], {}
    names = [f"@{LIBRARY}.{row['file']}.{name}" for name, row in listed.items()]
    head = "From Coq Require Import Reals.\nFrom Coquelicot Require Import Coquelicot.\n" + "".join(
        f"From {LIBRARY} Require {file}.\n" for file in files(folder)
    )
    opened = "".join(f"Import {LIBRARY}.{file}.\n" for file in files(folder))
    show = "Open Scope R_scope.\nSet Printing Width 110.\n"
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)

        def timed(name: str, act, *arguments) -> str:
            start = time.monotonic()
            printed = act(*arguments)
            seconds[name] = round(time.monotonic() - start, 1)
            return printed

        for file in files(folder):
            shutil.copy(folder / f"{file}.v", work)
            timed(file, coqc, work, file)
        (work / "Axioms.v").write_text(head + "".join(f"Print Assumptions {n[1:]}.\n" for n in names))
        axioms = _axioms(timed("axioms", coqc, work, "Axioms"))
        (work / "Statements.v").write_text(head + opened + show + "".join(f"Check {n}.\n" for n in names))
        printed = re.sub(r" +$", "", timed("statements", coqc, work, "Statements"), flags=re.MULTILINE)
        statements = re.split(r"\n(?=\S)", printed.rstrip("\n"))
        if coqchk:
            modules = [f"{LIBRARY}.{file}" for file in files(folder)]
            timed("coqchk", _run, [program("coqchk"), "-silent", "-o", "-Q", ".", LIBRARY, *modules], work)
    found = Check(
        digest(folder),
        version,
        seconds,
        dict(zip(listed, axioms, strict=True)),
        dict(zip(listed, (text.partition("\n")[2] for text in statements), strict=True)),
    )
    return Check(**(asdict(found) | {"problems": tuple(_problems(found))}))


def coqc(folder: Path, file: str) -> str:
    """What coqc prints of FOLDER/FILE.v; Refused with its own message where it does not accept it."""
    return _run([program("coqc"), "-q", "-Q", ".", LIBRARY, "-w", "none", f"{file}.v"], folder)


@cache
def coqc_version() -> str:
    """The version of the coqc that is here; NoCoq where it or Coquelicot is not."""
    version = _run([program("coqc"), "--print-version"], Path.cwd()).split()[0]
    with tempfile.TemporaryDirectory() as name:
        (Path(name) / "There.v").write_text("From Coquelicot Require Import Coquelicot.\n")
        try:
            coqc(Path(name), "There")
        except Refused:
            raise NoCoq(f"coqc {version} finds no Coquelicot: {HOW_TO_INSTALL}") from None
    return version


def program(name: str) -> str:
    """Where a program of Coq is; NoCoq where it is not."""
    found = shutil.which(name)
    if found is None:
        raise NoCoq(f"{name} is not on this machine: {HOW_TO_INSTALL}")
    return found


def _run(command: list[str], folder: Path) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if done.returncode:
        raise Refused((done.stdout + done.stderr).strip())
    return done.stdout


def _axioms(printed: str) -> list[list[str]]:
    """The axioms of each theorem, from the output of its Print Assumptions."""
    blocks = re.split(r"^(?=Axioms:|Closed under the global context)", printed, flags=re.MULTILINE)[1:]
    return [re.findall(r"^([\w.']+)(?=\s*:|$)", b.partition("\n")[2], re.MULTILINE) for b in blocks]
