"""Fine-tuned in sequence instead of mixed: k_eff * tau * curvature -> 1 as the alignment time tau -> 0.

Pre-train on D_p to stationarity, follow the gradient flow of L_a for a time tau, then take one small gradient
step on D_t. Theory: k_eff = -dL_a/dL_p -> 1/(tau c), curvature c = g_a' H_p g_t / g_a' g_t before it:
early-stopped alignment acts like a dataset of relative volume tau c, whatever volume pre-training had.
"""

from dataclasses import dataclass

import numpy as np

from .. import models, training
from .._jax import jit
from .._validation import choice, integer, number
from ..estimators.statistics.order import median_interval
from ..models.base import jax, jnp
from ._programs import over_seeds
from .k_ratio import MODELS, datasets

TRAINED = tuple(name for name in MODELS if name != "saturated")


@dataclass(frozen=True)
class Parameters:
    """What is trained on what."""

    models: tuple[str, ...] = TRAINED
    times: tuple[float, ...] = (1e-3, 1e-2, 0.1, 0.3, 1.0, 3.0, 10.0)  # tau, ascending; rate 1 per nat
    step: float = 1e-3  # of the reversal, in units of tau
    alpha: float = 2.0  # of the Pareto law
    seeds: int = 20
    substeps: int = 20  # Runge-Kutta steps between two times
    adam: int = 400  # steps before Newton's, for models whose loss is not convex

    def __post_init__(self):
        for name in self.models:
            choice(name, "model", TRAINED)
        for value in (*self.times, self.step, self.alpha):
            number(value, "times, step and alpha", 0, open_low=True)
        if any(np.diff(self.times) <= 0):
            raise ValueError(f"times must ascend, got {self.times}")
        for name in ("seeds", "substeps", "adam"):
            integer(getattr(self, name), name, 2)


PRESETS = {
    "quick": Parameters(models=("tabular-softmax", "log-linear"), times=(1e-3, 1e-2, 0.1, 1.0)),
    "standard": Parameters(),
    "full": Parameters(seeds=60, substeps=40),
}


def follower(model, parameters: Parameters):
    """A jitted program (laws (seeds, 3, ...), start parameters) -> (changes, curvature, residual gradient).

    Changes of (L_p, L_a, L_t) by the reversal step, after every time: (seeds, times, 3).
    """

    def one(laws, start):
        pretraining, alignment, perturbation = (training.sft(model, law) for law in laws)
        if not model.convex:
            import optax

            optimizer = optax.adam(optax.cosine_decay_schedule(0.05, parameters.adam))
            start, _ = training.train(pretraining, start, optimizer, parameters.adam)
        network = isinstance(model, models.Transformer)
        found = training.fit(model, laws[0], start) if network else training.stationary(pretraining, start)
        base = found.params
        g_a, g_t = jax.grad(alignment)(base), jax.grad(perturbation)(base)
        bent = jax.jvp(jax.grad(pretraining), (base,), (g_t,))[1]  # H_p g_t
        curvature = _dot(g_a, bent) / _dot(g_a, g_t)
        times = jnp.array(parameters.times)
        _, aligned = training.gradient_flow(alignment, base, times, parameters.substeps)

        def reversal(index):
            params = jax.tree.map(lambda x: x[index], aligned)
            slopes = jax.grad(perturbation)(params)
            move = parameters.step * times[index]
            after = jax.tree.map(lambda x, g: x - move * g, params, slopes)
            return models.loss_changes(model, params, after, laws)

        return jax.lax.map(reversal, jnp.arange(len(times))), curvature, found.gradient_norm

    return jit(jax.vmap(one))


def _dot(left, right):
    return sum(jnp.vdot(x, y) for x, y in zip(*map(jax.tree.leaves, (left, right)), strict=True))


def run(parameters: Parameters, seed: int, progress):
    """k_eff * tau * curvature of every (model, tau, seed), with its median over seeds."""
    import xarray

    laws = datasets(parameters, progress.rng("datasets"))

    def cell(name):
        rng = progress.rng(name)
        model = MODELS[name](rng)
        start = jax.tree.map(lambda *x: jnp.stack(x), *[model.init(rng) for _ in range(parameters.seeds)])
        mine = laws.reshape(parameters.seeds, 3, -1, 2) if name == "shared-gain" else laws
        change, curvature, gradient = over_seeds(follower(model, parameters), mine, start)
        return xarray.Dataset(
            {
                "change": (("seed", "tau", "role"), change),
                "curvature": ("seed", curvature),
                "gradient": ("seed", gradient),
            },
            {
                "tau": list(parameters.times),
                "seed": range(parameters.seeds),
                "role": ["pretraining", "alignment", "perturbation"],
            },
        )

    result = progress.grid(cell, model=parameters.models)
    result["k_eff"] = -result.change.sel(role="alignment", drop=True) / result.change.sel(
        role="pretraining", drop=True
    )
    result["product"] = result.k_eff * result.tau * result.curvature
    middle, low, high = median_interval(result["product"].transpose("model", "tau", "seed").values)
    for name, values in (("median", middle), ("median_low", low), ("median_high", high)):
        result[name] = ("model", "tau"), values
    result["median"].attrs.update(units="1", interval="95% for the median over seeds, by order statistics")
    result["product"].attrs.update(units="1", long_name="k_eff * tau * curvature, -> 1 as tau -> 0")
    result.change.attrs.update(units="nats per response", long_name="loss after - before the reversal step")
    result.curvature.attrs.update(units="1/tau", long_name="g_a' H_p g_t / g_a' g_t at the pre-trained model")
    result.gradient.attrs.update(units="nats per response", long_name="residual gradient of L_p at the start")
    return result


def summary(result) -> list[str]:
    """The product of every model and time."""
    lines = ["k_eff * tau * curvature: median over seeds [95% interval]"]
    for model in result.model.values:
        for tau in result.tau.values:
            one = result.sel(model=model, tau=tau)
            values = [float(one[name]) for name in ("median", "median_low", "median_high")]
            lines.append("{:<23}tau {:<8g} {:.4f} [{:.4f}, {:.4f}]".format(model, tau, *values))
    lines.append(f"largest residual gradient of L_p at the start: {float(result.gradient.max()):.1e}")
    return lines
