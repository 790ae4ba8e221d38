"""Scaling exponents: the slope of log |change| over log volume (theory: slope-falls-with-k, -1)."""

import numpy as np

from ..._validation import nonnegative_array, real_array
from .intervals import DEFAULT, Interval, Resampling, bootstrap, ratio_of_sums


def scaling_exponent(volumes, changes, *, paired: bool = False, resampling: Resampling = DEFAULT) -> Interval:
    """Least-squares slope of log |mean change| over log volume, with an interval over responses.

    `volumes`: (m,), positive, of at least two values; `changes`: list of m arrays (responses,), each
    response's change at that volume, or (responses, 2): change of its bits, and its length. `paired`: the
    same responses at every volume, resampled together; otherwise each volume's independently. A
    change within its own noise has a logarithm that is noise: its interval is then wide, not
    wrong.
    """
    volumes = nonnegative_array(volumes, "volumes", ndim=1)
    if (volumes == 0).any() or len(np.unique(volumes)) < 2:
        raise ValueError(f"volumes must be positive and of at least two values, got {volumes.tolist()}")
    samples = [real_array(change, "changes") for change in changes]
    if len(samples) != len(volumes):
        raise ValueError(f"changes must hold one array per volume ({len(volumes)}), got {len(samples)}")
    if any(sample.ndim != 1 and sample.shape[1:] != (2,) for sample in samples):
        raise ValueError(f"changes must be (responses,) or (responses, 2), got {[s.shape for s in samples]}")
    samples = [np.stack([s, np.ones(len(s))], axis=1) if s.ndim == 1 else s for s in samples]
    if not paired:
        return bootstrap(samples, lambda *sums: slope(volumes, ratio_of_sums(np.stack(sums, -2))), resampling)
    if len({len(sample) for sample in samples}) > 1:
        raise ValueError(f"paired changes need the same responses, got {[len(s) for s in samples]}")

    def statistic(sums):
        return slope(volumes, ratio_of_sums(sums.reshape(*sums.shape[:-1], len(samples), 2)))

    return bootstrap(np.hstack(samples), statistic, resampling)


def slope(volumes, changes):
    """Least-squares slope of log |changes| (..., m) over log volumes (m,)."""
    x = np.log(volumes) - np.log(volumes).mean()
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.log(np.abs(changes)) @ x / (x @ x)
