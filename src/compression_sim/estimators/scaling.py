"""Scaling exponents: the slope of log |change| over log volume (theory: slope-falls-with-k, -1)."""

import numpy as np

from .._validation import nonnegative_array, real_array
from .intervals import Interval, bootstrap


def scaling_exponent(volumes, changes, **how) -> Interval:
    """Least-squares slope of log |mean change| over log volume, with an interval over responses.

    `volumes`: (m,), positive, of at least two values; `changes`: list of m arrays (responses,), each
    response's change at that volume, resampled independently. `how` goes to `bootstrap`. A change within
    its own noise has a logarithm that is noise: its interval is then wide, not wrong.
    """
    volumes = nonnegative_array(volumes, "volumes", ndim=1)
    if (volumes == 0).any() or len(np.unique(volumes)) < 2:
        raise ValueError(f"volumes must be positive and of at least two values, got {volumes.tolist()}")
    samples = [real_array(change, "changes", ndim=1)[:, None] for change in changes]
    if len(samples) != len(volumes):
        raise ValueError(f"changes must hold one array per volume ({len(volumes)}), got {len(samples)}")
    x = np.log(volumes) - np.log(volumes).mean()
    sizes = [len(sample) for sample in samples]

    def statistic(*sums):
        with np.errstate(divide="ignore"):
            logs = np.stack([np.log(np.abs(s[..., 0] / n)) for s, n in zip(sums, sizes, strict=True)], -1)
        return logs @ x / (x @ x)

    return bootstrap(samples, statistic, **how)
