"""Everything that a table allows, at once: what `compression-sim estimate` prints."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from .._validation import choice
from . import curves, probe, rates
from .intervals import Interval, ratio_moments
from .planning import responses_needed
from .rates import Estimate

ROLES = ("pretraining", "alignment", "perturbation")


@dataclass(frozen=True)
class Settings:
    """How a table is read: the dataset in each role (None: there is none), the checkpoints compared."""

    pretraining: str | None
    alignment: str | None
    perturbation: str | None
    pairs: tuple[tuple[str, str], ...]
    per: str


def settings(table, *, before=None, after=None, per=None, **roles) -> Settings:
    """Settings for a table: roles by name of a dataset (default: datasets that are called like a role).

    `before`, `after`: checkpoints to compare (default: each with the next); `per`: "token" or "byte"
    (default: token, byte where there are no tokens). Raises ValueError for what the table does not have.
    """
    datasets = list(dict.fromkeys(table["dataset_of"].values.tolist()))
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
    per = ("token" if "tokens" in table else "byte") if per is None else choice(per, "per", rates.UNITS)
    rates.lengths(table, per)
    return Settings(**found, pairs=pairs, per=per)


def estimate_table(
    table, chosen: Settings | None = None, *, eps: float | None = None, **how
) -> list[Estimate]:
    """Every estimate that the table's columns and datasets allow, each with its interval and warnings.

    `eps`: bits; with `amount` and `entropy`, the amount after which a dataset's excess is at most eps (its
    divergence to the source, where `entropy` holds the source's code lengths). `how`: seed, resamples, level.
    A dataset of a single response has no interval: ValueError.
    """
    chosen = settings(table) if chosen is None else chosen
    datasets = list(dict.fromkeys(table["dataset_of"].values.tolist()))
    checkpoints = table["checkpoint"].values.tolist()
    how = {"per": chosen.per, **how}
    found = [rates.compression_rate(table, d, c, **how) for d in datasets for c in checkpoints]
    if "leaves" in table:
        found += [rates.normalized_rate(table, d, c, **how) for d in datasets for c in checkpoints]
    if "entropy" in table:
        found += [rates.excess_rate(table, d, c, **how) for d in datasets for c in checkpoints]
    for pair in chosen.pairs:
        found += _differences(table, datasets, chosen, pair, how)
    if "probe" in table:
        found += _probes(table, chosen, how)
    if "amount" in table and len(checkpoints) > 1:
        found += _curves(table, datasets, chosen, eps, how)
    return found


def _differences(table, datasets, chosen, pair, how) -> list[Estimate]:
    found = [rates.rate_change(table, d, *pair, **how) for d in datasets]
    if chosen.pretraining is not None and chosen.alignment is not None:
        just = {key: value for key, value in how.items() if key in ("per", "level")}
        found.append(rates.k_eff(table, chosen.pretraining, chosen.alignment, *pair, **just))
    if "volume" in table:
        found += [rates.hooke_force(table, d, *pair, **how) for d in datasets]
        if len(datasets) > 1:
            found.append(rates.conservation_residual(table, *pair, **how))
    return found


def _probes(table, chosen, how) -> list[Estimate]:
    """First-order k_eff at every checkpoint; the levelling ratio of the perturbation's own responses."""
    level = {key: value for key, value in how.items() if key == "level"}
    found, names = [], table["checkpoint"].values.tolist()
    dots = dict(zip(names, table["probe"].values, strict=True))

    def of(dataset, checkpoint):
        return rates.sample(table, dataset, dots[checkpoint])[:, 0]

    if chosen.pretraining is not None and chosen.alignment is not None:
        for name in names:
            interval = probe.first_order_k_eff(
                of(chosen.alignment, name), of(chosen.pretraining, name), **level
            )
            found.append(_ratio("first-order k_eff", f"at {name}", interval))
    if chosen.perturbation is not None:
        for before, after in chosen.pairs:
            interval = probe.levelling_ratio(
                of(chosen.perturbation, before), of(chosen.perturbation, after), **level
            )
            found.append(_ratio("levelling ratio", f"{before} over {after}", interval))
    return found


def _ratio(name, of, interval: Interval) -> Estimate:
    found = Estimate(name, of, "1", interval)
    if not interval.bounded:
        found = found.warn("the denominator is within its noise: the data do not bound the ratio")
    return found.checked()


def _curves(table, datasets, chosen, eps, how) -> list[Estimate]:
    per, amounts = how["per"], table["amount"].values
    how = {key: value for key, value in how.items() if key != "per"}
    length, found, read = rates.lengths(table, per), [], {}
    for dataset in datasets:
        columns = rates.sample(table, dataset, *table["bits"].values, length)
        curve = read[dataset] = curves.Curve(amounts, columns[:, :-1], columns[:, -1])
        for name, reader, unit in (
            ("initial slope", curves.initial_slope, f"bits per {per} and amount"),
            ("plateau", curves.plateau, f"bits per {per}"),
            ("lag", curves.lag, "amount"),
        ):
            found.append(Estimate(name, dataset, unit, curve.estimate(reader, **how)).checked())
        if eps is not None and "entropy" in table:
            gaps = rates.sample(table, dataset, *(table["bits"].values - table["entropy"].values), length)
            interval = curves.samples_to_return(curves.Curve(amounts, gaps[:, :-1], gaps[:, -1]), eps, **how)
            found.append(Estimate(f"amount to return within {eps:g}", dataset, "amount", interval).checked())
    if chosen.alignment is not None and chosen.perturbation is not None:
        of = f"{chosen.alignment} and {chosen.perturbation}"
        found.append(crossing(read[chosen.alignment], read[chosen.perturbation], of, **how))
    return found


def crossing(first: curves.Curve, second: curves.Curve, of: str, **how) -> Estimate:
    """Where two curves cross, with a warning where it is within noise which of them starts higher."""
    interval = curves.crossing(first, second, **how)
    found = Estimate("crossing", of, "amount", interval)
    if interval.low <= first.amounts[0]:
        found = found.warn("which curve starts higher is within its noise, and with it whether they cross")
    return found.checked()


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


def plan(table, chosen: Settings, k: float) -> list[Plan]:
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
            ratio_moments(rates.changes(table, name, before, after, chosen.per))
            for name in (chosen.alignment, chosen.pretraining)
        )
        spreads = [float(np.sqrt(m.variance * m.units)) for m in (top, bottom)]
        needed = [responses_needed(k, top.value, *spreads, precision=w) for w in (None, 0.25)]
        noise = abs(top.value) < 2 * np.sqrt(top.variance)
        warnings = ("the alignment change is within its own noise: the plan is a guess",) if noise else ()
        plans.append(Plan(k, str(before), str(after), min(top.units, bottom.units), *needed, warnings))
    return plans
