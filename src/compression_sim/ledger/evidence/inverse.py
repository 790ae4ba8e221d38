"""Evidence on inverse alignment and elasticity, as defined, and on the depth that a model represents."""

from functools import cache
from itertools import pairwise

import numpy as np

from ... import elasticity, mixtures
from .._claims import Run, judges
from .._evidence import Evidence
from . import derived, needs
from ._routes.flows import first_time, flow, path


@judges("def-3.5")
def least_volume(run: Run):
    """The least volume of any dataset that returns the joint, by linear programming over all of them."""
    from scipy.optimize import linprog

    yield from derived("def-3.5")
    rng, found, stated, joints = run.rng, [], [], []
    for _ in range(run.size(5, 40, 400)):
        leaves, n_a, k = int(rng.integers(2, 7)), rng.uniform(0.5, 5.0), rng.uniform(5.0, 500.0)
        p, a = rng.dirichlet(np.ones(leaves), 2)
        # variables: the weights n_b P_b >= 0; the joint is P_p iff n_a a + w = (n_a + sum w) p
        balance = np.eye(leaves) - p[:, None]
        solved = linprog(np.ones(leaves), A_eq=balance, b_eq=n_a * (p - a), method="highs")
        found.append(solved.fun)
        stated.append(n_a * ((a / p).max() - 1.0))
        back = np.maximum(stated[-1] * p - n_a * (a - p), 0.0) / stated[-1]
        mix = mixtures.Mixture(mixtures.normalize([p, a, back]), [k, n_a, stated[-1]])
        joints.append(np.abs(mix.joint - p).max())
    yield Evidence.equal(
        "enumeration",
        found,
        stated,
        rtol=1e-7,
        detail="least n_b over all D_b, by linear programming, and n_a (max P_a/P_p - 1)",
    )
    yield Evidence.equal(
        "closed-form", joints, 0.0, atol=1e-12, detail="with that volume the joint is the pre-trained model"
    )
    scores, volumes = [0.5, 0.9, 0.1], [50.0, 2.0, 0.0]
    yield Evidence.equal(
        "closed-form",
        elasticity.rebound_curve(scores, volumes, 2, [2.0 * (0.9 - 0.5) / (0.5 - 0.1)]),
        0.5,
        rtol=1e-12,
        detail="a score alone is back at n_a (s_a - s_p)/(s_p - s_t): here n_b = n_a, whatever k",
    )


@judges("def-3.6")
def bounded_time(run: Run):
    """Gradient descent undoes alignment in a time that stays bounded; a mixture needs a constant share."""
    yield from derived("def-3.6")
    h_a, h_b, far, target = run.rng.uniform(0.5, 2.0, 4)
    times = np.array([1.0, 4.0, 16.0, 64.0])
    starts = flow(lambda x: -h_a * (x - target), [0.0], times)[:, 0]
    counts = []
    for start in starts:
        curve = path(lambda x: -h_b * (x + far), [start], 10.0)
        counts.append(first_time(lambda t: curve(t)[0], 10.0))  # noqa: B023
    yield Evidence.equal(
        "simulation",
        counts,
        np.log1p(target * -np.expm1(-h_a * times) / far) / h_b,
        rtol=1e-8,
        detail="time back to the base after alignment for 1, 4, 16, 64, and log(1 + delta/f)/h_b",
    )
    yield Evidence.at_most(
        "property",
        np.diff(np.array(counts) / times),
        0.0,
        detail=f"its share of alignment's time falls, to {counts[-1] / 64:.1e}",
    )
    volumes = np.array([1.0, 4.0, 16.0, 64.0])
    shares = [first_time(lambda n: _excess(v, n), 5.0 * v) / v for v in volumes]  # noqa: B023
    yield Evidence.equal(
        "simulation",
        shares,
        2.0,
        rtol=1e-9,
        role="boundary",
        detail="in a mixture (scores .5, .9, .3) n_b/n_a is (s_a - s_p)/(s_p - s_t) = 2 at every n_a",
    )


def _excess(alignment, amounts):
    """Score over the base score of a mixture of scores .5, .9, .3 and volumes 100, alignment, amounts."""
    curve = elasticity.rebound_curve([0.5, 0.9, 0.3], [100.0, alignment, 0.0], 2, np.ravel(amounts))
    return curve.reshape(np.shape(amounts)) - 0.5


@cache
def prefix_trees(leaves: int) -> tuple[frozenset, ...]:
    """All binary prefix trees with so many leaves, each as the set of its inner nodes (strings)."""
    if leaves == 1:
        return (frozenset(),)
    return tuple(
        frozenset({""}) | {"0" + node for node in left} | {"1" + node for node in right}
        for size in range(1, leaves)
        for left in prefix_trees(size)
        for right in prefix_trees(leaves - size)
    )


def saving(law: dict, node: str) -> float:
    """Bits saved by splitting `node`: its probability times 1 - entropy of the next token."""
    weights = [sum(p for x, p in law.items() if x.startswith(node + token)) for token in "01"]
    total = sum(weights)
    shares = [w / total for w in weights if w > 0] if total else []
    return total * (1.0 + sum(q * np.log2(q) for q in shares))


def depths_of_best(law: dict, most: int) -> list[int]:
    """Depth of the best prefix tree of 2..most leaves, by looking at all of them (depth at most 5)."""
    gains = cache(lambda node: saving(law, node))
    found = []
    for leaves in range(2, most + 1):
        shallow = [tree for tree in prefix_trees(leaves) if max(map(len, tree)) < 5]
        best = max(shallow, key=lambda tree: (round(sum(map(gains, tree)), 12), -max(map(len, tree))))
        found.append(1 + max(map(len, best)))
    return found


@judges("asm-3.2")
def best_trees(run: Run):
    """The best tree of each size, by enumeration; and trees that extend each other."""
    yield from derived("asm-3.2")
    first = {"0000": 1.0, "100": 5 / 6, "110": 5 / 6}  # probability that the next token is 0, else 1/2
    law = {}
    for number in range(32):
        string = f"{number:05b}"
        zeros = [first.get(string[:i], 0.5) for i in range(5)]
        law[string] = float(np.prod([z if c == "0" else 1 - z for z, c in zip(zeros, string, strict=True)]))
    depths = depths_of_best(law, 7)
    yield Evidence.equal(
        "enumeration",
        depths[-2:],
        [5, 4],
        role="boundary",
        condition=needs("asm-3.2"),
        detail="depth of the best of all prefix trees with 6 and with 7 leaves",
    )
    drops = 0
    for _ in range(run.size(3, 30, 300)):
        weights = run.rng.dirichlet(np.full(32, 0.3))
        random_law = {f"{number:05b}": float(p) for number, p in enumerate(weights)}
        nodes, depth = {""}, [1]
        for _ in range(6):  # greedy: split the leaf that saves most
            edge = [n + t for n in nodes for t in "01" if n + t not in nodes and len(n) < 4]
            nodes.add(max(edge, key=lambda node: saving(random_law, node)))
            depth.append(1 + max(map(len, nodes)))
        drops += any(b < a for a, b in pairwise(depth))
    yield Evidence.equal(
        "property", drops, 0, detail="random laws, trees that grow leaf by leaf: falls of depth"
    )
