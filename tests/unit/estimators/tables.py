"""Tables of code lengths for the tests of this folder: long-format rows, columns, runs, rebound curves."""

import numpy as np

from compression_sim import estimators
from compression_sim.estimators import Resampling
from compression_sim.estimators.tables import files

FAST = Resampling(resamples=100)


NAMES = ("pretraining", "alignment", "perturbation")


QUICK = {"resampling": Resampling(resamples=200)}


ROLES = ("pretraining", "alignment", "perturbation")


AMOUNTS = {"a": 0.0, "b": 1.0, "c": 3.0}


def rows(responses=40, checkpoints=("aligned", "tuned", "last"), seed=0, **extra):
    """Long-format rows with changes of both signs; extra columns: functions of (dataset, checkpoint)."""
    rng = np.random.default_rng(seed)
    shift = {"pretraining": -0.02, "alignment": 0.2, "perturbation": -0.4}
    for dataset in NAMES:
        tokens = rng.integers(5, 40, responses)
        base = tokens * rng.gamma(40.0, 0.1, responses)
        for number, checkpoint in enumerate(checkpoints):
            moved = base + number * tokens * shift[dataset] * rng.normal(1, 0.3, responses)
            for response in range(responses):
                yield {
                    "dataset": dataset, "checkpoint": checkpoint, "response": response,
                    "bits": float(moved[response]), "tokens": int(tokens[response]),
                    **{name: make(dataset, checkpoint) for name, make in extra.items()},
                }  # fmt: skip


def columns_of(found):
    found = list(found)
    return {name: [row[name] for row in found] for name in found[0]}


def table_of(found):
    return estimators.from_columns(columns_of(found))


def rate_by_hand(found, dataset, checkpoint):
    own = [row for row in found if (row["dataset"], row["checkpoint"]) == (dataset, checkpoint)]
    return sum(row["bits"] for row in own) / sum(row["tokens"] for row in own)


def columns(n=40, checkpoints=("a", "b"), seed=0, **more):
    """Long-format columns, each response's bits moving with the checkpoint; `more`: functions of both."""
    rng = np.random.default_rng(seed)
    move = {"pretraining": -0.02, "alignment": 0.2, "perturbation": -0.4}
    found = {name: [] for name in ("dataset", "checkpoint", "response", "bits", "tokens", *more)}
    for dataset in ROLES:
        tokens = rng.integers(5, 40, n)
        base, spread = tokens * rng.gamma(40, 0.1, n), rng.normal(1, 0.3, n)
        for index, checkpoint in enumerate(checkpoints):
            rows = {"dataset": [dataset] * n, "checkpoint": [checkpoint] * n, "response": range(n),
                    "bits": base + index * move[dataset] * tokens * spread, "tokens": tokens,
                    **{name: make(dataset, checkpoint) for name, make in more.items()}}  # fmt: skip
            for name, values in rows.items():
                found[name] += list(np.broadcast_to(values, n))
    return found


def by_name(found):
    return {one.name: one for one in found}


def shuffled(columns, seed=0):
    """The same rows in another order, checkpoints still in theirs."""
    order = np.random.default_rng(seed).permutation(len(columns["bits"]))
    order = order[np.argsort(np.array(columns["checkpoint"])[order], kind="stable")]
    return {name: [values[row] for row in order] for name, values in columns.items()}


def runs_of(exponent=-1.0, floors=False, rename=str, mix=dict):
    """Four runs whose pre-training changes fall as volume^exponent, exactly."""
    parts = []
    for volume in (1.0, 3.0, 10.0, 30.0):
        part = columns(volume=lambda d, c, v=volume: v if d == "pretraining" else 1.0)
        for row, checkpoint in enumerate(part["checkpoint"]):
            if checkpoint == "b":
                before = part["bits"][row - 40]
                part["bits"][row] = before + (part["bits"][row] - before) * volume**exponent
        part["run"] = [f"k{volume:g}"] * len(part["bits"])
        part["response"] = [rename(f"{r} {volume}") if rename is not str else r for r in part["response"]]
        parts.append(mix(part) if parts else part)
    joined = {name: [value for part in parts for value in part[name]] for name in parts[0]}
    if floors:
        joined = {name: values * 2 for name, values in joined.items()}
        half = len(joined["bits"]) // 2
        joined["repeat"] = ["one"] * half + ["two"] * half
        joined["bits"] = [b + (row >= half) * 1e-3 for row, b in enumerate(joined["bits"])]
    return files.runs_from_columns(joined)


def rebound(shift=0.0, repeats=1):
    amount = lambda d, c: AMOUNTS[c]  # noqa: E731
    entropy = lambda d, c: np.arange(40) * 0.1 if d == "perturbation" else np.nan  # noqa: E731
    found = columns(checkpoints=tuple(AMOUNTS), amount=amount, entropy=entropy)
    size = len(found["bits"])
    found = {name: list(values) * repeats for name, values in found.items()}
    if repeats > 1:
        found["repeat"] = [str(row // size) for row in range(size * repeats)]
        found["bits"] = [
            b + shift * t * (row // size)
            for row, (b, t) in enumerate(zip(found["bits"], found["tokens"], strict=True))
        ]
    return estimators.from_columns(found)
