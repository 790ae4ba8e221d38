"""The mean of independent draws against a value, within what chance allows."""

import numpy as np
from scipy.special import stdtrit

from ..._evidence import Evidence

CHANCE = 1e-6  # of each tail, so that a ledger of many averages does not fail by chance


def average(found, expected, detail, **fields) -> Evidence:
    """The mean of draws, against a value, within Student's quantile of its standard errors.

    `found`: (draws,). Few draws have wide tails: at ten of them 4.5 standard errors are passed once in 700.
    """
    found = np.asarray(found, float)
    error = found.std(ddof=1) / np.sqrt(len(found))
    detail = f"{detail}; {len(found)} draws, standard error {error:.1e}"
    allowed = stdtrit(len(found) - 1, 1 - CHANCE) * error
    return Evidence.equal("simulation", found.mean(), expected, atol=allowed, detail=detail, **fields)
