"""Where the signs of Thm. 4.2 hold: by the share of D_2 and D_3 in D_p and the mass law's alpha.

D_p has shares (1 - 2q, q, q) of three parts with independent Pareto masses, D_a ~ D_2, D_t ~ D_3, l = 0.
The signs are as printed iff G(a, t) < 0. Beside the draws: the limit of many leaves and its critical q*.
"""

from dataclasses import dataclass

import numpy as np

from .. import elasticity, limits
from .._validation import integer, number
from ..masses import Pareto
from ._lab.three_parts import three_roles

FIGURE = "sign_map"


@dataclass(frozen=True)
class Parameters:
    """What is drawn."""

    alphas: tuple[float, ...] = (0.8, 1.1, 1.2, 1.5, 2.0, 3.0, 5.0, 10.0)  # of the Pareto law
    shares: tuple[float, ...] = (
        0.005,
        0.01,
        0.02,
        0.04,
        0.06,
        0.08,
        0.1,
        0.13,
        0.16,
        0.19,
        0.22,
        0.26,
        0.3,
    )  # q
    k: float = 1000.0  # pre-training volume, in alignment volumes
    leaves: int = 4096
    seeds: int = 20

    def __post_init__(self):
        for share in self.shares:
            number(share, "shares", 0, 0.5, open_low=True)
        for alpha in self.alphas:
            number(alpha, "alphas", 0, open_low=True)
        number(self.k, "k", 0, open_low=True)
        integer(self.leaves, "leaves", 2)
        integer(self.seeds, "seeds", 1)


PRESETS = {
    "quick": Parameters(alphas=(0.8, 1.2, 1.5, 3.0), shares=(0.02, 0.06, 0.1, 0.15, 0.2, 0.3), leaves=1024),
    "standard": Parameters(),
    "full": Parameters(leaves=65536, seeds=40),
}


def run(parameters: Parameters, seed: int, cells):
    """G(a, t) of every (alpha, share, seed), its limit, and the critical share of every alpha."""
    import xarray

    def row(alpha):
        law = Pareto(alpha)
        rng = cells.rng(alpha)
        drawn = [law.distributions(3, parameters.leaves, rng) for _ in range(parameters.seeds)]
        splits = [(1 - 2 * q, q, q) for q in parameters.shares]
        inner = [
            [elasticity.inner_products(three_roles(parts, split, parameters.k), 2)[1] for parts in drawn]
            for split in splits
        ]
        limit = [
            -limits.mass_response(law, np.add(split, (0, 1 / parameters.k, 0))) if alpha > 1 else -1.0
            for split in splits
        ]
        critical = limits.critical_share(law, parameters.k) if alpha > 1 else 0.0
        return xarray.Dataset(
            {"inner": (("share", "seed"), inner), "limit": ("share", limit), "critical_share": critical},
            {"share": list(parameters.shares), "seed": range(parameters.seeds)},
        )

    result = cells.grid(row, alpha=parameters.alphas)
    result["reversed"] = (result.inner > 0).mean("seed")
    result["agrees"] = np.sign(result.inner.mean("seed")) == np.sign(result.limit)
    result.inner.attrs.update(units="1", long_name="G(a, t) at l = 0; the signs are as printed iff negative")
    result.limit.attrs.update(units="1", long_name="limit of many leaves; -1 where the law has no mean")
    result.critical_share.attrs.update(units="1", long_name="q* of the limit: reversed below")
    result.reversed.attrs.update(units="1", long_name="share of draws with both signs reversed")
    return result


def summary(result) -> list[str]:
    """One line per alpha: the limit's critical share, and the share of draws reversed at each share q."""
    head = "".join(f"{q:>5g}" for q in result.share.values)
    lines = ["share of draws with both signs reversed, by q; q*: the limit of many leaves"]
    lines.append(f"{'alpha':<6}{'q*':<7}{head}")
    for alpha in result.alpha.values:
        one = result.sel(alpha=alpha)
        cells = "".join(f"{r:>5.2f}" for r in one.reversed.values)
        lines.append(f"{alpha:<6g}{one.critical_share.item():<7.3f}{cells}")
    lines.append(
        f"mean G(a, t) has the limit's sign in {int(result.agrees.sum())} of {result.agrees.size} cells"
    )
    return lines


def findings(result) -> list[str]:
    """What docs/experiments.md says of it."""
    shown = ", ".join(
        f"{float(one.critical_share):.3f} at alpha = {float(one.alpha):g}"
        for one in (result.sel(alpha=a) for a in (1.2, 2.0, 5.0))
    )
    return [
        f"both signs reverse below a critical share that grows with alpha (limit of many leaves: {shown}); "
        f"the mean over {result.sizes['seed']} draws has the limit's sign in {int(result.agrees.sum())} of "
        f"{result.agrees.size} cells"
    ]
