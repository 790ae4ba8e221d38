"""Evidence on finite changes: their bounds, and the change itself in ball arithmetic."""

from fractions import Fraction

import numpy as np

from ... import elasticity
from ...mixtures import Mixture
from .._claims import judges
from .._evidence import Evidence
from . import derived
from ._routes import rationals
from ._routes.mixtures import LN2, A, P, T, mixture


@judges("finite-l")
def finite_l(run):
    """The bounds on random mixtures, and the exact change in ball arithmetic."""
    yield from derived("finite-l")
    rng, ratios, lows, highs, falls = run.rng, [], [], [], []
    gaps = {"below": [], "end": [], "second-order": [], "cap": []}
    for _ in range(run.size(60, 600, 6000)):
        laws = rng.dirichlet(np.full(6, rng.uniform(0.5, 5)), 3)
        k, ell = 10 ** rng.uniform(0, 4), 10 ** rng.uniform(-3, 1)
        laws[P] = laws.mean(axis=0) if rng.random() < 0.5 else laws[P]
        mix = Mixture(laws, [k, 1.0, 0.0])
        change = elasticity.finite_response(mix, T, ell) * LN2
        G, later = (elasticity.inner_products(m, T) for m in (mix, mix.with_volume(T, ell)))
        T0, total = k + 1, k + 1 + ell
        V = (laws * (laws[T] / mix.joint - 1) ** 2).sum(axis=1)
        tangent = -ell / total * G
        scale = np.abs(tangent).max()
        for bound, gap in (
            ("below", change - tangent),
            ("end", -ell / T0 * later - change),
            ("second-order", tangent + ell**2 / (2 * T0**2) * V - change),
            ("cap", np.log1p(ell / T0) - change),
        ):
            gaps[bound].append(gap.min() / scale)
        bend = ell * total / (2 * T0**2 * -G[A])
        if G[A] < -1e-6 and k * bend * V[P] < 1:
            falls.append(change[P] / scale)
            ratios.append(-change[A] / change[P])
            lows.append(k)
            highs.append(k * (1 + bend * V[A]) / (1 - k * bend * V[P]))
    for bound, gap in gaps.items():
        detail = f"the bound '{bound}' on every rate of {len(gap)} random mixtures"
        parts = (f"finite-l/{bound}",)
        yield Evidence.at_most("property", -np.array(gap), 0, slack=1e-9, detail=detail, parts=parts)
    where = f"in the {len(ratios)} cases with G(a,t) < 0 and x < 1"
    for part, value, bound, says in (
        ("falls", falls, 0, "the pre-training rate falls"),
        ("ratio-below", np.divide(lows, ratios), 1, "the ratio's lower bound"),
        ("ratio-above", np.divide(ratios, highs), 1, "the ratio's upper bound"),
    ):
        parts = (f"finite-l/{part}",)
        yield Evidence.at_most("property", value, bound, slack=1e-9, detail=f"{says} {where}", parts=parts)
    found, expected = [], []
    for k, outside in ((1, 0), (10**3, 0), (10**6, 0), (10, Fraction(1, 4))):
        laws = rationals.rational_laws(rng, 3, 5)
        laws[T] *= 1 - outside
        with rationals.digits(50):
            before, after = (
                rationals.rates(rationals.balls(laws), rationals.balls(np.array([k, 1, ell])))
                for ell in (Fraction(0), Fraction(1, 2))
            )
            expected.extend(rationals.floats(after - before)[: 2 if outside else 3])
        whole = np.column_stack([laws, [0, 0, outside]])
        change = elasticity.finite_response(mixture(whole, np.array([k, 1, 0])), T, 0.5) * LN2
        found.extend(change[: 2 if outside else 3])
    detail = "finite_response against 50 digits, l = 1/2, k = 1, 1e3, 1e6; 10 with new leaves"
    yield Evidence.equal("interval", found, expected, rtol=1e-10, detail=detail)
    yield from _outside()


def _outside():
    """A leaf of mass 1/1000 that only D_t has: the ratio, in ball arithmetic, above its upper bound."""
    k, ell, new = Fraction(100), Fraction(1, 100), Fraction(1, 1000)
    laws = [
        [Fraction(1, 2), Fraction(1, 2), 0],
        [Fraction(3, 4), Fraction(1, 4), 0],
        [(1 - new) / 10, (1 - new) * 9 / 10, new],
    ]
    within = [[row[leaf] for leaf in (0, 1)] for row in laws]
    T0, total = k + 1, k + 1 + ell
    joint = [(k * p + a) / T0 for p, a, _ in zip(*within, strict=True)]
    r = [t / j for t, j in zip(within[2], joint, strict=True)]
    V = [sum(q * (s - 1) ** 2 for q, s in zip(row, r, strict=True)) for row in within]
    g = 1 - sum(q * s for q, s in zip(within[1], r, strict=True))
    bend = ell * total / (2 * T0**2 * g)
    bound = k * (1 + bend * V[1]) / (1 - k * bend * V[0])
    with rationals.digits(50):
        before, after = (
            rationals.rates(
                rationals.balls(np.array(within, dtype=object)), rationals.balls(np.array([k, 1, volume]))
            )
            for volume in (Fraction(0), ell)
        )
        change = rationals.floats(after - before)
    mix = Mixture(np.array(laws, float), [float(k), 1.0, 0.0])
    response = elasticity.finite_response(mix, T, float(ell))
    ratio = -change[A] / change[P]
    where = "D_t has a leaf of mass 1/1000 that no one else has, k = 100, l = 1/100"
    detail = f"{where}: minus the ratio of the changes"
    yield Evidence.equal(
        "interval", -response[A] / response[P], ratio, rtol=1e-9, role="boundary", detail=detail
    )
    detail = f"{where}: the upper bound is broken by more than a third"
    yield Evidence.at_most("interval", float(bound) * 4 / 3, ratio, role="boundary", detail=detail)
