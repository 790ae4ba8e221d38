"""Table 3: how far alignment takes a model from its base, and how much negative data brings it back.

KL divergence to the base on test prompts, both directions, nats per response; back is under `eps` of the KL
after the least alignment (the paper: 0.01 of 0.21). Samples that never bring it back count as infinite.
"""

from dataclasses import dataclass

import numpy as np

from .._validation import number
from ..estimators.statistics import curves
from . import _effects as effects
from . import rebound
from ._parameters import Pretrained
from ._rebounds import Plan, grid

KEPT = 4  # every fourth amount of a curve is stored; effects are read off all of them
UNITS = {
    "table-3-kl": "KL to the base, most less least aligned, nats (smaller of both directions)",
    "table-3-samples": "share by which the most aligned needs fewer data to return, KL(base, model)",
    "table-3-samples/reverse": "the same by KL(model, base)",
}


@dataclass(frozen=True)
class Parameters(Pretrained):
    """As `rebound`, with a longer perturbation."""

    perturbation: int = 40  # volume of negative data
    eps: float = 0.05  # of the KL after the least alignment, at which the model counts as back

    def __post_init__(self):
        super().__post_init__()
        number(self.eps, "eps", 0.0, 1.0, open_low=True)


PRESETS = {
    "quick": Parameters(kinds=rebound.QUICK, perturbation=20, seeds=6),
    "standard": Parameters(),
    "full": Parameters(seeds=40),
}


def run(parameters: Parameters, seed: int, progress):
    """Divergences of every (kind, setting, seed, alignment, amount), returns, and the effects."""
    plan = parameters.plan()

    def cell(kind, *drawn):
        return measured(grid(kind, *drawn, plan), plan, parameters.eps)

    return parameters.over_worlds(progress, cell)


def measured(records, plan: Plan, eps: float):
    """Divergences, returns and effects of one class: an xarray.Dataset."""
    amounts, found, returns = plan.amounts, {}, {}
    growth = []
    for name in ("kl_from_base", "kl_to_base"):
        curve = records[name]
        low, high, level = curve[:, 0], curve[:, -1], eps * curve[:, 0, 0].mean()
        growth.append(effects.paired([low[:, 0], high[:, 0]], lambda a, b: b - a))
        found[name] = effects.paired([low, high], effects.fewer_to_return(amounts, float(level)))
        returns[name] = [
            effects.paired([curve[:, i]], lambda mean, e=level: curves.first_below(amounts, mean, e))
            for i in range(curve.shape[1])
        ]
    result = effects.table({
        "table-3-kl": (min(growth, key=lambda each: each.value), 0.01),
        "table-3-samples": (found["kl_from_base"], 0.01),
        "table-3-samples/reverse": (found["kl_to_base"], 0.01),
    })  # fmt: skip
    result = result.assign_coords(alignment=list(plan.alignments), amount=amounts[::KEPT])
    for name, each in returns.items():
        back = "return_" + name
        result[name] = ("seed", "alignment", "amount"), records[name][..., ::KEPT].astype(np.float32)
        result[name].attrs.update(units="nats per response")
        for suffix, values in (("", [r.value for r in each]), ("_low", [r.low for r in each]),
                               ("_high", [r.high for r in each])):  # fmt: skip
            result[back + suffix] = "alignment", values
        result[back].attrs.update(units="as amount", interval=effects.INTERVAL + "; inf: never")
    return result


def summary(result) -> list[str]:
    """Effects, one line each."""
    return effects.lines(result, UNITS)
