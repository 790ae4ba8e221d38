"""Fig. 4 by other training: do its effects need SGD, exact expectations, constant rates?

`rebound` in several ways of training, in the same worlds. A way is an optimizer (sgd, adam, flow), then,
after slashes, a schedule (cosine; else constant) and how many responses are drawn for a step (else exact
expectations).
"""

from dataclasses import dataclass
from textwrap import wrap

import numpy as np

from . import _effects as effects
from . import rebound
from ._parameters import Trained
from ._rebounds import OPTIMIZERS, SCHEDULES, grid
from ._worlds import KINDS

TRAINED = tuple(kind for kind in KINDS if kind != "saturated")
WAYS = ("sgd", "flow", "sgd/cosine", "sgd/32", "adam", "adam/32")


@dataclass(frozen=True)
class Parameters(Trained):
    """What is trained, how; volumes as in `rebound`."""

    KNOWN = TRAINED

    kinds: tuple[str, ...] = TRAINED  # classes of models
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
        return rebound.Parameters(self.kinds, self.settings, seeds=self.seeds, **chosen)


PRESETS = {
    "quick": Parameters(("scalar", "shared-gain"), ("midway",), seeds=6, ways=("sgd", "adam/32")),
    "standard": Parameters(),
    "full": Parameters(seeds=40),
}


def run(parameters: Parameters, seed: int, progress):
    """The effects of every (kind, setting, way), and how far alignment raises the score."""

    def cell(kind, setting, way):
        own = parameters.of(way)
        plan = own.plan()
        drawn = KINDS[kind].draw(parameters.seeds, progress.rng(kind, setting), setting)
        records = grid(KINDS[kind], *drawn, plan)
        found = rebound.measured(records, plan, own.window)
        found = found[list(effects.COLUMNS)].reset_coords(drop=True)[["claim", *effects.COLUMNS]]
        aligned = records["score"][:, [0, -1], 0].mean(axis=0)
        found["start"] = ("model", np.array([records["base_score"].mean(), *aligned]))
        return found.assign_coords(
            model=["base", "least aligned", "most aligned"], seed=range(parameters.seeds)
        )

    result = progress.grid(cell, kind=parameters.kinds, setting=parameters.settings, way=parameters.ways)
    result.start.attrs.update(units="1", long_name="mean score before the perturbation")
    return result


def agreement(result):
    """Whether each (claim, kind, setting, way) has the verdict of the first way: an xarray.DataArray."""
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
    kept = [f"classes (of {result.sizes['kind']}) whose verdict is that of {first}", row("", ways)]
    for claim in result.claim.values:
        lines += wrap(f"{claim}: {rebound.UNITS[claim]}", 80)
        for setting in result.setting.values:
            lines.append(row(f"{setting}:", ways))
            each = [part.sel(claim=claim, setting=setting) for part in (result.effect, verdicts, same)]
            lines += [
                row(kind, map(_cell, *(part.sel(kind=kind).values for part in each)))
                for kind in result.kind.values
            ]
            kept.append(row(f"{claim.removeprefix('fig-4-')}, {setting}", each[2].sum("kind").values))
    return lines + kept


def _cell(effect, verdict, same) -> str:
    value = "-" if verdict == effects.MISSING else f"{effect:.3f}"
    return value + "*" * (verdict == effects.SHOWS) + "!" * (not same)
