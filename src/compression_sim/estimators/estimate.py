"""Everything that a table allows, at once: what `compression-sim estimate` prints."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

import xarray as xr

from . import first_order, over_runs, rates, rebound_curves
from .statistics import curves
from .statistics.estimate import Estimate
from .statistics.intervals import DEFAULT, Resampling
from .tables import columns
from .tables.comparison import Comparison

Progress = Callable[[int, int, str], None]


def estimate_table(
    table: xr.Dataset,
    compared: Comparison | None = None,
    *,
    eps: float | None = None,
    score: float | None = None,
    progress: Progress | None = None,
    resampling: Resampling = DEFAULT,
) -> list[Estimate]:
    """Every estimate that the table's columns and datasets allow, each with its interval and warnings.

    `compared`: roles, checkpoints and unit of length (default: `Comparison.of(table)`). `eps`: bits; with
    `amount` and `entropy`, the amount after which a dataset's excess is at most eps (its divergence to the
    source, where `entropy` holds the source's code lengths). `score`: bits per token (or byte); with
    `amount`, the fall rate where a dataset's curve passes it. `progress(done, total, what)` counts subjects.
    Raises ValueError for a dataset of a single response, and for eps or score without their columns.
    """
    return estimate_runs(
        {"": table}, compared, eps=eps, score=score, progress=progress, resampling=resampling
    )


def estimate_runs(
    runs: Mapping[str, xr.Dataset],
    compared: Mapping[str, Comparison] | Comparison | None = None,
    *,
    eps: float | None = None,
    score: float | None = None,
    progress: Progress | None = None,
    resampling: Resampling = DEFAULT,
) -> list[Estimate]:
    """`estimate_table` of every run, by name, and what only several show: how changes scale with volume.

    `compared`: of all runs, or by run. Runs are compared by the volume of their pre-training dataset: one
    exponent for each dataset and pair of checkpoints that all of them have.
    """
    if not isinstance(compared, Mapping):
        compared = {run: compared or Comparison.of(table) for run, table in runs.items()}
    subjects = [
        (run, subject, found)
        for run, table in runs.items()
        for subject, found in estimates(table, compared[run], eps=eps, score=score, resampling=resampling)
    ]
    if len(runs) > 1:
        per = next(iter(compared.values())).per
        subjects.append(("", "crossings of runs", over_runs.crossings(runs, per, resampling)))
        subjects.append(("", "scaling exponents", over_runs.exponents(runs, compared, resampling)))
    found = []
    for number, (run, subject, subject_estimates) in enumerate(subjects):
        if progress is not None:
            progress(number, len(subjects), subject)
        mark = f" (run {run})" if run and len(runs) > 1 else ""
        found += [replace(one, of=one.of + mark) for one in subject_estimates]
    return found


def estimates(
    table: xr.Dataset,
    compared: Comparison,
    *,
    eps: float | None = None,
    score: float | None = None,
    resampling: Resampling = DEFAULT,
) -> Iterator[tuple[str, Iterator[Estimate]]]:
    """(subject, its estimates) of one table: nothing is computed before it is asked for."""
    _refuse(table, eps, score)
    yield "rates", _rates(table, compared.per, resampling)
    yield "changes", _changes(table, compared, resampling)
    yield "probes", first_order.estimates(table, compared, resampling.confidence)
    yield (
        "rebound curves",
        rebound_curves.estimates(table, compared, eps=eps, score=score, resampling=resampling),
    )


def _refuse(table, eps, score) -> None:
    """ValueError for options that are not numbers or lack their columns, before anything is computed."""
    if eps is not None:
        curves.within(eps)
    if score is not None:
        curves.fall_rate_at(score)
    needed = {"eps": ("amount", "entropy") if eps is not None else (),
              "score": ("amount",) if score is not None else ()}  # fmt: skip
    for option, names in needed.items():
        lacking = [name for name in names if name not in table]
        if lacking:
            raise ValueError(f"{option} needs the column {lacking[0]!r}, which the table lacks")
        if names and table.sizes["checkpoint"] < 2:
            raise ValueError(f"{option} needs at least two checkpoints, got one")


def _rates(table, per, resampling) -> Iterator[Estimate]:
    given = {"per": per, "resampling": resampling}
    places = [(d, c) for d in columns.names_of(table) for c in columns.checkpoints_of(table)]
    for place in places:
        yield rates.compression_rate(table, *place, **given)
    for place in places if "leaves" in table else ():
        yield rates.normalized_rate(table, *place, **given)
    for dataset, checkpoint in places:
        if columns.known(table, "entropy", dataset):
            yield rates.excess_rate(table, dataset, checkpoint, **given)


def _changes(table, compared, resampling) -> Iterator[Estimate]:
    given = {"per": compared.per, "resampling": resampling}
    datasets, both = columns.names_of(table), (compared.pretraining, compared.alignment)
    for pair in compared.pairs:
        for dataset in datasets:
            yield rates.rate_change(table, dataset, *pair, **given)
        if None not in both:
            yield rates.k_eff(table, *both, *pair, per=compared.per, confidence=resampling.confidence)
        for dataset in datasets if "volume" in table else ():
            yield rates.hooke_force(table, dataset, *pair, **given)
        if "volume" in table and len(datasets) > 1:
            yield rates.conservation_residual(table, *pair, **given)
