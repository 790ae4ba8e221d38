"""Fig. 4 by other training: do its effects need SGD, exact expectations, constant rates?

`rebound` in several ways of training, in the same worlds. A way is an optimizer (sgd, adam, flow), then,
after slashes, a schedule (cosine; else constant) and how many responses are drawn for a step (else exact
expectations).
"""

from dataclasses import dataclass
from textwrap import wrap

import numpy as np

from . import rebound
from ._lab import effects
from ._lab.families import MODEL_CLASSES
from ._lab.parameters import Trained
from ._lab.protocol import OPTIMIZERS, SCHEDULES, grid

TRAINED = tuple(name for name in MODEL_CLASSES if name != "saturated")
WAYS = ("sgd", "flow", "sgd/cosine", "sgd/32", "adam", "adam/32")


@dataclass(frozen=True)
class Parameters(Trained):
    """What is trained, how; volumes as in `rebound`."""

    KNOWN = TRAINED

    models: tuple[str, ...] = TRAINED  # classes of models
    ways: tuple[str, ...] = WAYS  # the others are compared with the first

    def __post_init__(self):
        super().__post_init__()
        for way in self.ways:
            self.of(way)

    def of(self, way: str) -> rebound.Parameters:
        """The parameters of `rebound` for a way of training."""
        chosen = {}
        for word in way.split("/"):
            key = "optimizer" if word in OPTIMIZERS else "schedule" if word in SCHEDULES else "batch"
            if key in chosen or (key == "batch" and not word.isdecimal()):
                raise ValueError(
                    f"ways are an optimizer ({', '.join(OPTIMIZERS)}), then / and a schedule "
                    f"({', '.join(SCHEDULES)}), / and a batch size, got {way!r}"
                )
            chosen[key] = int(word) if key == "batch" else word
        return rebound.Parameters(self.models, self.scenarios, seeds=self.seeds, **chosen)


PRESETS = {
    "quick": Parameters(("scalar", "shared-gain"), ("midway",), seeds=6, ways=("sgd", "adam/32")),
    "standard": Parameters(),
    "full": Parameters(seeds=40),
}


def run(parameters: Parameters, seed: int, cells):
    """The effects of every (model, scenario, way), and how far alignment raises the score."""

    def cell(model, scenario, way):
        own = parameters.of(way)
        plan = own.plan()
        drawn = MODEL_CLASSES[model].draw(parameters.seeds, cells.rng(model, scenario), scenario)
        records = grid(MODEL_CLASSES[model], *drawn, plan)
        found = rebound.measured(records, plan, own.window)
        found = found[list(effects.COLUMNS)].reset_coords(drop=True)[["claim", *effects.COLUMNS]]
        aligned = records["score"][:, [0, -1], 0].mean(axis=0)
        found["start"] = ("stage", np.array([records["base_score"].mean(), *aligned]))
        return found.assign_coords(
            stage=["base", "least aligned", "most aligned"], seed=range(parameters.seeds)
        )

    result = cells.grid(cell, model=parameters.models, scenario=parameters.scenarios, way=parameters.ways)
    result.start.attrs.update(units="1", long_name="mean score before the perturbation")
    return result


def agreement(result):
    """Whether each (claim, model, scenario, way) has the verdict of the first way: an xarray.DataArray."""
    verdict = result.effect.copy(data=effects.verdicts(result))
    return verdict == verdict.isel(way=0, drop=True)


def summary(result) -> list[str]:
    """The effects under every way, and how many classes keep the first way's verdict under the others."""
    same, first = agreement(result), result.way.values[0]
    verdicts = result.effect.copy(data=effects.verdicts(result))
    ways = [str(way) for way in result.way.values]

    def row(head, cells):
        return f"{head:<21}" + "".join(
            f"{cell:>{max(9, len(way) + 1)}}" for way, cell in zip(ways, cells, strict=True)
        )

    lines = [f"effect; * shows, - not applicable, ! another verdict than under {first}"]
    kept = [f"classes (of {result.sizes['model']}) whose verdict is that of {first}", row("", ways)]
    for claim in result.claim.values:
        lines += wrap(f"{claim}: {rebound.CLAIMS[claim]}", 80)
        for scenario in result.scenario.values:
            lines.append(row(f"{scenario}:", ways))
            each = [part.sel(claim=claim, scenario=scenario) for part in (result.effect, verdicts, same)]
            lines += [
                row(model, map(_cell, *(part.sel(model=model).values for part in each)))
                for model in result.model.values
            ]
            kept.append(row(f"{claim.removeprefix('fig-4-')}, {scenario}", each[2].sum("model").values))
    return lines + kept


def _cell(effect, verdict, same) -> str:
    value = "-" if verdict == effects.MISSING else f"{effect:.3f}"
    return value + "*" * (verdict == effects.SHOWS) + "!" * (not same)


def findings(result) -> list[str]:
    """What docs/experiments.md says of it."""
    same = agreement(result).isel(way=slice(1, None))
    counts = ", ".join(
        f"{way} {int(same.sel(way=way).sum())} of {same.sel(way=way).size}" for way in same.way.values
    )
    lines = [f"cells of (claim, scenario, class) whose verdict is that of {result.way.values[0]}: {counts}"]
    for scenario in result.scenario.values:
        rebound = result.sel(claim="fig-4-rebound", scenario=scenario)
        faster, slower = (
            ", ".join(f"{way} {int(side.sel(way=way).sum())}" for way in result.way.values)
            for side in (rebound.effect_low > rebound.threshold, rebound.effect_high < -rebound.threshold)
        )
        lines.append(
            f"{scenario}, classes (of {rebound.sizes['model']}) whose most aligned model falls faster "
            f"(fig-4-rebound): {faster}; slower: {slower}"
        )
    one = result.sel(scenario="near", model="scalar", way="adam").start
    starts = ", ".join(f"{stage} {float(one.sel(stage=stage)):.3f}" for stage in one.stage.values)
    return [
        *lines,
        "Adam's steps are alike whatever the size of the gradient: midway, with one logit, all models move "
        "as fast, and a sigmoid is flatter further up. Near the base the relative effect is large, since the "
        f"least aligned model has little to lose (scalar, adam, mean scores at the start: {starts})",
    ]
