"""Load the claims of a user's Python file."""

import sys
import traceback
from pathlib import Path
from types import ModuleType

from .._show.errors import in_one_line
from ._claims import Claim, collecting
from ._statements import statements


def load_claims(file: str | Path) -> dict[str, Claim]:
    """Every claim made with `cs.claim` while the Python file runs, by id.

    The file may import its neighbours; a block under `if __name__ == "__main__"` does not run. Raises
    ValueError, naming the file and where known the line, if it cannot be read or run, makes no claim, or
    uses an id twice or one of the ledger's.
    """
    path = Path(file)
    if path.exists() and not (path.is_file() or path.is_fifo()):
        what = "a directory" if path.is_dir() else "no file"
        raise ValueError(f"{path} is {what}; allowed: a Python file with claims made by cs.claim")
    try:
        source = path.read_bytes()
    except OSError as error:
        raise ValueError(f"cannot read {path}: {error.strerror}") from None
    if b"\0" in source:
        raise ValueError(f"{path} is not Python text: it holds NUL bytes")
    try:
        code = compile(source, str(path), "exec")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = getattr(error, "lineno", None)
        raise ValueError(
            f"{path}{f', line {line}' if line else ''}: {getattr(error, 'msg', error)}"
        ) from None
    with collecting() as claims:
        _run(code, path)
    if not claims:
        raise ValueError(f"{path} makes no claim; decorate a function with @cs.claim(id, statement=...)")
    listed = {row["id"] for row in statements()}
    own: dict[str, Claim] = {}
    for claim in claims:
        if claim.id in own or claim.id in listed:
            taken = "is used twice" if claim.id in own else "is a claim of the ledger"
            raise ValueError(f"{path}: the id {claim.id!r} {taken}; give each claim an id of its own")
        own[claim.id] = claim
    return own


def _run(code, path: Path) -> None:
    module = ModuleType(f"claims_of_{path.stem}")
    module.__file__ = str(path)
    sys.modules[module.__name__] = module  # dataclasses look a class's module up by its name
    sys.path.append(str(path.resolve().parent))  # stays: an evidence function may import when it runs
    try:
        exec(code, vars(module))
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        lines = [at.lineno for at in traceback.extract_tb(error.__traceback__) if at.filename == str(path)]
        where = f"{path}, line {lines[-1]}" if lines else str(path)
        raise ValueError(f"{where}: {in_one_line(error)}") from None
