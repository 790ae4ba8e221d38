"""Evidence on code lengths: Theorem 3.4, the rate, and the normalised rate."""

from fractions import Fraction
from itertools import combinations_with_replacement

import numpy as np

from ... import coding, elasticity, mixtures, trees
from .._claims import Run, judges
from .._evidence import Evidence
from . import derived
from ._routes import texts
from ._routes.codes import complete_codes

GOLDEN = float(1 / np.log2((1 + 5**0.5) / 2))  # log_phi 2 = 1.4404


def fibonacci(index):
    """F_index with F_1 = F_2 = 1, exactly."""
    a, b = 0, 1
    for _ in range(int(index)):
        a, b = b, a + b
    return a


def theorem(tree):
    """(mean Huffman length, the theorem's rounded-up entropy) of a tree's leaves, bits per chunk."""
    p = tree.leaf_probabilities
    mean = coding.mean_code_length(p, coding.huffman_code_lengths(tree.leaf_counts))
    return float(mean), float(np.ceil(coding.entropy(p) - 1e-9))


@judges("thm-3.4")
def equality(run: Run):
    """The printed equality fails; the mean length lies within one bit above the entropy."""
    yield from derived("thm-3.4")
    responses = ([], [0], [1])
    datasets = [c for size in range(1, 10) for c in combinations_with_replacement(range(3), size)]
    found = [
        (len(chosen), *theorem(trees.TokenTree.from_sequences([responses[r] for r in chosen], 2)))
        for chosen in datasets
    ]
    below = next(case for case in found if case[1] < case[2] - 1e-9)
    above = next(case for case in found if case[1] > case[2] + 1e-9)
    for case, expected, side in ((below, (3, 5 / 3, 2), "below"), (above, (9, 11 / 9, 1), "above")):
        yield Evidence.equal(
            "enumeration",
            case,
            expected,
            rtol=1e-12,
            role="counterexample",
            detail=f"smallest dataset of '', 0, 1 (d = 2, one chunk each) whose mean length is {side} the "
            "theorem's: responses, mean, theorem",
        )
    yield Evidence.equal(
        "enumeration",
        [mean for _, mean, _ in found],
        [
            brute_force(chosen)
            for size in range(1, 10)
            for chosen in combinations_with_replacement(range(3), size)
        ],
        rtol=1e-12,
        detail=f"mean length of {len(found)} datasets: the least over all complete codes, exactly",
    )
    dyadic = np.array([2.0**-length for length in (1, 2, 3, 4, 5, 5)])
    yield Evidence.equal(
        "closed-form",
        [
            coding.entropy(dyadic),
            coding.mean_code_length(dyadic, coding.huffman_code_lengths(dyadic)),
            coding.mean_code_length(dyadic, coding.shannon_code_lengths(dyadic)),
        ],
        31 / 16,
        rtol=1e-13,
        role="counterexample",
        detail="masses 1/2 ... 1/32, 1/32: entropy, Huffman, Shannon lengths: 31/16, the theorem: 2",
    )
    p = run.rng.dirichlet(np.full(50, 0.3), run.size(50, 500, 5000)) + 1e-12
    p /= p.sum(axis=1, keepdims=True)
    mean = coding.mean_code_length(p, [coding.huffman_code_lengths(row) for row in p])
    excess = mean - coding.entropy(p)
    yield Evidence.at_most("property", -excess, 0.0, slack=1e-12, detail=f"H <= E[L] on {len(p)} random laws")
    yield Evidence.at_most("property", excess, 1.0, detail="E[L] < H + 1 on the same")
    yield Evidence.equal(
        "peer",
        mean[:20],
        [row @ peer_lengths(row) for row in p[:20]],
        rtol=1e-12,
        detail="20 of these laws: mean length of constriction's Huffman codes",
    )
    mean, rounded = theorem(trees.TokenTree.from_bytes(texts.text(100_000), 8))
    yield Evidence.true(
        "real-text",
        abs(mean - rounded) > 0.01,
        role="counterexample",
        detail=f"Python's reference, d = 8: {mean:.4f} bits per chunk, the theorem says {rounded:.0f}",
    )


def brute_force(chosen):
    """The least mean length over all complete codes for the counts of `chosen`."""
    counts = np.unique(chosen, return_counts=True)[1]
    return float(Fraction(int((complete_codes(len(counts)) @ counts).min()), len(chosen)))


def peer_lengths(p):
    """Lengths of constriction's Huffman code."""
    import constriction

    book = constriction.symbol.huffman.EncoderHuffmanTree(p)

    def length(leaf):
        encoder = constriction.symbol.QueueEncoder()
        encoder.encode_symbol(leaf, book)
        return encoder.get_compressed()[1]

    return np.array([length(leaf) for leaf in range(len(p))])


@judges("rate")
def theta(run: Run):
    """No factor bounds a dataset's Huffman rate by its cross-entropy; Fibonacci numbers and one bit do."""
    yield from derived("rate")
    k = np.array([3.0, 1e3, 1e6, 1e9])
    pairs = []
    for volume in k:
        mix = mixtures.Mixture(np.eye(2), [volume, 1.0])
        lengths = coding.huffman_code_lengths(mix.joint)
        pairs.append(coding.mean_code_length(mix.distributions, lengths) / elasticity.compression_rates(mix))
    for side, dataset, expected in (
        ("lower", 1, 1 / np.log2(k + 1)),
        ("upper", 0, np.log(2) / np.log1p(1 / k)),
    ):
        yield Evidence.equal(
            "closed-form",
            np.array(pairs)[:, dataset],
            expected,
            rtol=1e-10,
            role="counterexample",
            detail=f"length over cross-entropy, disjoint leaves, k = 3 to 1e9: no {side} bound by a factor",
        )
    parts = [trees.TokenTree.from_sequences(r, 2) for r in ([[]] * 3, [[1]])]
    mix = mixtures.Mixture.from_trees(parts)
    minority = mix.distributions[1]
    yield Evidence.equal(
        "enumeration",
        [
            coding.mean_code_length(minority, coding.huffman_code_lengths(mix.joint)),
            coding.cross_entropy(minority, mix.joint),
        ],
        [1.0, 2.0],
        rtol=1e-12,
        role="counterexample",
        detail="smallest: three empty responses and one response 1, d = 2: 1 bit against 2",
    )
    yield Evidence.equal(
        "enumeration",
        coding.optimal_length_range([2, 2, 1, 1], [0.1, 0.2, 0.3, 0.4]),
        extremes([2, 2, 1, 1], [0.1, 0.2, 0.3, 0.4]),
        rtol=1e-12,
        role="counterexample",
        detail="joint (1/3, 1/3, 1/6, 1/6), minority (.1, .2, .3, .4): optimal codes cost it 2.0 to 2.6 bits",
    )
    yield from _what_holds(run)


def extremes(weights, p):
    """(least, largest) mean length for p over all complete codes that are optimal for integer weights."""
    codes = complete_codes(len(weights))
    cost = codes @ np.array(weights)
    means = codes[cost == cost.min()] @ np.array(p)
    return means.min(), means.max()


def _what_holds(run):
    rng = run.rng
    worst = Fraction(0)
    for _ in range(run.size(40, 400, 4000)):
        weights = np.floor(rng.pareto(0.5, rng.integers(2, 40)) * 10 + 1).clip(max=2**40).astype(np.int64)
        lengths, total = coding.huffman_code_lengths(weights), int(weights.sum())
        worst = max(
            worst,
            *(
                Fraction(int(w) * fibonacci(length + 1), total)
                for w, length in zip(weights, lengths, strict=True)
            ),
        )
    yield Evidence.at_most(
        "property",
        float(worst),
        1.0,
        detail="largest p_j F_(L_j + 1) over random trees, in rationals: below 1",
    )
    tight, ancestors = [1, 10**6], [10**6, 10**6 + 1]
    for _ in range(15):  # every sibling hardly heavier than it must be
        tight.append(ancestors[-2] + 1)
        ancestors.append(ancestors[-1] + tight[-1])
    lengths = coding.huffman_code_lengths(tight)
    yield Evidence.equal(
        "closed-form",
        max(w * fibonacci(length + 1) / sum(tight) for w, length in zip(tight, lengths, strict=True)),
        1.0,
        rtol=1e-5,
        detail="masses 1e-6, 1, 1, 1, 2, 3, 5, ... (nearly): the bound is attained in the limit",
    )
    rows = rng.dirichlet(np.full(60, 0.1), (run.size(60, 600, 6000), 2)) + 1e-15
    volumes = 10 ** rng.uniform(0, 6, len(rows))
    joint = (volumes[:, None] * rows[:, 0] + rows[:, 1]) / (volumes[:, None] + 1)
    joint /= joint.sum(axis=1, keepdims=True)
    minority = rows[:, 1] / rows[:, 1].sum(axis=1, keepdims=True)
    ideal = coding.cross_entropy(minority, joint)
    huffman = coding.mean_code_length(minority, [coding.huffman_code_lengths(row) for row in joint])
    shannon = coding.mean_code_length(minority, coding.shannon_code_lengths(joint))
    yield Evidence.at_most(
        "property", huffman, 1 + GOLDEN * ideal, detail=f"E_i[L] < 1 + 1.4404 CE_i for {len(rows)} minorities"
    )
    yield Evidence.at_most(
        "property", abs(shannon - ideal - 0.5), 0.5, detail="Shannon lengths: within one bit"
    )
    yield Evidence.equal(
        "enumeration",
        coding.shannon_code_lengths(joint),
        np.searchsorted(-(0.5 ** np.arange(1074)), -joint),
        detail="Shannon lengths: the least L with 2^-L <= p",
    )
    yield Evidence.equal(
        "closed-form",
        coding.mean_code_length(minority, coding.ideal_code_lengths(joint)),
        ideal,
        rtol=1e-12,
        detail="ideal lengths: exactly the cross-entropy",
    )
    chunks = rng.choice(60, 20_000, p=minority[0])
    stream = coding.encode_leaves(chunks, joint[0])
    drawn = np.bincount(chunks, minlength=60) / len(chunks)
    ideal_bits = len(chunks) * coding.cross_entropy(drawn, joint[0])
    yield Evidence.equal(
        "simulation", stream.ideal_bits, ideal_bits, rtol=1e-10, detail="ideal bits of 20000 chunks, counted"
    )
    yield Evidence.equal(
        "simulation",
        stream.bits - stream.quantisation_bits - stream.truncation_bits - 32,
        ideal_bits,
        atol=32,
        detail=f"a range coder attains the ideal lengths: 20000 chunks in {stream.bits} bits, "
        f"{stream.quantisation_bits:+.2f} by quantisation, {stream.truncation_bits:+.2f} by truncation, "
        f"{stream.termination_bits:+.2f} by termination",
    )


@judges("def-4.1")
def normalised(run: Run):
    """The normalised rate has the rate's derivatives; as a level it mixes units."""
    yield from derived("def-4.1")
    rows, volumes = run.rng.dirichlet(np.ones(12), 3), np.array([20.0, 1.0, 0.3])
    step = np.array([0, 0, 1e-5])
    low, high = (mixtures.Mixture(rows, volumes + side * step) for side in (-1, 1))
    mid = mixtures.Mixture(rows, volumes)
    slope = elasticity.normalized_compression_rates(high, 4) - elasticity.normalized_compression_rates(low, 4)
    yield Evidence.equal(
        "simulation",
        slope / 2e-5,
        elasticity.elastic_response(mid, 2, 4),
        atol=1e-8,
        detail="difference quotient of the normalised rate: the elastic response of the rate",
        parts=("def-4.1/derivatives",),
    )
    uniform = [mixtures.Mixture(np.full((1, leaves), 1 / leaves), [1.0]) for leaves in (2, 4)]
    yield Evidence.equal(
        "closed-form",
        [elasticity.normalized_compression_rates(mix, 2)[0] for mix in uniform],
        [-0.5, -1.0],
        rtol=1e-12,
        role="boundary",
        detail="d = 2, no structure on 2 or 4 leaves: as printed the levels are -1/2 and -1, not equal",
    )
    yield Evidence.equal(
        "closed-form",
        [
            (elasticity.compression_rates(mix, 2) - np.log2(m) / 2)[0]
            for m, mix in zip((2, 4), uniform, strict=True)
        ],
        0.0,
        atol=1e-12,
        detail="with log M divided by d both levels are 0",
    )
    p = rows[0]
    yield Evidence.equal(
        "closed-form",
        np.log2(len(p)) - coding.entropy(p),
        coding.kl_divergence(p, np.full(len(p), 1 / len(p))),
        rtol=1e-10,
        detail="log M less the entropy is the divergence from equal masses",
        parts=("def-4.1/level",),
    )
