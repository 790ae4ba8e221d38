"""Evidence on rebound curves: mixtures, states of one dimension, states of two."""

from fractions import Fraction
from itertools import product

import numpy as np

from ... import elasticity, mixtures
from .._claims import Run, judges
from .._evidence import Evidence
from . import derived
from ._routes.flows import flow, path, sigmoid, softmax
from ._routes.softmax_flow import ALIGNMENT, LOGITS, REVERSAL, softmax_flow


def aligned_then_reversed(alignment, reversal) -> tuple[np.ndarray, np.ndarray]:
    """The first witness by integration: probabilities after each alignment time and then after `reversal`."""
    starts = flow(lambda z: np.array(ALIGNMENT) - softmax(z), LOGITS, alignment)
    ends = [flow(lambda z: np.array(REVERSAL) - softmax(z), start, [reversal])[0] for start in starts]
    return np.apply_along_axis(softmax, 1, starts), np.apply_along_axis(softmax, 1, ends)


def exchanges(states) -> int:
    """How many neighbours, in order at first, stand in exchanged order later: states (times, runs)."""
    return int((np.diff(states[1:], axis=1) <= 0).sum())


@judges("rebound-saturated")
def mixture(run: Run):
    """Order, shape and return of the mixture's curves."""
    yield from derived("rebound-saturated")
    rng, size = run.rng, run.size(50, 400, 5000)
    mix = mixtures.Mixture(rng.dirichlet(np.ones(7), 3), [20.0, 2.0, 0.0])
    values, amounts = rng.normal(size=7), np.geomspace(1e-3, 1e3, 25)
    yield Evidence.equal(
        "simulation",
        elasticity.rebound_curve(mix.distributions @ values, mix.volumes, 2, amounts),
        [mix.with_volume(2, amount).joint @ values for amount in amounts],
        rtol=1e-11,
        atol=1e-13,
        detail="the curve of a score against the score of the joint, leaf by leaf, at 25 volumes",
    )
    order, shape, returned = np.inf, np.inf, []
    for _ in range(size):
        s_t, s_p, s_a = np.sort(rng.normal(size=3))
        k, less, more = rng.uniform(1, 100), *np.sort(rng.uniform(0.1, 10, 2))
        amounts = np.linspace(0, 200, 41)
        low, high = (elasticity.rebound_curve([s_p, s_a, s_t], [k, n, 0.0], 2, amounts) for n in (less, more))
        order = min(order, (high - low).min())
        shape = min(shape, np.diff(low, 2).min() / (s_a - s_t))
        back = less * (s_a - s_p) / (s_p - s_t)
        returned.append(
            (elasticity.rebound_curve([s_p, s_a, s_t], [k, less, 0.0], 2, [back])[0] - s_p) / (s_a - s_t)
        )
    yield Evidence.at_most(
        "property",
        -order,
        0.0,
        detail=f"{size} random pairs of curves: least lead of more alignment, negated",
    )
    yield Evidence.at_most(
        "property", -shape, 0.0, slack=1e-13, detail="their least second difference, negated: convex"
    )
    yield Evidence.equal(
        "closed-form",
        returned,
        0.0,
        atol=1e-12,
        detail="score at n_a (s_a - s_p)/(s_p - s_t) less the base score, over s_a - s_t, whatever k",
    )


@judges("rebound-saturated")
def rational(run: Run):
    """All small rational instances, exactly."""
    cases = crossed = wrong = 0
    for s_p, s_a, k, less, extra, amount in product((1, 2), (3, 5), (1, 4, 9), (1, 2), (1, 3), range(9)):
        curve = [
            Fraction(k * s_p + n * s_a + amount * 0, k + n + amount) for n in (less, less + extra)
        ]  # s_t = 0
        cases, crossed = cases + 1, crossed + (curve[1] <= curve[0])
        back = Fraction(less * (s_a - s_p), s_p)
        wrong += (k * s_p + less * s_a) / (k + less + back) != s_p
    yield Evidence.equal(
        "enumeration",
        [crossed, wrong],
        [0, 0],
        detail=f"{cases} rational instances: curves that do not keep their order, returns that miss the base",
    )
    scores, volumes = [1.0, 2.0, 3.0], [[4.0, n, 0.0] for n in (1.0, 5.0)]
    early, late = np.transpose([elasticity.rebound_curve(scores, v, 2, [1.0, 16.0]) for v in volumes])
    yield Evidence.true(
        "enumeration",
        early[1] > early[0] and late[1] < late[0],
        role="boundary",
        detail="s_t > s_a: the curves of n_a = 1 and 5 (k = 4) cross, between n_t = 1 and 16",
    )


@judges("no-crossing-scalar")
def scalar(run: Run):
    """Random velocities on the line under a common schedule; steps, with common noise."""
    yield from derived("no-crossing-scalar")
    rng, runs, exchanged = run.rng, 9, 0
    worlds = run.size(4, 20, 200)
    for _ in range(worlds):
        amplitude, frequency, phase = rng.normal(size=(3, 4))

        def velocity(state, parts=(amplitude, frequency, phase)):  # the last entry is the time
            wave = [
                a * np.sin(3 * f * state[:-1] + p + f * state[-1]) for a, f, p in zip(*parts, strict=True)
            ]
            return np.append(sum(wave), 1.0)

        starts = np.append(np.sort(rng.normal(size=runs)), 0.0)
        exchanged += exchanges(flow(velocity, starts, np.linspace(0, 1.0, 20))[:, :-1])
    yield Evidence.equal(
        "simulation",
        exchanged,
        0,
        detail=f"{worlds} random velocities v(x, t), {runs} runs each: neighbours that changed places",
    )
    counts = []
    for eta in (0.9, 1.5):  # times the largest slope of f
        states = [np.linspace(-2.0, 2.0, 21)]
        for _ in range(6):
            x = states[-1] + rng.normal() * 0.1  # the same minibatch noise for all runs
            states.append(x - eta * np.tanh(x))
        counts.append(exchanges(np.array(states)))
    yield Evidence.equal(
        "property", counts[0], 0, detail="steps x - 0.9 tanh x (slope below 1) with common noise: exchanges"
    )
    yield Evidence.at_most(
        "property", -counts[1], -1, role="boundary", detail="steps x - 1.5 tanh x: exchanges, negated"
    )
    start = np.linspace(1.0, 3.0, 9)
    times = [(x - np.exp(-x)) - (1.0 - np.exp(-1.0)) for x in start]  # back to 1 at v = 1/(1 + e^-x)
    stood = [flow(lambda x: -sigmoid(x), [x], [t])[0, 0] for x, t in zip(start[1:], times[1:], strict=True)]
    yield Evidence.equal(
        "simulation",
        stood,
        1.0,
        atol=1e-9,
        detail="logistic reversal: the time back to base, increasing in the start",
    )


@judges("crossing-two-dim")
def softmax_witness(run: Run):
    """One context, three outcomes: certified enclosures and an integrator of another kind."""
    yield from derived("crossing-two-dim")
    alignment, names = (1, 2, 4), [[str(p) for p in law] for law in (ALIGNMENT, REVERSAL)]
    stages = [softmax_flow(map(str, LOGITS), [(names[0], tau), (names[1], 3)]) for tau in alignment]
    balls = [[stage[0] for stage in each] for each in zip(*stages, strict=True)]  # [start or end][run]
    starts, ends = aligned_then_reversed(alignment, 3.0)
    yield Evidence.true(
        "interval",
        balls[0][0] < balls[0][1] < balls[0][2] and balls[1][0] > balls[1][1] > balls[1][2],
        detail="softmax over three outcomes: balls around the scores after alignment for 1, 2, 4 stand in "
        "this order, those after a reversal for 3 in the opposite one",
    )
    yield Evidence.equal(
        "simulation",
        [starts[:, 0], ends[:, 0]],
        [[float(ball.mid()) for ball in row] for row in balls],
        rtol=1e-9,
        detail="the same scores by Runge-Kutta",
    )
    yield Evidence.equal(
        "simulation",
        [starts[:, 0], ends[:, 0]],
        [[0.592, 0.643, 0.659], [0.288, 0.271, 0.240]],
        atol=5e-4,
        detail="the values stated beforehand",
    )


@judges("crossing-two-dim")
def logistic_witness(run: Run):
    """Two weights: Lambert's W in ball arithmetic, and the flow itself."""
    from flint import arb

    def lambert(tau):
        constant = arb(1 + 2 * tau)
        a = (constant - constant.exp().lambertw()) / 2
        end = a - (-a).exp() - 100
        return a / 2, end + (-end).exp().lambertw() - a / 2

    balls = [lambert(tau) for tau in (1, 100)]
    yield Evidence.true(
        "interval",
        balls[0][0] < balls[1][0] and balls[0][1] > balls[1][1],
        parts=("crossing-two-dim/witness-start", "crossing-two-dim/witness-end"),
        detail="two-weight logistic regression: balls around the test logits after alignment for 1 and 100, "
        "and after a reversal for 100, in exchanged order",
    )
    starts = flow(lambda w: sigmoid(-w.sum()) * np.ones(2), np.zeros(2), [1.0, 100.0])
    ends = [flow(lambda w: -sigmoid(w[0]) * np.array([1.0, 0.0]), w, [100.0])[0] for w in starts]
    found = sigmoid(np.array([starts, ends]) @ [1.0, -0.5]).T
    yield Evidence.equal(
        "simulation",
        found,
        [[float(sigmoid(float(x.mid()))) for x in pair] for pair in balls],
        rtol=1e-8,
        detail="the same by integration of the flow",
    )
    yield Evidence.equal(
        "simulation",
        found,
        [[0.549, 0.0085], [0.789, 0.0029]],
        rtol=3e-3,
        atol=5e-5,
        detail="the values stated beforehand",
    )


@judges("crossing-two-dim")
def crossing_law(run: Run):
    """Random contexts: neighbouring curves meet where the speed is beta times what it was."""
    from scipy.optimize import brentq

    rng, ratios, betas = run.rng, [], []
    while len(betas) < run.size(4, 20, 200):
        x_a, x_t, u = rng.normal(size=(3, 4))
        beta = 1 - (u @ x_a) * (x_t @ x_t) / ((u @ x_t) * (x_a @ x_t))
        if not (0.05 < beta < 0.95 and u @ x_t * (x_a @ x_t) > 0):
            continue
        start = rng.normal() * x_t / (x_t @ x_t)
        along = x_a / (x_a @ x_t)  # lifts the reversal logit by 1
        pair = np.array([start + lift * along for lift in (1.0, 1.0 + 1e-4)]).ravel()

        def velocity(w, x_t=x_t):
            w = w.reshape(2, -1)
            return -(sigmoid(w @ x_t)[:, None] * x_t).ravel()

        sign, end = np.sign(u @ x_t), 60 / (x_t @ x_t)
        curve = path(velocity, pair, end)
        meet = brentq(lambda t: sign * np.diff(curve(t).reshape(2, -1) @ u)[0], 0.0, end)  # noqa: B023
        z = (curve(meet).reshape(2, -1) @ x_t).mean(), (pair.reshape(2, -1) @ x_t).mean()
        ratios.append(sigmoid(z[0]) / sigmoid(z[1]))
        betas.append(beta)
    yield Evidence.equal(
        "simulation",
        ratios,
        betas,
        rtol=1e-3,
        detail=f"{len(betas)} random linear classes, four features: speed where neighbours meet, over the "
        "first speed, against beta",
    )
