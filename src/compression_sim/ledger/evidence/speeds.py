"""Evidence on levels and speeds: where a curve levels off, the fall at a matched score, and depth."""

import numpy as np
from scipy.integrate import quad

from ... import elasticity, mixtures, trees
from .._claims import Run, judges
from .._evidence import Evidence
from . import derived
from ._routes.flows import flow, path, sigmoid

NATS = np.log(2.0)


@judges("level-criterion")
def level(run: Run):
    """The ratio R in two scalar logistic worlds and in random mixtures."""
    yield from derived("level-criterion")
    rng = run.rng
    base, lift = np.log(0.54 / 0.46), 4.0
    curve = path(lambda z: -sigmoid(z), [base + lift], 20.0)
    low = path(lambda z: -sigmoid(z), [0.0], 40.0)
    yield Evidence.equal(
        "simulation",
        [
            [sigmoid(base) / sigmoid(base + lift), *sigmoid(curve(np.array([5.0, 10.0, 20.0]))[0])],
            [sigmoid(-4.0) / sigmoid(0.0), low(40.0)[0] + 4.0, 0, 0],
        ],
        [[0.548, 0.518, 0.186, 0.070], [0.036, 0.38, 0, 0]],
        atol=2e-3,
        detail="base .54 lifted by 4 has R = .548 and p = .518, .186, .070 at t = 5, 10, "
        "20, far below base; base logit -4 has R = .036 and after t = 40 is still .38 above it",
    )
    ratio, rest = sigmoid(base) / sigmoid(base + lift), np.linspace(6.0, 20.0, 50)
    speed = sigmoid(curve(rest)[0])[curve(rest)[0] < base]
    yield Evidence.at_most(
        "property",
        speed / sigmoid(base + lift),
        ratio,
        detail="speed past the base over the first speed, and R",
    )
    scores = s_p, s_a, s_t = np.cumsum(rng.uniform(0.2, 2.0, 3))[[1, 2, 0]]
    back, step = 3.0 * (s_a - s_p) / (s_p - s_t), 1e-6  # the volume at which the base score is back
    amounts = np.array([0.0, step, back, back + step, 1e9])
    start, after, there, beyond, end = elasticity.rebound_curve(scores, [10.0, 3.0, 0.0], 2, amounts)
    yield Evidence.equal(
        "simulation",
        (beyond - there) * (13.0 + back) / ((after - start) * 13.0),
        (s_p - s_t) / (start - s_t),
        rtol=1e-4,
        detail="mixture: slopes T ds/dn_t of the curve where the base score is back and at the start, and R",
    )
    yield Evidence.equal(
        "simulation",
        end,
        s_t,
        rtol=1e-6,
        atol=1e-6,
        parts=("level-criterion/mixture-end",),
        detail="mixture: in the end the score is the perturbation's own",
    )
    yield Evidence.equal(
        "closed-form",
        s_p - elasticity.rebound_curve([s_p, s_t], [2.5, 0.0], 1, [1.0])[0],
        (s_p - s_t) / 3.5,
        rtol=1e-9,
        detail="forward-KL penalty lambda = 2.5 to the base: the optimum is a mixture that overshoots by "
        "(s_p - s_t)/(1 + lambda)",
    )


def gain_world(k, time):
    """f = a(w.x) on x_p, x_t: trained on x_p for k from a = w.x_p = .3, then on x_t up and down for `time`.

    Returns (a, w.x_p, w.x_t) after pre-training, then after both stages on x_t: (3,), (2, 3).
    """

    def velocity(context, sign):
        def move(state):
            a, w = state[0], state[1:]
            push = sign * sigmoid(-sign * a * w[context])
            return np.concatenate([[push * w[context]], np.where(np.arange(2) == context, push * a, 0.0)])

        return move

    trained = flow(velocity(0, 1), [0.3, 0.3, 0.0], [k])[0]
    aligned = flow(velocity(1, 1), trained, [time])[0]
    return trained, np.array([aligned, flow(velocity(1, -1), aligned, [time])[0]])


@judges("matched-score")
def matched(run: Run):
    """Three parameters with a shared gain, trained in full, and linear features."""
    yield from derived("matched-score")
    volumes = np.array([3.0, 10.0, 30.0, 100.0, 1000.0, 10000.0])
    rows, speeds, gains = [], [], []
    for k in volumes:
        trained, states = gain_world(k, 2.0)
        rows.append([trained[0] ** 2, *sigmoid(states[:, 0] * states[:, 2])])
        gain, z = trained[0] ** 2, states[:, 0] * states[:, 2]
        speeds.append(
            np.abs(states[:, 0] ** 2 + states[:, 2] ** 2 - np.sqrt(gain**2 + 4 * z**2)).max() / gain
        )
        gains.append(gain)
    yield Evidence.equal(
        "simulation",
        np.array(rows).T,
        [
            [0.99, 3.57, 5.40, 7.02, 9.75, 12.3],
            [0.744, 0.886, 0.918, 0.934, 0.951, 0.960],
            [0.411, 0.177, 0.116, 0.088, 0.062, 0.048],
        ],
        rtol=2e-3,
        atol=6e-4,
        detail="shared gain, k = 3 to 10000: gain, score before and after the reversal, as stated: "
        "higher starts, lower ends",
    )
    yield Evidence.equal(
        "simulation",
        speeds,
        0.0,
        atol=1e-7,
        detail="the reversal logit's speed over its loss slope, a^2 + w_t^2, against sqrt(C^2 + 4z^2)",
    )
    times = [
        quad(lambda z: (1 + np.exp(z)) / (2 * z), 0.09, gain, epsabs=0, epsrel=1e-10)[0] for gain in gains
    ]
    yield Evidence.equal(
        "closed-form",
        times,
        volumes,
        rtol=1e-7,
        detail="the integral of (1 + e^z)/(2z) from the first gain, .09, to that of each k: k itself",
    )
    yield Evidence.at_most(
        "property",
        np.abs(np.diff(gains) / np.diff(np.log(volumes)) - 1.0)[2:],
        [0.35, 0.25, 0.15],
        detail="slope of the gain in log k, less 1, between k = 30, 100, 1000, 10000: it goes to 0",
    )
    x_t, rng = run.rng.normal(size=3), run.rng
    falls = []
    for _ in range(4):  # starts of very different histories
        w = rng.normal(size=3) + rng.uniform(1.0, 4.0) * x_t / (x_t @ x_t)
        curve = path(lambda v: -sigmoid(v @ x_t) * x_t, w, 200 / (x_t @ x_t))

        def logit(t, curve=curve):
            return x_t @ curve(t)

        times = np.linspace(0, 200 / (x_t @ x_t), 4001)
        at = np.argmin(np.abs(logit(times) + 3.0))
        falls.append((logit(times[at] - 1e-5) - logit(times[at] + 1e-5)) / 2e-5 / sigmoid(logit(times[at])))
    yield Evidence.equal(
        "simulation",
        falls,
        x_t @ x_t,
        rtol=1e-5,
        parts=("matched-score/fixed",),
        detail="linear features, four random histories: fall of the logit near -3 over its loss slope, "
        "and |x_t|^2",
    )


@judges("depth-resolves")
def depth(run: Run):
    """Random token trees, pruned: responses, total variation, and the steepest score."""
    yield from derived("depth-resolves")
    rng, own, spread = run.rng, [], []
    deepest = 4
    for _ in range(run.size(15, 100, 1000)):
        forest = [
            trees.TokenTree.from_sequences(
                [rng.random(n) < p for n in rng.integers(0, 2 * deepest, 12)], deepest
            )
            for p in rng.uniform(0.1, 0.9, 3)
        ]
        inner, total_variation = [], []
        for d in range(1, deepest + 1):
            mix = mixtures.Mixture.from_trees([tree.prune(d) for tree in forest])
            inner.append(-elasticity.elastic_response(mix, 2)[2] * mix.total_volume * NATS)
            total_variation.append(np.abs(mix.distributions[2] - mix.joint).sum() / 2)
        own.append(np.diff(inner).min())
        spread.append(np.diff(total_variation).min())
    yield Evidence.at_most(
        "property",
        -np.array(own),
        0.0,
        slack=1e-12,
        detail=f"{len(own)} random triples of trees, pruned to 1..{deepest}: rise of G_d(t,t), negated",
    )
    yield Evidence.at_most(
        "property", -np.array(spread), 0.0, slack=1e-12, detail="rise of TV(P_t, P_D) with depth, negated"
    )
    yield Evidence.equal(
        "enumeration",
        [[_resolved(last, d) for d in (1, 2)] for last in (0, 1)],
        [[0, 1 / 6], [0, -1 / 2]],
        atol=1e-12,
        role="boundary",
        detail="D_p: 00 and 01, D_a: 00, D_t: 00 or else 01: G_d(a,t) is 0 at d = 1 and 1/6 or -1/2 at d = 2",
    )
    mix = mixtures.Mixture(rng.dirichlet(np.ones(4), 3), [5.0, 2.0, 1.0])
    scores = (np.arange(16)[:, None] >> np.arange(4)) & 1  # every score of 0s and 1s on four leaves
    slopes = scores @ (mix.distributions[2] - mix.joint) / mix.total_volume
    steepest = np.abs(mix.distributions[2] - mix.joint).sum() / 2 / mix.total_volume
    yield Evidence.equal(
        "enumeration",
        slopes.max(),
        steepest,
        rtol=1e-12,
        detail="the steepest slope of a score, over all 16 extreme ones, is TV/T",
    )
    step = 1e-6
    moved = [mix.with_volume(2, 1.0 + s).joint @ scores[slopes.argmax()] for s in (-step, step)]
    yield Evidence.equal(
        "simulation",
        (moved[1] - moved[0]) / (2 * step),
        steepest,
        rtol=1e-6,
        detail="and that score does move by it when the volume grows",
    )


def _resolved(last, depth):
    """G_d(a, t) where D_p is 00 and 01, D_a is 00, and D_t is 0 and then `last`."""
    forest = [trees.TokenTree.from_sequences(r, 2) for r in ([[0, 0], [0, 1]], [[0, 0]], [[0, last]])]
    mix = mixtures.Mixture.from_trees([tree.prune(depth) for tree in forest])
    return -elasticity.elastic_response(mix, 2)[1] * mix.total_volume * NATS
