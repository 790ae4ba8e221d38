"""docs/experiments.md: what each experiment does and found, from the stored results.

python -m compression_sim.experiments._matrix.page docs/experiments.md
"""

import sys
import textwrap
from pathlib import Path

from ... import results
from .. import matrix
from .._lab import effects
from .._lab.registry import describe, load
from .mechanisms import MECHANISMS

HEAD = """# Experiments

This page is printed from the stored results by
`python -m compression_sim.experiments._matrix.page docs/experiments.md`; a test holds it to them.

```sh
compression-sim experiment                      # the list
compression-sim experiment rebound              # one of them, at the level of the stored results: minutes
compression-sim experiment rebound --level quick --set models=scalar,low-rank --set seeds=40 --out mine.nc
compression-sim experiment matrix               # all of them in one table; --json for a program to read
```

With `--out`, finished cells are kept beside the file until it is whole, and an interrupted run goes on from
them. `--set` takes the fields of the experiment's `Parameters`; what is not allowed is answered in one line.

Toy worlds: a response has a valence, positive data tilt a prompt's law of responses towards it, negative data
away from it (`experiments/_lab/worlds.py`). In the scenario `midway` the base lies halfway between both kinds
of data, as the paper's IMDb; in `near` negative data are close to what the base says, as its BeaverTails. A
seed is a world with its training, and intervals are 95% over seeds. A class with `/held-out` is aligned,
perturbed and tested on different prompts.
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
    table = results.load("matrix")
    parts = [HEAD, MATRIX + "\n".join(_row(table.sel(claim=claim)) for claim in table.claim.values)]
    parts += [WHY + "\n" + "\n".join(_why(claim) for claim in MECHANISMS), "## Each experiment"]
    for name, sentence in describe().items():
        if name != "matrix":
            parts.append(_experiment(name, sentence))
    return "\n\n".join(part.strip("\n") for part in [*parts, LIMITS]) + "\n"


def _row(one) -> str:
    cells = []
    for scenario in one.scenario.values:
        row = one.sel(scenario=scenario)
        cells += [_count(row), matrix.weakest_shown(row).replace("none", "")]
    return f"| {one.claim.item()} | {' | '.join(cells)} | {one.paper.item()} |"


def _count(row) -> str:
    shows, applies = (row.verdict == effects.SHOWS).sum(), (row.verdict != effects.MISSING).sum()
    return f"{int(shows)} of {int(applies)}"


def _why(claim: str) -> str:
    why = MECHANISMS[claim]
    cells = "; ".join(
        f"{name} {'shows' if shows else 'does not show'} in {model}, {scenario}"
        for name, scenario, model, shows in why.cells
    )
    return _wrapped(
        f"- **{claim}**: {why.sentence}. [{', '.join(f'`{each}`' for each in why.ledger)}] {cells}.", "  "
    )


def _experiment(name: str, sentence: str) -> str:
    lines = [f"### {name}", "", _wrapped(sentence), ""]
    if name not in results.names():
        return "\n".join([*lines, "No result of it is stored."])
    result = results.load(name)
    where = results.provenance(result)
    findings = load(name).findings
    lines += [_wrapped(f"- {line}", "  ") for line in (findings(result) if findings else [])]
    commit = (where["commit"] or "unknown")[:9]
    made = f"level {where['level']}, seed {where['seed']}, {where['date']}, commit {commit}"
    return "\n".join([*lines, "", f"`{results.file_name(name)}`: {made}."])


def _wrapped(text: str, indent: str = "") -> str:
    return "\n".join(
        textwrap.wrap(text, 120, subsequent_indent=indent, break_on_hyphens=False, break_long_words=False)
    )


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(page(), "utf-8")
