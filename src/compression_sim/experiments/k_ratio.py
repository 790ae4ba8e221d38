"""k_eff = -(change of L_a)/(change of L_p) of retrained models against k, for every class of models.

Thm. 4.2 on models that are trained to stationarity on k D_p + D_a + l D_t, at l = 0 and at finite l. At l = 0
the ratio of derivatives is -k by algebra, for anything; at finite l the ratio of changes is measured.
Revealed preference bounds it: where L_p falls, k_eff >= k, for global minima of any class.
D_p consists of three equal parts with independent Pareto masses, D_a ~ part 2, D_t ~ part 3.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from .. import models, training
from .._jax import jit
from .._validation import choice, integer, number
from ..estimators.statistics.order import median_interval
from ..masses import Pareto
from ..models.base import jax, jnp
from ._programs import over_seeds

PROMPTS, DEPTH = 4, 3  # 4 prompts, 8 responses each: 32 leaves, 16 prompts of 2 for the shared gain
MODELS = {
    "saturated": lambda rng: models.Saturated(PROMPTS, 2**DEPTH),
    "tabular-softmax": lambda rng: models.TabularSoftmax(PROMPTS, 2**DEPTH),
    "tree-softmax": lambda rng: models.TreeSoftmax(PROMPTS, DEPTH),
    "capacity-limited-tree": lambda rng: models.TreeSoftmax(PROMPTS, DEPTH, known=DEPTH - 1),
    "node-budget-tree": lambda rng: models.TreeSoftmax(PROMPTS, DEPTH, nodes=(0, 2, 5, 6)),  # uneven
    "low-rank": lambda rng: models.LowRank(PROMPTS, 2**DEPTH, rank=2),
    "log-linear": lambda rng: models.LogLinear.random(PROMPTS, 2**DEPTH, 8, rng),
    "shared-gain": lambda rng: models.SharedGain(rng.normal(size=(PROMPTS * 2**DEPTH // 2, 4))),
    "transformer": lambda rng: models.Transformer(PROMPTS, DEPTH, width=12),
}


@dataclass(frozen=True)
class Parameters:
    """What is trained on what."""

    models: tuple[str, ...] = tuple(MODELS)
    ks: tuple[float, ...] = (1.0, 10.0, 100.0, 1e3, 1e4, 1e5, 1e6)  # volume of D_p, in alignment volumes
    volumes: tuple[float, ...] = (0.02, 0.1, 0.3)  # l, in alignment volumes; k_eff is at the first
    alpha: float = 2.0  # of the Pareto law
    seeds: int = 20
    adam: int = 400  # steps before Newton's, for models whose loss is not convex
    rate: float = 0.02  # Adam's first learning rate; it falls to 0 as a cosine
    max_floor: float = 1e-3  # relative numerical error of a ratio beyond which it is masked
    max_gradient: float = 1e-12  # a seed whose training ends above it has not arrived, and is masked

    def __post_init__(self):
        for name in self.models:
            choice(name, "model", MODELS)
        for value in (*self.ks, *self.volumes, self.alpha, self.rate, self.max_floor, self.max_gradient):
            number(value, "ks, volumes, alpha, rate and limits", 0, open_low=True)
        integer(self.seeds, "seeds", 2)
        integer(self.adam, "adam", 1)


PRESETS = {
    "quick": Parameters(
        models=("saturated", "tabular-softmax", "capacity-limited-tree", "log-linear"), ks=(1.0, 1e3, 1e6)
    ),
    "standard": Parameters(),
    "full": Parameters(seeds=60),
}


def datasets(parameters: Parameters, rng) -> np.ndarray:
    """(seeds, 3, prompts, responses): D_p, D_a, D_t of every seed; each sums to 1."""
    drawn = [
        Pareto(parameters.alpha).distributions(3, PROMPTS * 2**DEPTH, rng) for _ in range(parameters.seeds)
    ]
    laws = [np.stack([parts.mean(axis=0), parts[1], parts[2]]) for parts in drawn]
    return np.reshape(laws, (parameters.seeds, 3, PROMPTS, 2**DEPTH))


def retrainer(model, volumes, adam: int, rate: float):
    """A jitted program (laws (seeds, 3, ...), k, start parameters (seeds, ...)) -> what retraining changes.

    Of every (seed, volume): changes of (L_p, L_a, L_t) from l = 0, and the ratio's numerical floor; of every
    seed the larger gradient norm at the ends of training (of the loss per response of the mixture).
    """

    def joint(laws, k, volume):
        return jnp.tensordot(jnp.array([k, 1.0, volume]) / (k + 1 + volume), laws, axes=1)

    def minimum(start, law):
        if isinstance(model, models.Saturated):
            return training.Stationary(law, 0.0, 0)
        if isinstance(model, models.Transformer):
            return training.fit(model, law, start, max_steps=60)
        return training.stationary(training.sft(model, law), start)

    def one(laws, k, start):
        if not model.convex:
            import optax

            optimizer = optax.adam(optax.cosine_decay_schedule(rate, adam))
            start, _ = training.train(training.sft(model, joint(laws, k, 0.0)), start, optimizer, adam)

        def end(params, volume):
            found = minimum(params, joint(laws, k, volume))
            return found.params, found[:2]

        _, (ends, norms) = jax.lax.scan(end, start, jnp.array([0.0, *volumes]))  # warm starts, one program
        before = jax.tree.map(lambda x: x[0], ends)

        def changes(index):
            after = jax.tree.map(lambda x: x[index], ends)
            log_ratio = models.log_ratio(model, before, after)
            change = -jnp.tensordot(laws, log_ratio, axes=2)
            moved = [
                jnp.sum((x - y) ** 2) for x, y in zip(*map(jax.tree.leaves, (before, after)), strict=True)
            ]
            # a residual gradient moves k dL_p + dL_a by T |gradient| |step|; sums round at 1e-16
            residual = (k + 1 + volumes[-1]) * (norms[0] + norms[index]) * jnp.sqrt(sum(moved))
            rounding = 1e-16 * k * jnp.max(jnp.abs(log_ratio))
            return change, (residual + rounding) / (k * jnp.abs(change[0]))

        return *jax.lax.map(changes, jnp.arange(1, len(volumes) + 1)), jnp.max(norms)

    return jit(jax.vmap(one, (0, None, 0)))


def run(parameters: Parameters, seed: int, progress):
    """Changes of every (model, k, volume, seed), the ratios, and k_eff over seeds."""
    import xarray

    laws = datasets(parameters, progress.rng("datasets"))

    @lru_cache(maxsize=1)
    def prepare(name):
        """Of a model: its start parameters and its program, made once for all k."""
        rng = progress.rng(name)
        model = MODELS[name](rng)
        starts = [model.init(rng) for _ in range(parameters.seeds)]
        program = retrainer(model, parameters.volumes, parameters.adam, parameters.rate)
        return models.num_parameters(starts[0]), jax.tree.map(lambda *x: jnp.stack(x), *starts), program

    def cell(name, k):
        size, start, program = prepare(name)
        mine = laws.reshape(parameters.seeds, 3, -1, 2) if name == "shared-gain" else laws
        change, floor, gradient = over_seeds(lambda *each: program(each[0], k, each[1]), mine, start)
        return xarray.Dataset(
            {
                "change": (("seed", "volume", "role"), change),
                "floor": (("seed", "volume"), floor),
                "gradient": ("seed", gradient),
                "size": size,
            },
            {
                "volume": list(parameters.volumes),
                "seed": range(parameters.seeds),
                "role": ["pretraining", "alignment", "perturbation"],
            },
        )

    found = progress.grid(cell, model=parameters.models, k=parameters.ks)
    return _with_ratios(found, parameters)


def _with_ratios(result, parameters: Parameters):
    """k_eff and revealed preference's bound, from the changes."""
    pretraining, alignment = (
        result.change.sel(role=role, drop=True) for role in ("pretraining", "alignment")
    )
    # a network that has not arrived still falls on its own: that is no answer to the perturbation
    sound = (result.floor < parameters.max_floor) & (result.gradient < parameters.max_gradient)
    falls = (pretraining < 0) & sound
    result["ratio"] = (-alignment / pretraining).where(falls)
    result["size"] = result["size"].isel(k=0, drop=True)
    result["falls"] = falls.sum("seed")
    result["masked"] = (~sound).sum("seed")
    kept = result.k * pretraining + alignment
    result["kept"] = (kept / (np.abs(alignment) + result.k * np.abs(pretraining))).where(sound)
    result["least"] = (result.ratio / result.k).min("seed")
    middle, low, high = median_interval(result.ratio.isel(volume=0).transpose(..., "seed").values)
    for name, values in (("k_eff", middle), ("k_eff_low", low), ("k_eff_high", high)):
        result[name] = ("model", "k"), values
    interval = "95% for the median over seeds in which L_p falls, by order statistics"
    result.k_eff.attrs.update(units="1", interval=interval, volume=float(result.volume[0]))
    result.change.attrs.update(units="nats per response", long_name="loss after - loss at l = 0")
    result.gradient.attrs.update(units="nats per response", long_name="largest gradient norm after training")
    result.floor.attrs.update(units="1", long_name="bound on the relative numerical error of ratio/k")
    result.kept.attrs.update(
        units="1", long_name="(k dL_p + dL_a)/(|k dL_p| + |dL_a|), >= 0 by revealed preference"
    )
    result.least.attrs.update(units="1", long_name="smallest ratio/k over seeds, >= 1 by revealed preference")
    result.falls.attrs.update(units="seeds", long_name="seeds in which L_p falls, of those not masked")
    result.masked.attrs.update(units="seeds", long_name="not arrived, or below the numerical floor")
    result["size"].attrs.update(units="parameters")
    return result


def summary(result) -> list[str]:
    """k_eff/k of every model and k, the seeds that it rests on, and the bound's smallest margin."""
    first = result.isel(volume=0)
    lines = [f"k_eff/k at l = {first.volume.item():g}: median over seeds in which L_p falls [95% interval]"]
    lines.append(f"{'model':<22}{'k':>7}  {'k_eff/k':<25}{'falls':>6}{'masked':>7}{'gradient':>9}")
    for model in result.model.values:
        for k in result.k.values:
            one = first.sel(model=model, k=k)
            values = [float(one[name]) / k for name in ("k_eff", "k_eff_low", "k_eff_high")]
            shown = "{:.4f} [{:.4f}, {:.4f}]".format(*values)
            count = f"{int(one.falls)}/{one.sizes['seed']}"
            gradient = float(one.gradient.max())
            lines.append(f"{model:<22}{k:>7g}  {shown:<25}{count:>6}{int(one.masked):>7}{gradient:>9.0e}")
    lines.append(
        f"revealed preference: smallest k_eff/k of one seed {float(result.least.min()):.6f} (bound: 1), "
        f"smallest (k dL_p + dL_a)/(|k dL_p| + |dL_a|) {float(result.kept.min()):.1e} (bound: 0)"
    )
    return lines
