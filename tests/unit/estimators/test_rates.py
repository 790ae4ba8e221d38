"""Rates, changes, k_eff, forces and the residual against a loop over responses."""

import numpy as np
import pytest

import compression_sim as cs
from compression_sim.estimators import Resampling, rates
from compression_sim.estimators.calibration import worlds

from .tables import FAST, NAMES, rate_by_hand, rows, table_of


def test_rates_changes_forces_and_residual_by_hand(data):
    table = table_of(data)
    by_hand = {(d, c): rate_by_hand(data, d, c) for d in NAMES for c in ("aligned", "tuned")}
    change = {d: by_hand[d, "tuned"] - by_hand[d, "aligned"] for d in NAMES}
    quick = {"resampling": Resampling(resamples=200)}
    for d in NAMES:
        rate = rates.compression_rate(table, d, "tuned", **quick)
        assert rate.value == pytest.approx(by_hand[d, "tuned"])
        assert rates.normalized_rate(table, d, "tuned", **quick).value == pytest.approx(rate.value - 4)
        found = rates.rate_change(table, d, "aligned", "tuned", **quick)
        assert found.value == pytest.approx(change[d])
        force = rates.hooke_force(table, d, "aligned", "tuned", **quick)
        volume = {"pretraining": 50, "alignment": 2, "perturbation": 0.5}[d]
        assert force.interval.low == pytest.approx(volume * found.interval.low)
    k = rates.k_eff(table, "pretraining", "alignment", "aligned", "tuned")
    assert k.value == pytest.approx(-change["alignment"] / change["pretraining"])
    residual = rates.conservation_residual(table, "aligned", "tuned", **quick).value
    assert residual == pytest.approx(
        50 * change["pretraining"] + 2 * change["alignment"] + change["perturbation"] / 2
    )


def test_a_paired_change_is_far_narrower_than_the_rates(data):
    table = table_of(data)
    width = [
        e.interval.high - e.interval.low
        for e in (rates.rate_change(table, "alignment", "aligned", "tuned"),
                  rates.compression_rate(table, "alignment", "tuned"))
    ]  # fmt: skip
    assert width[0] < width[1] / 3


def test_toy_worlds_have_the_truth_of_the_closed_forms():
    table, mix = worlds.saturated_world(np.random.default_rng(0), responses=20000, chunks=1.0)

    truth = cs.compression_rates(mix, worlds.DEPTH)
    for index, name in enumerate(NAMES[:2]):
        assert rates.compression_rate(table, name, "before", resampling=FAST).value == pytest.approx(
            truth[index], rel=0.02
        )
    excess = rates.excess_rate(table, "alignment", "before", resampling=FAST).value
    kl = cs.kl_divergence(mix.distributions[1], mix.joint) / worlds.DEPTH
    assert excess == pytest.approx(kl, rel=0.05)


def test_warnings_come_where_calibration_says():
    few = rates.compression_rate(table_of(rows(responses=12)), "alignment", "tuned")
    assert few.warnings == ("12 independent units: this kind of interval is seen to hold from 50 on",)
    change = rates.rate_change(table_of(rows(responses=60)), "alignment", "aligned", "tuned")
    assert change.warnings == ("60 independent units: this kind of interval is seen to hold from 200 on",)
    found = list(rows(responses=200))
    assert not rates.rate_change(table_of(found), "alignment", "aligned", "tuned").warnings
    for row in found:
        if row["response"] == 7 and row["checkpoint"] == "tuned":
            row["bits"] += 300
    (warning,) = rates.rate_change(table_of(found), "alignment", "aligned", "tuned").warnings
    assert "few responses carry most of the variance (200 units count as 3)" in warning


def test_an_unbounded_ratio_says_so():
    found = list(rows(responses=40))
    for row in found:
        if row["dataset"] == "pretraining" and row["checkpoint"] == "tuned":
            row["bits"] = max(0.0, row["bits"] + 5 * (-1) ** row["response"])
    k = rates.k_eff(table_of(found), "pretraining", "alignment", "aligned", "tuned")
    assert not k.interval.bounded
    assert "the change of pretraining is within its noise: the data do not bound the ratio" in k.warnings
