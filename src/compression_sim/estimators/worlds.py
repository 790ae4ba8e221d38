"""Toy worlds with a known answer: what `calibrate` draws, one regime per estimator and kind of data."""

import numpy as np

from ..elasticity import compression_rates, finite_response, normalized_compression_rates
from ..mixtures import Mixture, normalize
from . import curves, estimating, probe, rates, scaling, tails
from .calibration import Regime
from .table import from_arrays

RESAMPLES = 999
DEPTH = 4
ROLES = ("pretraining", "alignment", "perturbation")


def saturated_world(rng, *, k=10.0, amount=0.2, responses=200, cluster=1, mass=None, chunks=5.0):
    """A table from a saturated mixture before and after `amount` of perturbation, and the mixture itself.

    Leaf masses are gamma away from 0 (or `mass(rng, shape)`), so that no leaf is rare; a response is a
    geometric number of chunks drawn from its dataset. `cluster` responses in a row share their first
    chunks' leaf, so they are correlated.
    """
    draw = mass or (lambda rng, shape: rng.gamma(0.7, size=shape) + 0.1)
    mix = Mixture(normalize(draw(rng, (3, 24))), [k, 1.0, 0.0])
    after = mix.with_volume(2, amount)
    codes = -np.log2(np.stack([mix.joint, after.joint]))
    parts = [_responses(rng, mix.distributions[i], codes, responses, cluster, chunks) for i in range(3)]
    bits = np.concatenate([part[0] for part in parts], axis=1)
    tokens = np.concatenate([part[1] for part in parts])
    labels = np.repeat(ROLES, responses)
    entropy = np.concatenate([part[2] for part in parts])
    clusters = np.arange(3 * responses) // cluster
    table = from_arrays(bits, tokens, labels, ("before", "after"), entropy=entropy, cluster=clusters,
                        volume=dict(zip(ROLES, (k, 1.0, amount), strict=True)))  # fmt: skip
    return table, mix


def _responses(rng, law, codes, responses, cluster, mean_chunks):
    """(bits (2, r), tokens (r,), own code length (r,)) of responses drawn from `law`."""
    counts = rng.geometric(1 / mean_chunks, responses)
    if cluster > 1:  # a cluster's responses repeat its first one's leaves: correlated, same marginal law
        counts = np.repeat(counts[::cluster], cluster)[:responses]
    starts = np.cumsum(counts) - counts
    leaves = rng.choice(len(law), counts.sum(), p=law)
    if cluster > 1:
        head = np.repeat(starts[::cluster], cluster)[:responses]
        copied = rng.random(responses) < 0.7
        source = np.where(copied, head, starts)
        leaves = leaves[np.repeat(source - starts, counts) + np.arange(counts.sum())]
    bits = np.add.reduceat(codes[:, leaves], starts, axis=1)
    return bits, counts * float(DEPTH), np.add.reduceat(-np.log2(law[leaves]), starts)


def _rate(**world):
    def draw(rng):
        table, mix = saturated_world(rng, **world)
        found = rates.compression_rate(table, "alignment", "before", resamples=RESAMPLES, seed=rng)
        return found, float(compression_rates(mix, DEPTH)[1])

    return draw


def _normalized(**world):
    def draw(rng):
        table, mix = saturated_world(rng, **world)
        found = rates.normalized_rate(table, "alignment", "before", leaves=24, resamples=RESAMPLES, seed=rng)
        return found, float(normalized_compression_rates(mix, DEPTH, 24)[1])

    return draw


def _excess(**world):
    def draw(rng):
        table, mix = saturated_world(rng, **world)
        found = rates.excess_rate(table, "alignment", "before", resamples=RESAMPLES, seed=rng)
        p, q = mix.distributions[1], mix.joint
        return found, float(np.sum(p * np.log2(p / q)) / DEPTH)

    return draw


def _change(**world):
    def draw(rng):
        table, mix = saturated_world(rng, **world)
        found = rates.rate_change(table, "alignment", "before", "after", resamples=RESAMPLES, seed=rng)
        return found, float(finite_response(mix, 2, world.get("amount", 0.2), DEPTH)[1])

    return draw


def _k_eff(**world):
    def draw(rng):
        table, mix = saturated_world(rng, **world)
        found = rates.k_eff(table, "pretraining", "alignment", "before", "after")
        change = finite_response(mix, 2, world.get("amount", 0.2), DEPTH)
        return found, float(-change[1] / change[0])

    return draw


def _normal_k_eff(k, *, mean=1.0, responses=200):
    """Changes normal across responses, mean +1 and -mean/k, spread 2 and 2/k: any k is resolvable."""

    def draw(rng):
        change = np.concatenate([rng.normal(-mean / k, 2.0 / k, responses), rng.normal(1.0, 2.0, responses)])
        before = rng.gamma(5.0, 20.0, 2 * responses) + 50.0
        table = from_arrays(np.stack([before, before + change]), np.ones(2 * responses),
                            np.repeat(ROLES[:2], responses), ("before", "after"))  # fmt: skip
        found = rates.k_eff(table, "pretraining", "alignment", "before", "after")
        return found, float(k / mean)

    return draw


def _conservation(**world):
    def draw(rng):
        table, mix = saturated_world(rng, **world)
        found = rates.conservation_residual(table, "before", "after", resamples=RESAMPLES, seed=rng)
        amount = world.get("amount", 0.2)
        volumes = np.array([world.get("k", 10.0), 1.0, amount])
        return found, float(volumes @ finite_response(mix, 2, amount, DEPTH))

    return draw


def _force(**world):
    def draw(rng):
        table, mix = saturated_world(rng, **world)
        found = rates.hooke_force(table, "pretraining", "before", "after", resamples=RESAMPLES, seed=rng)
        change = finite_response(mix, 2, world.get("amount", 0.2), DEPTH)[0]
        return found, float(world.get("k", 10.0) * change)

    return draw


def _tail(alpha, n, *, discrete, x_min=None, body=False):
    """Zipf or Pareto values; with `body`, half of them lie below the tail and x_min has to be found."""

    def draw(rng):
        if discrete:
            values = rng.zipf(alpha + 1, n).astype(float)
            values = values[values < 2.0**52]
        else:
            values = (1 - rng.random(n)) ** (-1 / alpha)
        if body:
            values = np.concatenate([values, rng.random(n)])
        fit = tails.tail_index(values, x_min=x_min)
        return rates.Estimate("tail index", "values", "1", fit.alpha, fit.warnings), alpha

    return draw


def _hill(alpha, n, k, *, slow=False):
    def draw(rng):
        values = (1 - rng.random(n)) ** (-1 / alpha)
        if slow:  # the same tail index, reached slowly
            values = values * (1 + np.log(values))
        return tails.hill(values, k), alpha

    return draw


AMOUNTS = np.array([0.0, 100, 200, 400, 700, 1000, 1500, 2000])


def _curve(rng, responses, shift=0.0, slope=1.0, start=0.0):
    """A falling score with one random level and one random noise per response; its mean is known."""
    mean = start + 0.2 + 0.6 / (1 + np.exp((AMOUNTS - 500 - shift) / (150 / slope)))
    level = rng.normal(0, 0.1, (responses, 1))
    return curves.Curve(AMOUNTS, mean + level + rng.normal(0, 0.1, (responses, len(AMOUNTS)))), mean


def _read(reader, responses):
    def draw(rng):
        curve, mean = _curve(rng, responses)
        return curve.estimate(reader, resamples=RESAMPLES, seed=rng), float(reader(AMOUNTS, mean))

    return draw


def _return(responses):
    def draw(rng):
        mean = 0.3 * np.exp(-AMOUNTS / 400)
        shape = rng.gamma(2.0, 0.5, (responses, 1))  # mean 1, skewed: divergences of prompts are
        curve = curves.Curve(AMOUNTS, mean * shape)
        found = curves.samples_to_return(curve, 0.02, resamples=RESAMPLES, seed=rng)
        return found, float(curves.first_below(AMOUNTS, mean, 0.02))

    return draw


def _crossing(responses, *, start=0.1):
    """A curve that starts `start` higher than one that falls later."""

    def draw(rng):
        first, low = _curve(rng, responses, start=start)
        second, high = _curve(rng, responses, shift=300.0)
        truth = float(curves.first_below(AMOUNTS, low - high, 0.0))
        return estimating.crossing(first, second, "two runs", resamples=RESAMPLES, seed=rng), truth

    return draw


def _scaling(exponent, responses, noise):
    volumes = np.array([1.0, 3.0, 10.0, 30.0])

    def draw(rng):
        changes = [rng.normal(v**exponent, noise * v**exponent, responses) for v in volumes]
        return scaling.scaling_exponent(volumes, changes, resamples=RESAMPLES, seed=rng), exponent

    return draw


def _first_order(k, responses, noise):
    def draw(rng):
        top = rng.normal(1.0, noise, responses)
        bottom = rng.normal(-1.0 / k, noise / k, responses)
        return probe.first_order_k_eff(-top, -bottom), -k * np.sign(-1.0)

    return draw


def _sequential(tau, responses):
    def draw(rng):
        top, bottom = rng.normal(0.8, 0.5, responses), rng.normal(2.0, 3.0, responses)
        return probe.sequential_k_eff(top, bottom, tau), 0.4 / tau

    return draw


def _levelling(ratio, responses):
    def draw(rng):
        shared = rng.normal(0, 0.5, responses)
        base = ratio + shared + rng.normal(0, 0.3, responses)
        return probe.levelling_ratio(base, 1.0 + shared + rng.normal(0, 0.3, responses)), ratio

    return draw


SUMS = "30 or more independent units; no rare response that carries the change (warned where seen)"
RATIO = "any k and noise (unbounded where the change is within it); no rare response that carries it"
READER = "50 or more responses; a feature well inside the scored amounts"
CROSSING = "as other curve readings, where the gap at the first amount is clear of its noise"
TAIL = "10 or more observations above a known x_min; found by KS, its own error is not in the interval"
HILL = "k largest values inside the exactly Pareto part"


def rare(rng, shape):
    """Leaf masses of which some are rare: a response in thousands carries much of the change."""
    return rng.gamma(0.7, size=shape) + 1e-3


def pareto(rng, shape):
    """Leaf masses with tail index 0.8."""
    return (1 - rng.random(shape)) ** (-1 / 0.8)


def regimes() -> list[Regime]:
    """Every estimator in the worlds in which it is calibrated, its domain stated in words."""
    correlated = {"responses": 1200, "cluster": 6}
    rows = [
        ("rate", "200 responses", _rate(), SUMS),
        ("rate", "50 responses", _rate(responses=50), SUMS),
        ("rate", "Pareto 0.8 leaf masses", _rate(mass=pareto), SUMS),
        ("rate", "1200 responses in clusters of 6", _rate(**correlated), SUMS),
        ("rate", "8 responses", _rate(responses=8), SUMS, False),
        ("normalised rate", "200 responses", _normalized(), SUMS),
        ("excess rate", "400 responses", _excess(responses=400), SUMS),
        ("change", "400 responses", _change(responses=400), SUMS),
        ("change", "tiny effect, l = 1e-6", _change(responses=400, amount=1e-6), SUMS),
        ("change", "1200 responses in clusters of 6", _change(**correlated), SUMS),
        ("change", "rare leaves, 60 responses", _change(responses=60, mass=rare), SUMS, False),
        *(("k_eff", f"normal changes, k = {k:g}", _normal_k_eff(k), RATIO) for k in (1, 10, 1e3, 1e6)),
        ("k_eff", "normal, k = 1e3, within noise", _normal_k_eff(1e3, mean=0.1), RATIO),
        ("k_eff", "saturated, k = 1, n 400", _k_eff(k=1.0, responses=400), RATIO),
        ("k_eff", "saturated, k = 10, n 2000", _k_eff(responses=2000), RATIO),
        ("k_eff", "saturated, k = 30, n 6000", _k_eff(k=30.0, responses=6000, chunks=2.0), RATIO),
        ("k_eff", "saturated, tiny effect, l = 1e-6", _k_eff(responses=1000, amount=1e-6), RATIO),
        ("k_eff", "saturated, clusters of 6", _k_eff(**correlated), RATIO),
        ("k_eff", "rare leaves, k = 10, n 200", _k_eff(mass=rare), RATIO, False),
        ("k_eff", "rare leaves, k = 1e3, n 200", _k_eff(k=1e3, mass=rare), RATIO, False),
        ("k_eff", "rare leaves, k = 1e6, n 200", _k_eff(k=1e6, mass=rare), RATIO, False),
        ("conservation residual", "k = 10, 400 responses", _conservation(responses=400), SUMS),
        ("Hooke force", "k = 1e3, 1000 responses", _force(k=1e3, responses=1000), SUMS),
        ("Hooke force", "rare leaves, k = 1e3, n 200", _force(k=1e3, mass=rare), SUMS, False),
        ("tail index", "Zipf, alpha 1.2, n 300, x_min 1", _tail(1.2, 300, discrete=True, x_min=1), TAIL),
        ("tail index", "Zipf, alpha 0.8, n 300, x_min 1", _tail(0.8, 300, discrete=True, x_min=1), TAIL),
        ("tail index", "Pareto, alpha 1.5, n 100, x_min 1", _tail(1.5, 100, discrete=False, x_min=1.0), TAIL),
        ("tail index", "over a body, x_min by KS", _tail(1.5, 300, discrete=False, body=True), TAIL, False),
        ("Hill", "Pareto, alpha 1.5, n 1000, k 100", _hill(1.5, 1000, 100), HILL),
        ("Hill", "slowly varying tail, k 100", _hill(1.5, 1000, 100, slow=True), HILL, False),
        ("initial slope", "100 responses", _read(curves.initial_slope, 100), READER),
        ("plateau", "100 responses", _read(curves.plateau, 100), READER),
        ("lag", "100 responses", _read(curves.lag, 100), READER),
        ("fall rate at a score", "100 responses", _read(curves.fall_rate_at(0.45), 100), READER),
        ("samples to return", "100 responses", _return(100), READER),
        ("crossing", "200 responses a curve", _crossing(200), CROSSING),
        ("crossing", "start within noise", _crossing(200, start=0.005), CROSSING, False),
        ("scaling exponent", "-1, 100 responses a volume", _scaling(-1.0, 100, 1.0), SUMS),
        ("first-order k_eff", "k = 1e6, 100 responses", _first_order(1e6, 100, 2.0), RATIO),
        ("sequential k_eff", "tau = 1e-3, 100 responses", _sequential(1e-3, 100), RATIO),
        ("levelling ratio", "R = 0.05, 60 responses", _levelling(0.05, 60), RATIO),
    ]
    return [Regime(*row) for row in rows]
