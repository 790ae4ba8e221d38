"""Probes on a quadratic whose answers are exact."""

import numpy as np
import pytest

from compression_sim.estimators.statistics import probes


def test_probes_on_a_quadratic_whose_answers_are_exact():
    """Losses |M (theta - c)|^2 / 2 with known gradients: the probes are what a small step does."""
    rng = np.random.default_rng(0)
    at, step, k = rng.normal(size=4), 1e-7, 30.0
    g_a, g_p = rng.normal(size=(200, 4)), rng.normal(size=(200, 4)) / k
    update = -step * at
    top, bottom = g_a @ update, g_p @ update
    found = probes.first_order_k_eff(top, bottom)
    assert found.value == pytest.approx(-(g_a.mean(0) @ update) / (g_p.mean(0) @ update))
    curvature = rng.normal(3.0, 0.5, 200)
    tau = 1e-3
    ratio = probes.sequential_k_eff(top, curvature, tau)
    assert ratio.value == pytest.approx(top.mean() / (tau * curvature.mean()))
    level = probes.levelling_ratio(top, 2 * top + 1e-9 * curvature)
    assert level.value == pytest.approx(top.mean() / (2 * top + 1e-9 * curvature).mean())
    assert probes.residual_share(top, curvature, tau) == pytest.approx(
        abs(top.mean()) / (tau * curvature.mean())
    )
    for call, message in (
        (lambda: probes.levelling_ratio(top, top[1:]), "the same responses, got 200 and 199"),
        (
            lambda: probes.first_order_k_eff([1.0], bottom),
            "alignment must hold at least 2 finite dot products",
        ),
    ):
        with pytest.raises(ValueError, match=message):
            call()


def test_pairing_of_the_levelling_ratio_counts():
    rng = np.random.default_rng(0)
    base = rng.normal(1, 0.5, 100)
    paired = probes.levelling_ratio(base, 2 * base)
    assert paired.high - paired.low < 1e-6
    shuffled = probes.levelling_ratio(base, 2 * rng.permutation(base))
    assert shuffled.high - shuffled.low > 0.05


def test_the_levelling_ratio_needs_no_lengths_and_leaves_what_it_was_given():
    rng = np.random.default_rng(0)
    base, aligned, lengths = rng.normal(1, 0.1, 40), rng.normal(2, 0.1, 40), rng.integers(5, 50, 40)
    given = [np.stack([dots, lengths], axis=1) for dots in (base, aligned)]
    kept = [each.copy() for each in given]
    assert probes.levelling_ratio(*given) == probes.levelling_ratio(base, aligned)
    np.testing.assert_array_equal(given, kept)
