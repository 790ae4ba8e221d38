"""Evidence for the paper's figures and tables: stored results on trained models, one world of each run again.

A stored result carries its provenance. Its effects are read off its own curves once more, and one world is
trained here in plain NumPy, with gradients written by hand. What a class of models does is measured; that
a claim is `measured` says nothing about whether it shows: the detail does.
"""

from functools import cache
from hashlib import sha256

import numpy as np

from ... import data
from ...experiments import Progress, resistance
from ...experiments import _effects as effects
from ...experiments._rebounds import Plan
from ...experiments._worlds import KINDS
from .._claims import judges
from .._evidence import Evidence

STORED = {"rtol": 2e-4, "atol": 2e-6}  # curves are stored in float32


@cache
def result(name: str):
    """A stored result and one phrase on where it is from."""
    found = data.load(name)
    digest = sha256(data.content(name)).hexdigest()[:12]
    of = data.provenance(found)
    return found, (
        f"{name}.nc {digest}, {of['date']}, commit {(of['commit'] or 'unknown')[:9]}, "
        f"{found.sizes['seed']} seeds from {of['seed']}"
    )


def shown(name: str, claim: str) -> str:
    """Which classes show the claim, with the effect of the first, and where it is from."""
    found, source = result(name)
    part = found[["effect", "effect_low", "effect_high", "threshold"]].sel(claim=[claim])
    part = part.transpose("claim", "setting", "kind")
    verdicts = effects.verdicts(part)[0]
    phrases = []
    for i, setting in enumerate(part.setting.values):
        shows = [str(k) for k, v in zip(part.kind.values, verdicts[i], strict=True) if v == effects.SHOWS]
        total = int((verdicts[i] != effects.MISSING).sum())
        phrase = f"{setting}: shown by {len(shows)} of {total} classes"
        if shows:
            one = part.sel(setting=setting, kind=shows[0], claim=claim)
            low, high = one.effect_low.item(), one.effect_high.item()
            phrase += f", {', '.join(shows)} ({shows[0]}: {one.effect.item():.3g} [{low:.3g}, {high:.3g}])"
        phrases.append(phrase)
    return f"{claim}; {'; '.join(phrases)}; {source}"


def read_again(name: str, claim: str, statistic) -> Evidence:
    """The stored effects against `statistic(cell)` on the stored curves of every cell."""
    found, _ = result(name)
    cells = [(s, k) for s in found.setting.values for k in found.kind.values]
    again = [float(statistic(found.sel(setting=s, kind=k))) for s, k in cells]
    effect = [found.effect.sel(claim=claim, setting=s, kind=k).item() for s, k in cells]
    return Evidence.equal(
        "simulation", again, effect, rtol=1e-3, atol=1e-4, role="measurement", detail=shown(name, claim)
    )


def world(kind, setting: str, seed: int, name: str):
    """The first world of a stored run, and a generator for its start parameters."""
    stream = Progress(seed).rng(name, setting).spawn(1)[0]
    return kind.world(stream, setting), stream


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
    return data.provenance(result(name)[0])["parameters"][key]


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


def table_world(name: str, setting: str):
    """The first world of the tabular class in a stored run."""
    w, _ = world(KINDS[TABLE], setting, result(name)[0].attrs["seed"], TABLE)
    return w, np.zeros((KINDS[TABLE].prompts, KINDS[TABLE].responses)), KINDS[TABLE].rate


def end_of_curve(name: str, claim: str, *, exchanged=False) -> Evidence:
    """Score of the most aligned model after half of the perturbation, tabular class."""
    found, _ = result(name)
    w, start, rate = table_world(name, "midway")
    w = w.exchanged() if exchanged else w
    _, aligned = trained(name, w, start, rate)
    half = found.sizes["amount"] // 2
    steps = round(float(found.amount[half]) * Plan.steps)
    params = descend(aligned, sft(w.negative_data), rate, steps)
    cell = found.score.sel(setting="midway", kind=TABLE).isel(seed=0, alignment=-1, amount=half)
    return live(name, claim, score(w, params), float(cell), "score halfway through the perturbation")


def curves(cell):
    """Mean curves (low, high) and amounts of a rebound cell."""
    mean = cell.score.mean("seed").transpose("alignment", "amount").values.astype(float)
    return mean[0], mean[-1], cell.amount.values


@judges("fig-4-rebound")
def rebound(run):
    """How much faster the most aligned model falls."""

    def statistic(cell):
        low, high, amounts = curves(cell)
        return effects.faster(amounts, attribute("rebound", "window"))(low, high)

    yield read_again("rebound", "fig-4-rebound", statistic)
    yield end_of_curve("rebound", "fig-4-rebound")


@judges("fig-4-crossing")
def crossing(run):
    """How far the most aligned model comes to lie under the least aligned, here and where theory puts it."""

    def statistic(cell):
        scores = cell.score.transpose("seed", "alignment", "amount").values
        return effects.overtaken_unselected(scores[:, 0], scores[:, -1]).value

    yield read_again("rebound", "fig-4-crossing", statistic)
    yield end_of_curve("rebound", "fig-4-crossing")
    yield Evidence.true(
        "simulation",
        "midway: shown by 1 of 1" in shown("witness", "fig-4-crossing"),
        role="measurement",
        detail=f"two weights, test context opposed to alignment: {shown('witness', 'fig-4-crossing')}",
    )


@judges("fig-4-level")
def level(run):
    """Where the most aligned model stops."""

    def statistic(cell):
        _, high, amounts = curves(cell)
        return effects.near_base(amounts, 0.25)(high, cell.base_score.mean("seed").values)

    yield read_again("rebound", "fig-4-level", statistic)
    yield end_of_curve("rebound", "fig-4-level")


@judges("fig-8")
def exchanged(run):
    """Negative data first."""

    def statistic(cell):
        low, high, amounts = curves(cell)
        return effects.faster(amounts, attribute("role_exchange", "window"))(low, high)

    yield read_again("role_exchange", "fig-8", statistic)
    yield end_of_curve("role_exchange", "fig-8", exchanged=True)


@judges("table-3-kl")
def divergence(run):
    """How far alignment leads away."""

    def statistic(cell):
        ends = [cell[n].mean("seed").isel(amount=0) for n in ("kl_from_base", "kl_to_base")]
        return min(float(each[-1] - each[0]) for each in ends)

    yield read_again("return_kl", "table-3-kl", statistic)
    found, _ = result("return_kl")
    w, start, rate = table_world("return_kl", "near")
    base, aligned = trained("return_kl", w, start, rate)
    cell = found.kl_from_base.sel(setting="near", kind=TABLE).isel(seed=0, alignment=-1, amount=0)
    yield live("return_kl", "table-3-kl", kl_from_base(w, base, aligned), float(cell), "KL after alignment")


@judges("table-3-samples")
def returns(run):
    """How much negative data brings the model back."""
    found, _ = result("return_kl")
    back = found.return_kl_from_base.isel(alignment=[0, -1])

    def statistic(cell):
        low, high = (float(x) for x in back.sel(setting=cell.setting, kind=cell.kind))
        return 1 - high / low if np.isfinite(low) else np.nan if np.isinf(high) else 1.0

    yield read_again("return_kl", "table-3-samples", statistic)
    w, start, rate = table_world("return_kl", "near")
    base, aligned = trained("return_kl", w, start, rate)
    where = found.sizes["amount"] // 2
    steps = round(float(found.amount[where]) * Plan.steps)
    params = descend(aligned, sft(w.negative_data), rate, steps)
    cell = found.kl_from_base.sel(setting="near", kind=TABLE).isel(seed=0, alignment=-1, amount=where)
    what = "KL halfway through the perturbation"
    yield live("return_kl", "table-3-samples", kl_from_base(w, base, params), float(cell), what)


@judges("table-1")
def resisted(run):
    """Forward and inverse training losses, with both controls."""
    found, _ = result("resistance")
    for i, claim in enumerate(resistance.UNITS):

        def statistic(cell, i=i):
            losses = cell["loss"].mean("seed").transpose("start", "target").values
            return resistance.gaps(losses, cell.entropy.mean("seed").values)[i]

        yield read_again("resistance", claim, statistic)
    w, z, rate = table_world("resistance", "midway")
    unit = attribute("resistance", "slice")
    _, first = trained("resistance", w, z, rate, volume=unit)
    second = descend(first, sft(w.positive_data), rate, unit * Plan.steps)
    target = w.test[:, None] * softmax(first)
    ended = descend(second, sft(target), rate, unit * Plan.steps)
    loss = -float(np.sum(target * np.log(softmax(ended))))
    cell = found["loss"].sel(setting="midway", kind=TABLE, start=2, target=1).isel(seed=0)
    yield live("resistance", "table-1", loss, float(cell), "loss of model 2 after training on D_1")


@judges("fig-6")
def pretrained(run):
    """Does more pre-training make the fall faster, as printed and at matched score?"""

    def statistic(cell):
        mean = cell.score.mean("seed").transpose("pretraining", "amount").values.astype(float)
        window = attribute("pretraining_volume", "window")
        return effects.faster(cell.amount.values, window)(mean[0], mean[-1])

    name = "pretraining_volume"
    found, _ = result(name)
    yield read_again(name, "fig-6", statistic)
    w, start, rate = table_world(name, "midway")
    volumes, k = attribute(name, "alignments"), attribute(name, "pretrainings")[0]
    steps = round(float(found.amount[-1]) * Plan.steps)
    ends = []
    for volume in volumes:
        _, aligned = trained(name, w, start, rate, pretraining=k, volume=volume)
        ends.append(score(w, descend(aligned, sft(w.negative_data), rate, steps)))
    cell = found.score.sel(setting="midway", kind=TABLE, pretraining=k).isel(seed=0, amount=-1)
    yield live(name, "fig-6", float(np.mean(ends)), float(cell), "score at the end, least pre-trained")
