"""Toy worlds with a known answer; most functions make one that draws a world and has an estimator read it."""

import numpy as np

from ..elasticity import compression_rates, finite_response, normalized_compression_rates
from ..mixtures import Mixture, normalize
from . import curves, probe, rates, rebounds, scaling, tails
from .table import check_table, from_arrays

RESAMPLES = 999
HOW = {"resamples": RESAMPLES}  # of `bootstrap`; fewer where only the value is asked for
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


def _warning(interval, few):
    """An interval with the warnings that `estimate` gives."""
    return rates.Estimate("", "", "", interval).checked(few)


def _rate(how=HOW, **world):
    def draw(rng):
        table, mix = saturated_world(rng, **world)
        found = rates.compression_rate(table, "alignment", "before", seed=rng, **how)
        return found, float(compression_rates(mix, DEPTH)[1])

    return draw


def _normalized(how=HOW, **world):
    def draw(rng):
        table, mix = saturated_world(rng, **world)
        found = rates.normalized_rate(table, "alignment", "before", leaves=24, seed=rng, **how)
        return found, float(normalized_compression_rates(mix, DEPTH, 24)[1])

    return draw


def _excess(how=HOW, **world):
    def draw(rng):
        table, mix = saturated_world(rng, **world)
        found = rates.excess_rate(table, "alignment", "before", seed=rng, **how)
        p, q = mix.distributions[1], mix.joint
        return found, float(np.sum(p * np.log2(p / q)) / DEPTH)

    return draw


def _change(how=HOW, **world):
    def draw(rng):
        table, mix = saturated_world(rng, **world)
        found = rates.rate_change(table, "alignment", "before", "after", seed=rng, **how)
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


def _conservation(how=HOW, **world):
    def draw(rng):
        table, mix = saturated_world(rng, **world)
        found = rates.conservation_residual(table, "before", "after", seed=rng, **how)
        amount = world.get("amount", 0.2)
        volumes = np.array([world.get("k", 10.0), 1.0, amount])
        return found, float(volumes @ finite_response(mix, 2, amount, DEPTH))

    return draw


def _force(how=HOW, **world):
    def draw(rng):
        table, mix = saturated_world(rng, **world)
        found = rates.hooke_force(table, "pretraining", "before", "after", seed=rng, **how)
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


def _noise(repeats, responses=200):
    def draw(rng):
        table = scored(rng, 0.0, repeats=repeats, responses=responses)
        return rates.noise_interval(table, "alignment"), SCORING_NOISE

    return draw


def _beside_noise(effect, *, repeats=2, spread=0.0, responses=200, how=HOW):
    """A change of `effect` noises: what its interval covers, and how often it warns of the noise floor."""

    def draw(rng):
        table = scored(rng, effect, repeats=repeats, spread=spread, responses=responses)
        found = rates.rate_change(table, "alignment", "before", "after", seed=rng, **how)
        return found, effect * SCORING_NOISE

    return draw


AMOUNTS = np.array([0.0, 100, 200, 400, 700, 1000, 1500, 2000])


def _curve(rng, responses, shift=0.0, slope=1.0, start=0.0):
    """A falling score with one random level and one random noise per response; its mean is known."""
    mean = start + 0.2 + 0.6 / (1 + np.exp((AMOUNTS - 500 - shift) / (150 / slope)))
    level = rng.normal(0, 0.1, (responses, 1))
    return curves.Curve(AMOUNTS, mean + level + rng.normal(0, 0.1, (responses, len(AMOUNTS)))), mean


def _read(reader, responses, how=HOW):
    def draw(rng):
        curve, mean = _curve(rng, responses)
        found = curve.estimate(reader, seed=rng, **how)
        return _warning(found, rates.FEW_UNITS), float(reader(AMOUNTS, mean))

    return draw


def _return(responses, how=HOW):
    def draw(rng):
        mean = 0.3 * np.exp(-AMOUNTS / 400)
        shape = rng.gamma(2.0, 0.5, (responses, 1))  # mean 1, skewed: divergences of prompts are
        curve = curves.Curve(AMOUNTS, mean * shape)
        found = curves.samples_to_return(curve, 0.02, seed=rng, **how)
        return _warning(found, rates.FEW_UNITS), float(curves.first_below(AMOUNTS, mean, 0.02))

    return draw


def _crossing(responses, *, start=0.1, how=HOW):
    """A curve that starts `start` higher than one that falls later."""

    def draw(rng):
        first, low = _curve(rng, responses, start=start)
        second, high = _curve(rng, responses, shift=300.0)
        truth = float(curves.first_below(AMOUNTS, low - high, 0.0))
        return rebounds.crossing(first, second, "two runs", seed=rng, **how), truth

    return draw


def _scaling(exponent, responses, noise, how=HOW):
    volumes = np.array([1.0, 3.0, 10.0, 30.0])

    def draw(rng):
        changes = [rng.normal(v**exponent, noise * v**exponent, responses) for v in volumes]
        found = scaling.scaling_exponent(volumes, changes, seed=rng, **how)
        return _warning(found, rates.FEW_CHANGES), exponent

    return draw


def _first_order(k, responses, noise):
    def draw(rng):
        top = rng.normal(1.0, noise, responses)
        bottom = rng.normal(-1.0 / k, noise / k, responses)
        return _warning(probe.first_order_k_eff(-top, -bottom), rates.FEW_CHANGES), k

    return draw


def _sequential(tau, responses):
    def draw(rng):
        top, bottom = rng.normal(0.8, 0.5, responses), rng.normal(2.0, 3.0, responses)
        return _warning(probe.sequential_k_eff(top, bottom, tau), rates.FEW_CHANGES), 0.4 / tau

    return draw


def _levelling(ratio, responses):
    def draw(rng):
        shared = rng.normal(0, 0.5, responses)
        base = ratio + shared + rng.normal(0, 0.3, responses)
        found = probe.levelling_ratio(base, 1.0 + shared + rng.normal(0, 0.3, responses))
        return _warning(found, rates.FEW_CHANGES), ratio

    return draw


def rare(rng, shape):
    """Leaf masses of which some are rare: a response in thousands carries much of the change."""
    return rng.gamma(0.7, size=shape) + 1e-3


def pareto(rng, shape):
    """Leaf masses with tail index 0.8."""
    return (1 - rng.random(shape)) ** (-1 / 0.8)
