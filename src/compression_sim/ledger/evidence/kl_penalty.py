"""Evidence on the KL penalty: k_eff is its strength, at convergence and in the forward direction only."""

from fractions import Fraction

import numpy as np

from ... import elasticity, mixtures
from .._claims import Run, judges
from .._evidence import Evidence
from . import derived
from ._routes.flows import flow, models, softmax


@judges("kl-penalty")
def penalty(run: Run):
    """Three models trained on L_a + lambda L_p to convergence, then pushed in random directions."""
    yield from derived("kl-penalty")
    rng = run.rng
    for model in models():
        start, targets = model.draw(rng, 3)
        for strength in (0.5, 3.7, 50.0):
            theta = model.minimum(targets, np.array([strength, 1.0, 0.0]), start)
            _, gradients, _ = model.derivatives(theta, targets)
            updates = np.vstack([gradients[2], rng.normal(size=(3, len(theta)))])
            change = updates @ gradients.T
            yield Evidence.equal(
                "autodiff",
                -change[:, 1] / change[:, 0],
                strength,
                rtol=1e-8,
                detail=f"{model.name}, lambda = {strength:g}: k_eff of the step towards D_t and of three "
                "random updates",
            )
    mix = mixtures.Mixture(rng.dirichlet(np.ones(9), 3), [3.7, 1.0, 0.0])
    yield Evidence.equal(
        "closed-form",
        elasticity.elasticity_ratio(mix, alignment=1, pretraining=0, perturbation=2),
        -3.7,
        rtol=1e-9,
        detail="the saturated optimum of L_a + 3.7 L_p is the joint of volumes 3.7 and 1: the same ratio",
    )


@judges("kl-penalty")
def beyond_the_statement(run: Run):
    """A finite step, and several modes before convergence: neither is lambda, nor above it."""
    theta, found = Fraction(1, 2), []
    for step in (Fraction(1, 10), Fraction(-1, 10)):
        alignment = ((theta + step - 1) ** 2 - (theta - 1) ** 2) / 2
        found.append(float(-alignment / (((theta + step) ** 2 - theta**2) / 2)))
    yield Evidence.equal(
        "enumeration",
        found,
        [9 / 11, 11 / 9],
        rtol=1e-14,
        role="boundary",
        detail="theta^2/2 and (theta - 1)^2/2, lambda = 1, at the optimum: finite steps of 1/10 and -1/10 "
        "give 9/11, 11/9",
    )
    h_a = np.array([1.0, 4.0])
    stopped = flow(lambda x: -h_a * (x - 1) - x, np.zeros(2), [1.0])[-1]
    steps = np.array([[1.0, -1.0], [-0.5, 1.0]])
    yield Evidence.equal(
        "simulation",
        -(steps @ (h_a * (stopped - 1))) / (steps @ stopped),
        [0.7008, 0.9296],
        atol=5e-5,
        role="boundary",
        detail="two modes, h_a = 1 and 4, lambda = tau = 1: steps of mixed sign have k_eff below lambda "
        "before convergence",
    )


@judges("kl-penalty")
def before_convergence(run: Run):
    """The penalty together with a finite alignment time, mode by mode."""
    h_p, h_a, target, tau = run.rng.uniform(0.3, 2.0, (4, 6))
    for strength in (0.0, 0.5, 3.7):
        pull = h_a + strength * h_p
        delta = flow(lambda x: tau * (h_a * target - pull * x), np.zeros(6), [1.0])[0]  # noqa: B023
        fade = np.exp(-tau * pull)
        yield Evidence.equal(
            "simulation",
            -h_a * (delta - target) / (h_p * delta),
            (strength + h_a / h_p * fade) / (1.0 - fade),
            rtol=1e-8,
            detail=f"six modes at times of their own, lambda = {strength:g}: (lambda + (h_a/h_p)E)/(1 - E)",
        )


@judges("kl-penalty")
def reverse_divergence(run: Run):
    """KL(model || base) as the penalty: lambda plus a constant that depends on the step."""
    base, aligned, reverse = np.array([[0.5, 0.3, 0.2], [0.2, 0.3, 0.5], [0.1, 0.1, 0.8]])

    def ratio(strength):
        """k_eff at the optimum of L_a + strength KL(q || base), by Newton steps on the logits."""
        z = (strength * np.log(base) + np.log(aligned)) / (strength + 1.0)
        for _ in range(60):
            q = softmax(z)
            excess = np.log(q / base)
            mean = q @ excess
            gradient = q - aligned + strength * q * (excess - mean)
            fisher = np.diag(q) - np.outer(q, q)
            inner = np.diag(q * (excess - mean)) - np.outer(q, q * (excess - mean))
            inner -= np.outer(q * (excess - mean), q)
            z = z - np.linalg.lstsq((1.0 + strength) * fisher + strength * inner, gradient, rcond=1e-12)[0]
        push = q - reverse
        return -(q - aligned) @ push / ((q - base) @ push)

    rho = aligned / base - 1.0
    delta = -(np.diag(base) - np.outer(base, base)) @ (base - reverse)  # the first step of the reversal
    offset = (rho**2 @ delta) / (2.0 * (rho @ delta))
    strengths = np.array([2.0, 20.0, 200.0, 2000.0, 4000.0])
    found = np.array([ratio(strength) for strength in strengths])
    error = found - strengths - offset
    shown = ", ".join(f"{k:.2f}" for k in found[:3])
    yield Evidence.equal(
        "simulation",
        2.0 * error[-1] - error[-2],
        0.0,
        atol=1e-5,
        role="boundary",
        detail=f"penalty on KL(model || base): k_eff is {shown} for lambda 2, 20, 200; k_eff - lambda goes "
        f"to {offset:.4f}, S_2/(2 S_1), not to 0 (extrapolated in 1/lambda)",
    )
