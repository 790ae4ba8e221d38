"""Experiments by name: the modules of this folder, imported only when one is asked for."""

import ast
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from importlib.resources import files

from .._validation import choice

LEVELS = ("quick", "standard", "full")
WIDTH = 80  # columns of what a result prints


@dataclass(frozen=True)
class Experiment:
    """One experiment: its parameters at each level, and `run(parameters, seed, progress)`."""

    name: str
    presets: Mapping[str, object]
    run: Callable
    summary: Callable | None = None


def names() -> list[str]:
    """The experiments, sorted."""
    modules = (item.name for item in files(__package__).iterdir())
    return sorted(
        name[:-3].replace("_", "-") for name in modules if name.endswith(".py") and not name.startswith("_")
    )


def describe() -> dict[str, str]:
    """The experiments with the first sentence of what each says about itself; imports none of them."""
    sources = {
        name: files(__package__).joinpath(_module(name) + ".py").read_text("utf-8") for name in names()
    }
    return {
        name: " ".join((ast.get_docstring(ast.parse(text)) or "").split("\n\n")[0].split())
        for name, text in sources.items()
    }


def load(name: str) -> Experiment:
    """An experiment by name; raises ValueError for an unknown one, with the nearest."""
    module = import_module(f"{__package__}.{_module(choice(name, 'experiment', names()))}")
    return Experiment(name, module.PRESETS, module.run, getattr(module, "summary", None))


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
