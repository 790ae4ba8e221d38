"""docs/experiments.md: what each experiment does and found, from the stored results.

python -m compression_sim.experiments._page docs/experiments.md
"""

import sys
import textwrap
from pathlib import Path

import numpy as np

from .. import data
from ..estimators.statistics.order import median_interval
from . import _effects as effects
from . import matrix
from ._mechanisms import MECHANISMS
from ._registry import describe

HEAD = """# Experiments

This page is printed from the stored results by
`python -m compression_sim.experiments._page docs/experiments.md`; a test holds it to them.

```sh
compression-sim experiment                      # the list
compression-sim experiment rebound              # one of them, at the level of the stored results: minutes
compression-sim experiment rebound --level quick --set kinds=scalar,low-rank --set seeds=40 --out mine.nc
compression-sim experiment matrix               # all of them in one table; --json for a program to read
```

With `--out`, finished cells are kept beside the file until it is whole, and an interrupted run goes on from
them. `--set` takes the fields of the experiment's `Parameters`; what is not allowed is answered in one line.

Toy worlds: a response has a valence, positive data tilt a prompt's law of responses towards it, negative data
away from it (`experiments/_worlds.py`). In the setting `midway` the base lies halfway between both kinds of
data, as the paper's IMDb; in `near` negative data are close to what the base says, as its BeaverTails. A seed
is a world with its training, and intervals are 95% over seeds. A class with `/held-out` is aligned, perturbed
and tested on different prompts.
"""
MATRIX = """## The matrix

![Claims against classes of models: shows, does not show, not applicable](../figures/matrix.png)

A claim shows in a class if the whole interval of its effect exceeds a threshold; classes stand from the
weakest, a single number, to the transformer. A class that shows what a no-go of the theory forbids is an
error, and stops the command. Columns: how many of the classes to which the claim applies show it, and the
weakest of them with its effect.

| claim | midway | weakest | near | weakest | the paper's own numbers |
|---|---|---|---|---|---|
"""
WHY = """## Why: one sentence each, with its evidence

The claims of the ledger in brackets are judged by `compression-sim verify ID`. The cells are of the matrix,
and a test holds those that are named to it; the others, exceptions among them, stand in the matrix.
"""
LIMITS = """## What this cannot say

- Toy models have up to some 20,000 parameters and responses that can be listed. That a class shows a claim
  says that the mechanism suffices, not that it is the one at work in a language model.
- Thresholds are ours: 0.01 of the effect's unit, 0 for losses, levels and flat starts.
- A transformer at these learning rates amplifies rounding: a change of its start by 1e-10 moves single curves
  visibly (a soak test shows it). One machine and release of jax gives the same curves again, another only
  curves of the same law; means over seeds are what is compared.
- Full-batch gradient descent at constant rates is one way of training; `optimizers` repeats fig. 4 by others.
"""


def page() -> str:
    """The document."""
    table = data.load("matrix")
    parts = [HEAD, MATRIX + "\n".join(_row(table.sel(claim=claim)) for claim in table.claim.values)]
    parts += [WHY + "\n" + "\n".join(_why(claim) for claim in MECHANISMS), "## Each experiment"]
    for name, sentence in describe().items():
        if name != "matrix":
            parts.append(_experiment(name, sentence, table))
    return "\n\n".join(part.strip("\n") for part in [*parts, LIMITS]) + "\n"


def _row(one) -> str:
    cells = []
    for setting in one.setting.values:
        row = one.sel(setting=setting)
        cells += [_count(row), matrix.weakest_shown(row).replace("none", "")]
    return f"| {one.claim.item()} | {' | '.join(cells)} | {one.paper.item()} |"


def _count(row) -> str:
    shows, applies = (row.verdict == effects.SHOWS).sum(), (row.verdict != effects.MISSING).sum()
    return f"{int(shows)} of {int(applies)}"


def _why(claim: str) -> str:
    why = MECHANISMS[claim]
    cells = "; ".join(
        f"{name} {'shows' if shows else 'does not show'} in {kind}, {setting}"
        for name, setting, kind, shows in why.cells
    )
    return _wrapped(
        f"- **{claim}**: {why.sentence}. [{', '.join(f'`{each}`' for each in why.ledger)}] {cells}.", "  "
    )


def _experiment(name: str, sentence: str, table) -> str:
    lines = [f"### {name}", "", _wrapped(sentence), ""]
    stored = name.replace("-", "_")
    if stored not in data.names():
        return "\n".join([*lines, "No result of it is stored."])
    result = data.load(stored)
    where = data.provenance(result)
    found = FOUND[name](result) if name in FOUND else _shown(result, table)
    lines += [_wrapped(f"- {line}", "  ") for line in found]
    made = ", ".join(f"{key} {where[key]}" for key in ("level", "seed"))
    return "\n".join([*lines, "", f"`{stored}.nc`: {made}, {where['date']}, commit {where['commit'][:9]}."])


def _shown(result, table) -> list[str]:
    """What the matrix says of an experiment's claims."""
    lines = []
    for claim in map(str, result.claim.values):
        if claim in table.claim.values:
            one = table.sel(claim=claim, kind=[str(kind) for kind in result.kind.values])
            counts = ", ".join(
                f"{setting} {_count(one.sel(setting=setting))} classes" for setting in one.setting.values
            )
            lines.append(f"`{claim}`: shown {counts}")
    return lines


def _k_ratio(result) -> list[str]:
    told = []
    for volume in result.volume.values:
        factor, *_ = median_interval(
            (result.ratio.sel(volume=volume) / result.k).transpose(..., "seed").values
        )
        told.append(f"{np.nanmin(factor):.3f} to {np.nanmax(factor):.3f} at l = {volume:g}")
    return [
        f"k_eff/k, medians over the seeds in which the pre-training loss falls, {result.sizes['model']} "
        f"classes and k from {float(result.k[0]):g} to {float(result.k[-1]):g}: {', '.join(told)}",
        f"smallest k_eff/k of a single seed, at any l: {float(result.least.min()):.6f}; revealed preference "
        "allows nothing below 1",
    ]


def _sequential(result) -> list[str]:
    ends = [result["median"].isel(tau=i) for i in (0, -1)]
    told = [f"tau = {float(each.tau):g}: {float(each.min()):.4f} to {float(each.max()):.4g}" for each in ends]
    return [
        f"k_eff * tau * curvature, medians of {result.sizes['model']} classes: {'; '.join(told)}. The "
        "theory's limit is 1 as tau -> 0, whatever volume pre-training had"
    ]


def _sign_map(result) -> list[str]:
    shown = ", ".join(
        f"{float(one.critical_share):.3f} at alpha = {float(one.alpha):g}"
        for one in (result.sel(alpha=a) for a in (1.2, 2.0, 5.0))
    )
    return [
        f"both signs reverse below a critical share that grows with alpha (limit of many leaves: {shown}); "
        f"the mean over {result.sizes['seed']} draws has the limit's sign in {int(result.agrees.sum())} of "
        f"{result.agrees.size} cells"
    ]


def _domain_map(result) -> list[str]:
    lines = []
    for design in result.design.values:
        one = result.sel(design=design, alpha=3.0)
        told = ", ".join(
            _median(each.critical, each.critical_low, each.critical_high) + f" at q = 1/{int(each.parts)}"
            for each in (one.sel(parts=parts) for parts in (3, 5, 10))
        )
        lines.append(f"l* for alpha = 3, {design} parts: {told} (median, 95% of the draws)")
    return lines


def _median(draws, low, high) -> str:
    return f"{float(draws.median()):.2f} [{float(low):.2f}, {float(high):.2f}]"


def _critical_share(result) -> list[str]:
    inside = (result.share_low <= result.expected) & (result.expected <= result.share_high)
    known = np.isfinite(result.share)
    return [
        f"the draws' critical share agrees with the limit's within its interval in {int(inside.sum())} of "
        f"{int(known.sum())} cells of (k, alpha)"
    ]


def _optimizers(result) -> list[str]:
    from .optimizers import agreement

    same = agreement(result).isel(way=slice(1, None))
    counts = ", ".join(
        f"{way} {int(same.sel(way=way).sum())} of {same.sel(way=way).size}" for way in same.way.values
    )
    lines = [f"cells of (claim, setting, class) whose verdict is that of {result.way.values[0]}: {counts}"]
    for setting in result.setting.values:
        rebound = result.sel(claim="fig-4-rebound", setting=setting)
        faster, slower = (
            ", ".join(f"{way} {int(side.sel(way=way).sum())}" for way in result.way.values)
            for side in (rebound.effect_low > rebound.threshold, rebound.effect_high < -rebound.threshold)
        )
        lines.append(
            f"{setting}, classes (of {rebound.sizes['kind']}) whose most aligned model falls faster "
            f"(fig-4-rebound): {faster}; slower: {slower}"
        )
    one = result.sel(setting="near", kind="scalar", way="adam").start
    starts = ", ".join(f"{model} {float(one.sel(model=model)):.3f}" for model in one.model.values)
    return [
        *lines,
        "Adam's steps are alike whatever the size of the gradient: midway, with one logit, all models move "
        "as fast, and a sigmoid is flatter further up. Near the base the relative effect is large, since the "
        f"least aligned model has little to lose (scalar, adam, mean scores at the start: {starts})",
    ]


FOUND = {
    "k-ratio": _k_ratio,
    "sequential-ratio": _sequential,
    "sign-map": _sign_map,
    "domain-map": _domain_map,
    "critical-share": _critical_share,
    "optimizers": _optimizers,
}


def _wrapped(text: str, indent: str = "") -> str:
    return "\n".join(
        textwrap.wrap(text, 120, subsequent_indent=indent, break_on_hyphens=False, break_long_words=False)
    )


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(page(), "utf-8")
