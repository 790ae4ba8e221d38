"""Every closed form against 100-digit ball arithmetic (Arb), and Arb's references against mpmath.

The references (exact.py) are written from the definitions, not from the package's kernels.
"""

from functools import cache

import flint
import mpmath
import numpy as np
import pytest
from flint import arb

import compression_sim as cs
from compression_sim import elasticity

from .exact import INF, LN2, RTOL, SLACK, Exact, abs_, agree, log, to_arb

K = (1.0, 10.0, 1e3, 1e6, 1e9)
L = (0.0, 1e-300, 1e-9, 0.1, 10.0)


@pytest.fixture(autouse=True)
def _hundred_digits():
    with flint.ctx.workprec(340):
        yield


@pytest.fixture
def _seven_hundred_digits():
    """1 - 1e-300 has to be told from 1."""
    with flint.ctx.workprec(2400):
        yield


def rows_of(family: str, m: int, n: int, rng) -> np.ndarray:
    """Raw rows of one awkward kind, float sums 1 within rounding."""
    plain = rng.uniform(0.05, 1.0, (m, n))
    if family == "heavy":
        plain = rng.random((m, n)) ** (-1 / 0.5)
    elif family == "tiny":
        plain = 10.0 ** rng.uniform(-300, 0, (m, n))
    elif family == "dominated":
        plain = 10.0 ** rng.uniform(-15, -9, (m, n))
        plain[:, 0] = 1.0
    elif family == "dominated-apart":
        plain = 10.0 ** rng.uniform(-15, -9, (m, n))
        plain[np.arange(m), rng.integers(0, n, m)] = 1.0
    elif family.startswith("near-equal"):
        plain = plain[:1] * (1 + float(family[11:]) * rng.uniform(-1, 1, (m, n)))
    elif family == "twins":  # alignment and perturbation are one dataset: both signs reverse
        plain[-1] = plain[1]
    elif family == "partial":
        plain = np.where(rng.random((m, n)) < 0.4, 0.0, plain)
        plain[:, 0] = 0.5
    elif family == "partial-covered":  # the perturbation has no mass outside the others' support
        plain[1:] = np.where(rng.random((m - 1, n)) < 0.5, 0.0, plain[1:])
        plain[:, 0] = 0.5
    elif family == "nested":  # the paper's case: p holds the data of all
        plain[0] = plain.mean(axis=0)
    elif family == "disjoint":
        plain = np.where(np.arange(n) % m == np.arange(m)[:, None], plain, 0.0)
    return plain / plain.sum(axis=1, keepdims=True)


FULL = (
    "plain",
    "heavy",
    "tiny",
    "dominated",
    "dominated-apart",
    "twins",
    "nested",
    *(f"near-equal:{gap}" for gap in ("1e-2", "1e-5", "1e-8", "1e-12")),
)
FAMILIES = (*FULL, "partial", "partial-covered", "disjoint")


@cache
def mixture(family, k, volume, m):
    """(Exact, cs.Mixture) of one family: roles p, a, ..., t with volumes k, 1, ..., l."""
    rng = np.random.default_rng([FAMILIES.index(family), m])
    volumes = [k, 1.0, *rng.uniform(0.2, 5.0, m - 3), volume]
    exact = Exact(rows_of(family, m, max(12, 2 * m), rng), volumes)
    return exact, cs.Mixture(exact.raw, volumes)


SIZES = (3, 4, 10)


def every(test):
    """The test at every family and every k."""
    return pytest.mark.parametrize("family", FAMILIES)(pytest.mark.parametrize("k", K)(test))


def mixtures(family, k, volumes=L):
    for volume in volumes:
        for m in SIZES:
            yield mixture(family, k, volume, m)


@every
def test_joint(family, k):
    for exact, mix in mixtures(family, k):
        for value, share in zip(mix.joint, exact.D, strict=True):
            agree(value, share, size=arb("1e-290"))  # a float's own digits end there


@every
def test_inner_products(family, k):
    for exact, mix in mixtures(family, k):
        t, unit = len(exact.n) - 1, exact.T * LN2()
        for i, value in enumerate(elasticity.inner_products(mix, t)):
            response, size = exact.response(i, t)
            if not abs(response * unit) > 1e308:  # G(t, t) of a share of 1e-309
                agree(value, -response * unit, size * unit)


@every
def test_compression_rates(family, k):
    for exact, mix in mixtures(family, k):
        for depth in (1, 3):
            for i, value in enumerate(cs.compression_rates(mix, depth=depth)):
                agree(value, exact.rate(i) / depth)


@every
def test_normalized_compression_rates(family, k):
    for exact, mix in mixtures(family, k):
        own = cs.normalized_compression_rates(mix)
        given = cs.normalized_compression_rates(mix, depth=2, num_leaves=7)
        for i in range(len(own)):
            rate, leaves = exact.rate(i), int((exact.raw[i] > 0).sum())
            size = rate if rate.is_finite() else arb(0)
            agree(own[i], rate - arb(leaves).log() / LN2(), size + arb(leaves).log())
            agree(given[i], rate / 2 - arb(7).log() / LN2(), size + arb(7).log())


@every
def test_elastic_response(family, k):
    for exact, mix in mixtures(family, k):
        m = len(exact.n)
        for t in (m - 1, 1):
            for i, value in enumerate(cs.elastic_response(mix, t, depth=1)):
                agree(value, *exact.response(i, t))
    for i, value in enumerate(cs.elastic_response(mix, m - 1, depth=5)):
        response, size = exact.response(i, m - 1)
        agree(value, response / 5, size / 5)


@every
def test_finite_response(family, k):
    """Change of every rate when volume is added, as the difference of two exact rates."""
    for exact, mix in mixtures(family, k, volumes=(1e-300, 0.1)):
        t = len(exact.n) - 1
        for amount in (1e-9, 0.5, 1e3):
            after = exact.with_volume(t, exact.n[t] + arb(amount))
            on, now, then = exact.seen, exact.D[exact.seen], after.D[exact.seen]
            moved = arb(amount) / after.T * exact.spread(t)[on] / then  # size of the change of log P^D
            size = moved * (exact.spread(t)[on] * arb(amount) / after.T) + abs_(log(then / now)) * now
            for i, value in enumerate(elasticity.finite_response(mix, t, amount)):
                terms = exact.spread(i)[on] * moved + size
                agree(value, after.rate(i) - exact.rate(i), exact.total(terms, on))


@every
def test_elasticity_ratio(family, k):
    for exact, mix in mixtures(family, k):
        t = len(exact.n) - 1
        (a, size_a), (p, size_p) = exact.response(1, t), exact.response(0, t)
        value = cs.elasticity_ratio(mix, alignment=1, pretraining=0, perturbation=t)
        if not (a.is_finite() and p.is_finite()):
            continue
        noise = SLACK * (size_a / abs(a) + size_p / abs(p)) if a != 0 and p != 0 else arb(1)
        if noise < 0.1:
            agree(value, a / p, rtol=RTOL + 2 * noise)


@pytest.mark.parametrize("family", [*FULL, "partial-covered"])
@pytest.mark.parametrize("k", K)
def test_ratio_is_minus_k_without_perturbation(family, k):
    _, mix = mixture(family, k, 0.0, 3)
    agree(cs.elasticity_ratio(mix, 1, 0, 2), arb(-k), rtol=arb("1e-13"))


@pytest.mark.parametrize("direction", ["forward", "reverse"])
@pytest.mark.parametrize("family", FULL)
@pytest.mark.parametrize("k", K)
def test_hooke_forces(family, k, direction):
    for exact, mix in mixtures(family, k):
        t = len(exact.n) - 1
        for i, value in enumerate(cs.hooke_forces(mix, t, direction=direction)):
            agree(value, *exact.force(i, t, direction))


@every
def test_critical_perturbation(family, k):
    """Certified bracket: the exact response of p is negative just below l* and positive just above."""
    for m in SIZES:
        exact, mix = mixture(family, k, 0.1, m)
        bracket(exact, cs.critical_perturbation(mix, pretraining=0, perturbation=m - 1))


def bracket(exact, critical):
    t = len(exact.n) - 1

    def response(volume):
        return exact.with_volume(t, arb(volume)).response(0, t)

    if critical == 0.0:
        value, size = response(0)
        assert value >= -SLACK * size, f"0.0 given, yet the response at 0 is {value}"
        return
    if np.isinf(critical):
        value, size = response(arb(2) ** 200)
        assert value <= SLACK * size, f"inf given, yet the response at 2^200 is {value}"
        return
    low, high = response(critical * (1 - arb("1e-6"))), response(critical * (1 + arb("1e-6")))
    slope = (high[0] - low[0]) / arb("2e-6")  # d response / d log l
    at = RTOL + SLACK * low[1] / abs(slope)
    if not at < 0.5:  # the response is below its rounding everywhere near l*
        value, size = response(critical)
        assert abs(value) <= SLACK * size
        return
    below, above = response(critical * (1 - at))[0], response(critical * (1 + at))[0]
    assert below < 0 < above, f"l* = {critical!r} is off by more than {at.str(3)}"


@pytest.mark.parametrize("share", [1e-9, 0.01, 0.2, 0.5])
@pytest.mark.parametrize("k", K)
def test_critical_perturbation_of_disjoint_supports(share, k):
    """D_p holds a share q of D_t, nothing else is shared: l* = q/(1-q) at every k."""
    rows = [[1 - share, 0.0, share], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]
    exact = arb(share) / arb(1 - share)
    agree(cs.critical_perturbation(cs.Mixture(rows, [k, 1.0, 5.0]), 0, 2), exact, size=1e3 * exact)


@pytest.mark.parametrize("seed", range(6))
def test_rebound_curve(seed):
    rng = np.random.default_rng(seed)
    m = int(rng.integers(3, 11))
    volumes = [K[seed % 5], 1.0, *rng.uniform(0, 3, m - 3), 0.0]
    scores = rng.normal(size=m) * 10.0 ** rng.uniform(-6, 6)
    amounts = np.array([0.0, 1e-300, 1e-9, 0.1, 10.0, 1e12])
    curve = cs.rebound_curve(scores, volumes, m - 1, amounts)
    s, n = to_arb(scores), to_arb(np.array(volumes))
    for amount, value in zip(amounts, curve, strict=True):
        total = n.sum() + arb(amount)
        exact = (n @ s + arb(amount) * s[-1]) / total
        agree(value, exact, (n @ abs_(s) + arb(amount) * abs(s[-1])) / total)


# ---------------------------------------------------------------------------------------- many leaves


@pytest.mark.usefixtures("_seven_hundred_digits")
@pytest.mark.parametrize("exponent", [0, 1, 4, 10, 16, 20])
def test_many_leaves(exponent):
    """1 to 2^20 leaves: 64 kinds of leaf, shuffled, whose sums the reference forms with multiplicities."""
    leaves, rng = 2**exponent, np.random.default_rng(exponent)
    kinds = min(64, leaves)
    copies = leaves // kinds
    masses = rng.random((3, kinds)) ** (-1 / 1.2)
    masses[:, 0] *= 1e-300
    order = rng.permutation(np.repeat(np.arange(kinds), copies))
    rows = masses[:, order] / masses[:, order].sum(axis=1, keepdims=True)
    first = np.array([np.flatnonzero(order == kind)[0] for kind in range(kinds)])
    volumes = [1e6, 1.0, 0.1]
    exact, mix = Exact(rows[:, first], volumes, counts=copies), cs.Mixture(rows, volumes)
    rates, response = cs.compression_rates(mix), cs.elastic_response(mix, 2)
    forward, reverse = cs.hooke_forces(mix, 2), cs.hooke_forces(mix, 2, direction="reverse")
    for i in range(3):
        agree(rates[i], exact.rate(i))
        agree(response[i], *exact.response(i, 2))
        agree(forward[i], *exact.force(i, 2, "forward"))
        agree(reverse[i], *exact.force(i, 2, "reverse"))
    if leaves > 1:
        bracket(exact, cs.critical_perturbation(mix, 0, 2))
    on = np.ones(kinds, bool)
    agree(cs.entropy(rows[0]), -exact.total(exact.P[0] * log(exact.P[0]), on) / LN2())
    agree(cs.cross_entropy(rows[0], rows[1]), -exact.total(exact.P[0] * log(exact.P[1]), on) / LN2())


# --------------------------------------------------------------------------- volumes and masses underflow


@pytest.mark.parametrize("k", K)
def test_a_product_of_volume_and_mass_below_the_float_range(k):
    """l = 1e-300 on leaves of mass 1e-300 that only t has: P^D is 1e-600, its log is finite."""
    rows = np.array([[0.5, 0.5, 0.0, 0.0], [0.2, 0.8, 0.0, 0.0], [0.0, 0.3, 0.7, 1e-300]])
    exact = Exact(rows, [k, 1.0, 1e-300])
    mix = cs.Mixture(rows, [k, 1.0, 1e-300])
    for i, value in enumerate(cs.compression_rates(mix)):
        agree(value, exact.rate(i))
    for i, value in enumerate(cs.elastic_response(mix, 2)):
        agree(value, *exact.response(i, 2))


# ------------------------------------------------------------------------------------ bits of information


def information(p, q):
    """Exact bits (entropy, cross-entropy, KL) of rows divided by their sums, and the size of KL's terms."""
    P, Q = to_arb(np.asarray(p, float)), to_arb(np.asarray(q, float))
    P, Q = P / P.sum(), Q / Q.sum()
    on = np.asarray(p) > 0
    entropy = -(P[on] * log(P[on])).sum() / LN2()
    if (np.asarray(q)[on] == 0).any():
        return entropy, INF, INF, arb(0)
    cross = -(P[on] * log(Q[on])).sum() / LN2()
    kl = cross - entropy
    # KL's derivatives in the logs of the masses: what a relative rounding of p and q does to it
    size = (P[on] * abs_(log(P[on] / Q[on]) - kl * LN2())).sum() + abs_(Q - P).sum()
    return entropy, cross, kl, size


@pytest.mark.usefixtures("_seven_hundred_digits")
@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("n", [1, 2, 5, 40])
def test_information(family, n):
    rng = np.random.default_rng([FAMILIES.index(family), n])
    for _ in range(6):
        p, q = rows_of(family, 3, n, rng)[[0, 2]] if n > 3 or family != "disjoint" else np.ones((2, n)) / n
        entropy, cross, kl, size = information(p, q)
        agree(cs.entropy(p), entropy)
        agree(cs.cross_entropy(p, q), cross)
        agree(cs.kl_divergence(p, q), kl, size)
        assert cs.kl_divergence(p, q) >= 0
        assert cs.kl_divergence(p, p) == 0


# ------------------------------------------------------------------ the references, by a second arithmetic


@pytest.mark.parametrize("family", ["plain", "tiny", "dominated", "near-equal:1e-8"])
def test_references_agree_with_mpmath(family):
    """The same sums with 60 digits of mpmath, from the definition: G(i,t) and a numerical derivative."""
    exact, _ = mixture(family, 1e3, 0.1, 3)
    with mpmath.workdps(60):
        raw = [[mpmath.mpf(float(v)) for v in row] for row in exact.raw]
        P = [[v / mpmath.fsum(row) for v in row] for row in raw]

        def rate(i, volume):
            n = [mpmath.mpf(1000), mpmath.mpf(1), volume]
            joint = [mpmath.fdot(n, column) / mpmath.fsum(n) for column in zip(*P, strict=True)]
            return -mpmath.fsum(p * mpmath.log(d, 2) for p, d in zip(P[i], joint, strict=True))

        at = mpmath.mpf(0.1)
        for i in range(3):
            close = {"rel_eps": mpmath.mpf("1e-35"), "abs_eps": mpmath.mpf("1e-45")}
            assert mpmath.almosteq(mpmath.mpf(exact.rate(i).str(50, radius=False)), rate(i, at), **close)
            slope = mpmath.diff(lambda volume, i=i: rate(i, volume), at)
            response = mpmath.mpf(exact.response(i, 2)[0].str(50, radius=False))
            assert abs(slope - response) < mpmath.mpf("1e-20") * (1 + abs(response))
