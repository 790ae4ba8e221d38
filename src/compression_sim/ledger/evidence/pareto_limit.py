"""Evidence on the limit of many leaves: its integral, and how fast mixtures approach it."""

import numpy as np

from ... import limits, masses
from .._claims import judges
from .._evidence import Evidence
from . import derived
from ._routes.averages import average
from ._routes.many_leaves import response_enclosure
from ._routes.mass_laws import HEAVY, LAWS, responses, weights


@judges("pareto-limit")
def limit_of_many_leaves(run):
    """The integral in closed form, in ball arithmetic, by simulation; and where there is no mean."""
    yield from derived("pareto-limit")
    cases = [(kappa, parts) for kappa in (0.1, 1.0, 30.0) for parts in (2, 3, 10)]
    yield Evidence.equal(
        "closed-form",
        [limits.mass_response(masses.Gamma(kappa), np.ones(m), 0, 1) for kappa, m in cases],
        [1 / (m * kappa + 1) for kappa, m in cases],
        rtol=1e-11,
        detail="gamma masses, 2 to 10 equal parts: 1/(m kappa + 1)",
    )
    cases = [(a, k) for a in (1.2, 3.0) for k in (10, 10**9)]
    balls = [response_enclosure(masses.Pareto(a), [(k, 3), (k + 3, 3), (k, 3)], 16) for a, k in cases]
    yield Evidence.equal(
        "interval",
        [limits.pareto_response(a, weights(k)) for a, k in cases],
        [float(ball.mid()) for ball in balls],
        atol=max(float(ball.rad()) for ball in balls),
        rtol=1e-10,
        detail="pareto_response against certified enclosures, alpha = 1.2, 3 and k = 10, 1e9",
    )
    rng, leaves = run.rng, run.size(10**4, 3 * 10**4, 2 * 10**5)
    for law in LAWS[1:]:
        found = responses(law, 10, leaves, run.size(24, 40, 100), rng)
        expected = limits.mass_response(law, weights(10))
        yield average(found, expected, f"{law}, three equal parts, k = 10, {leaves} leaves")
    yield from convergence(run, rng)
    for alpha in (0.5, 0.75):
        law, sizes = masses.Pareto(alpha), (100, run.size(10**4, 10**5, 10**6))
        few, many = (1 - responses(law, 10, leaves, 12, rng).mean() for leaves in sizes)
        yield Evidence.at_most(
            "simulation",
            [many, many],
            [0.15, few / 1.5],
            detail=f"Pareto {alpha:g}, no mean: 1 + G(a,t) falls from {few:.3f} at 100 leaves to {many:.4f} "
            f"at {sizes[1]}: towards disjoint data",
        )


def convergence(run, rng):
    """The mean error falls as M^-min(1/2, 1 - 1/alpha): sums of heavy tails average slowly."""
    sizes, draws = 4 ** np.arange(4, run.size(8, 8, 9)), run.size(100, 150, 1000)
    for law, order in ((masses.Gamma(1), 1 / 2), (masses.Pareto(3), 1 / 2), (HEAVY, 1 / 3)):
        limit = limits.mass_response(law, weights(10))
        errors = [np.abs(responses(law, 10, leaves, draws, rng) - limit) for leaves in sizes]
        slope = np.polyfit(np.log(sizes), np.log([np.mean(error) for error in errors]), 1)[0]
        relative = max(error.std() / error.mean() for error in errors) / np.sqrt(draws)
        spread = relative / np.sqrt(np.sum((np.log(sizes) - np.log(sizes).mean()) ** 2))
        yield Evidence.equal(
            "simulation",
            -slope,
            order,
            atol=0.05 + 4 * spread,
            detail=f"{law}: order in 1/M at which the mean error falls, {sizes[0]} to {sizes[-1]} leaves",
        )
