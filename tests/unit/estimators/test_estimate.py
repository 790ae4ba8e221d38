"""Everything that a table allows, with noise floors and warnings."""

import numpy as np
import pytest

from compression_sim import estimators
from compression_sim.estimators import rates

from .tables import FAST, QUICK, ROLES, rebound, rows, table_of


def test_everything_that_the_table_allows():
    amount = {"aligned": 0.0, "tuned": 10.0, "last": 30.0}
    found = list(
        rows(volume=lambda d, c: 1.0, leaves=lambda d, c: 8.0, entropy=lambda d, c: 1.0,
             bytes=lambda d, c: 10.0, amount=lambda d, c: amount[c],
             probe=lambda d, c: 1.0, cluster=lambda d, c: "x")
    )  # fmt: skip
    for row in found:
        row["cluster"] = f"c{row['response'] // 2}"
        row["probe"] = row["response"] - 12.0
    names = {found.name for found in estimators.estimate_table(table_of(found), eps=0.5, resampling=FAST)}
    assert names == {
        "rate", "normalised rate", "excess rate", "change", "k_eff", "Hooke force", "conservation residual",
        "first-order k_eff", "levelling ratio", "initial slope", "plateau", "lag", "crossing",
        "amount to return within 0.5",
    }  # fmt: skip
    plain = estimators.estimate_table(table_of(rows(checkpoints=("one",))), resampling=FAST)
    assert {found.name for found in plain} == {"rate"}


def test_every_estimate_of_repeated_scorings_has_its_floor():
    shift = 0.01
    found = estimators.estimate_table(rebound(shift, repeats=2), eps=3.9, score=3.5, **QUICK)
    assert all(one.noise_floor is not None for one in found)
    floor = shift / np.sqrt(2)
    for one in found:
        if one.name == "rate":
            assert one.noise_floor == pytest.approx(floor)
        if one.name == "initial slope":
            assert one.noise_floor == pytest.approx(np.sqrt(2) * floor)
    k = next(one for one in found if one.name == "k_eff")
    table = rebound(shift, repeats=2)
    # the crossing moves by what either curve does at the two amounts around it, over the slope of the gap
    one = next(one for one in found if one.name == "crossing")
    a, t = (
        np.array([rates.compression_rate(table, d, c, **QUICK).value for c in "abc"])
        for d in ("alignment", "perturbation")
    )
    gap, amounts = t - a, np.array([0.0, 1.0, 3.0])
    i = int(np.argmax(gap <= 0)) - 1
    width, fall = amounts[i + 1] - amounts[i], gap[i] - gap[i + 1]
    pulls = np.array([-gap[i + 1], gap[i]]) * width / fall**2
    assert one.noise_floor == pytest.approx(floor * np.sqrt(2 * np.sum(pulls**2)), rel=0.02)
    a, p = (rates.rate_change(table, d, "a", "b", **QUICK).value for d in ("alignment", "pretraining"))
    e = np.sqrt(2) * floor
    assert k.noise_floor == pytest.approx(np.hypot(e / p, a * e / p**2))


@pytest.mark.parametrize(("shift", "warned"), [(0.0, False), (1.0, True)])
def test_what_rests_on_a_difference_within_the_noise_of_scoring_says_so(shift, warned):
    table = rebound(shift, repeats=2).assign_coords(dataset=list(ROLES))
    table["volume"] = "dataset", [1.0, 1.0, 1.0]
    runs = {"one": table, "two": table.assign(volume=("dataset", [3.0, 1.0, 1.0]))}
    score = rates.compression_rate(table, "perturbation", "b", **QUICK).value
    found = estimators.estimate_runs(runs, score=score, **QUICK)
    said = {}
    for one in found:
        said.setdefault(one.name.split(" at ")[0], set()).update(
            w for w in one.warnings if "noise of scoring" in w
        )
    text = " is within twice the noise of scoring"
    expected = {
        "conservation residual": ["the residual"], "initial slope": ["the slope"],
        "lag": ["the whole change"],
        "fall rate": ["the slope"],
        "crossing": ["the gap at the first amount"],
        "scaling exponent": ["the change at volume 1", "the change at volume 3"],
    }  # fmt: skip
    for name, what in expected.items():
        assert said[name] == ({one + text for one in what} if warned else set()), name
