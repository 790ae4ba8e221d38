"""Leaf masses from a file instead of texts: exact laws, so no sampling error, no intervals, no null."""

import csv
import hashlib
import io
import json

import numpy as np

from .._validation import integer, nonnegative_array
from ..mixtures import Mixture
from ._measurement import Measurement
from ._null import judge_sign
from ._statistics import A, Estimate, P, by_definition, statistics
from ._texts import ROLES, read_file

FORMAT = (
    "CSV with a header that names the columns pretraining, alignment, perturbation (a column leaf is ignored "
    "but for a row named volume, which holds the volumes), or JSON "
    '{"volumes": {role: number}, "masses": {role: [number, ...]}}'
)


def read_masses(path) -> tuple[Mixture, str]:
    """(mixture in units of the alignment volume, SHA-256 of the file).

    The masses of each role sum to 1; the perturbation's volume is not needed and not used (l = 0). Raises
    ValueError in one sentence for a file that cannot be read or is not of this format.
    """
    data = read_file(path, "a CSV or JSON file of masses")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError(f"{path} is not UTF-8 text; expected {FORMAT}") from None
    if not text.strip():
        raise ValueError(f"{path} is empty; expected {FORMAT}")
    try:
        volumes, masses = (_from_json if text.lstrip().startswith(("{", "[")) else _from_csv)(text)
    except (KeyError, TypeError, IndexError, ValueError) as error:
        what = f"{error} is missing" if isinstance(error, KeyError) else str(error)
        raise ValueError(f"{path}: {what}; expected {FORMAT}") from None
    for role in (P, A):
        if not volumes[role] > 0:
            raise ValueError(f"{path}: the {ROLES[role]} volume must be positive, got {volumes[role]:g}")
    rows = nonnegative_array(masses, "masses", ndim=2)
    for role, total in zip(ROLES, rows.sum(axis=1), strict=True):
        if abs(total - 1) > 1e-9:
            raise ValueError(f"{path}: the {role} masses must sum to 1 within 1e-9, got {total:.12g}")
    return Mixture(rows, [volumes[P] / volumes[A], 1.0, 0.0]), hashlib.sha256(data).hexdigest()


def measure_masses(
    mix: Mixture, depth: int = 1, seed: int = 0, source: str = "", sha256: str = ""
) -> Measurement:
    """Closed forms of a mixture (pretraining, alignment, perturbation) in units of the alignment volume."""
    depth = integer(depth, "depth", 1, 32)
    estimates = {name: Estimate(value) for name, value in statistics(mix, depth).items()}
    estimates |= by_definition(mix, depth, estimates["rates"])
    leaves = np.count_nonzero(mix.distributions, axis=1)
    return Measurement(
        depth,
        integer(seed, "seed", 0),
        tuple({"source": source, "sha256": sha256, "leaves": int(count)} for count in leaves),
        estimates,
        judge_sign(float(estimates["inner"].value[A]), estimates["response"], None),
    )


def _from_json(text: str):
    table = json.loads(text)
    volumes = [
        float(table["volumes"].get(role, 0.0)) if role == ROLES[-1] else float(table["volumes"][role])
        for role in ROLES
    ]
    return volumes, [table["masses"][role] for role in ROLES]


def _from_csv(text: str):
    rows = list(csv.DictReader(io.StringIO(text), skipinitialspace=True, strict=True))
    volumes, masses = None, []
    for row in rows:
        if (row.get("leaf") or "").strip().lower() == "volume":
            volumes = [float(row[role] or "nan" if role != ROLES[-1] else row[role] or 0) for role in ROLES]
        else:
            masses.append([float(row[role]) for role in ROLES])
    if volumes is None:
        raise KeyError("row volume")
    if not masses:
        raise KeyError("any row of masses")
    return volumes, np.array(masses).T
