"""First-order probes: what gradients say about elasticity before anything is fine-tuned.

With g_i the gradient of dataset i's mean loss, H_p the pre-training Hessian, an update d theta = -B g_t and
alignment by the flow theta' = -A g_a for a time tau (theory: sequential-ratio). Gradients enter as dot
products per response, so that the same intervals apply; vectors are only needed to form them, which
`compression_sim.training` does (`probe_dots`, `curvature_dots`).

Dot products are (responses,), or (responses, 2) with the responses' lengths beside them: the loss is then per
token, as the rates are, and not per response. Summed within clusters, rows are clusters.
"""

from dataclasses import replace

import numpy as np

from ..._validation import number, real_array
from .intervals import Interval, fieller, ratio_moments


def first_order_k_eff(alignment, pretraining, *, confidence: float = 0.95) -> Interval:
    """k_eff = -(g_a . d theta)/(g_p . d theta) from per-response dot products: (n_a,) or (n_a, 2),
    (n_p,) or (n_p, 2).

    `alignment[r]` is the gradient of response r's loss times the update of the perturbation. Exact as
    the update goes to 0. Fieller's interval: unbounded where g_p . d theta is within noise.
    """
    top, bottom = _dots(alignment, "alignment"), _dots(pretraining, "pretraining")
    top, bottom = ratio_moments(top), ratio_moments(bottom)
    return fieller(replace(top, value=-top.value), bottom, confidence=confidence)


def sequential_k_eff(alignment, curvature, tau: float, *, confidence: float = 0.95) -> Interval:
    """(g_a . B g_t)/(tau g_a' A H_p B g_t) from g_a . B g_t per alignment response and v . H_p B g_t per
    pre-training response, v = A g_a: one Hessian-vector product.

    Valid for tau small against 1/|H_a| and for a start where g_p = 0: with a residual gradient the limit is
    finite and of either sign, which `residual_share` measures.
    """
    tau = number(tau, "tau", 0.0, open_low=True)
    top, bottom = _dots(alignment, "alignment"), _dots(curvature, "curvature")
    return fieller(ratio_moments(top), ratio_moments(bottom), confidence=confidence).scaled(1 / tau)


def levelling_ratio(score_at_base, score_at_aligned, *, confidence: float = 0.95) -> Interval:
    """R = (grad s . B g_t at the base)/(grad s . B g_t at the aligned model), per perturbation response.

    R << 1: the curve levels off near the base; otherwise it goes on to the perturbation's own score (theory:
    fig-4-level). The two are paired by response; lengths cancel.
    """
    given = {"score_at_base": score_at_base, "score_at_aligned": score_at_aligned}
    top, bottom = (_dots(_dots(values, name)[:, 0], name) for name, values in given.items())
    if len(top) != len(bottom):
        raise ValueError(f"both states need the same responses, got {len(top)} and {len(bottom)}")
    covariance = float(np.cov(top[:, 0], bottom[:, 0])[0, 1] / len(top))
    return fieller(ratio_moments(top), ratio_moments(bottom), covariance, confidence=confidence)


def residual_share(residual, curvature, tau: float) -> float:
    """|g_p(theta_0) . B g_t| / (tau |g_a' A H_p B g_t|): far below 1 where `sequential_k_eff` applies."""
    tau = number(tau, "tau", 0.0, open_low=True)
    top, bottom = ratio_moments(_dots(residual, "residual")), ratio_moments(_dots(curvature, "curvature"))
    return float(np.divide(abs(top.value), tau * abs(bottom.value)))


def _dots(values, name):
    """Dot products and lengths: (units, 2)."""
    values = real_array(values, name)
    if values.ndim == 1:
        values = np.stack([values, np.ones(len(values))], axis=1)
    if values.shape[1:] != (2,):
        raise ValueError(f"{name} must be (responses,) or (responses, 2), got {values.shape}")
    if len(values) < 2 or not np.isfinite(values).all():
        raise ValueError(
            f"{name} must hold at least 2 finite dot products, one per response, got {len(values)}"
        )
    return values
