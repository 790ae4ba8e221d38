"""The elastic response over l, with a band: the data of the package's first figure."""

import numpy as np

from .. import elasticity
from ._corpus import Corpus
from ._statistics import A, P, T, mixture
from ._texts import ROLES


def response_curve(corpus: Corpus, amounts, seed: int = 0, replicates: int = 200):
    """Forces n_i * d rate_i / d l over perturbation volumes l = `amounts`, in bits per token.

    Volumes in alignment volumes. Returns an xarray.Dataset with `force`, `force_low`, `force_high`
    (role, volume): the forces add up to 0, whatever the texts (conservation-law); and l* as `critical`,
    `critical_low`, `critical_high`, and `k`. 95% percentile bands of the Bayesian bootstrap over responses.
    """
    import xarray

    amounts = np.asarray(amounts, float)
    drawn = [
        _forces(counts, amounts, corpus.depth)
        for counts in (corpus.counts, *corpus.resampled(replicates, np.random.default_rng(seed)))
    ]
    force, critical = (np.stack(part) for part in zip(*drawn, strict=True))
    low, high = np.percentile(force[1:], [2.5, 97.5], axis=0)
    ends = np.percentile(critical[1:], [2.5, 97.5], method="closest_observation")
    chunks = corpus.counts.sum(axis=1)
    return xarray.Dataset(
        {
            "force": (("role", "volume"), force[0], {"units": "bits per token"}),
            "force_low": (("role", "volume"), low),
            "force_high": (("role", "volume"), high),
            "critical": ((), critical[0], {"units": "alignment volumes"}),
            "critical_low": ((), ends[0]),
            "critical_high": ((), ends[1]),
            "k": ((), chunks[P] / chunks[A]),
        },
        coords={"role": list(ROLES), "volume": ("volume", amounts, {"units": "alignment volumes"})},
    )


def _forces(counts, amounts, depth):
    """((roles, volumes) forces, l*) of one set of counts."""
    mixes = [mixture(counts, amount) for amount in amounts]
    forces = np.stack([mix.volumes * elasticity.elastic_response(mix, T, depth) for mix in mixes], axis=1)
    return forces, elasticity.critical_perturbation(mixes[0], P, T)
