"""Evidence on return counts: the equivalence with early crossing, and five worlds where they cannot fall."""

from itertools import pairwise

import numpy as np

from .._claims import Run, judges
from .._evidence import Evidence
from . import derived
from ._routes.flows import first_time, flow, path, softmax
from ._routes.softmax_flow import ALIGNMENT, LOGITS, REVERSAL, softmax_flow


@judges("falling-count")
def equivalence(run: Run):
    """Random softmax worlds and the witness: the count falls iff the order at the base score is exchanged."""
    yield from derived("falling-count")
    rng, agree, falls = run.rng, [], 0
    worlds = [(np.array(LOGITS, float), np.array(ALIGNMENT), np.array(REVERSAL), (2.0, 4.0))]
    while len(worlds) < run.size(12, 60, 600):
        logits, laws, time = rng.normal(size=3), rng.dirichlet([0.5] * 3, 2), rng.uniform(1.0, 4.0)
        if laws[0, 0] > softmax(logits)[0] > laws[1, 0]:
            worlds.append((logits, *laws, (time, 1.2 * time)))
    for logits, law, reverse, times in worlds:
        starts = flow(lambda z: law - softmax(z), logits, times)  # noqa: B023
        curves = [path(lambda z: reverse - softmax(z), start, 20.0) for start in starts]  # noqa: B023
        short, long = (lambda t, c=c: softmax(c(t))[0] - softmax(logits)[0] for c in curves)  # noqa: B023
        if not long(0.0) > short(0.0) > 0:
            continue
        counts = first_time(short, 20.0), first_time(long, 20.0)
        if not np.isfinite(counts).all():
            continue
        fewer = counts[1] < counts[0]
        exchanged = long(min(counts)) < short(min(counts))
        falls, agree = falls + fewer, [*agree, fewer == exchanged]
    yield Evidence.true(
        "simulation",
        all(agree) and 0 < falls < len(agree),
        detail=f"{len(agree)} softmax worlds of three outcomes where alignment raises the score: the count "
        f"falls in {falls}, and in these alone the curves stand in exchanged order when the first is back",
    )
    names = [[str(p) for p in law] for law in (ALIGNMENT, REVERSAL)]
    base = softmax_flow(map(str, LOGITS), [(names[0], 0)])[0][0]
    short, long = (
        softmax_flow(map(str, LOGITS), [(names[0], tau), (names[1], time)])[1][0]
        for tau, time in ((2, 1.125), (4, 0.9375))
    )
    yield Evidence.true(
        "interval",
        short > base > long,
        detail="the softmax witness in balls: aligned for 2 it is still above the base score after a "
        "reversal of 1.125, aligned for 4 it is below after .9375",
    )
    yield Evidence.equal(
        "simulation",
        [_witness_count(tau) for tau in (1.0, 2.0, 4.0)],
        [1.088, 1.135, 0.922],
        atol=5e-4,
        detail="its counts for alignment times 1, 2, 4, as stated beforehand",
    )


def _witness_count(tau):
    start = flow(lambda z: np.array(ALIGNMENT) - softmax(z), LOGITS, [tau])[0]
    curve = path(lambda z: np.array(REVERSAL) - softmax(z), start, 3.0)
    return first_time(lambda t: softmax(curve(t))[0] - softmax(LOGITS)[0], 3.0)


@judges("falling-count-no-go")
def no_mixture(run: Run):
    """No-go 1 on random mixtures, both divergences."""
    yield from derived("falling-count-no-go")
    rng, rises, returns, worlds = run.rng, [], 0, run.size(10, 100, 1000)
    for world in range(worlds):
        base, aligned = rng.dirichlet(np.full(4, 2.0), 2)
        opposite = np.maximum(2.0 * base - aligned, 0.02) * rng.uniform(0.8, 1.2, 4)
        laws, forward = np.array([base, aligned, opposite / opposite.sum()]), bool(world % 2)
        eps = rng.uniform(0.02, 0.5) * _distance(laws, 10.0, 6.0, 0.0, forward)
        counts = [_mixture_count(laws, 10.0, n_a, eps, forward) for n_a in np.linspace(0.5, 6.0, 6)]
        returns += 0 < counts[-1] < np.inf
        rises += [b - a for a, b in pairwise(counts) if b > 0 and a < np.inf]
    yield Evidence.true(
        "simulation",
        min(rises) > 0 and returns > worlds // 4,
        detail=f"no-go 1: {worlds} random mixtures of four leaves, both KLs, six volumes of alignment "
        f"({returns} worlds return from the largest): least rise of a positive count {min(rises):.2g}",
    )


def _distance(laws, k, n_a, n_t, forward):
    """KL between base laws[0] and the joint of volumes (k, n_a, n_t), for an array of n_t."""
    n_t = np.asarray(n_t, float)[..., None]
    joint = (k * laws[0] + n_a * laws[1] + n_t * laws[2]) / (k + n_a + n_t)
    p, q = (laws[0], joint) if forward else (joint, laws[0])
    return (p * np.log(p / q)).sum(axis=-1)


def _mixture_count(laws, k, n_a, eps, forward):
    """Least n_t that brings the distance to eps; inf if none up to 4 n_a does."""
    if _distance(laws, k, n_a, 0.0, forward) <= eps:
        return 0.0
    return first_time(lambda n_t: _distance(laws, k, n_a, n_t, forward) - eps, 4.0 * n_a)


@judges("falling-count-no-go")
def no_return(run: Run):
    """No-gos 3, 4 and 5: whole state, common axes, the alignment context itself."""
    rng = run.rng
    z, law = rng.normal(size=3), rng.dirichlet(np.ones(3))
    orbit = path(lambda z: softmax(z) - law, z, 2.0)  # the reversal, run backwards from the base
    step = 1e-5  # N(c) = .9 + .5 sin(2c) at c = 1
    moved = orbit(0.9 + 0.5 * np.sin(2.0 + 2.0 * np.array([-step, 0.0, step]))).T
    yield Evidence.equal(
        "simulation",
        (moved[2] - moved[0]) / (2 * step),
        -np.cos(2.0) * (law - softmax(moved[1])),
        atol=1e-7,
        parts=("falling-count-no-go/return",),
        detail="no-go 3: softmax states that return exactly after N(c) move at -N'(c) times the reversal",
    )
    rises = []
    for _ in range(run.size(20, 200, 2000)):
        a, h = rng.uniform(0.05, 3.0, (2, 3))
        target = rng.normal(size=3)
        states = (1 - np.exp(-np.outer([0.5, 1.0, 2.0, 4.0], a))) * target
        eps = 0.3 * (states[0] @ states[0])
        counts = [
            first_time(lambda s: np.exp(-2 * np.multiply.outer(s, h)) @ d**2 - eps, 60.0)  # noqa: B023
            for d in states
        ]
        rises.append(np.diff(counts).min())
    yield Evidence.at_most(
        "property",
        -np.array(rises),
        0.0,
        parts=("falling-count-no-go/modes", "falling-count-no-go/commuting"),
        detail="no-go 4: random quadratics of common axes, rises, negated",
    )
    rises, slopes, expected = [], [], []
    while len(rises) < run.size(8, 40, 400):
        x_a, x_t, base = rng.normal(size=(3, 3))
        x_t *= np.sign(x_a @ x_t)
        if x_a @ x_t < 0.6 * np.sqrt((x_a @ x_a) * (x_t @ x_t)):
            continue
        power = rng.uniform(0.3, 1.5)

        def fall(w, x_t=x_t, power=power):
            return -x_t * (1 + np.exp(-(w @ x_t))) ** -power

        starts = [base + c * x_a for c in (0.2, 0.5, 1.0, 1.5)]
        counts = [_count(fall, start, lambda w: x_a @ (w.T - base).T, 200.0) for start in starts]  # noqa: B023
        if np.isfinite(counts).all():
            rises.append(np.diff(counts).min())
    detail = "no-go 5: weights of linear features, until they are back on the aligned context: rises, negated"
    yield Evidence.at_most(
        "simulation", -np.array(rises), 0.0, parts=("falling-count-no-go/own-context",), detail=detail
    )
    for _ in range(run.size(4, 20, 100)):
        (a, b), start = rng.uniform(0.2, 2.0, 2), rng.uniform(0.5, 2.0)

        def speed(z, a=a, b=b):
            return a + b / (1 + z**2)

        ends = [_count(lambda z: -speed(z), [start + h], lambda z: z[0], 20.0) for h in (-1e-4, 1e-4)]
        slopes.append((ends[1] - ends[0]) / 2e-4)
        expected.append(1 / speed(start))
    yield Evidence.equal(
        "simulation",
        slopes,
        expected,
        rtol=1e-5,
        parts=("falling-count-no-go/orbit",),
        detail="no-go 2: how the time back to 0 grows with the state, integrated; the reciprocal speed there",
    )


def _count(velocity, start, score, end):
    """The first time at which a flow brings a score, positive at first, back to 0."""
    states = path(velocity, np.asarray(start, float), end)
    return first_time(lambda time: score(states(time)), end)
