"""The experiments of the paper on models that are trained: one module each, one xarray.Dataset each.

    result = run("k-ratio", level="quick", seed=0)

A module `some_name.py` in this folder is the experiment `some-name`; nothing else registers it. It has

    \"\"\"One sentence that says what is measured. (The list of experiments prints it.)\"\"\"

    @dataclass(frozen=True)
    class Parameters:       # numbers, strings, booleans, and tuples of them, each with a comment: its unit
        seeds: int = 20     # `__post_init__` refuses what is not allowed (ValueError, one sentence)

    PRESETS = {"quick": Parameters(seeds=3), "standard": Parameters(), "full": Parameters(seeds=40)}

    def run(parameters, seed, cells) -> xarray.Dataset:
        parts = cells.map(compute, [("a", 1), ("a", 2)])    # compute(*cell) -> a Dataset of a few kB
        return xarray.concat(parts, "model")

and, where they apply,

    CLAIMS = {"fig-4-rebound": "what its effect measures, with the unit"}   # its rows of the matrix
    FIGURE = "effects"      # a painter of `plotting.PAINTERS`: `figures` draws its stored result with it

    def summary(result) -> list[str]: ...       # the lines that the command prints
    def findings(result) -> list[str]: ...      # what docs/experiments.md says of its stored result

An experiment with CLAIMS returns what `_lab.effects.table` makes, by `model` and `scenario`, and has a
summary and findings without writing them. `_lab/families.py` lists the classes of models, each in one entry.

`quick` takes less than 20 s, compilation included. A cell is a tuple of strings and numbers that, with the
parameters and the seed, decides its result: where the result goes to a file, finished cells are kept next
to it and an interrupted run goes on from them. Draw with `cells.rng(*cell)`: a generator that depends on the
seed and the cell only, so that a cell gets the same numbers alone as among others. Within a cell, one
vmapped program per shape: over seeds, volumes and learning rates, not a Python loop.

Variables carry `units`; every quantity over seeds keeps the dimension `seed` or comes as `x`, `x_low`,
`x_high` with the attribute `interval` that says how. Classes of models are the coordinate `model`, each
named by `model.name`. `run` sets no provenance: the runner does (experiment, level, seed, versions, commit
or null, parameters as JSON). It writes and draws nothing, and may import models, training and estimators,
not the ledger.
"""

from ._lab.jsonable import to_dict as to_dict
from ._lab.registry import Experiment as Experiment
from ._lab.registry import describe as describe
from ._lab.registry import load as load
from ._lab.registry import names as names
from ._lab.registry import summary as summary
from ._lab.runner import run as run
