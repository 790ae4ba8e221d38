"""What gradients say, from a table's columns `probe`, `curvature` and `tau`: k_eff before any fine-tuning."""

from collections.abc import Callable, Iterator

import numpy as np

from .noise import noise_floor, propagated
from .statistics import probes
from .statistics.estimate import FEW_CHANGES, Estimate
from .statistics.intervals import ratio_of_sums
from .tables import columns
from .tables.comparison import Comparison


def estimates(table, compared: Comparison, confidence: float = 0.95) -> Iterator[Estimate]:
    """First-order and sequential k_eff at every checkpoint; the perturbation's own levelling ratio."""
    checkpoints, per = columns.checkpoints_of(table), compared.per
    pretraining, alignment, perturbation = compared.roles.values()
    taus = table["tau"].values.tolist() if "tau" in table else [np.nan] * len(checkpoints)
    for name, tau in zip(checkpoints, taus, strict=True):
        if None in (pretraining, alignment) or not columns.known(table, "probe", alignment, name):
            continue
        top = "probe", alignment, name
        if columns.known(table, "probe", pretraining, name):
            places = top, ("probe", pretraining, name)
            yield _ratio(
                table, per, "first-order k_eff", f"at {name}", places,
                lambda a, p: probes.first_order_k_eff(a, p, confidence=confidence),
                lambda rates: -rates[0] / rates[1],
            )  # fmt: skip
        if columns.known(table, "curvature", pretraining, name) and not np.isnan(tau):
            places = top, ("curvature", pretraining, name)
            yield _ratio(
                table, per, "sequential k_eff", f"from {name}, tau = {tau:g}", places,
                lambda a, h, tau=tau: probes.sequential_k_eff(a, h, tau, confidence=confidence),
                lambda rates, tau=tau: rates[0] / (tau * rates[1]),
            )  # fmt: skip
    for pair in compared.pairs if perturbation is not None else ():
        if all(columns.known(table, "probe", perturbation, name) for name in pair):
            places = [("probe", perturbation, name) for name in pair]
            yield _ratio(
                table, per, "levelling ratio", f"{pair[0]} over {pair[1]}", places,
                lambda base, aligned: probes.levelling_ratio(base, aligned, confidence=confidence),
                lambda rates: rates[0] / rates[1],
            )  # fmt: skip


def _ratio(table, per, name, of, places, interval: Callable, formula: Callable) -> Estimate:
    """`interval` of the dot products at two (column, dataset, checkpoint); `formula` of their rates."""
    samples = [columns.dots(table, *place, per) for place in places]
    values = [ratio_of_sums(sample.sum(axis=0)) for sample in samples]
    floors = [noise_floor(table, dataset, per=per, name=column) for column, dataset, _ in places]
    found = Estimate(name, of, "1", interval(*samples), noise_floor=propagated(formula, values, floors))
    if not found.interval.bounded:
        found = found.warn("the denominator is within its noise: the data do not bound the ratio")
    return found.beside_noise("the denominator", values[1], floors[1]).checked(FEW_CHANGES)
