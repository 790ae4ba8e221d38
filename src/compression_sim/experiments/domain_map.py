"""How far in l Thm. 4.2 reaches: where the pre-training rate still falls, by D_3's share in D_p.

Two designs of D_p with a share q of D_2 and of D_3: `dominated` (1 - 2q, q, q) and `equal` (1/q parts).
D_a ~ D_2, D_t ~ D_3, Pareto masses. Beside the draws: l* = q/(1 - q), that of equal or of disjoint parts.
"""

from dataclasses import dataclass

import numpy as np

from .. import elasticity
from .._validation import integer, number
from ..estimators.statistics.order import quantiles
from ..masses import Pareto
from ._parts import three_roles

DESIGNS = ("dominated", "equal")


@dataclass(frozen=True)
class Parameters:
    """What is drawn."""

    alphas: tuple[float, ...] = (1.5, 3.0)  # of the Pareto law
    parts: tuple[int, ...] = (3, 4, 5, 7, 10, 15, 20)  # q = 1/parts in both designs
    volumes: tuple[float, ...] = (0.01, 0.02, 0.04, 0.07, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0)  # l
    k: float = 1000.0  # pre-training volume, in alignment volumes
    leaves: int = 4096
    seeds: int = 20

    def __post_init__(self):
        for parts in self.parts:
            integer(parts, "parts", 3)
        for value in (*self.alphas, self.k, *self.volumes):
            number(value, "alphas, k and volumes", 0, open_low=True)
        integer(self.leaves, "leaves", 2)
        integer(self.seeds, "seeds", 1)


PRESETS = {
    "quick": Parameters(parts=(3, 5, 10), volumes=(0.05, 0.1, 0.2, 0.4, 0.6), leaves=1024, seeds=10),
    "standard": Parameters(),
    "full": Parameters(leaves=65536, seeds=40),
}


def run(parameters: Parameters, seed: int, progress):
    """The pre-training response at every (alpha, design, parts, volume, seed), and l* of each draw."""
    import xarray

    def cell(alpha, design, parts):
        rng = progress.rng(alpha, design, parts)
        shares = np.full(parts, 1 / parts) if design == "equal" else [1 - 2 / parts, 1 / parts, 1 / parts]
        slopes, critical = [], []
        for _ in range(parameters.seeds):
            laws = Pareto(alpha).distributions(len(shares), parameters.leaves, rng)
            mixes = [three_roles(laws, shares, parameters.k, volume) for volume in parameters.volumes]
            slopes.append([elasticity.elastic_response(mix, 2)[0] for mix in mixes])
            critical.append(elasticity.critical_perturbation(mixes[0], 0, 2))
        return xarray.Dataset(
            {"response": (("seed", "volume"), slopes), "critical": ("seed", critical)},
            {"volume": list(parameters.volumes), "seed": range(parameters.seeds)},
        )

    result = progress.grid(cell, alpha=parameters.alphas, design=DESIGNS, parts=parameters.parts)
    result["falls"] = (result.response < 0).mean("seed")
    low, high = quantiles(result.critical.values)
    result["critical_low"] = result.critical.dims[:-1], low
    result["critical_high"] = result.critical.dims[:-1], high
    result["equal_parts"] = "parts", [1 / (m - 1) for m in parameters.parts]
    result.response.attrs.update(units="bits per leaf per alignment volume", long_name="d gamma_p/dl")
    result.falls.attrs.update(units="1", long_name="share of draws whose pre-training rate falls")
    result.critical.attrs.update(
        units="alignment volumes", interval="central 95% of the draws", long_name="l*"
    )
    result.equal_parts.attrs.update(units="alignment volumes", long_name="q/(1 - q): equal or disjoint parts")
    return result


def summary(result) -> list[str]:
    """One line per alpha, design and share: the median l* with the central 95% of draws, and q/(1 - q)."""
    lines = ["alpha  design      q       l* median [95% of draws]      q/(1 - q)"]
    for alpha in result.alpha.values:
        for design in result.design.values:
            for parts in result.parts.values:
                one = result.sel(alpha=alpha, design=design, parts=parts)
                middle, low, high = (
                    float(x) for x in (one.critical.median(), one.critical_low, one.critical_high)
                )
                interval = f"{middle:.3f} [{low:.3f}, {high:.3f}]"
                lines.append(
                    f"{alpha:<6g} {design:<11} {1 / parts:<7.3f} {interval:<29} {one.equal_parts.item():.3f}"
                )
    return lines
