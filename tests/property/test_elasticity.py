"""Every function over arrays is held by the laws: one that is 1% off breaks some law of some page."""

import copy
import inspect
import re
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
from hypothesis import find
from hypothesis.errors import NoSuchExample

from .laws import API, FUNCTIONS, SEARCH

PAGES = sorted(path.stem for path in Path(__file__).parent.glob("test_*.py") if path != Path(__file__))


def every_law():
    """(strategy, holds) of the laws in this folder's other files."""
    for page in PAGES:
        for strategy, holds, *_ in getattr(import_module(f".{page}", __package__), "LAWS", {}).values():
            yield strategy, holds


def one_percent_off(function, kind):
    """The function with all of its result, or the first entry only, 1% too large."""

    def broken(*args, **kwargs):
        result = np.array(function(*args, **kwargs))
        result.flat[slice(None) if kind == "all" else slice(1)] *= 1.01
        return result[()]

    return broken


@pytest.mark.parametrize("kind", ["all", "first"])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_one_percent_breaks_a_law(name, kind):
    broken = copy.copy(API)
    setattr(broken, name, one_percent_off(getattr(API, name), kind))
    for strategy, holds in every_law():
        if re.search(rf"api\.{name}\b", inspect.getsource(holds)):
            try:
                find(strategy, lambda example, holds=holds: not holds(broken, *example), settings=SEARCH)
            except NoSuchExample:
                continue
            return
    pytest.fail(f"no law notices {name} 1% off")


def test_the_laws_of_every_page_are_gathered():
    assert sum(1 for _ in every_law()) > 50
