"""Experiments by name: the modules of this folder, imported only when one is asked for."""

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from importlib.resources import files

from .._validation import choice

LEVELS = ("quick", "standard", "full")


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
    """What the command prints of a result: the experiment's own lines, or the dataset as xarray shows it."""
    own = load(result.attrs["experiment"]).summary
    return own(result) if own else str(result).splitlines()


def _module(name: str) -> str:
    return name.replace("-", "_")
