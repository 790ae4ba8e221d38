"""Many leaves: the limit integral, the critical share, l* = 1/(m-1), single draws; are masses Pareto?"""

import numpy as np
from scipy.optimize import brentq

import compression_theory as theory
from compression_theory.sign import EXPECTATION

from ... import elasticity, limits, masses, trees
from ...mixtures import Mixture
from .._claims import judges
from .._enclosures import response_enclosure
from .._evidence import Evidence
from ._averages import average
from .token_trees import text

LN2 = np.log(2.0)
EQUAL = (1 / 3, 1 / 3, 1 / 3)
HEAVY = masses.Pareto(1.5)
LAWS = (HEAVY, masses.Pareto(5), masses.LogNormal(1), masses.Gamma(1), masses.Uniform(1))
NOT_NEEDED = "the theory needs none of it: its signs and limits hold for every mass law with a mean"


def mixture(law, k, leaves, rng, shares=EQUAL) -> Mixture:
    """(D_p, D_a, D_t) at l = 0: D_p of parts with these shares, D_a like part 2 of them, D_t like part 3."""
    rows = law.distributions(len(shares), leaves, rng)
    return Mixture([np.asarray(shares) @ rows, rows[1], rows[2]], [k, 1, 0])


def responses(law, k, leaves, draws, rng, shares=EQUAL) -> np.ndarray:
    """T d gamma_a/dn_t = -G(a, t) of single draws, nats per leaf: (draws,)."""
    mixtures = (mixture(law, k, leaves, rng, shares) for _ in range(draws))
    return (k + 1) * LN2 * np.array([elasticity.elastic_response(mix, 2)[1] for mix in mixtures])


def weights(k, shares=EQUAL) -> np.ndarray:
    """The parts' weights in the joint: D_a is merged in part 2."""
    return k * np.asarray(shares) + np.eye(len(shares))[1]


@judges("pareto-limit")
def limit_of_many_leaves(run):
    """The integral in closed form, in ball arithmetic, by simulation; and where there is no mean."""
    yield from map(Evidence.derivation, theory.pages("pareto-limit"))
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
    sizes, draws = 4 ** np.arange(4, run.size(7, 8, 9)), run.size(48, 150, 1000)
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


@judges("sign-reversal-share")
def critical_share(run):
    """q* certified, by simulation on both sides, at finite k, and for small variance."""
    yield from map(Evidence.derivation, theory.pages("sign-reversal-share"))
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


@judges("critical-volume")
def equal_parts(run):
    """l* of m equal parts: 1/(m-1) for every law, from the limit integral and by simulation."""

    def turning(law, parts, k):
        """The l at which k G(p, t) = -G(a, t) - l G(t, t) is 0 in the limit of many leaves."""

        def slope(ell):
            w = weights(k, np.full(parts, 1 / parts)) + ell * np.eye(parts)[2]
            return limits.mass_response(law, w, 1, 2) + ell * limits.mass_response(law, w, 2, 2)

        return brentq(slope, 0.01, 2, xtol=1e-8)

    cases = [(law, parts) for law in LAWS for parts in (3, 10)]
    yield Evidence.equal(
        "closed-form",
        [turning(law, parts, 1e6) for law, parts in cases],
        [1 / (parts - 1) for _, parts in cases],
        rtol=1e-4,
        detail="many leaves: l* of 3 and of 10 equal parts at k = 1e6 is 1/(m-1), for five mass laws alike",
    )
    rng, leaves = run.rng, run.size(10**4, 3 * 10**4, 2 * 10**5)
    for law, k in zip(LAWS[1:], (10, 1e5, 10, 1e5), strict=True):
        mixtures = (mixture(law, k, leaves, rng) for _ in range(run.size(24, 24, 40)))
        found = np.array([elasticity.critical_perturbation(mix, 0, 2) for mix in mixtures])
        detail = f"{law}, three equal parts, {leaves} leaves, k = {k:g}: l*, against the limit integral's"
        yield average(found, turning(law, 3, k), detail)


def single_draws(run):
    """How often one draw of three equal parts has both signs reversed, by leaves and tail."""
    rng, draws, k, rows = run.rng, run.size(2000, 20000, 10**5), 1e9, []
    for alpha in (1.2, 3.0):
        for leaves in (2, 8, 32, 128):
            laws = masses.Pareto(alpha).sample((draws, 3, leaves), rng)
            laws = laws / laws.sum(axis=-1, keepdims=True)
            joint = (weights(k) @ laws) / (k + 1)
            reversed_ = np.count_nonzero(
                ((laws[:, 1] - joint) * (laws[:, 2] - joint) / joint).sum(axis=-1) > 0
            )
            rows.append((alpha, leaves, reversed_))
    low, high = np.transpose([wilson(count, draws) for *_, count in rows])
    table = "; ".join(
        f"alpha {alpha:g}, {leaves} leaves: {count / draws:.4f} ({a:.4f} to {b:.4f})"
        for (alpha, leaves, count), a, b in zip(rows, low, high, strict=True)
    )
    yield Evidence.equal(
        "simulation",
        [count / draws for _, leaves, count in rows if leaves == 2],
        1 / 3,
        atol=4.5 * np.sqrt(2 / 9 / draws),
        role="boundary",
        condition=EXPECTATION,
        detail=f"share of {draws} draws with both signs reversed, one third on two leaves; {table}",
    )
    yield Evidence.at_most(
        "simulation",
        high[1:4].tolist() + high[5:].tolist(),
        low[:3].tolist() + low[4:7].tolist(),
        condition=EXPECTATION,
        detail="that share falls with the number of leaves: its 95% intervals (Wilson) do not touch",
    )


pretraining = judges("thm-4.2-sign-pretraining")(single_draws)
alignment = judges("thm-4.2-sign-alignment")(single_draws)


def wilson(count, draws, z=1.959964):
    """The 95% Wilson interval of a proportion."""
    centre, spread = (count + z * z / 2), z * np.sqrt(count * (1 - count / draws) + z * z / 4)
    return np.array([centre - spread, centre + spread]) / (draws + z * z)


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
    data = text(run.size(10**5, 10**6, 10**7))
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
    yield Evidence.at_most(
        "closed-form",
        [-limits.mass_response(law, weights(k)) for law in LAWS for k in (1, 10, 1e9)],
        0,
        role="measurement",
        condition=NOT_NEEDED,
        detail="T d gamma_a/dn_t > 0, three equal parts: Pareto, log-normal, exponential, uniform masses",
    )
