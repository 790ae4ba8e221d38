"""Small exact worlds for the laws of sequential training and of rebound, and how a law is tried."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st

from compression_sim import elasticity

API = SimpleNamespace(elastic_response=elasticity.elastic_response, rebound_curve=elasticity.rebound_curve)
SEARCH = settings(max_examples=300, phases=[Phase.generate], derandomize=True, deadline=None, database=None)


def registry():
    """(laws, register): `@register(*strategies, **wrong)` adds a law to {name: (strategy, holds, wrong)}.

    A law holds for all examples of its strategies; each of `wrong` alone makes it false.
    """
    laws = {}

    def register(*strategies, **wrong):
        def add(holds):
            laws[holds.__name__] = st.tuples(*strategies), holds, wrong
            return holds

        return add

    return laws, register


def as_tests(laws):
    """The two tests of {name: (strategy, holds, wrong)}: each law holds, and fails when stated wrongly."""
    parameters = [pytest.param(*case, id=name) for name, case in laws.items()]

    @pytest.mark.parametrize(("strategy", "holds", "wrong"), parameters)
    def test_law(strategy, holds, wrong):
        @given(strategy)
        def check(example):
            assert holds(API, *example)

        check()

    @pytest.mark.parametrize(("strategy", "holds", "wrong"), parameters)
    def test_wrong_statement_has_a_counterexample(strategy, holds, wrong):
        assert wrong
        for name, value in wrong.items():
            find(strategy, lambda example: not holds(API, *example, **{name: value}), settings=SEARCH)  # noqa: B023

    return test_law, test_wrong_statement_has_a_counterexample


def vectors(size, low=-2.0, high=2.0):
    """Vectors of `size` numbers between low and high."""
    return st.lists(st.floats(low, high), min_size=size, max_size=size).map(np.array)


def rows(datasets, leaves):
    """Laws of `datasets` on `leaves`, no mass under a hundredth of the largest."""
    return vectors(datasets * leaves, 0.05, 5.0).map(
        lambda w: w.reshape(datasets, leaves) / w.reshape(datasets, leaves).sum(axis=1, keepdims=True)
    )


def softmax(z):
    weights = np.exp(z - z.max())
    return weights / weights.sum()


def sigmoid(z):
    return 1.0 / (1.0 + np.exp(-z))


def runge_kutta(velocity, state, time, steps=200):
    """The state after `time`, by the classical method of fourth order."""
    h = time / steps
    for _ in range(steps):
        a = velocity(state)
        b = velocity(state + h / 2 * a)
        c = velocity(state + h / 2 * b)
        state = state + h / 6 * (a + 2 * b + 2 * c + velocity(state + h * c))
    return state
