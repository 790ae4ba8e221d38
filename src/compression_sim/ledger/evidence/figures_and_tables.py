"""Evidence for the paper's figures and tables: stored results on trained models, one world of each run again.

A stored result carries its provenance. Its effects are read off its own curves once more, and one world is
trained here in plain NumPy, with gradients written by hand. What a class of models does is measured; that
a claim is `measured` says nothing about whether it shows: the detail does.
"""

import numpy as np

from ...experiments import resistance
from ...experiments._lab import effects
from ...experiments._lab.protocol import Plan
from ...experiments.model_size import FAMILIES
from .._claims import judges
from .._evidence import Evidence
from ._routes.stored import (
    TABLE,
    attribute,
    curves,
    descend,
    dpo,
    end_of_curve,
    kl_from_base,
    live,
    logits,
    read_again,
    result,
    score,
    sft,
    shown,
    softmax,
    table_world,
    trained,
    world,
)


def faster_again(name: str, claim: str) -> Evidence:
    """How much faster the most aligned model falls, read off the stored curves once more."""

    def statistic(cell):
        low, high, amounts = curves(cell)
        return effects.faster(amounts, attribute(name, "window"))(low, high)

    return read_again(name, claim, statistic)


@judges("fig-4-rebound")
def rebound(run):
    """How much faster the most aligned model falls."""
    yield faster_again("rebound", "fig-4-rebound")
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
    yield faster_again("role_exchange", "fig-8")
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
    cell = found.kl_from_base.sel(scenario="near", model=TABLE).isel(seed=0, alignment=-1, amount=0)
    yield live("return_kl", "table-3-kl", kl_from_base(w, base, aligned), float(cell), "KL after alignment")


@judges("table-3-samples")
def returns(run):
    """How much negative data brings the model back."""
    found, _ = result("return_kl")
    back = found.return_kl_from_base.isel(alignment=[0, -1])

    def statistic(cell):
        low, high = (float(x) for x in back.sel(scenario=cell.scenario, model=cell.model))
        return 1 - high / low if np.isfinite(low) else np.nan if np.isinf(high) else 1.0

    yield read_again("return_kl", "table-3-samples", statistic)
    w, start, rate = table_world("return_kl", "near")
    base, aligned = trained("return_kl", w, start, rate)
    where = found.sizes["amount"] // 2
    steps = round(float(found.amount[where]) * Plan.steps)
    params = descend(aligned, sft(w.negative_data), rate, steps)
    cell = found.kl_from_base.sel(scenario="near", model=TABLE).isel(seed=0, alignment=-1, amount=where)
    what = "KL halfway through the perturbation"
    yield live("return_kl", "table-3-samples", kl_from_base(w, base, params), float(cell), what)
    steep = shown("falling_count", "table-3-samples")
    yield Evidence.true(
        "simulation",
        "midway: shown by 0 of 1" in steep and "near: shown by 1 of 1" in steep,
        role="measurement",
        detail=f"two weights, base reversal logit above (midway) and below (near) the bound: {steep}",
    )


@judges("table-1")
def resisted(run):
    """Forward and inverse training losses, with both controls."""
    found, _ = result("resistance")
    for i, claim in enumerate(resistance.CLAIMS):

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
    cell = found["loss"].sel(scenario="midway", model=TABLE, start=2, target=1).isel(seed=0)
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
    cell = found.score.sel(scenario="midway", model=TABLE, pretraining=k).isel(seed=0, amount=-1)
    yield live(name, "fig-6", float(np.mean(ends)), float(cell), "score at the end, least pre-trained")


@judges("fig-7")
def other_objectives(run):
    """The perturbation by preference objectives."""
    name = "objectives"
    found, _ = result(name)
    for claim in found.claim.values:
        if str(claim).endswith("-crossing"):  # needs every amount; curves are stored at every other one
            continue
        objective = str(claim).removeprefix("fig-7/")

        def statistic(cell, objective=objective):
            low, high, amounts = curves(cell.sel(objective=objective))
            return effects.faster(amounts, attribute(name, "window"))(low, high)

        yield read_again(name, str(claim), statistic)
    w, start, rate = table_world(name, "midway")
    _, aligned = trained(name, w, start, rate)
    slope = dpo(w.negative_data, w.positive * w.perturb[:, None], aligned, 0.5)
    params = descend(aligned, slope, 2 * rate, round(float(found.amount[-1]) * Plan.steps))
    cell = found.score.sel(scenario="midway", model=TABLE, objective="dpo").isel(
        seed=0, alignment=-1, amount=-1
    )
    yield live(name, "fig-7/dpo", score(w, params), float(cell), "score at the end of DPO")


def sizes(figure: str, objective: str):
    """Effects of size, and the smallest low-rank model trained again."""
    name = "model_size"
    found, _ = result(name)

    def statistic(cell):
        mean = (
            cell.score.sel(objective=objective).mean("seed").transpose("rank", "amount").values.astype(float)
        )
        return effects.faster(cell.amount.values, attribute(name, "window"))(mean[0], mean[-1])

    yield read_again(name, figure, statistic)
    kind = FAMILIES["low-rank"][1]
    w, stream = world(kind, "midway", found.attrs["seed"], "low-rank")
    start = tuple(np.asarray(part) for part in kind.make(w.features).init(stream))
    steps, ends = round(float(found.amount[-1]) * Plan.steps), []
    for volume in attribute(name, "alignments"):
        _, aligned = trained(name, w, start, kind.rate, volume=volume)
        slope, speed = sft(w.negative_data), 1.0
        if objective == "dpo":
            rejected = w.positive * w.perturb[:, None]
            slope, speed = dpo(w.negative_data, rejected, logits(aligned), 0.5), 2.0
        ends.append(score(w, descend(aligned, slope, speed * kind.rate, steps)))
    cell = found.score.sel(scenario="midway", model="low-rank", objective=objective).isel(
        seed=0, rank=0, amount=-1
    )
    yield live(name, figure, float(np.mean(ends)), float(cell), "score at the end, rank 1")


@judges("fig-5")
def model_size(run):
    """Larger models, the perturbation by SFT."""
    yield from sizes("fig-5", "sft")


@judges("fig-9")
def model_size_dpo(run):
    """Larger models, the perturbation by DPO."""
    yield from sizes("fig-9", "dpo")
