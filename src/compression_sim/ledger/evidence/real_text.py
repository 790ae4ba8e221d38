"""Are the leaf masses of a real text Pareto distributed? And what changes if they are not."""

import numpy as np

from ... import limits, masses, trees
from .._claims import judges
from .._evidence import Evidence
from ._routes import texts
from ._routes.averages import average
from ._routes.mass_laws import LAWS, weights

NOT_NEEDED = "the theory needs none of it: its signs and limits hold for every mass law with a mean"


def tail_exponent(counts, least):
    """(alpha, number) of the Pareto law that fits the counts of at least `least` (Hill, unbiased)."""
    kept = counts[counts >= least]
    return (len(kept) - 1) / np.log(kept / (least - 0.5)).sum(), len(kept)


def curvature(counts, low=20, high=200):
    """How much steeper the upper tail is than the whole, in standard errors: 0 for one Pareto law."""
    (whole, n), (upper, m) = (tail_exponent(counts, least) for least in (low, high))
    return whole, upper, (upper - whole) / (whole * np.sqrt(1 / m - 1 / n))


@judges("asm-A.7")
def are_leaf_masses_pareto(run):
    """A real text's leaf masses against a Pareto law, and what changes if they are not."""
    data = texts.text(run.size(10**5, 10**6, 10**7))
    for depth in (12, 16):
        counts = trees.TokenTree.from_bytes(data, depth).leaf_counts
        whole, upper, z = curvature(counts)
        yield Evidence.at_most(
            "real-text",
            -z,
            -5,
            role="measurement",
            detail=f"Python's language reference, d = {depth}, {len(counts)} leaves: the best Pareto "
            f"exponent is {whole:.2f} for leaves seen 20 times or more and {upper:.2f} for 200 or more, "
            f"{z:.0f} standard errors apart: not one Pareto law, and its body has no mean",
        )
    rng = run.rng
    draws = [np.round(5 * masses.Pareto(0.7).sample(1900, rng)) for _ in range(run.size(50, 200, 1000))]
    z = np.array([curvature(counts)[2] for counts in draws])
    yield average(z, 0, "the same test on Pareto masses of 1900 leaves: no curvature", role="measurement")
    yield Evidence.equal(
        "closed-form",
        limits.mass_response(masses.Gamma(1), weights(1e9) / 1e9, 1, 2),
        0.25,
        rtol=1e-6,
        role="measurement",
        condition=NOT_NEEDED,
        detail="T d gamma_a/dn_t of exponential masses, three equal parts, k = 1e9: 1/4",
    )
    yield Evidence.at_most(
        "closed-form",
        [-limits.mass_response(law, weights(k)) for law in LAWS for k in (1, 10, 1e9)],
        0,
        role="measurement",
        condition=NOT_NEEDED,
        detail="T d gamma_a/dn_t > 0, three equal parts: Pareto, log-normal, exponential, uniform masses",
    )
