"""Evidence on the influence form: gradients and Hessian by autodiff against models that were retrained."""

import numpy as np

from ... import elasticity, mixtures
from .._claims import Run, judges
from .._evidence import Evidence
from . import derived
from ._routes.flows import OUTCOMES, models

NATS = np.log(2.0)


@judges("influence-form")
def influence(run: Run):
    """Gradients and inverse Hessian against models retrained with a little more of one dataset."""
    yield from derived("influence-form")
    rng, volumes = run.rng, np.array([3.0, 1.0, 0.4])
    for model in models():
        start, targets = model.draw(rng, 3)
        theta = model.minimum(targets, volumes, start)
        _, gradients, hessians = model.derivatives(theta, targets)
        inverse = np.linalg.pinv(np.tensordot(volumes, hessians, 1), rcond=1e-10)
        retrained = []
        for step in (-2, -1, 1, 2):
            moved = model.minimum(targets, volumes + np.array([0, 0, 0.002 * step]), theta)
            retrained.append(model.derivatives(moved, targets)[0])
        slope = np.array([1, -8, 8, -1]) @ retrained / 0.024
        yield Evidence.equal(
            "autodiff",
            -gradients @ inverse @ gradients[2] / np.abs(slope).max(),
            slope / np.abs(slope).max(),
            atol=1e-5,
            detail=f"{model.name}: -g_i' H^-1 g_t by autodiff, against losses retrained with more of D_t "
            "(differences of fourth order), over the largest",
        )
    model = models()[0]
    start, targets = model.draw(rng, 3)
    mix = mixtures.Mixture(targets[:, 0], volumes)
    _, gradients, hessians = model.derivatives(np.log(mix.joint), targets)
    hessian, joint = np.tensordot(volumes, hessians, 1), mix.joint
    yield Evidence.equal(
        "closed-form",
        -gradients @ np.linalg.pinv(hessian, rcond=1e-10) @ gradients[2],
        elasticity.elastic_response(mix, 2) * NATS,
        rtol=1e-8,
        atol=1e-10,
        detail="tabular softmax at the joint: the influence form is the elastic response -G(i,t)/T",
    )
    scores = np.eye(OUTCOMES) - joint
    yield Evidence.equal(
        "autodiff",
        hessian,
        mix.total_volume * np.einsum("x,xa,xb->ab", joint, scores, scores),
        atol=1e-12,
        detail="there the Hessian of the training loss is T times the mean square of the scores",
    )
