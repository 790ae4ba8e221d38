"""Tables that several files of this folder share."""

import numpy as np
import pytest

from .tables import columns, rows


@pytest.fixture(scope="module")
def data():
    volume = {"pretraining": 50.0, "alignment": 2.0, "perturbation": 0.5}
    return list(rows(volume=lambda dataset, checkpoint: volume[dataset], leaves=lambda *_: 16.0))


@pytest.fixture(scope="module")
def probed():
    """Probes at the base for all three, at the aligned model for the perturbation only; curvature for one."""
    rng = np.random.default_rng(3)
    mean = {("pretraining", "a"): -0.1, ("alignment", "a"): 0.8, ("perturbation", "a"): 0.3,
            ("perturbation", "b"): 1.5}  # fmt: skip
    return columns(
        probe=lambda d, c: rng.normal(mean[d, c], 0.2, 40) if (d, c) in mean else None,
        curvature=lambda d, c: rng.normal(2.0, 0.5, 40) if (d, c) == ("pretraining", "a") else "",
        tau=lambda d, c: 0.01 if c == "a" else None,
    )
