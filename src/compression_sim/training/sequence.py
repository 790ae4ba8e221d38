"""Training in stages - pre-train, align, perturb - that goes on from a file after an interruption.

stages = (
    Stage("pretrain", lambda start: sft(model, texts), optax.sgd(6.0), 240, every=24),
    Stage("align", lambda start: with_kl_penalty(minibatch(model, answers, 32), model, start, 0.5, prompts),
          optax.adam(optax.cosine_decay_schedule(0.1, 40)), 40, random=True),
    Stage("perturb", lambda start: dpo(model, start, pairs), flow(0.5), 80, every=2),
)
params, records = sequence(stages, model.init(rng), key=jax.random.key(0), checkpoint="run.npz")
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import optax

from .._files import whole_file
from .._jax import jit
from .._validation import integer
from ..models.base import Params, jax, jnp
from .steps import stepper


@dataclass(frozen=True)
class Stage:
    """One stage: what is minimised, by which optimizer (its schedule included), for how many steps.

    `objective(start)` gives the objective of a stage that begins at the parameters `start`: the reference of
    DPO or of a KL penalty, ignored by plain training. Where the objective takes a key too, as `minibatch`
    does, set `random`.
    """

    name: str
    objective: Callable[[Params], Callable]
    optimizer: optax.GradientTransformation  # of optax, or `flow`
    steps: int
    every: int | None = None  # steps between records, each of which is a checkpoint; None: one at the end
    random: bool = False  # a new key at every step

    def __post_init__(self):
        integer(self.steps, "steps", 1)
        if self.steps % integer(self.interval, "every", 1):
            raise ValueError(f"steps must be a multiple of every, got {self.steps} and {self.every}")

    @property
    def interval(self) -> int:
        """Steps between two records."""
        return self.steps if self.every is None else self.every


def sequence(
    stages: Sequence[Stage],
    params: Params,
    *,
    key=None,
    record: Callable[[Params], object] = lambda params: params,
    checkpoint=None,
):
    """Train through `stages`: (parameters at the end, {stage: its records, stacked along a new first axis}).

    Step i of stage j draws from fold_in(fold_in(key, j), i): one key, same numbers. With a file `checkpoint`
    (npz) all that is needed is written there at each record, whole or not at all, and a run whose file exists
    goes on from it, to the bit as if it had not stopped. The file knows its run by a hash of the programs (so
    of models, data, rates and schedules), the start and the key. One program is compiled per stage.

    Raises ValueError for the file of another run or none that can be read, for a folder that does not exist,
    for stages without names of their own, and for a random stage without a key.
    """
    names = [stage.name for stage in stages]
    if len(set(names)) < len(names) or not names:
        raise ValueError(f"stages must have names of their own, got {names}")
    for stage in stages:
        if stage.random and key is None:
            raise ValueError(f"stage {stage.name!r} draws minibatches and needs a key")
    path = None if checkpoint is None else Path(checkpoint)
    if path is not None and not path.absolute().parent.is_dir():
        raise ValueError(f"checkpoint must be a file in a folder that exists, got {path}")
    params = _arrays(params)
    keys = [None if key is None else jax.random.fold_in(key, j) for j in range(len(stages))]
    programs = [_interval(stage, params, own, record) for stage, own in zip(stages, keys, strict=True)]
    run = _fingerprint(stages, programs, params, key)
    first, done, records = 0, 0, []
    if path is not None and path.exists():
        (first, done), leaves = _load(path, run)
        state = stages[first].optimizer.init(params)
        kept = params, params, state, [jax.eval_shape(record, params)] * (first + 1)
        start, params, state, records = jax.tree.unflatten(jax.tree.structure(kept), leaves)
    for j in range(first, len(stages)):
        stage = stages[j]
        if not done:
            start, state, records = params, _arrays(stage.optimizer.init(params)), [*records, None]
        program = programs[j].compile() if done < stage.steps else None
        for at in range(done, stage.steps, stage.interval):
            params, state, seen = program(start, params, state, keys[j], at)
            records[j] = _appended(records[j], seen)
            if path is not None:
                _save(path, run, (j, at + stage.interval), (start, params, state, records))
        done = 0
    return params, dict(zip(names, records, strict=True))


def _interval(stage: Stage, params: Params, key, record):
    """The lowered program (start, params, optimizer state, key, step) -> (params, state, record)."""

    def interval(start, params, state, key, first):
        step = stepper(stage.objective(start), stage.optimizer)

        def one(i, carry):
            return step(*carry, *((jax.random.fold_in(key, first + i),) if stage.random else ()))

        params, state = jax.lax.fori_loop(0, stage.interval, one, (params, state))
        return params, state, record(params)

    return jit(interval).lower(params, params, _arrays(stage.optimizer.init(params)), key, 0)


def _fingerprint(stages, programs, params, key) -> str:
    """SHA-256 of all that decides the numbers."""
    digest = sha256(f"jax {version('jax')}, {version('jaxlib')} on {jax.default_backend()}".encode())
    for stage, program in zip(stages, programs, strict=True):
        digest.update(f"{stage.name} {stage.steps} {program.as_text()}".encode())
    for leaf in jax.tree.leaves((params, None if key is None else jax.random.key_data(key))):
        digest.update(np.asarray(leaf).tobytes())
    return digest.hexdigest()


def _arrays(tree):
    """A pytree of arrays of definite types, so that a program fits what it returns."""
    return jax.tree.map(lambda x: jnp.asarray(np.asarray(x)), tree)


def _appended(records, seen):
    """`seen` behind the records that there are."""
    seen = jax.tree.map(lambda x: np.asarray(x)[None], seen)
    return seen if records is None else jax.tree.map(lambda a, b: np.concatenate([a, b]), records, seen)


def _save(path: Path, run: str, at, tree) -> None:
    leaves = {f"leaf{i}": np.asarray(leaf) for i, leaf in enumerate(jax.tree.leaves(tree))}
    with whole_file(path) as file:
        np.savez(file, run=run, at=at, **leaves)


def _load(path: Path, run: str):
    """((stage, steps done), leaves) of a checkpoint of this run."""
    try:
        with np.load(path, allow_pickle=False) as file:
            found, at = str(file["run"]), file["at"].tolist()
            leaves = [file[f"leaf{i}"] for i in range(len(file.files) - 2)]
    except (OSError, EOFError, ValueError, KeyError, TypeError, BadZipFile):
        raise ValueError(f"{path} is no checkpoint that can be read; delete it to start anew") from None
    if found != run:
        raise ValueError(
            f"{path} is the checkpoint of another run (other stages, data, start, key or jax); "
            "delete it to start anew, or give another file"
        )
    return at, leaves
