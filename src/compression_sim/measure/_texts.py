"""The texts: a user's own files, or the standard library's own documentation and source."""

import ast
import hashlib
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from .._validation import choice

ROLES = ("pretraining", "alignment", "perturbation")
SEPARATORS = {"line": b"\n", "paragraph": b"\n\n"}

# Modules that every Python from 3.11 on has as one file, unfrozen; none stands in both.
_SOURCES = """argparse ast calendar configparser difflib doctest enum fractions ftplib
inspect ipaddress mailbox optparse pdb pickle pickletools plistlib shutil
smtplib socket ssl statistics subprocess tarfile threading tokenize traceback
typing"""
SOURCE_MODULES = tuple(_SOURCES.split())
_DOCUMENTED = """_pydecimal bdb bisect cmd code collections contextlib copy datetime
dis functools glob hashlib heapq hmac json.decoder json.encoder logging
logging.handlers numbers pprint queue random sched selectors string tempfile
textwrap timeit trace types unittest.case unittest.mock urllib.parse uuid warnings
weakref"""
DOCSTRING_MODULES = tuple(_DOCUMENTED.split())


@dataclass(frozen=True)
class Text:
    """The bytes of one text, where they are from, and the separator of its responses."""

    source: str
    data: bytes
    records: str = "line"

    @property
    def sha256(self) -> str:
        """Hash of the bytes that were measured (after `\\r\\n` and `\\r` became `\\n`)."""
        return hashlib.sha256(self.data).hexdigest()

    @property
    def separator(self) -> bytes:
        """The bytes between two responses."""
        return SEPARATORS[self.records]


def read_text(path, records: str = "line") -> Text:
    """A text file as it stands, except that line ends `\\r\\n` and `\\r` are read as `\\n`.

    Any 8-bit encoding will do, since tokens are bits. Raises ValueError, in one sentence, for a path that
    is missing, a directory or unreadable, and for a file that is empty or binary (a control byte that no
    text has, such as NUL).
    """
    choice(records, "records", SEPARATORS)
    data = read_file(path, "a text file")
    _refuse_binary(path, data)
    data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if not data.strip(b"\n"):
        raise ValueError(f"{path} is empty; a text of at least two {records}s is needed")
    return Text(str(path), data, records)


def read_texts(pretraining, alignment, perturbation, records: str = "line") -> tuple[Text, Text, Text]:
    """The three files in their roles; raises as `read_text` does."""
    return tuple(read_text(path, records) for path in (pretraining, alignment, perturbation))


def standard_library(
    records: str = "line",
    sources: Sequence[str] = SOURCE_MODULES,
    documented: Sequence[str] = DOCSTRING_MODULES,
) -> tuple[Text, Text, Text]:
    """Texts that every Python carries: source code, other modules' docstrings, and the language reference.

    `sources`, `documented`: names of modules. The same for the same Python release, on any machine. Raises
    ValueError where the installation lacks its own source.
    """
    choice(records, "records", SEPARATORS)
    from pydoc_data.topics import topics

    python = f"Python {platform.python_version()} standard library"
    code = "\n".join(_source(name) for name in sources)
    docs = "\n\n".join(doc for name in documented for doc in _docstrings(_source(name)))
    reference = "\n\n".join(topics[name] for name in sorted(topics))
    return tuple(
        Text(f"{python}: {what}", text.encode() + b"\n", records)
        for what, text in (
            (f"source code of {len(sources)} modules", code),
            (f"docstrings of {len(documented)} other modules", docs),
            ("language reference (pydoc_data.topics)", reference),
        )
    )


def _source(name: str) -> str:
    spec = find_spec(name)
    if spec is None or not spec.origin or not spec.origin.endswith(".py"):
        raise ValueError(f"this Python has no source of its module {name}; give three files instead")
    return Path(spec.origin).read_text("utf-8")


def _docstrings(source: str):
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    found = (ast.get_docstring(node) for node in ast.walk(ast.parse(source)) if isinstance(node, kinds))
    return (doc for doc in found if doc)


def read_file(path, what: str) -> bytes:
    """The bytes of a file; ValueError, in one sentence, if it is missing, no file, or cannot be read."""
    path = Path(path)
    if path.exists() and not (path.is_file() or path.is_fifo()):
        kind = "a directory" if path.is_dir() else "a device"
        raise ValueError(f"{path} is {kind}; {what} is needed")
    try:
        return path.read_bytes()
    except OSError as error:
        raise ValueError(f"cannot read {path}: {error.strerror}") from None


CONTROL = bytes(c for c in range(32) if chr(c) not in "\a\b\t\n\v\f\r\x1a\x1b") + b"\x7f"


def _refuse_binary(path, data: bytes) -> None:
    """A control byte that no text has, as the `file` program judges; NUL also in UTF-16."""
    kept = data.translate(None, CONTROL)
    if len(kept) < len(data):
        at = next(i for i, byte in enumerate(data) if byte in CONTROL)
        raise ValueError(
            f"{path} is a binary file (byte 0x{data[at]:02x} at offset {at}); "
            "text in UTF-8 or another 8-bit encoding is needed"
        )
