"""Experiments by name: the modules of `experiments/`. What a module says of itself is all that registers it.

Lists read the modules' text and import none of them; `load` imports one.
"""

import ast
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from importlib.resources import files

from ..._validation import choice

LEVELS = ("quick", "standard", "full")
WIDTH = 80  # columns of what a result prints
PACKAGE = __package__.rpartition(".")[0]


@dataclass(frozen=True)
class Experiment:
    """One experiment, as its module says (see `compression_sim.experiments`).

    `summary` and `findings` take a result and give lines: what the command prints, what the page says.
    """

    name: str
    presets: Mapping[str, object]
    run: Callable
    claims: Mapping[str, str] = field(default_factory=dict)  # claim -> what its effect measures
    summary: Callable | None = None
    findings: Callable | None = None


def names() -> list[str]:
    """The experiments, sorted."""
    modules = (item.name for item in files(PACKAGE).iterdir())
    return sorted(
        name[:-3].replace("_", "-") for name in modules if name.endswith(".py") and not name.startswith("_")
    )


def describe() -> dict[str, str]:
    """The experiments with the first sentence of what each says about itself; imports none of them."""
    return {
        name: " ".join((ast.get_docstring(_source(name)) or "").split("\n\n")[0].split()) for name in names()
    }


def declared(constant: str) -> dict[str, ast.expr]:
    """The experiments whose modules assign a constant such as CLAIMS, with its expression; imports none."""
    return {
        name: line.value
        for name in names()
        for line in _source(name).body
        if isinstance(line, ast.Assign) and [getattr(to, "id", "") for to in line.targets] == [constant]
    }


def load(name: str) -> Experiment:
    """An experiment by name; raises ValueError for an unknown one, with the nearest."""
    module = import_module(f"{PACKAGE}.{_module(choice(name, 'experiment', names()))}")
    claims = getattr(module, "CLAIMS", {})
    summary, findings = (getattr(module, part, None) for part in ("summary", "findings"))
    if claims:
        from . import effects

        summary = summary or (lambda result: effects.lines(result, claims))
        findings = findings or effects.findings
    return Experiment(name, module.PRESETS, module.run, claims, summary, findings)


def summary(result) -> list[str]:
    """What the command prints of a result: the experiment's own lines, or the dataset as xarray shows it.

    Lines of up to 80 columns stay as they are; longer ones are broken and go on indented.
    """
    own = load(result.attrs["experiment"]).summary
    lines = own(result) if own else str(result).splitlines()
    return [part for line in lines for part in ([line] if len(line) <= WIDTH else _broken(line))]


def _broken(line: str) -> list[str]:
    indent = " " * (len(line) - len(line.lstrip()))
    return textwrap.wrap(
        line, WIDTH, initial_indent="", subsequent_indent=indent + "    ", break_on_hyphens=False,
        drop_whitespace=True, replace_whitespace=False,
    )  # fmt: skip


def _module(name: str) -> str:
    return name.replace("-", "_")


def _source(name: str) -> ast.Module:
    return ast.parse(files(PACKAGE).joinpath(_module(name) + ".py").read_text("utf-8"))
