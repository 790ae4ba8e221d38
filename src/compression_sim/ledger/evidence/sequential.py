"""Evidence on training in sequence: the influence form, the sequential ratio, and the KL penalty.

A tabular softmax, a log-linear model and a small network are differentiated by jax, retrained to
stationarity and integrated along their gradient flows; what the pages of the theory derive is compared with
what the models do.
"""

import numpy as np

import compression_theory as theory

from ... import elasticity, mixtures
from .._claims import Run, judges
from .._evidence import Evidence
from ._flows import OUTCOMES, flow, models, softmax

NATS = np.log(2.0)


def scaled(gradient):
    """The diagonal of an Adam-type preconditioner, 1/(|g| + 0.1 max |g|), with mean 1."""
    diagonal = 1.0 / (np.abs(gradient) + 0.1 * np.abs(gradient).max())
    return diagonal / diagonal.mean()


@judges("influence-form")
def influence(run: Run):
    """Gradients and inverse Hessian against models retrained with a little more of one dataset."""
    yield from map(Evidence.derivation, theory.pages("influence-form"))
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


def after_alignment(model, targets, base, times, A, B):
    """At each time of the flow theta' = -A g_a: (g_a'Bg_t, -g_p'Bg_t, int g_a'A H_p B g_t), and Bg_t."""

    size = len(base)

    def velocity(state):  # parameters, and the integral of H_p A g_a along the way
        _, gradients, hessians = model.derivatives(state[:size], targets)
        step = A * gradients[1]
        return np.concatenate([-step, hessians[0] @ step])

    states = flow(velocity, np.concatenate([base, np.zeros(size)]), times)
    found = []
    for state in states:
        _, gradients, _ = model.derivatives(state[:size], targets)
        push = B * gradients[2]
        found.append((gradients[1] @ push, -gradients[0] @ push, state[size:] @ push))
    return np.array(found)


def world(model, rng):
    """(targets, converged base, cases): a case is (name, A, B, g_a'B g_t, g_a'A H_p B g_t) at the base.

    Both forms are of mixed sign. A world in which one of them is nearly 0, so that k_eff is nearly 0 or has
    a pole, is drawn again.
    """
    while True:
        start, targets = model.draw(rng, 3)
        base = model.minimum(targets, np.array([1.0, 0.0, 0.0]), start)
        _, gradients, hessians = model.derivatives(base, targets)
        cases, angles = [], []
        for name, A, B in (
            ("plain gradients", np.ones(len(base)), np.ones(len(base))),
            ("Adam-type A and B", scaled(gradients[1]), scaled(gradients[2])),
        ):
            push, step = B * gradients[2], A * gradients[1]
            pairs = (gradients[1], push), (step, hessians[0] @ push)
            angles += [x @ y / np.sqrt((x @ x) * (y @ y)) for x, y in pairs]
            cases.append((name, A, B, *(x @ y for x, y in pairs)))
        if np.abs(angles).min() > 0.05:
            return targets, base, cases


@judges("sequential-ratio")
def early_stopping(run: Run):
    """k_eff after a short alignment, in three models, with and without Adam-type preconditioners."""
    yield from map(Evidence.derivation, theory.pages("sequential-ratio"))
    times, errors = np.array([5e-5, 1e-4, 0.01, 0.5]), []
    rng = run.rng
    for model in models():
        targets, base, cases = world(model, rng)
        for name, A, B, top, curvature in cases:
            up, down, integral = after_alignment(model, targets, base, times, A, B).T
            yield Evidence.equal(
                "simulation",
                down / integral,
                1.0,
                atol=1e-7,
                detail=f"{model.name}, {name}: -g_p'Bg_t at theta_tau over the integral of g_a'A H_p B g_t",
            )
            error = up / down * times * curvature / top - 1.0
            errors.append(error[:2])
            yield Evidence.equal(
                "autodiff",
                2.0 * error[0] - error[1],
                0.0,
                atol=1e-6 + 2.0 * error[1] ** 2,  # it is of second order
                detail=f"{model.name}, {name}: tau k_eff (g_a'A H_p B g_t)/(g_a'B g_t) - 1, which is "
                f"{error[1]:.1e} at tau = 1e-4, extrapolated to tau = 0",
            )
    first, second = np.linalg.norm(errors, axis=0)
    yield Evidence.equal(
        "simulation",
        np.log2(second / first),
        1.0,
        atol=0.01,
        detail="order in tau of those six errors together",
    )


@judges("sequential-ratio")
def finite_update(run: Run):
    """The same ratio from losses before and after an actual small update of a tabular softmax."""
    laws = run.rng.dirichlet(np.full(6, 2.0), 3)
    base, tau, step = np.log(laws[0]), 0.05, 1e-4
    theta = flow(lambda z: laws[1] - softmax(z), base, [tau])[0]
    changes = [
        -laws[:2] @ (np.log(softmax(theta + s * (laws[2] - softmax(theta)))) - np.log(softmax(theta)))
        for s in (step, -step)
    ]
    rise = (changes[0] - changes[1]) / (2 * step)
    push = softmax(theta) - laws[2]
    yield Evidence.equal(
        "simulation",
        -rise[1] / rise[0],
        -(softmax(theta) - laws[1]) @ push / ((softmax(theta) - laws[0]) @ push),
        rtol=1e-4,
        detail="tabular softmax, tau = 0.05: k_eff by losses before and after an update, and by gradients",
    )


@judges("sequential-ratio")
def spectral(run: Run):
    """Quadratic losses: mode by mode if they share their axes, by matrix exponentials if not."""
    from scipy.linalg import expm

    rng = run.rng
    h_p, h_a, rate = rng.uniform(0.3, 3.0, (3, 5))
    target, push = rng.normal(size=(2, 5))
    for tau in (0.01, 1.0, 5.0):
        delta = flow(lambda x: -rate * h_a * (x - target), np.zeros(5), [tau])[0]
        k = (h_a / h_p) / np.expm1(rate * tau * h_a)
        weights = h_p * delta * push
        yield Evidence.equal(
            "simulation",
            -(h_a * (delta - target)) @ push / ((h_p * delta) @ push),
            k @ weights / weights.sum(),
            rtol=1e-7,
            detail=f"five commuting modes at tau = {tau:g}: k_eff is the mean of k_i = (h_a/h_p)/"
            f"(e^(a tau h_a) - 1), from {k.min():.3g} to {k.max():.3g}",
        )
    errors, A = [], np.diag(rate)
    for m in rng.normal(size=(8, 2, 5, 5)):
        H_a, H_p = m @ np.swapaxes(m, 1, 2) / 5 + np.eye(5)
        for tau in (2e-4, 1e-4):
            left = expm(-tau * A @ H_a) @ target  # what is still to come
            ratio = (H_a @ left) @ push / ((H_p @ (target - left)) @ push)
            limit = (H_a @ target) @ push / (tau * (H_a @ target) @ A @ H_p @ push)
            errors.append(ratio / limit - 1.0)
    second, first = np.median(np.abs(np.reshape(errors, (8, 2))), axis=0)
    yield Evidence.equal(
        "closed-form",
        np.log2(second / first),
        1.0,
        atol=0.02,
        detail="eight worlds of five modes that do not commute, preconditioned: order of the error in tau, "
        f"by matrix exponentials; its median is {first:.1e} at tau = 1e-4",
    )
    residual = rng.normal(size=5)
    start = -np.linalg.solve(H_p, residual)  # where g_p = -residual: not converged
    left = expm(-1e-6 * H_a) @ (target - start)
    yield Evidence.equal(
        "simulation",
        (H_a @ left) @ push / ((H_p @ (target - left)) @ push),
        -(H_a @ (target - start)) @ push / (residual @ push),
        rtol=1e-3,
        role="boundary",
        detail="a residual gradient at the start: k_eff stays finite as tau -> 0, of the sign of -a_0/r_0",
    )


@judges("kl-penalty")
def penalty(run: Run):
    """Three models trained on L_a + lambda L_p to convergence, then pushed in random directions."""
    yield from map(Evidence.derivation, theory.pages("kl-penalty"))
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
