"""Evidence on signs at l = 0: equal parts in expectation, single draws, and a real text."""

from fractions import Fraction
from itertools import product

import numpy as np

from compression_theory.sign import EXPECTATION

from ... import elasticity, masses
from ...mixtures import Mixture
from .._claims import judges
from .._evidence import Evidence
from . import derived
from ._routes import rationals, texts
from ._routes.averages import average
from ._routes.mass_laws import SAMPLERS, normalized, weights
from ._routes.mixtures import LN2, A, P, T, mixture, pareto_mixture

EQUAL_PARTS = "D_a and D_t come from parts of D_p of equal size"


def parts(k, m):
    """Weights of m equal parts of D_p with D_a merged in the second."""
    return np.array([Fraction(k, m) + (j == 1) for j in range(m)])


@judges("sign-equal-cardinality")
def sign_equal_cardinality(run):
    """All draws of a small exchangeable law, exactly; and mass laws by simulation."""
    yield from derived("sign-equal-cardinality")
    support = np.array([[Fraction(a, 4), 1 - Fraction(a, 4)] for a in (1, 2, 3)])
    found, rule, functions, own = [], [], [], []
    for m, k in ((2, 5), (3, 1), (3, 100), (4, 10)):
        draws = [support[list(chosen)] for chosen in product(range(3), repeat=m)]
        exact = np.array([rationals.inner_products(laws, parts(k, m), 1) for laws in draws]).mean(axis=0)
        partner = -1 if m > 2 else 0
        own.append(exact[1])
        found.append(exact[partner])
        rule.append(-(1 + Fraction(m, k)) * exact[1] / (m - 1))
        functions.append(
            np.mean([elasticity.inner_products(mixture(laws, parts(k, m)), 1)[partner] for laws in draws])
        )
    yield Evidence.equal(
        "enumeration",
        rationals.floats(np.subtract(found, rule)),
        0,
        detail="E G(2,3) minus the rule, over all draws of a three-point law, exactly: 2, 3, 4 parts",
    )
    yield Evidence.at_most(
        "enumeration",
        [*rationals.floats(found), *-rationals.floats(own)],
        0,
        parts=("sign-equal-cardinality/sign", "sign-equal-cardinality/own"),
        detail="E G(2,3), and minus E G(2,2), over those draws, exactly",
    )
    yield Evidence.equal(
        "closed-form",
        functions,
        rationals.floats(found),
        rtol=1e-9,
        detail="inner_products, over those draws",
    )
    k, leaves = 10, 200
    for name, sample in SAMPLERS.items():
        laws = normalized(sample(run.rng, (run.size(100, 1000, 10000), 3, leaves)))
        G = np.array([elasticity.inner_products(Mixture(law, parts(k, 3).astype(float)), 1) for law in laws])
        gap = G[:, 2] + (1 + 3 / k) / 2 * G[:, 1]
        detail = f"{name} masses, k = {k}: G(2,3) + (1/2)(1 + 3/k) G(2,2), beside a mean G(2,3) of "
        yield average(gap, 0, f"{detail}{G[:, 2].mean():.4f}")
    laws = normalized(SAMPLERS["Pareto 3"](run.rng, (20, 3, run.size(10**4, 10**5, 10**6))))
    G = np.array([elasticity.inner_products(Mixture(law, parts(k, 3).astype(float)), 1)[2] for law in laws])
    detail = f"G(2,3), {laws.shape[2]} leaves, Pareto 3, k = 10, against the integral"
    yield average(G, -0.058942, detail)


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


@judges("thm-4.2-sign-alignment")
def sign_in_real_text(run):
    """As printed where pre-training holds equal parts of all kinds; reversed where it holds code."""
    code, docs, reference = texts.lines_of_kinds(run.rng)
    sizes = [np.cumsum([len(line) + 1 for line in kind]) for kind in (code, docs, reference)]
    ends = [int(np.searchsorted(size, 40_000)) for size in sizes]
    parts = code[: ends[0]] + docs[: ends[1]] + reference[: ends[2]]
    fresh = docs[ends[1] :], reference[ends[2] : ends[2] + 500]
    for pretraining, sign, role in ((parts, 1, "instance"), (code, -1, "boundary")):
        mix = texts.mixture(pretraining, *fresh).with_volume(2, 0.0)
        slope = elasticity.elastic_response(mix, 2, texts.DEPTH)[1] * mix.volumes[1]
        yield Evidence.at_most(
            "real-text",
            0,
            sign * slope,
            detail=f"pre-training on {'equal parts of all three' if sign > 0 else 'code'}, alignment with "
            f"docstrings, perturbation with the language reference: {slope:.2g} bits per token",
            role=role,
            condition=EQUAL_PARTS,
        )


def _signs(dataset, sign):
    """Evidence on the sign of one dataset's slope at l = 0."""

    def evidence(run):
        claim = {P: "thm-4.2-sign-pretraining", A: "thm-4.2-sign-alignment"}[dataset]
        yield from derived(claim)
        rng, draws = run.rng, run.size(200, 400, 4000)
        for alpha in (1.2, 1.5, 3.0):
            slopes = np.array(
                [
                    elasticity.elastic_response(pareto_mixture(rng, alpha, 100, 100.0, 0.0), T)[dataset]
                    for _ in range(draws)
                ]
            )
            z = slopes.mean() / (slopes.std(ddof=1) / np.sqrt(draws))
            yield Evidence.at_most(
                "simulation",
                -sign * z,
                -5,
                detail=f"Pareto {alpha:g}, equal parts, {draws} draws: the mean slope has the printed sign "
                f"by {abs(z):.0f} standard errors; {np.mean(sign * slopes < 0):.1%} of the draws do not",
                condition=EXPECTATION,
            )
        laws = np.array([[Fraction(a), 1 - Fraction(a)] for a in ("1/4", "1/2", "2/3")])
        laws[P] = laws.sum(axis=0) / 3
        found = elasticity.elastic_response(mixture(laws, np.array([30, 1, 0])), T)[dataset]
        yield Evidence.equal(
            "closed-form",
            found * 31 * LN2,
            {P: 45 / 2156 / 30, A: -45 / 2156}[dataset],
            rtol=1e-11,
            detail="elastic_response, the single draw (1/4, 3/4), (1/2, 1/2), (2/3, 1/3), k = 30: reversed",
            role="boundary",
            condition=EXPECTATION,
        )

    return evidence


sign_pretraining = judges("thm-4.2-sign-pretraining")(_signs(P, -1))
sign_alignment = judges("thm-4.2-sign-alignment")(_signs(A, 1))
