"""Stored experiments as evidence: where they are from, their effects read again, one world trained again.

The training here is plain NumPy with gradients written by hand, for tables of logits and for their factors.
"""

from functools import cache

import numpy as np

from .... import results
from ...._draws import generator
from ....experiments._lab import effects
from ....experiments._lab.families import MODEL_CLASSES
from ....experiments._lab.protocol import Plan
from ..._evidence import Evidence

STORED = {"rtol": 2e-4, "atol": 2e-6}  # curves are stored in float32


@cache
def result(name: str):
    """A stored result and one phrase on where it is from."""
    found = results.load(name)
    digest = results.digest(name)[:12]
    of = results.provenance(found)
    return found, (
        f"{name}.nc {digest}, {of['date']}, commit {(of['commit'] or 'unknown')[:9]}, "
        f"{found.sizes['seed']} seeds from {of['seed']}"
    )


def shown(name: str, claim: str) -> str:
    """Which classes show the claim, with the effect of the first, and where it is from."""
    found, source = result(name)
    part = found[["effect", "effect_low", "effect_high", "threshold"]].sel(claim=[claim])
    part = part.transpose("claim", "scenario", "model")
    verdicts = effects.verdicts(part)[0]
    phrases = []
    for i, scenario in enumerate(part.scenario.values):
        shows = [str(k) for k, v in zip(part.model.values, verdicts[i], strict=True) if v == effects.SHOWS]
        total = int((verdicts[i] != effects.MISSING).sum())
        phrase = f"{scenario}: shown by {len(shows)} of {total} classes"
        if shows:
            one = part.sel(scenario=scenario, model=shows[0], claim=claim)
            low, high = one.effect_low.item(), one.effect_high.item()
            phrase += f", {', '.join(shows)} ({shows[0]}: {one.effect.item():.3g} [{low:.3g}, {high:.3g}])"
        phrases.append(phrase)
    return f"{claim}; {'; '.join(phrases)}; {source}"


def read_again(name: str, claim: str, statistic) -> Evidence:
    """The stored effects against `statistic(cell)` on the stored curves of every cell that has an effect.

    A cell without one (NaN) must have none by the statistic either.
    """
    found, _ = result(name)
    cells = [(s, k) for s in found.scenario.values for k in found.model.values]
    again = [float(statistic(found.sel(scenario=s, model=k))) for s, k in cells]
    effect = [found.effect.sel(claim=claim, scenario=s, model=k).item() for s, k in cells]
    pairs = [pair for pair in zip(again, effect, strict=True) if not np.isnan(pair).all()]
    again, effect = zip(*pairs, strict=True)
    return Evidence.equal(
        "simulation", again, effect, rtol=1e-3, atol=1e-4, role="measurement", detail=shown(name, claim)
    )


def world(kind, scenario: str, seed: int, name: str):
    """The first world of a stored run, and a generator for its start parameters."""
    stream = generator(seed, name, scenario).spawn(1)[0]
    return kind.world(stream, scenario), stream


def softmax(z):
    """Rows of probabilities from rows of logits."""
    weights = np.exp(z - z.max(axis=1, keepdims=True))
    return weights / weights.sum(axis=1, keepdims=True)


def logits(params):
    """Of a table, or of two factors."""
    return params if isinstance(params, np.ndarray) else params[0] @ params[1].T


def descend(params, slope, rate: float, steps: int):
    """Gradient descent; `slope(logits)` is the gradient in the logits."""
    for _ in range(steps):
        g = slope(logits(params))
        if isinstance(params, np.ndarray):
            params = params - rate * g
        else:
            left, right = params
            params = left - rate * g @ right, right - rate * g.T @ left
    return params


def sft(dataset):
    """Gradient of the mean code length of a dataset, in the logits."""
    return lambda z: dataset.sum(axis=1, keepdims=True) * softmax(z) - dataset


def dpo(chosen, rejected, start, beta: float):
    """Gradient of DPO over all pairs, in the logits: the softmax's normaliser cancels in every pair."""
    pairs = chosen[:, :, None] * rejected[:, None, :] / rejected.sum(axis=1)[:, None, None].clip(1e-300)

    def slope(z):
        reward = beta * (z - start)
        weight = beta * pairs / (1 + np.exp(reward[:, :, None] - reward[:, None, :]))
        return weight.sum(axis=1) - weight.sum(axis=2)

    return slope


def score(w, params) -> float:
    """Mean valence on test prompts."""
    return float(w.test @ softmax(logits(params)) @ w.valence)


def kl_from_base(w, base, params) -> float:
    """KL(base || model) on test prompts, nats."""
    old, new = softmax(logits(base)), softmax(logits(params))
    return float(w.test @ np.sum(old * np.log(old / new), axis=1))


def attribute(name: str, key: str):
    """A parameter that a stored result was made with."""
    return results.provenance(result(name)[0])["parameters"][key]


def trained(name, w, start, rate, *, pretraining=None, volume=None):
    """(base, aligned) of a stored run's first world."""
    pretraining = attribute(name, "pretraining") if pretraining is None else pretraining
    volume = attribute(name, "alignments")[-1] if volume is None else volume
    base = descend(start, sft(w.pretraining_data), rate, round(pretraining * Plan.steps))
    return base, descend(base, sft(w.positive_data), rate, volume * Plan.steps)


def live(name: str, claim: str, value: float, stored: float, what: str) -> Evidence:
    """One world, trained here, beside the stored one."""
    detail = f"{claim}: one world trained again in NumPy, {what} ({name}.nc)"
    return Evidence.equal("simulation", value, stored, **STORED, role="measurement", detail=detail)


TABLE = "tabular-softmax"


def table_world(name: str, scenario: str):
    """The first world of the tabular class in a stored run."""
    w, _ = world(MODEL_CLASSES[TABLE], scenario, result(name)[0].attrs["seed"], TABLE)
    return (
        w,
        np.zeros((MODEL_CLASSES[TABLE].prompts, MODEL_CLASSES[TABLE].responses)),
        MODEL_CLASSES[TABLE].rate,
    )


def end_of_curve(name: str, claim: str, *, exchanged=False) -> Evidence:
    """Score of the most aligned model after half of the perturbation, tabular class."""
    found, _ = result(name)
    w, start, rate = table_world(name, "midway")
    w = w.exchanged() if exchanged else w
    _, aligned = trained(name, w, start, rate)
    half = found.sizes["amount"] // 2
    steps = round(float(found.amount[half]) * Plan.steps)
    params = descend(aligned, sft(w.negative_data), rate, steps)
    cell = found.score.sel(scenario="midway", model=TABLE).isel(seed=0, alignment=-1, amount=half)
    return live(name, claim, score(w, params), float(cell), "score halfway through the perturbation")


def curves(cell):
    """Mean curves (low, high) and amounts of a rebound cell."""
    mean = cell.score.mean("seed").transpose("alignment", "amount").values.astype(float)
    return mean[0], mean[-1], cell.amount.values
