"""Everything that a table allows, at once: what `compression-sim estimate` prints."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise

import numpy as np

from .._validation import choice
from . import noise, over_runs, rates, rebound_curves
from .statistics import probes
from .statistics.estimate import FEW_CHANGES, FEW_UNITS, Estimate
from .statistics.intervals import ratio_moments, ratio_of_sums
from .statistics.planning import responses_needed
from .tables import columns

ROLES = ("pretraining", "alignment", "perturbation")
Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class Settings:
    """How a table is read: the dataset in each role (None: there is none), the checkpoints compared."""

    pretraining: str | None
    alignment: str | None
    perturbation: str | None
    pairs: tuple[tuple[str, str], ...]
    per: str

    @property
    def roles(self) -> dict[str, str | None]:
        """The dataset in each role."""
        return {role: getattr(self, role) for role in ROLES}


def settings(table, *, before=None, after=None, per=None, **roles) -> Settings:
    """Settings for a table: roles by name of a dataset (default: datasets that are called like a role).

    `before`, `after`: checkpoints to compare (default: each with the next); `per`: "token" or "byte"
    (default: token, byte where there are no tokens). Raises ValueError for what the table does not have.
    """
    datasets = columns.names_of(table)
    found = {}
    for role in ROLES:
        name = roles.pop(role, None)
        found[role] = choice(name, f"{role} dataset", datasets) if name is not None else None
        if name is None and role in datasets:
            found[role] = role
    if roles:
        raise TypeError(f"unknown arguments {sorted(roles)}")
    names = [name for name in found.values() if name is not None]
    if len(set(names)) < len(names):
        raise ValueError(f"each role needs a dataset of its own, got {found}")
    checkpoints = table["checkpoint"].values.tolist()
    if (before is None) != (after is None):
        raise ValueError("give both checkpoints to compare, or none: before and after")
    pairs = tuple(pairwise(checkpoints))
    if before is not None:
        pairs = ((choice(before, "checkpoint", checkpoints), choice(after, "checkpoint", checkpoints)),)
        if before == after:
            raise ValueError(f"before and after must be different checkpoints, got {before!r} twice")
    per = ("token" if "tokens" in table else "byte") if per is None else choice(per, "per", columns.UNITS)
    columns.lengths(table, per)
    return Settings(**found, pairs=pairs, per=per)


def estimate_table(
    table,
    chosen: Settings | None = None,
    *,
    eps: float | None = None,
    score: float | None = None,
    progress: Progress = lambda done, total, what: None,
    **how,
) -> list[Estimate]:
    """Every estimate that the table's columns and datasets allow, each with its interval and warnings.

    `eps`: bits; with `amount` and `entropy`, the amount after which a dataset's excess is at most eps (its
    divergence to the source, where `entropy` holds the source's code lengths). `score`: bits per token (or
    byte); with `amount`, the fall rate where a dataset's curve passes it. `how`: seed, resamples, level.
    Raises ValueError for a dataset of a single response, and for eps or score without their columns.
    """
    return estimate_runs({"": table}, chosen, eps=eps, score=score, progress=progress, **how)


def estimate_runs(
    runs: dict, chosen=None, *, eps=None, score=None, progress: Progress = lambda *_: None, **how
) -> list[Estimate]:
    """`estimate_table` of every run, by name, and what only several show: how changes scale with volume.

    `chosen`: Settings, of all runs or by run. Runs are compared by the volume of their
    pre-training dataset: one exponent for each dataset and pair of checkpoints that all of them have.
    """
    jobs, made = [], []
    for name, table in runs.items():
        _refuse(table, eps, score)
        own = (chosen[name] if isinstance(chosen, dict) else chosen) or settings(table)
        found = _jobs(table, own, eps, score, {"per": own.per, **how})
        jobs += [(job, f" (run {name})" if len(runs) > 1 else "") for job in found]
        made.append(own)
    shared = rebound_curves.between(runs, made[0].per, how) + over_runs.jobs(runs, made, how)
    jobs += [(job, "") for job in shared]
    found = []
    for number, (job, run) in enumerate(jobs):
        progress(number, len(jobs), "estimates")
        one = job()
        found.append(replace(one, of=one.of + run))
    return found


def _refuse(table, eps, score):
    for name in columns.names_of(table):
        units = len(columns.sample(table, name, table["bits"].values[0]))
        if units < 2:
            raise ValueError(
                f"an interval needs at least 2 responses or clusters, got {units} of dataset {name!r}"
            )
    needed = {"eps": ("amount", "entropy") if eps is not None else (),
              "score": ("amount",) if score is not None else ()}  # fmt: skip
    for option, wanted in needed.items():
        lacking = [name for name in wanted if name not in table]
        if lacking:
            raise ValueError(f"{option} needs the column {lacking[0]!r}, which the table lacks")
        if wanted and table.sizes["checkpoint"] < 2:
            raise ValueError(f"{option} needs at least two checkpoints, got one")


def _jobs(table, chosen, eps, score, how) -> list[Callable[[], Estimate]]:
    datasets, checkpoints = columns.names_of(table), table["checkpoint"].values.tolist()
    places = [(d, c) for d in datasets for c in checkpoints]
    jobs = [partial(rates.compression_rate, table, *place, **how) for place in places]
    if "leaves" in table:
        jobs += [partial(rates.normalized_rate, table, *place, **how) for place in places]
    if "entropy" in table:
        jobs += [
            partial(rates.excess_rate, table, d, c, **how)
            for d, c in places
            if columns.known(table, "entropy", d)
        ]
    for pair in chosen.pairs:
        jobs += _differences(table, datasets, chosen, pair, how)
    jobs += _probes(table, chosen, {key: value for key, value in how.items() if key == "level"})
    if "amount" in table and len(checkpoints) > 1:
        jobs += rebound_curves.jobs(table, datasets, chosen, eps, score, how)
    return jobs


def _differences(table, datasets, chosen, pair, how):
    jobs = [partial(rates.rate_change, table, d, *pair, **how) for d in datasets]
    if chosen.pretraining is not None and chosen.alignment is not None:
        just = {key: value for key, value in how.items() if key in ("per", "level")}
        jobs.append(partial(rates.k_eff, table, chosen.pretraining, chosen.alignment, *pair, **just))
    if "volume" in table:
        jobs += [partial(rates.hooke_force, table, d, *pair, **how) for d in datasets]
        if len(datasets) > 1:
            jobs.append(partial(rates.conservation_residual, table, *pair, **how))
    return jobs


def _probes(table, chosen, level):
    """First-order and sequential k_eff at every checkpoint; the perturbation's own levelling ratio."""
    names, per = table["checkpoint"].values.tolist(), chosen.per
    jobs = []

    def of(column, dataset, checkpoint):
        dots = table[column].values[names.index(checkpoint)]
        return columns.sample(table, dataset, dots, columns.lengths(table, per))

    def ratio(name, of_what, read, dots, formula):
        """`read` of dot products, `formula` of their rates; `dots`: (column, dataset, checkpoint)."""
        samples = [of(*place) for place in dots]
        values = [ratio_of_sums(sample.sum(axis=0)) for sample in samples]
        floors = [noise.noise_floor(table, dataset, per=per, name=column) for column, dataset, _ in dots]
        found = Estimate(name, of_what, "1", read(*samples, **level),
                         noise_floor=noise.propagated(formula, values, floors))  # fmt: skip
        if not found.interval.bounded:
            found = found.warn("the denominator is within its noise: the data do not bound the ratio")
        return found.beside_noise("the denominator", values[1], floors[1]).checked(FEW_CHANGES)

    pair = chosen.alignment, chosen.pretraining
    for name in names if None not in pair else ():
        if all(columns.known(table, "probe", dataset, name) for dataset in pair):
            dots = [("probe", dataset, name) for dataset in pair]
            jobs.append(partial(ratio, "first-order k_eff", f"at {name}", probes.first_order_k_eff, dots,
                                lambda m: -m[0] / m[1]))  # fmt: skip
        tau = float(table["tau"].values[names.index(name)]) if "tau" in table else np.nan
        known = columns.known(table, "probe", pair[0], name) and columns.known(
            table, "curvature", pair[1], name
        )
        if known and not np.isnan(tau):
            dots = [("probe", pair[0], name), ("curvature", pair[1], name)]
            jobs.append(partial(ratio, "sequential k_eff", f"from {name}, tau = {tau:g}",
                                partial(probes.sequential_k_eff, tau=tau), dots,
                                lambda m, tau=tau: m[0] / (tau * m[1])))  # fmt: skip
    for before, after in chosen.pairs if chosen.perturbation is not None else ():
        if all(columns.known(table, "probe", chosen.perturbation, name) for name in (before, after)):
            dots = [("probe", chosen.perturbation, name) for name in (before, after)]
            of_what = f"{before} over {after}"
            jobs.append(partial(ratio, "levelling ratio", of_what, probes.levelling_ratio, dots,
                                lambda m: m[0] / m[1]))  # fmt: skip
    return jobs


def left_out(table, chosen: Settings) -> list[str]:
    """What the table would allow with a little more: columns that were not read, roles without a dataset."""
    notes = [table.attrs["left_out"]] if "left_out" in table.attrs else []
    lacking = [role for role in ROLES[:2] if getattr(chosen, role) is None]
    if lacking and len(columns.names_of(table)) > 1:
        options = " and ".join(f"--{role}" for role in lacking)
        notes.append(f"no k_eff: name the {' and '.join(lacking)} dataset ({options})")
    if not chosen.pairs:
        notes.append("one checkpoint: no changes, and nothing that rests on them")
    return notes


@dataclass(frozen=True)
class Plan:
    """Responses (or clusters) per dataset that k_eff needs: to be bounded, and to be known to a quarter."""

    k: float
    before: str
    after: str
    now: int
    bounded: int
    quarter: int
    warnings: tuple[str, ...] = ()
    run: str = ""


def plan(table, chosen: Settings, k: float, run: str = "") -> list[Plan]:
    """What it takes to see k_eff at a given k, for each pair, from the table's own changes and spreads.

    The alignment change and both spreads are taken as they are in the table; the pre-training change as
    1/k of the alignment change. Raises ValueError without both datasets or without two checkpoints.
    """
    if chosen.pretraining is None or chosen.alignment is None:
        raise ValueError("a plan for k_eff needs a pretraining and an alignment dataset")
    if not chosen.pairs:
        raise ValueError("a plan for k_eff needs two checkpoints, got one")
    plans = []
    for before, after in chosen.pairs:
        top, bottom = (
            ratio_moments(columns.changes(table, name, before, after, chosen.per))
            for name in (chosen.alignment, chosen.pretraining)
        )
        spreads = [float(np.sqrt(m.variance * m.units)) for m in (top, bottom)]
        needed = [responses_needed(k, top.value, *spreads, precision=w) for w in (None, 0.25)]
        now = min(top.units, bottom.units)
        warnings = []
        if abs(top.value) < 2 * np.sqrt(top.variance):
            warnings.append("the alignment change is within its own noise: the plan is a guess")
        if now < FEW_UNITS:
            warnings.append(f"spreads of {now} units are a guess, and with them the plan")
        plans.append(Plan(k, str(before), str(after), now, *needed, tuple(warnings), run))
    return plans
