"""What only several runs show: scaling exponents, and crossings of their curves."""

import numpy as np
import pytest

from compression_sim import estimators
from compression_sim.estimators import rates
from compression_sim.estimators.tables import files

from .tables import AMOUNTS, QUICK, ROLES, by_name, columns, runs_of, shuffled


def test_runs_of_several_volumes_give_the_scaling_exponent():
    runs = runs_of()
    assert list(runs) == ["k1", "k3", "k10", "k30"]
    found = [one for one in estimators.estimate_runs(runs, **QUICK) if one.name == "scaling exponent"]
    assert [one.of.split(",")[0] for one in found] == list(ROLES)
    for one in found:
        assert one.value == pytest.approx(-1, abs=1e-9)
        assert one.interval.high - one.interval.low < 1e-9  # the same responses in every run: paired
        assert one.noise_floor is None
    again = [one.interval for one in estimators.estimate_runs(runs_of(mix=shuffled), **QUICK)
             if one.name == "scaling exponent"]  # fmt: skip
    assert max(one.high - one.low for one in again) < 1e-9  # rows in another order: paired by name
    apart = estimators.estimate_runs(runs_of(rename=lambda name: name), **QUICK)
    wide = by_name(apart)["scaling exponent"].interval
    assert wide.low < -1.001 < -0.999 < wide.high
    assert {one.of for one in apart if one.name == "k_eff"} == {
        f"alignment / pretraining, a to b (run k{v})" for v in (1, 3, 10, 30)
    }


def test_the_floor_of_the_exponent_is_propagated():
    runs = runs_of(floors=True)
    one = by_name(estimators.estimate_runs(runs, **QUICK))["scaling exponent"]
    volumes = np.array([1.0, 3.0, 10.0, 30.0])
    changes = [rates.rate_change(t, "perturbation", "a", "b", **QUICK) for t in runs.values()]
    x = np.log(volumes) - np.log(volumes).mean()
    weights = x / (x @ x) / [c.value for c in changes]
    assert one.noise_floor == pytest.approx(
        np.sqrt(np.sum((weights * [c.noise_floor for c in changes]) ** 2)), rel=1e-3
    )


def test_a_scaling_exponent_of_one_volume_is_not_made_up():
    part = columns(volume=lambda d, c: 2.0)
    twice = {name: list(values) * 2 for name, values in part.items()}
    twice["run"] = ["x"] * len(part["bits"]) + ["y"] * len(part["bits"])
    runs = files.runs_from_columns(twice)
    assert "scaling exponent" not in by_name(estimators.estimate_runs(runs, **QUICK))


@pytest.mark.parametrize("mix", [dict, shuffled])
def test_two_runs_are_compared_where_their_curves_cross(mix):
    """The second run's perturbation starts higher and falls further: they cross between 0 and 1."""
    part = columns(checkpoints=tuple(AMOUNTS), amount=lambda d, c: AMOUNTS[c])
    joined = {name: list(values) * 2 for name, values in part.items()}
    size = len(part["bits"])
    joined["run"] = ["low"] * size + ["high"] * size
    lift = {"a": 0.1, "b": -0.3, "c": -0.4}
    joined["bits"] = [
        b + t * (row >= size) * lift[c]
        for row, (b, t, c) in enumerate(
            zip(joined["bits"], joined["tokens"], joined["checkpoint"], strict=True)
        )
    ]
    halves = [{name: values[own] for name, values in joined.items()} for own in np.s_[:size, size:]]
    joined = {name: halves[0][name] + mix(halves[1])[name] for name in joined}
    found = estimators.estimate_runs(files.runs_from_columns(joined), **QUICK)
    (one,) = [one for one in found if one.of == "perturbation, runs low and high"]
    assert one.value == pytest.approx(0.25)
    assert one.interval.high - one.interval.low < 1e-9  # the same responses, and a shift alike for all
    assert {one.of for one in found if one.name == "crossing"} >= {f"{d}, runs low and high" for d in ROLES}
