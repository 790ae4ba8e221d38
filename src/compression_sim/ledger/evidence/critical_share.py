"""Evidence on the share under which both signs are reversed."""

import numpy as np

from ... import limits, masses
from .._claims import judges
from .._evidence import Evidence
from . import derived
from ._routes.many_leaves import response_enclosure
from ._routes.mass_laws import responses


@judges("sign-reversal-share")
def critical_share(run):
    """q* certified, by simulation on both sides, at finite k, and for small variance."""
    yield from derived("sign-reversal-share")
    signs, shares = [], {}
    for alpha, k in ((1.1, np.inf), (1.5, np.inf), (3.0, np.inf), (1.5, 10), (3.0, 100)):
        share = shares[alpha, k] = limits.critical_share(masses.Pareto(alpha), k)
        for side in (1 - 1e-6, 1 + 1e-6):
            q = share * side
            ball = response_enclosure(masses.Pareto(alpha), [1 - 2 * q, q + 1 / k, q], 13)
            signs.append(ball < 0 if side < 1 else ball > 0)
    table = ", ".join(f"{a:g} (k = {k:g}): {share:.4f}" for (a, k), share in shares.items())
    yield Evidence.true(
        "interval",
        all(signs),
        detail=f"the response certainly changes sign within 1e-6 of q*, at alpha = {table}",
    )
    yield Evidence.equal(
        "closed-form",
        [limits.critical_share(law) for law in (masses.Pareto(3e4), masses.Gamma(1e9), masses.Uniform(1e-4))],
        (3 - np.sqrt(3)) / 6,
        rtol=2e-4,
        detail="q* of narrow laws: (3 - sqrt 3)/6, whatever the law",
    )
    rng, leaves, draws = run.rng, run.size(10**4, 3 * 10**4, 2 * 10**5), run.size(24, 40, 100)
    for law in (masses.Pareto(5), masses.LogNormal(1)):
        k, q = 1e9, limits.critical_share(law)
        found = [responses(law, k, leaves, draws, rng, (1 - 2 * s, s, s)) for s in (q / 2, q, 1.5 * q)]
        z = [v.mean() / (v.std(ddof=1) / np.sqrt(draws)) for v in found]
        detail = (
            f"{law}, q* = {q:.4f}, {leaves} leaves, {draws} draws, in standard errors of the mean response: "
        )
        yield Evidence.at_most(
            "simulation",
            [z[0], -z[2], abs(z[1])],
            [-5, -5, 5],
            detail=f"{detail}{z[0]:.1f} at q*/2 (reversed), {z[2]:.1f} at 1.5 q* (as printed), "
            f"{z[1]:.1f} at q*",
        )
