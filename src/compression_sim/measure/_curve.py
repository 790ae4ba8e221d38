"""The elastic response over l, with a band: the data of the package's first figure."""

import numpy as np

from .. import elasticity
from ._corpus import Corpus
from ._statistics import P, T, mixture, with_intervals
from ._texts import ROLES


def response_curve(corpus: Corpus, amounts, seed: int = 0, replicates: int = 200):
    """Forces n_i * d rate_i / d l over perturbation volumes l = `amounts`, in bits per token.

    Volumes in alignment volumes. Returns an xarray.Dataset with `force`, `force_low`, `force_high`
    (role, volume) and l* as `critical`, `critical_low`, `critical_high`, with 95% intervals over responses.
    The forces add up to 0, whatever the texts (conservation-law).
    """
    import xarray

    amounts = np.asarray(amounts, float)
    drawn = corpus.resampled(replicates, np.random.default_rng(seed))
    found = with_intervals(
        _forces(corpus.counts, amounts, corpus.depth),
        (_forces(counts, amounts, corpus.depth) for counts in drawn),
    )
    dims = {"force": ("role", "volume"), "critical": ()}
    return xarray.Dataset(
        {
            name + suffix: (dims[name], part)
            for name, estimate in found.items()
            for suffix, part in zip(("", "_low", "_high"), estimate, strict=True)
        },
        coords={"role": list(ROLES), "volume": amounts},
        attrs={"force_units": "bits per token", "volume_units": "alignment volumes"},
    )


def _forces(counts, amounts, depth) -> dict[str, np.ndarray]:
    mixes = [mixture(counts, amount) for amount in amounts]
    forces = np.stack([_force(mix, depth) for mix in mixes], axis=1)
    return {"force": forces, "critical": np.float64(elasticity.critical_perturbation(mixes[0], P, T))}


def _force(mix, depth) -> np.ndarray:
    response = elasticity.elastic_response(mix, T, depth)
    if mix.volumes[T] == 0:  # l d(-m0 log l)/dl = -m0 as l -> 0
        response[T] = 0.0
        unseen = mix.distributions[T][mix.joint == 0].sum()
        return mix.volumes * response - [0.0, 0.0, unseen / (depth * elasticity.LN2)]
    return mix.volumes * response
