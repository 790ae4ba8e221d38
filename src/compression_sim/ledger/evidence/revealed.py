"""Evidence on revealed preference: three model classes in which every model, or the best one, is found."""

from itertools import product

import numpy as np

from ... import coding
from .._claims import judges
from .._evidence import Evidence
from . import derived
from ._routes.codes import complete_codes
from ._routes.log_linear import random_model

LEAVES = 6


def all_partitions(leaves: int, classes: int) -> np.ndarray:
    """The averaging matrix of every partition in so many classes: (partitions, leaves, leaves)."""
    labels = [
        label
        for label in product(range(classes), repeat=leaves)
        if list(dict.fromkeys(label)) == list(range(classes))
    ]
    same = np.equal(np.array(labels)[:, :, None], np.array(labels)[:, None, :])
    return same / same.sum(axis=2, keepdims=True)


def best_codes(laws, volumes):
    """Losses under the best of all codes: (datasets,), bits."""
    costs = CODES @ laws.T
    return costs[np.argmin(costs @ volumes)]


def best_partition(laws, volumes):
    """Losses under the best model that is uniform within three classes of leaves: (datasets,), bits."""
    models = PARTITIONS @ (volumes @ laws / volumes.sum())
    costs = -np.log2(models) @ laws.T
    return costs[np.argmin(costs @ volumes)]


def huffman(laws, volumes):
    """Losses under Huffman's code: (datasets,), bits."""
    return laws @ coding.huffman_code_lengths(volumes @ laws / volumes.sum())


CODES, PARTITIONS = complete_codes(LEAVES).astype(float), all_partitions(LEAVES, 3)


def instances(rng, count):
    """Random laws with volumes before and after a perturbation."""
    for _ in range(count):
        laws = rng.dirichlet(np.full(LEAVES, 0.7), 3) * (1 - 1e-3) + 1e-3 / LEAVES
        before = np.array([rng.uniform(1, 20), 1.0, 0.0])
        yield laws, before, before + np.array([0, 0, rng.uniform(0.1, 3)])


def changes(best, cases):
    """(changes of the losses, volumes after) of every case: (cases, 3) each."""
    found = [(best(laws, after) - best(laws, before), after) for laws, before, after in cases]
    return tuple(map(np.array, zip(*found, strict=True)))


@judges("revealed-preference")
def revealed_preference(run):
    """All prefix codes, Huffman's code, all partition models, and a trained log-linear model."""
    yield from derived("revealed-preference")
    rng = run.rng
    cases = list(instances(rng, run.size(200, 1500, 6000)))
    for best, what, route in (
        (best_codes, f"the best of all {len(CODES)} prefix codes on {LEAVES} leaves", "enumeration"),
        (huffman, "huffman_code_lengths", "closed-form"),
        (best_partition, f"the best of all {len(PARTITIONS)} three-class models", "enumeration"),
    ):
        yield from _judged(*changes(best, cases), what, route)
    found = []
    for _ in range(run.size(20, 60, 300)):
        model, (_, before, after) = random_model(rng), next(instances(rng, 1))
        model.laws[0] = model.laws.mean(axis=0)  # D_p has some of everything, so that its loss may fall
        found.append((model.losses(model.fit(after)) - model.losses(model.fit(before)), after))
    yield from _judged(*map(np.array, zip(*found, strict=True)), "log-linear models, retrained", "simulation")
    yield _within_eps(rng, cases)
    costs = [(best_codes(laws, after) @ after, huffman(laws, after) @ after) for laws, _, after in cases]
    optimal, attained = np.array(costs).T
    yield Evidence.equal(
        "closed-form", attained, optimal, rtol=1e-12, detail="huffman_code_lengths attains the optimum"
    )


def _within_eps(rng, cases):
    """Any code as the first model, eps above the best one; the second one is the best."""
    found, bounds, under = [], [], 0
    for laws, before, after in cases:
        costs = CODES @ laws.T
        total = costs @ before
        near = np.flatnonzero(total < total.min() * 1.05)
        first = rng.choice(near)
        change = costs[np.argmin(costs @ after)] - costs[first]
        if change[0] < -1e-9:
            found.append(-change[1] / change[0])
            under += found[-1] < before[0]
            bounds.append(before[0] + (total[first] - total.min()) / change[0])
    return Evidence.at_most(
        "enumeration",
        bounds,
        found,
        slack=1e-9,
        detail=f"first codes within 5% of the best: k - eps/|dL_p| <= -dL_a/dL_p in {len(found)} cases, "
        f"in {under} of which it is under k",
        parts=("revealed-preference/within-eps",),
    )


def _judged(change, volumes, what, route):
    """The two inequalities in every case, and the ratio in those where the pre-training loss falls."""
    kept = (change * volumes)[:, :2].sum(axis=1)
    detail = f"{what}, {len(change)} mixtures: 0 <= k dL_p + dL_a <= -l dL_t"
    name = "revealed-preference"
    yield Evidence.at_most(route, -kept, 0, slack=1e-11, detail=detail, parts=(f"{name}/below",))
    added = kept + volumes[:, 2] * change[:, 2]
    detail += " (upper half)"
    yield Evidence.at_most(route, added, 0, slack=1e-11, detail=detail, parts=(f"{name}/above",))
    falls = change[:, 0] < -1e-9
    ratio = -change[falls, 1] / change[falls, 0]
    detail = f"{what}: k <= -dL_a/dL_p in the {falls.sum()} cases where L_p falls"
    parts = (f"{name}/rises", f"{name}/ratio")
    yield Evidence.at_most(route, 1.0, ratio / volumes[falls, 0], slack=1e-9, detail=detail, parts=parts)
