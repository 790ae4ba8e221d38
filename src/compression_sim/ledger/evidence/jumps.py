"""Evidence on the jumps of Huffman codes: where the code switches as a volume grows."""

from fractions import Fraction

import numpy as np

from ... import coding, mixtures
from .._claims import Run, judges
from .._evidence import Evidence
from . import derived
from ._routes.codes import complete_codes


def switches(counts, volumes, high):
    """(l, code before, code after) for every switch of the Huffman code in 0..high, in exact arithmetic.

    `counts`: (datasets, leaves) integers with equal row sums; the last dataset's volume moves. A code's total
    length is linear in l, so that two codes meet in one volume; they switch there if no third code is better.
    """
    fixed, moving = volumes @ counts[:-1], counts[-1]

    def best(at):
        weights = fixed * at.denominator + moving * at.numerator
        return coding.huffman_code_lengths(weights)

    def cost(at, code):
        return int(fixed @ code) + at * int(moving @ code)

    def between(before, after):
        by, extra = int(moving @ (before - after)), int(fixed @ (after - before))
        if by == 0:  # the same line
            return
        at = Fraction(extra, by)
        middle = best(at)
        if cost(at, middle) == cost(at, before):
            yield at, before, after
        else:
            yield from between(before, middle)
            yield from between(middle, after)

    return list(between(best(Fraction(0)), best(Fraction(high))))


@judges("huffman-jump")
def jumps(run: Run):
    """At each switch of the Huffman code the volume-weighted jumps cancel exactly."""
    yield from derived("huffman-jump")
    rng = run.rng
    worst, own, found, kraft = Fraction(0), [], 0, []
    for _ in range(run.size(10, 60, 600)):
        counts, volumes = rng.multinomial(210, rng.dirichlet(np.ones(12)), 4), rng.integers(1, 30, 3)
        counts = counts + 1
        for at, before, after in switches(counts, volumes, 50):
            jump = [int(row @ (after - before)) for row in counts]
            weighted = sum(int(n) * j for n, j in zip(volumes, jump[:-1], strict=True)) + at * jump[-1]
            worst, found = max(worst, abs(weighted)), found + 1
            own.append(jump[-1])
            kraft += [float((2.0**-before).sum()), float((2.0**-after).sum())]
    yield Evidence.equal(
        "enumeration",
        float(worst),
        0.0,
        detail=f"largest |sum_i n_i Delta gamma_i| at {found} switches (12 leaves, 4 datasets), in rationals",
        parts=("huffman-jump/not-below", "huffman-jump/not-above"),
    )
    yield Evidence.equal(
        "enumeration", kraft, 1, detail="Kraft's sum of the codes before and after: complete"
    )
    yield Evidence.at_most(
        "enumeration",
        max(own),
        -1,
        detail="Delta gamma_t < 0 at each of them (in units of 1/222 bit)",
        parts=("huffman-jump/own",),
    )
    laws = np.array([[0.5, 0.5, 0], [0.5, 0.5, 0], [0, 0, 1.0]])
    codes = [coding.huffman_code_lengths(np.array([10, 1, v]) @ laws) for v in (0, 1e-9)]
    jump = laws @ (codes[1] - codes[0])
    yield Evidence.equal(
        "closed-form",
        np.array([10, 1, 0]) @ jump,
        5.5,
        role="boundary",
        detail="at l = 0+, where a leaf comes that the joint does not have, the sum is not 0: 11/2 bits",
    )
    yield from _one_jump()


def _one_jump():
    """One switch by two routes: bisection of the float code, and all complete codes compared exactly."""
    counts, volumes = np.array([[6, 3, 2, 1], [1, 2, 3, 6], [1, 1, 2, 8]]), np.array([4, 1])
    p = counts / 12

    def rates(volume):
        mix = mixtures.Mixture(p, [*volumes, volume])
        return coding.mean_code_length(mix.distributions, coding.huffman_code_lengths(mix.joint))

    codes = complete_codes(4)
    fixed, moving = codes @ (volumes @ counts[:-1]), codes @ counts[-1]
    start = np.lexsort((moving, fixed))[0]
    gaps = [
        (Fraction(int(fixed[c] - fixed[start]), int(moving[start] - moving[c])), int(moving[c]), c)
        for c in range(len(codes))
        if moving[c] < moving[start]
    ]
    at, _, c = min(gaps)
    expected = (codes[c] - codes[start]) @ counts.T / 12
    low, high = 0.0, 1.5 * float(at)
    before = rates(low)
    while high - low > 1e-12 * high:
        middle = (low + high) / 2
        low, high = (middle, high) if np.allclose(rates(middle), before) else (low, middle)
    jump = rates(high) - rates(low)
    yield Evidence.equal(
        "simulation",
        [high, *jump],
        [float(at), *expected],
        rtol=1e-9,
        atol=1e-9,
        detail=f"one switch bisected: l* = {at}, jumps of gamma_p, gamma_a, gamma_t = {expected.tolist()}",
    )
    yield Evidence.equal(
        "simulation",
        np.array([*volumes, high]) @ jump,
        0.0,
        atol=1e-9,
        detail="weighted by the volumes the three jumps cancel",
        parts=("huffman-jump/not-below", "huffman-jump/not-above"),
    )
