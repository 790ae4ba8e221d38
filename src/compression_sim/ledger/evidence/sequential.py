"""Evidence on training in sequence: k_eff after a short alignment, whatever the true k.

A tabular softmax, a log-linear model and a small network are differentiated by jax and integrated along
their gradient flows; quadratic losses are solved mode by mode and by matrix exponentials.
"""

import numpy as np

from .._claims import Run, judges
from .._evidence import Evidence
from . import derived
from ._routes.flows import flow, models, softmax


def scaled(gradient):
    """The diagonal of an Adam-type preconditioner, 1/(|g| + 0.1 max |g|), with mean 1."""
    diagonal = 1.0 / (np.abs(gradient) + 0.1 * np.abs(gradient).max())
    return diagonal / diagonal.mean()


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
    yield from derived("sequential-ratio")
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
                parts=("sequential-ratio/limit",),
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
