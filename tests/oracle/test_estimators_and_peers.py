"""Estimators against scipy, arch, powerlaw and dit. Differences are explained where they are allowed for."""

import warnings

import numpy as np
import pytest
from scipy import stats

import compression_sim as cs
from compression_sim import estimators
from compression_sim.estimators import Resampling, rates
from compression_sim.estimators.calibration import worlds


def ratio(sums):
    return sums[..., 0] / sums[..., 1]


@pytest.fixture(scope="module")
def columns():
    rng = np.random.default_rng(8)
    tokens = rng.geometric(0.2, 120).astype(float)
    return np.column_stack([tokens * rng.gamma(1.5, 1.0, 120), tokens])


@pytest.mark.parametrize("method", ["bca", "percentile"])
def test_scipy_has_the_same_interval_up_to_the_draws(columns, method):
    """Other draws move an end of a 20,000-fold bootstrap by about 1% of the width. Peers do not widen
    for few units, as "expanded bca" does."""
    found = estimators.bootstrap(columns, ratio, Resampling(method=method, resamples=20000))
    peer = stats.bootstrap(
        (columns[:, 0], columns[:, 1]),
        lambda bits, tokens, axis=-1: bits.sum(axis) / tokens.sum(axis),
        paired=True, n_resamples=20000, rng=np.random.default_rng(1),
        method="BCa" if method == "bca" else method,
    ).confidence_interval  # fmt: skip
    assert (found.low, found.high) == pytest.approx(tuple(peer), abs=0.03 * (found.high - found.low))


def test_arch_has_the_same_interval_up_to_the_draws(columns):
    bootstrap = pytest.importorskip("arch.bootstrap")
    found = estimators.bootstrap(columns, ratio, Resampling(method="bca"))
    peer = bootstrap.IIDBootstrap(columns, seed=1)
    ends = peer.conf_int(lambda x: x[:, 0].sum() / x[:, 1].sum(), reps=9999, method="bca").ravel()
    assert (found.low, found.high) == pytest.approx(tuple(ends), abs=0.04 * (found.high - found.low))


@pytest.mark.parametrize(("alpha", "x_min"), [(0.8, 1), (1.5, 1), (2.2, 2)])
def test_powerlaw_has_the_same_index_of_counts(alpha, x_min):
    """powerlaw's exponent is that of the density, alpha + 1; both maximise the zeta likelihood."""
    powerlaw = pytest.importorskip("powerlaw")
    counts = np.random.default_rng(0).zipf(alpha + 1, 2000)
    counts = counts[counts < 10**6]
    found = estimators.tail_index(counts, x_min=float(x_min)).alpha.value
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        peer = powerlaw.Fit(
            counts, discrete=True, xmin=x_min, estimate_discrete=False, verbose=False,
            parameter_ranges={"alpha": [1.01, 9]},  # theirs ends at 3 otherwise
        )  # fmt: skip
        theirs = float(peer.power_law.alpha) - 1
    assert found == pytest.approx(theirs, rel=2e-3)


def test_powerlaw_measures_the_distance_to_one_side_of_each_step():
    """Same values, two choices of x_min: a step of the empirical law has two sides, and powerlaw compares the
    fit with the lower one only. A scan by hand finds our x_min with both sides, and theirs with one."""
    powerlaw = pytest.importorskip("powerlaw")
    rng = np.random.default_rng(3)
    values = np.sort(np.concatenate([3 * (1 - rng.random(60)) ** (-1 / 1.5), 3 * rng.random(30)]))
    found = estimators.tail_index(values)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        peer = powerlaw.Fit(values, discrete=False, verbose=False)
        theirs, distance = float(peer.xmin), float(peer.power_law.D)

    def scan(sides):
        return min((max(step(x_min, side) for side in sides), x_min) for x_min in values[:-9])

    def step(x_min, side):
        tail = values[values >= x_min]
        fit = 1 - (x_min / tail) ** (1 / np.mean(np.log(tail / x_min)))
        return np.abs(fit - (np.arange(len(tail)) + side) / len(tail)).max()

    assert scan((0, 1)) == pytest.approx((found.distance, found.x_min))
    assert step(theirs, 0) == pytest.approx(distance)
    assert estimators.tail_index(values, x_min=theirs).alpha.value == pytest.approx(
        float(peer.power_law.alpha) - 1
    )


def test_dit_knows_the_truth_that_rates_and_excesses_estimate():
    """Exact information quantities of the joint at 24 leaves; 60,000 chunks estimate them."""
    dit = pytest.importorskip("dit")
    from dit.divergences import cross_entropy, kullback_leibler_divergence

    table, mix = worlds.saturated_world(np.random.default_rng(1), responses=60000, chunks=1.0)
    names = [f"{leaf:02d}" for leaf in range(24)]
    law, joint = (dit.Distribution(names, p.tolist()) for p in (mix.distributions[1], mix.joint))
    exact = {
        "rate": cross_entropy(law, joint) / worlds.DEPTH,
        "excess rate": kullback_leibler_divergence(law, joint) / worlds.DEPTH,
    }
    assert cs.cross_entropy(mix.distributions[1], mix.joint) / worlds.DEPTH == pytest.approx(exact["rate"])
    for read in (rates.compression_rate, rates.excess_rate):
        found = read(table, "alignment", "before", resampling=Resampling(confidence=0.999, resamples=400))
        assert exact[found.name] in found.interval
        assert found.interval.high - found.interval.low < 0.1 * exact["rate"]
