"""Bad input: every public function of the core says what was given and what is allowed, tested as text."""

import re

import numpy as np
import pytest

import compression_sim as cs
from compression_sim import elasticity

NAN, INF = float("nan"), float("inf")
MIX = cs.Mixture([[0.5, 0.5], [0.2, 0.8], [0.9, 0.1]], [10, 1, 0])
DIVIDE = "; cs.normalize divides rows by their sums"
ROWS, VOLUMES = [[0.5, 0.5], [0.2, 0.8]], [1, 1]


def says(sentence, call):
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}$"):
        call()


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([[NAN, 0.5], [0.2, 0.8]], "distributions must not contain NaN, got NaN at index (0, 0)"),
        ([[0.5, 0.5], [INF, 0.8]], "distributions must be finite, got inf at index (1, 0)"),
        ([[-0.5, 1.5], [0.2, 0.8]], "distributions must be non-negative, got -0.5 at index (0, 0)"),
        ([[], []], "distributions must not be empty, got shape (2, 0)"),
        ([], "distributions must have 2 dimension(s), got shape (0,)"),
        ([0.5, 0.5], "distributions must have 2 dimension(s), got shape (2,)"),
        (np.ones((1, 2, 2)) / 2, "distributions must have 2 dimension(s), got shape (1, 2, 2)"),
        (
            [[0.5, 0.5], [1.0]],
            "distributions must be a rectangular array of real numbers, got [[0.5, 0.5], [1.0]]",
        ),
        ([["a"], ["b"]], "distributions must be a rectangular array of real numbers, got [['a'], ['b']]"),
        ([[None], [1]], "distributions must be a rectangular array of real numbers, got [[None], [1]]"),
        (None, "distributions must be a rectangular array of real numbers, got None"),
        ([[1j], [1]], "distributions must be a rectangular array of real numbers, got [[1j], [1]]"),
        (
            [[0.5, 0.5], [0.2, 0.9]],
            "row 1 of distributions must sum to 1 within 1e-09, got 1.1" + DIVIDE,
        ),
        (
            [[0.0, 0.0], [0.2, 0.8]],
            "row 0 of distributions must sum to 1 within 1e-09, got 0" + DIVIDE,
        ),
        (
            [[0.5, 0.5], [1e308, 1e308]],
            "row 1 of distributions must sum to 1 within 1e-09, got inf" + DIVIDE,
        ),
        (
            [[0.5, 0.5 + 3e-9], [0.2, 0.8]],
            "row 0 of distributions must sum to 1 within 1e-09, got 1.000000003" + DIVIDE,
        ),
    ],
)
def test_distributions(rows, said):
    says(said, lambda: cs.Mixture(rows, VOLUMES))


@pytest.mark.parametrize(
    ("volumes", "said"),
    [
        ([NAN, 1], "volumes must not contain NaN, got NaN at index 0"),
        ([1, INF], "volumes must be finite, got inf at index 1"),
        ([1, -1], "volumes must be non-negative, got -1.0 at index 1"),
        ([0, 0], "volumes must have a positive, finite sum, got [0.0, 0.0]"),
        ([1e308, 1e308], "volumes must have a positive, finite sum, got [1e+308, 1e+308]"),
        ([], "volumes must not be empty, got shape (0,)"),
        (1.0, "volumes must have 1 dimension(s), got shape ()"),
        ([[1, 1]], "volumes must have 1 dimension(s), got shape (1, 2)"),
        ([1], "volumes must have one entry per dataset: got 1 for 2 distributions"),
        ([1, "x"], "volumes must be a rectangular array of real numbers, got [1, 'x']"),
    ],
)
def test_volumes(volumes, said):
    says(said, lambda: cs.Mixture(ROWS, volumes))


@pytest.mark.parametrize(
    ("weights", "said"),
    [
        ([NAN, 1], "weights must not contain NaN, got NaN at index 0"),
        ([INF, 1], "weights must be finite, got inf at index 0"),
        ([-1, 2], "weights must be non-negative, got -1.0 at index 0"),
        ([[1, 1], [0, 0]], "weights must have positive mass in every row, got only zeros in row [1]"),
        ([0, 0], "weights must have positive mass in every row, got only zeros in row 0"),
        ([], "weights must not be empty, got shape (0,)"),
        (3, "weights must have at least 1 dimension, got a single number"),
        ([[1], [1, 2]], "weights must be a rectangular array of real numbers, got [[1], [1, 2]]"),
    ],
)
def test_normalize(weights, said):
    says(said, lambda: cs.normalize(weights))


ONE_ROLE = {
    "elastic_response": lambda t: cs.elastic_response(MIX, t),
    "finite_response": lambda t: elasticity.finite_response(MIX, t, 1.0),
    "inner_products": lambda t: elasticity.inner_products(MIX, t),
    "hooke_forces": lambda t: cs.hooke_forces(MIX, t),
    "elasticity_ratio": lambda t: cs.elasticity_ratio(MIX, 1, 0, t),
    "critical_perturbation": lambda t: cs.critical_perturbation(MIX, 0, t),
    "rebound_curve": lambda t: cs.rebound_curve([1, 2, 3], [1, 1, 0], t, [1.0]),
}


@pytest.mark.parametrize("name", ONE_ROLE)
@pytest.mark.parametrize("index", [3, -1, True, np.True_, "2", 1.0, None])
def test_index_of_a_dataset(name, index):
    says(f"perturbation must be an integer in 0..2, got {index!r}", lambda: ONE_ROLE[name](index))


def test_other_roles():
    says("alignment must be an integer in 0..2, got 5", lambda: cs.elasticity_ratio(MIX, 5, 0, 2))
    says("pretraining must be an integer in 0..2, got -1", lambda: cs.elasticity_ratio(MIX, 1, -1, 2))
    says("pretraining must be an integer in 0..2, got 'p'", lambda: cs.critical_perturbation(MIX, "p", 2))
    says(
        "alignment, pretraining, perturbation must be different datasets, got (1, 1, 2)",
        lambda: cs.elasticity_ratio(MIX, 1, 1, 2),
    )
    says(
        "pretraining, perturbation must be different datasets, got (2, 2)",
        lambda: cs.critical_perturbation(MIX, 2, 2),
    )
    says("dataset must be an integer in 0..2, got 3", lambda: MIX.with_volume(3, 1.0))
    says("volume must be a finite number of at least 0, got nan", lambda: MIX.with_volume(2, NAN))


WITH_DEPTH = {
    "compression_rates": lambda depth: cs.compression_rates(MIX, depth),
    "normalized_compression_rates": lambda depth: cs.normalized_compression_rates(MIX, depth),
    "elastic_response": lambda depth: cs.elastic_response(MIX, 2, depth),
    "finite_response": lambda depth: elasticity.finite_response(MIX, 2, 1.0, depth),
}


@pytest.mark.parametrize("name", WITH_DEPTH)
@pytest.mark.parametrize("depth", [0, 33, -1, 1.0, True, "3", None])
def test_depth(name, depth):
    says(f"depth must be an integer in 1..32, got {depth!r}", lambda: WITH_DEPTH[name](depth))


@pytest.mark.parametrize(
    "call",
    [
        lambda mix: cs.compression_rates(mix),
        lambda mix: cs.normalized_compression_rates(mix),
        lambda mix: elasticity.inner_products(mix, 0),
        lambda mix: cs.elastic_response(mix, 0),
        lambda mix: elasticity.finite_response(mix, 0, 1.0),
        lambda mix: cs.elasticity_ratio(mix, 1, 0, 2),
        lambda mix: cs.critical_perturbation(mix, 0, 2),
        lambda mix: cs.hooke_forces(mix, 0),
    ],
)
@pytest.mark.parametrize("mix", [ROWS, None, "mix"])
def test_a_mixture_is_needed(call, mix):
    says(f"mix must be a compression_sim.Mixture, got {type(mix).__name__}", lambda: call(mix))


@pytest.mark.parametrize(
    ("direction", "said"),
    [
        ("backward", "unknown direction 'backward'; did you mean 'forward'?"),
        ("revers", "unknown direction 'revers'; did you mean 'reverse'?"),
        (None, "unknown direction None; allowed: forward, reverse"),
    ],
)
def test_direction(direction, said):
    says(said, lambda: cs.hooke_forces(MIX, 2, direction=direction))


@pytest.mark.parametrize(
    ("leaves", "said"),
    [
        (0, "num_leaves must be at least 1, one number or one per dataset (3), got 0"),
        ([1, 2], "num_leaves must be at least 1, one number or one per dataset (3), got [1, 2]"),
        (-1, "num_leaves must be non-negative, got -1.0"),
        (NAN, "num_leaves must not contain NaN, got NaN"),
        (INF, "num_leaves must be finite, got inf"),
        ("x", "num_leaves must be a rectangular array of real numbers, got 'x'"),
    ],
)
def test_num_leaves(leaves, said):
    says(said, lambda: cs.normalized_compression_rates(MIX, num_leaves=leaves))


@pytest.mark.parametrize(
    ("amount", "got"),
    [(NAN, "nan"), (-1, "-1"), (INF, "inf"), ("1", "'1'"), ([1.0], "[1.0]"), (None, "None")],
)
def test_amount(amount, got):
    says(
        f"amount must be a finite number of at least 0, got {got}",
        lambda: elasticity.finite_response(MIX, 2, amount),
    )


@pytest.mark.parametrize(
    ("scores", "volumes", "amounts", "said"),
    [
        ([1, 2], [1, 1, 0], [1], "scores must be finite, one per volume: got [1.0, 2.0] for 3 volumes"),
        ([1, NAN, 2], [1, 1, 0], [1], "scores must not contain NaN, got NaN at index 1"),
        (
            [1, INF, 2],
            [1, 1, 0],
            [1],
            "scores must be finite, one per volume: got [1.0, inf, 2.0] for 3 volumes",
        ),
        ([[1, 2]], [1, 1], [1], "scores must have 1 dimension(s), got shape (1, 2)"),
        ([1, 2, 3], [1, -1, 0], [1], "volumes must be non-negative, got -1.0 at index 1"),
        ([], [], [1], "volumes must not be empty, got shape (0,)"),
        ([1, 2, 3], [1, 1, 0], [], "amounts must not be empty, got shape (0,)"),
        ([1, 2, 3], [1, 1, 0], [1, -1], "amounts must be non-negative, got -1.0 at index 1"),
        ([1, 2, 3], [1, 1, 0], 3.0, "amounts must have 1 dimension(s), got shape ()"),
        ([1, 2, 3], [0, 0, 5], [0], "volumes must not all be zero: amount 0 leaves no data at all"),
    ],
)
def test_rebound(scores, volumes, amounts, said):
    says(said, lambda: cs.rebound_curve(scores, volumes, len(volumes) - 1, amounts))


NO_MEAN = (
    ": else they have no mean, a few leaves hold each dataset, and G(a, t) -> -1 as the leaves "
    "grow in number, as for disjoint data"
)


@pytest.mark.parametrize(
    ("alpha", "weights", "said"),
    [
        (1, (1, 1, 1), f"alpha must be above 1 for Pareto masses of mean 1, got 1{NO_MEAN}"),
        (0.5, (1, 1, 1), f"alpha must be above 1 for Pareto masses of mean 1, got 0.5{NO_MEAN}"),
        (NAN, (1, 1, 1), "alpha must be a finite number, got nan"),
        (INF, (1, 1, 1), "alpha must be a finite number, got inf"),
        ("2", (1, 1, 1), "alpha must be a finite number, got '2'"),
        (True, (1, 1, 1), "alpha must be a finite number, got True"),
        (2, (1, 1), "weights must be the 3 joint weights of (D_1, D_2, D_3), got 2"),
        (2, (0, 0, 0), "weights must not all be zero, got [0.0, 0.0, 0.0]"),
        (2, (1, -1, 1), "weights must be non-negative, got -1.0 at index 1"),
        (2, (1, NAN, 1), "weights must not contain NaN, got NaN at index 1"),
        (2, 1, "weights must have 1 dimension(s), got shape ()"),
    ],
)
def test_pareto(alpha, weights, said):
    says(said, lambda: cs.pareto_response(alpha, weights))


@pytest.mark.parametrize(
    ("p", "said"),
    [
        ([NAN, 1], "p must not contain NaN, got NaN at index 0"),
        ([INF, 0], "p must be finite, got inf at index 0"),
        ([-0.5, 1.5], "p must be non-negative, got -0.5 at index 0"),
        ([0, 0], "p must sum to 1 within 1e-09, got 0" + DIVIDE),
        (
            [[0.5, 0.5], [0.5, 0.6]],
            "row 1 of p must sum to 1 within 1e-09, got 1.1" + DIVIDE,
        ),
        ([1e308, 1e308], "p must sum to 1 within 1e-09, got inf" + DIVIDE),
        ([], "p must not be empty, got shape (0,)"),
        (1.0, "p must have at least 1 dimension, got a single number"),
        ([[0.5], [0.5, 0.5]], "p must be a rectangular array of real numbers, got [[0.5], [0.5, 0.5]]"),
    ],
)
@pytest.mark.parametrize(
    "call",
    [
        cs.entropy,
        lambda p: cs.cross_entropy(p, [1.0]),
        lambda p: cs.kl_divergence(p, [1.0]),
        cs.ideal_code_lengths,
    ],
)
def test_information(p, said, call):
    says(said, lambda: call(p))


@pytest.mark.parametrize("call", [cs.cross_entropy, cs.kl_divergence])
def test_a_pair_of_distributions(call):
    says("q must not contain NaN, got NaN at index 0", lambda: call([0.5, 0.5], [NAN, 1]))
    says("p and q must have the same number of leaves, got 2 and 1", lambda: call([0.5, 0.5], [1.0]))
    says(
        "the shapes of p and q must broadcast, got (2, 2) and (3, 2)",
        lambda: call(np.full((2, 2), 0.5), np.full((3, 2), 0.5)),
    )


# ------------------------------------------------------------------- degenerate, yet allowed: defined answers


def test_one_leaf_costs_nothing_and_decides_nothing():
    mix = cs.Mixture([[1.0]] * 3, [10, 1, 0])
    for values in (
        cs.compression_rates(mix),
        cs.normalized_compression_rates(mix),
        cs.elastic_response(mix, 2),
    ):
        assert values.tolist() == [0.0] * 3
        assert not np.signbit(values).any()
    assert (
        cs.hooke_forces(mix, 2).tolist() == cs.hooke_forces(mix, 2, direction="reverse").tolist() == [0] * 3
    )
    assert np.isnan(cs.elasticity_ratio(mix, 1, 0, 2))
    assert np.isnan(cs.critical_perturbation(mix, 0, 2))


def test_the_same_data_in_all_roles_is_undefined():
    mix = cs.Mixture([[0.3, 0.7]] * 3, [10, 1, 0])
    assert np.isnan(cs.elasticity_ratio(mix, 1, 0, 2))
    assert np.isnan(cs.critical_perturbation(mix, 0, 2))
    assert cs.elastic_response(mix, 2).tolist() == [0, 0, 0]


def test_pretraining_and_perturbation_of_one_law_never_turn():
    """Though the rows differ in their last digit."""
    rows = np.array([[1 / 3] * 3, [0.3, 0.3, 0.4], [np.nextafter(1 / 3, 1)] * 3])
    assert cs.critical_perturbation(cs.Mixture(rows, [1, 1, 1]), 0, 2) == INF


def test_one_dataset():
    mix = cs.Mixture([[0.25, 0.75]], [3])
    assert cs.compression_rates(mix) == cs.entropy([0.25, 0.75])
    assert cs.elastic_response(mix, 0).tolist() == [0]
    says(
        "pretraining, perturbation must be different datasets, got (0, 0)",
        lambda: cs.critical_perturbation(mix, 0, 0),
    )


def test_k_of_zero():
    """No pre-training volume: the joint is the alignment data, whose response is 0, and so is the ratio."""
    mix = cs.Mixture([[0.5, 0.5], [0.2, 0.8], [0.9, 0.1]], [0, 1, 0])
    assert cs.elastic_response(mix, 2)[1] == 0
    assert cs.elasticity_ratio(mix, 1, 0, 2) == 0
    # P^D = (1/2, 1/2) where .2 + .9 l = .8 + .1 l
    assert cs.critical_perturbation(mix, 0, 2) == pytest.approx(0.75)


def test_a_perturbation_alone_has_no_critical_volume():
    mix = cs.Mixture([[0.5, 0.5], [0.2, 0.8], [0.9, 0.1]], [0, 0, 1])
    says(
        "critical_perturbation needs a dataset of positive volume besides the perturbation",
        lambda: cs.critical_perturbation(mix, 0, 2),
    )


def test_mass_where_the_joint_has_none():
    """Rates are inf there; the others' responses stay finite, the newcomer's own is -inf."""
    mix = cs.Mixture([[1.0, 0.0], [1.0, 0.0], [0.5, 0.5]], [10, 1, 0])
    assert cs.compression_rates(mix).tolist() == [0, 0, INF]
    response = cs.elastic_response(mix, 2)
    assert response[:2] == pytest.approx(0.5 / 11 / np.log(2))
    assert response[2] == -INF


def test_results_are_float64_and_inputs_are_left_alone():
    rows, volumes = np.array([[1, 3], [2, 2], [4, 0]]) / 4, np.array([10, 1, 0])
    mix = cs.Mixture(rows, volumes)
    assert cs.compression_rates(mix).dtype == mix.volumes.dtype == np.float64
    assert rows.flags.writeable
    assert volumes.dtype == np.array([1]).dtype
    with pytest.raises(ValueError, match="read-only"):
        mix.distributions[0, 0] = 1


def test_rebound_of_the_largest_numbers_does_not_overflow():
    most = np.finfo(float).max
    assert cs.rebound_curve([0.5, 0.9, 0.1], [most, most, 0], 2, [0.0, most]) == pytest.approx([0.7, 0.5])
    assert cs.rebound_curve([most, most, 0.0], [1, 1, 0], 2, [0.0, 2.0]) == pytest.approx([most, most / 2])
    assert cs.rebound_curve([1.0, 3.0], [1e-320, 0], 1, [1e-320, 1e300]) == pytest.approx([2.0, 3.0])


def test_one_tree_is_no_sequence_of_trees():
    tree = cs.TokenTree.from_bytes(b"ab", 8)
    for call in (cs.Mixture.from_trees, cs.TokenTree.pool):
        says(f"trees must be a non-empty sequence of TokenTree, got {tree!r:.60}", lambda f=call: f(tree))


def test_ids_of_claims():
    says("ids must be ids of claims, claims made with cs.claim, or None, got 5", lambda: cs.verify(5))
