"""Evidence on the conservation law: exact rationals, a capacity-limited model retrained, a real text."""

import numpy as np

from ... import elasticity
from .._claims import judges
from .._evidence import Evidence
from . import derived
from ._routes import rationals, texts
from ._routes.log_linear import random_model
from ._routes.mixtures import LN2, mixture


@judges("conservation-law")
def conservation_law(run):
    """Exact responses of rational mixtures; a capacity-limited model retrained."""
    yield from derived("conservation-law")
    rng, found, expected, sums = run.rng, [], [], []
    sizes = range(3, run.size(7, 11, 31))
    for datasets in sizes:
        laws = rationals.rational_laws(rng, datasets, 6)
        volumes = rationals.fractions(rng.integers(1, 1000, datasets), 7)
        t = int(rng.integers(datasets))
        exact = rationals.responses(laws, volumes, t)
        sums.append(volumes @ exact)
        found.extend(elasticity.elastic_response(mixture(laws, volumes), t) * LN2)
        expected.extend(rationals.floats(exact))
    detail = f"exact rationals, {sizes[0]} to {sizes[-1]} datasets: "
    yield Evidence.equal(
        "enumeration",
        rationals.floats(sums),
        0,
        parts=("conservation-law/saturated",),
        detail=detail + "the weighted sum",
    )
    yield Evidence.equal("closed-form", found, expected, rtol=1e-11, detail=detail + "elastic_response")
    for ridge, what in ((0.0, "0"), (0.5, "minus the regulariser's slope along the motion")):
        model, volumes, step = random_model(rng, ridge), np.array([20.0, 1.0, 0.5]), 1e-4
        low, high = (model.fit(volumes + np.array([0, 0, move])) for move in (-step, step))
        slopes = (model.losses(high) - model.losses(low)) / (2 * step)
        scale = volumes @ np.abs(slopes)
        yield Evidence.equal(
            "simulation",
            volumes @ slopes / scale,
            -ridge * model.fit(volumes) @ (high - low) / (2 * step) / scale,
            atol=1e-6,
            parts=("conservation-law/stationary",),
            detail=f"log-linear model retrained at n_t +- {step:g}, ridge {ridge:g}: the sum is {what}",
        )


@judges("conservation-law")
def conservation_in_real_text(run):
    """Code lengths alone: no closed form takes part."""
    mix = texts.mixture(*texts.lines_of_kinds(run.rng))
    forces = mix.volumes * texts.slopes(mix)
    yield Evidence.equal(
        "real-text",
        forces.sum() / np.abs(forces).max(),
        0,
        atol=1e-5,
        detail=f"code, docstrings, reference; {len(mix.joint)} leaves: sum of the forces / the largest",
    )
