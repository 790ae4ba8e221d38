"""The public strategies give what they say; without hypothesis they say what is missing."""

import re
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import find, given, settings
from hypothesis import strategies as st

import compression_sim as cs
from compression_sim import testing


@pytest.mark.parametrize(
    "strategy",
    [
        testing.distributions(),
        testing.distributions(5, zeros=True),
        testing.heavy_tails(),
        testing.near_degenerate(7),
        testing.near_equal_rows(3, 4),
        testing.disjoint_supports(),
    ],
)
@settings(max_examples=20)
@given(data=st.data())
def test_rows_are_distributions(strategy, data):
    rows = np.atleast_2d(data.draw(strategy))
    assert (rows >= 0).all()
    assert np.allclose(rows.sum(axis=1), 1.0, rtol=0, atol=1e-12)


@given(testing.disjoint_supports(4))
def test_supports_are_disjoint(rows):
    assert ((rows > 0).sum(axis=0) == 1).all()


@settings(max_examples=20)
@given(testing.token_trees())
def test_trees_have_all_their_mass(tree):
    assert tree.leaf_probabilities.sum() == pytest.approx(1.0)
    assert 1 <= tree.leaf_layers.min() <= tree.leaf_layers.max() <= 8


EDGES = {
    "empty response": (testing.token_trees(), lambda tree: tree.num_tokens == 0),
    "mass 1e-200": (testing.distributions(), lambda p: p.min() < 1e-200),
    "one leaf": (testing.mixtures(), lambda mix: mix.distributions.shape[1] == 1),
    "k of 1e8": (testing.volumes(3), lambda volumes: volumes[0] > 1e8),
    "no perturbation": (testing.volumes(3), lambda volumes: volumes[2] == 0),
    "rate inf": (testing.mixtures(), lambda mix: np.isinf(cs.compression_rates(mix)).any()),
    "sign reversed": (testing.mixtures(), lambda mix: cs.elastic_response(mix, 2)[0] > 0),
    "near-equal": (testing.near_equal_rows(2, 3), lambda r: 0 < np.abs(r[0] / r[1] - 1).max() < 1e-9),
}


@pytest.mark.parametrize("edge", EDGES)
def test_edges_are_reached(edge):
    strategy, reached = EDGES[edge]
    find(strategy, reached, settings=settings(max_examples=500, derandomize=True, database=None))


@pytest.mark.parametrize(
    ("strategy", "said"),
    [
        (testing.mixtures(overlap="partly"), "unknown overlap 'partly'; did you mean 'partial'?"),
        (testing.distributions(0), "num_leaves must be an integer of at least 1, got 0"),
        (testing.volumes(True), "num_datasets must be an integer of at least 1, got True"),
    ],
)
def test_bad_arguments_are_named(strategy, said):
    with pytest.raises(ValueError, match=re.escape(said)):
        find(strategy, lambda _: True)


def test_missing_hypothesis_is_said():
    code = "import sys; sys.modules['hypothesis'] = None; import compression_sim.testing"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert (
        "compression_sim.testing needs hypothesis, which is not installed: pip install hypothesis"
        in done.stderr
    )
