"""What the leaf counts of three texts say: every number of the report, as a function of the counts alone."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from .. import elasticity
from ..mixtures import Mixture

P, A, T = range(3)  # pre-training, alignment, perturbation


class Estimate(NamedTuple):
    """A value with the ends of its 95% interval, which are None where nothing was sampled."""

    value: np.ndarray
    low: np.ndarray | None = None
    high: np.ndarray | None = None


def mixture(counts: np.ndarray, perturbation: float = 0.0) -> Mixture:
    """The mixture of the roles in units of the alignment volume: n_p = k, n_a = 1, n_t = `perturbation`."""
    chunks = counts.sum(axis=1)
    return Mixture(counts / chunks[:, None], [chunks[P] / chunks[A], 1.0, perturbation])


def statistics(mix: Mixture, depth: int) -> dict[str, np.ndarray]:
    """Closed forms at l = 0 of a mixture in units of the alignment volume, by name.

    Rates in bits per chunk / depth, responses in the same per unit of alignment volume, (roles,) each;
    `inner`: G(i, t) of pre-training and alignment; `unseen`: m0, mass of P_t on leaves that neither has.
    """
    response = elasticity.elastic_response(mix, T, depth)
    return {
        "k": np.float64(mix.volumes[P]),
        "rates": elasticity.compression_rates(mix, depth),
        "response": response,
        "inner": 0.0 - response[:T] * mix.total_volume * depth * elasticity.LN2,
        "critical": np.float64(elasticity.critical_perturbation(mix, P, T)),
        "unseen": mix.distributions[T][mix.joint == 0].sum(),
    }


def by_definition(mix: Mixture, depth: int, rates: Estimate) -> dict[str, Estimate]:
    """What follows from the mixture without more uncertainty than `rates` has.

    `normalized_rates`; `ratio`: response_a / response_p; `ratio_seen`: the same for P_t conditioned on the
    leaves that the joint has.
    """
    normalized = elasticity.normalized_compression_rates(mix, depth)
    offset = np.log2(np.count_nonzero(mix.distributions, axis=1))
    ends = [None if end is None else end - offset for end in rates[1:]]
    return {
        "normalized_rates": Estimate(normalized, *ends),
        "ratio": Estimate(np.float64(elasticity.elasticity_ratio(mix, A, P, T))),
        "ratio_seen": Estimate(_ratio_on(mix, mix.joint > 0)),
    }


def _ratio_on(mix: Mixture, seen: np.ndarray) -> np.float64:
    """The ratio of the responses to what the perturbation has on the joint's own leaves: -k by algebra."""
    rows = mix.distributions[:, seen]
    mass = rows[T].sum()
    if mass == 0:
        return np.float64("nan")
    rows = np.vstack([rows[:T], rows[T] / mass])
    return np.float64(elasticity.elasticity_ratio(Mixture(rows, mix.volumes), A, P, T))


def text_statistics(counts: np.ndarray, lengths: np.ndarray, depth: int) -> dict[str, np.ndarray]:
    """`statistics`, and the rates in other units and with the whole perturbation text added.

    `bits_per_token`: bits per chunk * chunks / tokens; `bits_per_byte`: 8 times that (separators are not
    counted as bytes; the EOS leaves that they become are paid for); `rates_after`: at l = n_t.
    """
    found = statistics(mixture(counts), depth)
    chunks, tokens = counts.sum(axis=1), counts @ lengths
    per_token = found["rates"] * depth * chunks / tokens
    volume = chunks[T] / chunks[A]
    return found | {
        "bits_per_token": per_token,
        "bits_per_byte": 8 * per_token,
        "perturbation_volume": np.float64(volume),
        "rates_after": elasticity.compression_rates(mixture(counts, volume), depth),
    }


def with_intervals(point: dict, replicates: Iterable[dict], level: float = 0.95) -> dict[str, Estimate]:
    """Intervals of every statistic: the replicates' percentiles, moved so that their mean is at the value.

    A plug-in entropy of a resample is biased once more than the estimate; the move takes that out. l* is
    moved on a log scale. A statistic that is infinite (or an l* that is 0) in some replicate is not moved.
    """
    replicates = list(replicates)
    tail = 100 * (1 - level) / 2
    result = {}
    for name, value in point.items():
        to, back = (np.log, np.exp) if name == "critical" else (_same, _same)
        with np.errstate(divide="ignore", invalid="ignore"):
            drawn, centre = to(np.stack([replicate[name] for replicate in replicates])), to(value)
        low, high = np.percentile(drawn, [tail, 100 - tail], axis=0, method="closest_observation")
        finite = np.isfinite(drawn).all(axis=0) & np.isfinite(centre)
        mean = np.where(finite, drawn, 0.0).mean(axis=0)
        shift = np.where(finite, centre, 0.0) - mean
        result[name] = Estimate(value, back(low + shift), back(high + shift))
    return result


def _same(value):
    return value
