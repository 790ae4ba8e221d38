"""Datasets with volumes, and the joint distribution of the leaves that one model learns from them."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from ._validation import SUM_TOLERANCE, integer, nonnegative_array, number


@dataclass(frozen=True, eq=False)
class Mixture:
    """Leaf distributions of several datasets over a common leaf set, with the datasets' volumes.

    `distributions`: (datasets, leaves), each row non-negative with sum 1 within 1e-9; rows are then
    divided by their sum. `volumes`: (datasets,), non-negative, not all zero, in any one unit; volume 0 is a
    dataset that has not come yet. Raises ValueError otherwise.
    """

    distributions: np.ndarray
    volumes: np.ndarray
    joint: np.ndarray = field(init=False, repr=False)

    def __post_init__(self):
        rows = nonnegative_array(self.distributions, "distributions", ndim=2)
        volumes = nonnegative_array(self.volumes, "volumes", ndim=1)
        if len(volumes) != len(rows):
            raise ValueError(
                f"volumes must have one entry per dataset: got {len(volumes)} for {len(rows)} distributions"
            )
        with np.errstate(over="ignore"):  # said below
            total, sums = volumes.sum(), rows.sum(axis=1)
        if total == 0 or not np.isfinite(total):
            raise ValueError(f"volumes must have a positive, finite sum, got {volumes.tolist()}")
        wrong = np.flatnonzero(np.abs(sums - 1) > SUM_TOLERANCE)
        if wrong.size:
            raise ValueError(
                f"row {wrong[0]} of distributions must sum to 1 within {SUM_TOLERANCE:g}, got "
                f"{sums[wrong[0]]:.12g}; cs.normalize divides rows by their sums"
            )
        rows = rows / sums[:, None]
        for name, value in (
            ("distributions", rows),
            ("volumes", volumes),
            ("joint", _joint(np, rows, volumes)),
        ):
            value.flags.writeable = False
            object.__setattr__(self, name, value)

    @property
    def total_volume(self) -> float:
        """T = sum_i n_i, in the unit of the volumes."""
        return float(self.volumes.sum())

    def with_volume(self, dataset: int, volume: float) -> "Mixture":
        """The same datasets with another volume of one of them; ValueError as for a new mixture."""
        volumes = self.volumes.copy()
        dataset = integer(dataset, "dataset", 0, len(volumes) - 1)
        volumes[dataset] = number(volume, "volume", 0)
        return Mixture(self.distributions, volumes)

    @classmethod
    def from_trees(cls, trees: Sequence) -> "Mixture":
        """The mixture of token trees of one depth, over the union of their leaves; volumes in chunks."""
        from .trees import same_depth, union_of_leaves

        trees = same_depth(trees)
        return cls(union_of_leaves(trees), [tree.num_chunks for tree in trees])


def normalize(weights) -> np.ndarray:
    """Rows divided by their sums, along the last axis: (..., leaves) -> (..., leaves).

    Raises ValueError for negative, infinite or NaN weights, and for a row without mass.
    """
    weights = nonnegative_array(weights, "weights")
    if weights.ndim == 0:
        raise ValueError("weights must have at least 1 dimension, got a single number")
    largest = weights.max(axis=-1, keepdims=True)
    if (largest == 0).any():
        row = np.argwhere(largest[..., 0] == 0)[0].tolist()
        raise ValueError(f"weights must have positive mass in every row, got only zeros in row {row or 0}")
    scaled = weights / largest  # a sum of large weights could overflow
    return scaled / scaled.sum(axis=-1, keepdims=True)


def _joint(xp, distributions, volumes):
    """P^D = sum_i n_i P_i / T (the paper's joint distribution)."""
    return (volumes / xp.sum(volumes)) @ distributions
