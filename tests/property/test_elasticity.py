"""Every law over generated mixtures; each seen to fail when it is stated wrongly, or a function is 1% off."""

import copy
import inspect
import re

import numpy as np
import pytest
from hypothesis import Phase, find, given, settings
from hypothesis.errors import NoSuchExample

from .invariances import LAWS
from .laws import API, FUNCTIONS

SEARCH = settings(max_examples=200, phases=[Phase.generate], derandomize=True, deadline=None, database=None)


@pytest.mark.parametrize("name", LAWS)
def test_law(name):
    strategy, holds, _ = LAWS[name]

    @given(strategy)
    def check(example):
        assert holds(API, example)

    check()


@pytest.mark.parametrize("name", LAWS)
def test_wrong_statement_has_a_counterexample(name):
    strategy, holds, wrong = LAWS[name]
    assert wrong
    find(strategy, lambda example: not holds(API, example, **wrong), settings=SEARCH)


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
    for strategy, holds, _ in LAWS.values():
        if re.search(rf"api\.{name}\b", inspect.getsource(holds)):
            try:
                find(strategy, lambda example, holds=holds: not holds(broken, example), settings=SEARCH)
            except NoSuchExample:
                continue
            return
    pytest.fail(f"no law notices {name} 1% off")
