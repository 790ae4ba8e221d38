"""k-ratio and sequential-ratio: what they find, that they can find otherwise, and how often they compile."""

import numpy as np
import pytest

from compression_sim import experiments
from compression_sim.estimators.statistics import order

SMALL = {"models": ("saturated", "tabular-softmax"), "ks": (1.0, 1e6), "seeds": 8}


@pytest.fixture(scope="module")
def result():
    return experiments.run("k-ratio", "quick", 0, SMALL)


def test_a_table_trained_by_gradients_is_the_saturated_model(result):
    """Two routes: Newton on logits, and the joint itself; to a millionth at k = 1e6."""
    one, other = (result.change.sel(model=name, drop=True) for name in SMALL["models"])
    np.testing.assert_allclose(one, other, rtol=1e-6)
    assert float(result.gradient.max()) < 2e-15
    assert float(result.floor.max()) < 1e-6


def test_revealed_preference_bounds_every_seed(result):
    assert float(result.kept.min()) > 0
    assert float(result.least.min()) > 1
    assert int(result.falls.sum()) > 20
    assert (result.k_eff_low <= result.k_eff).all()
    assert (result.k_eff <= result.k_eff_high).all()
    small, large = result.volume.values[[0, -1]]
    excess = result.ratio / result.k - 1
    assert (
        (excess.sel(volume=small) < excess.sel(volume=large))
        .where(excess.notnull().all("volume"), True)
        .all()
    )


def test_the_bound_is_not_met_by_a_model_that_is_not_trained_to_the_end(monkeypatch):
    """A stale start, one Newton step: the residual gradient is told, and the floor masks what it spoils."""
    from compression_sim import training

    short = training.stationary
    monkeypatch.setattr(training, "stationary", lambda f, p: short(f, p, max_steps=2))
    result = experiments.run("k-ratio", "quick", 0, SMALL | {"models": ("tabular-softmax",)})
    assert float(result.gradient.max()) > 1e-8
    assert (result.masked == 8).all()
    assert result.k_eff.isnull().all()


def test_the_interval_of_a_median_covers_it_as_often_as_said():
    """Order statistics, for a law without a mean: the exact binomial coverage, and by simulation."""
    draws = np.random.default_rng(0).standard_cauchy((4000, 20))
    middle, low, high = order.median_interval(draws)
    covered = ((low <= 0) & (high >= 0)).mean()
    assert abs(covered - 0.9586) < 4 * np.sqrt(0.9586 * 0.0414 / 4000)  # sum of binom(20, 1/2) over 6..14
    np.testing.assert_allclose(middle, np.median(draws, axis=1))
    holes = np.where(np.arange(20) < 5, 1.0, np.nan)
    assert np.isnan(order.median_interval(holes)[1:]).all()
    assert order.median_interval(holes)[0] == 1
    assert np.isnan(order.median_interval(np.full(20, np.nan))).all()


def test_sequential_training_acts_like_a_volume_of_tau_times_the_curvature():
    settings = {"models": ("log-linear",), "seeds": 8, "times": (1e-4, 1e-2, 1.0), "step": 1e-5}
    result = experiments.run("sequential-ratio", "quick", 0, settings)
    np.testing.assert_allclose(result["product"].sel(tau=1e-4), 1, atol=2e-3)
    assert (abs(result["product"].sel(tau=1.0) - 1) > 1e-2).all()
    assert float(result.gradient.max()) < 1e-14


def test_bad_parameters_are_refused():
    for name, settings, message in (
        ("k-ratio", {"models": "softmax"}, "unknown model 'softmax'; did you mean .tree-softmax."),
        ("k-ratio", {"ks": "0"}, "must be a finite number above 0, got 0"),
        ("sequential-ratio", {"times": "1,0.5"}, "times must ascend"),
    ):
        with pytest.raises(ValueError, match=message):
            experiments.run(name, "quick", 0, settings)
