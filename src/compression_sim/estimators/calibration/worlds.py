"""Toy worlds with a known answer; most functions make one that draws a world and has an estimator read it."""

import numpy as np

from ...elasticity import compression_rates, finite_response, normalized_compression_rates
from ...mixtures import Mixture, normalize
from .. import noise, rates, rebound_curves
from ..statistics import curves, probes, scaling, tails
from ..statistics.estimate import FEW_CHANGES, FEW_UNITS, Estimate
from ..statistics.intervals import Resampling
from ..tables.layout import check_table, from_arrays

RESAMPLES = 999  # of a bootstrap; fewer where only the value is asked for
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


def _of(rng, resamples) -> Resampling:
    return Resampling(resamples=resamples, seed=rng)


def _warning(interval, few):
    """An interval with the warnings that `estimate` gives."""
    return Estimate("", "", "", interval).checked(few)


def rate(resamples=RESAMPLES, **world):
    """The alignment rate of a saturated world, `world` as of `saturated_world`."""

    def draw(rng):
        table, mix = saturated_world(rng, **world)
        found = rates.compression_rate(table, "alignment", "before", resampling=_of(rng, resamples))
        return found, float(compression_rates(mix, DEPTH)[1])

    return draw


def normalized_rate(resamples=RESAMPLES, **world):
    """The same less log2 of the 24 leaves."""

    def draw(rng):
        table, mix = saturated_world(rng, **world)
        found = rates.normalized_rate(table, "alignment", "before", leaves=24, resampling=_of(rng, resamples))
        return found, float(normalized_compression_rates(mix, DEPTH, 24)[1])

    return draw


def excess_rate(resamples=RESAMPLES, **world):
    """The divergence of the alignment data from the joint, per token."""

    def draw(rng):
        table, mix = saturated_world(rng, **world)
        found = rates.excess_rate(table, "alignment", "before", resampling=_of(rng, resamples))
        p, q = mix.distributions[1], mix.joint
        return found, float(np.sum(p * np.log2(p / q)) / DEPTH)

    return draw


def change(resamples=RESAMPLES, **world):
    """The change of the alignment rate after a perturbation."""

    def draw(rng):
        table, mix = saturated_world(rng, **world)
        found = rates.rate_change(table, "alignment", "before", "after", resampling=_of(rng, resamples))
        return found, float(finite_response(mix, 2, world.get("amount", 0.2), DEPTH)[1])

    return draw


def k_eff(**world):
    """Minus the ratio of the alignment change over the pre-training change, leaves drawn."""

    def draw(rng):
        table, mix = saturated_world(rng, **world)
        found = rates.k_eff(table, "pretraining", "alignment", "before", "after")
        change = finite_response(mix, 2, world.get("amount", 0.2), DEPTH)
        return found, float(-change[1] / change[0])

    return draw


def normal_k_eff(k, *, mean=1.0, responses=200):
    """Changes normal across responses, mean +1 and -mean/k, spread 2 and 2/k: any k is resolvable."""

    def draw(rng):
        change = np.concatenate([rng.normal(-mean / k, 2.0 / k, responses), rng.normal(1.0, 2.0, responses)])
        before = rng.gamma(5.0, 20.0, 2 * responses) + 50.0
        table = from_arrays(np.stack([before, before + change]), np.ones(2 * responses),
                            np.repeat(ROLES[:2], responses), ("before", "after"))  # fmt: skip
        found = rates.k_eff(table, "pretraining", "alignment", "before", "after")
        return found, float(k / mean)

    return draw


def conservation_residual(resamples=RESAMPLES, **world):
    """Volumes times changes, summed over the datasets."""

    def draw(rng):
        table, mix = saturated_world(rng, **world)
        found = rates.conservation_residual(table, "before", "after", resampling=_of(rng, resamples))
        amount = world.get("amount", 0.2)
        volumes = np.array([world.get("k", 10.0), 1.0, amount])
        return found, float(volumes @ finite_response(mix, 2, amount, DEPTH))

    return draw


def hooke_force(resamples=RESAMPLES, **world):
    """Volume times change of the pre-training data."""

    def draw(rng):
        table, mix = saturated_world(rng, **world)
        found = rates.hooke_force(table, "pretraining", "before", "after", resampling=_of(rng, resamples))
        change = finite_response(mix, 2, world.get("amount", 0.2), DEPTH)[0]
        return found, float(world.get("k", 10.0) * change)

    return draw


def tail_index(alpha, n, *, discrete, x_min=None, body=False):
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
        return Estimate("tail index", "values", "1", fit.alpha, fit.warnings), alpha

    return draw


def hill(alpha, n, k, *, slow=False):
    """Pareto values under Hill's estimator; `slow`: times a slowly varying factor."""

    def draw(rng):
        values = (1 - rng.random(n)) ** (-1 / alpha)
        if slow:  # the same tail index, reached slowly
            values = values * (1 + np.log(values))
        return tails.hill(values, k), alpha

    return draw


SCORING_NOISE = 0.001  # bits per token, of one scoring


def scored(rng, effect, *, repeats=2, responses=200, spread=0.0):
    """Two checkpoints scored `repeats` times; a scoring moves every response by one normal number.

    The second checkpoint's rate is `effect` times the noise of one scoring above the first, give or take
    `spread` times it from response to response.
    """
    tokens = rng.integers(10, 31, responses).astype(float)
    level = rng.gamma(80.0, 0.05, responses)
    moves = np.stack([np.zeros(responses), effect + spread * rng.normal(size=responses)])
    noise = rng.normal(size=(2, repeats, 1))
    scorings = tokens * (level + SCORING_NOISE * (moves[:, None] + noise))
    table = from_arrays(scorings.mean(axis=1), tokens, ["alignment"] * responses, ("before", "after"))
    return check_table(table.assign(scorings=(("checkpoint", "repeat", "response"), scorings)))


def noise_floor(repeats, responses=200):
    """The noise of scoring, from `repeats` of two checkpoints alike."""

    def draw(rng):
        table = scored(rng, 0.0, repeats=repeats, responses=responses)
        return noise.noise_interval(table, "alignment"), SCORING_NOISE

    return draw


def beside_noise(effect, *, repeats=2, spread=0.0, responses=200, resamples=RESAMPLES):
    """A change of `effect` noises: what its interval covers, and how often it warns of the noise floor."""

    def draw(rng):
        table = scored(rng, effect, repeats=repeats, spread=spread, responses=responses)
        found = rates.rate_change(table, "alignment", "before", "after", resampling=_of(rng, resamples))
        return found, effect * SCORING_NOISE

    return draw


AMOUNTS = np.array([0.0, 100, 200, 400, 700, 1000, 1500, 2000])


def _curve(rng, responses, shift=0.0, slope=1.0, start=0.0):
    """A falling score with one random level and one random noise per response; its mean is known."""
    mean = start + 0.2 + 0.6 / (1 + np.exp((AMOUNTS - 500 - shift) / (150 / slope)))
    level = rng.normal(0, 0.1, (responses, 1))
    return curves.Curve(AMOUNTS, mean + level + rng.normal(0, 0.1, (responses, len(AMOUNTS)))), mean


def curve_feature(reader, responses, resamples=RESAMPLES):
    """What `reader` reads off a falling curve."""

    def draw(rng):
        curve, mean = _curve(rng, responses)
        found = curve.estimate(reader, resampling=_of(rng, resamples))
        return _warning(found, FEW_UNITS), float(reader(AMOUNTS, mean))

    return draw


def samples_to_return(responses, resamples=RESAMPLES):
    """The amount after which an exponentially falling divergence is within 0.02."""

    def draw(rng):
        mean = 0.3 * np.exp(-AMOUNTS / 400)
        shape = rng.gamma(2.0, 0.5, (responses, 1))  # mean 1, skewed: divergences of prompts are
        curve = curves.Curve(AMOUNTS, mean * shape)
        found = curves.samples_to_return(curve, 0.02, resampling=_of(rng, resamples))
        return _warning(found, FEW_UNITS), float(curves.first_below(AMOUNTS, mean, 0.02))

    return draw


def crossing(responses, *, start=0.1, resamples=RESAMPLES):
    """A curve that starts `start` higher than one that falls later."""

    def draw(rng):
        first, low = _curve(rng, responses, start=start)
        second, high = _curve(rng, responses, shift=300.0)
        truth = float(curves.first_below(AMOUNTS, low - high, 0.0))
        return rebound_curves.crossing(first, second, "two runs", resampling=_of(rng, resamples)), truth

    return draw


def scaling_exponent(exponent, responses, noise, resamples=RESAMPLES):
    """Changes that scale as volume^exponent, with `noise` times their size from response to response."""

    volumes = np.array([1.0, 3.0, 10.0, 30.0])

    def draw(rng):
        changes = [rng.normal(v**exponent, noise * v**exponent, responses) for v in volumes]
        found = scaling.scaling_exponent(volumes, changes, resampling=_of(rng, resamples))
        return _warning(found, FEW_CHANGES), exponent

    return draw


def first_order_k_eff(k, responses, noise):
    """Normal dot products whose means have the ratio k."""

    def draw(rng):
        top = rng.normal(1.0, noise, responses)
        bottom = rng.normal(-1.0 / k, noise / k, responses)
        return _warning(probes.first_order_k_eff(-top, -bottom), FEW_CHANGES), k

    return draw


def sequential_k_eff(tau, responses):
    """Normal dot products and curvatures whose ratio is 0.4/tau."""

    def draw(rng):
        top, bottom = rng.normal(0.8, 0.5, responses), rng.normal(2.0, 3.0, responses)
        return _warning(probes.sequential_k_eff(top, bottom, tau), FEW_CHANGES), 0.4 / tau

    return draw


def levelling_ratio(ratio, responses):
    """Paired normal dot products whose means have the given ratio."""

    def draw(rng):
        shared = rng.normal(0, 0.5, responses)
        base = ratio + shared + rng.normal(0, 0.3, responses)
        found = probes.levelling_ratio(base, 1.0 + shared + rng.normal(0, 0.3, responses))
        return _warning(found, FEW_CHANGES), ratio

    return draw


def rare(rng, shape):
    """Leaf masses of which some are rare: a response in thousands carries much of the change."""
    return rng.gamma(0.7, size=shape) + 1e-3


def pareto(rng, shape):
    """Leaf masses with tail index 0.8."""
    return (1 - rng.random(shape)) ** (-1 / 0.8)
