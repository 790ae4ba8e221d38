"""Evidence on token trees, chunks and the joint tree: Definitions 3.1 and 3.3, and Sec. 3's joint."""

from collections import Counter
from fractions import Fraction
from itertools import chain, product

import numpy as np

from ... import coding, mixtures, trees
from .._claims import Run, judges
from .._evidence import Evidence
from . import derived
from ._routes import texts


def chunks(response, depth):
    """The chunks of a response by the convention's own words: (tokens, ends in EOS), token by token."""
    full = len(response) // depth * depth
    for start in range(0, full, depth):
        yield tuple(response[start : start + depth]), False
    yield tuple(response[full:]), True


def random_responses(rng, number, longest):
    """Responses of random length with uneven tokens, as lists."""
    return [
        (rng.random(length) < rng.uniform(0.2, 0.8)).astype(int).tolist()
        for length in rng.integers(0, longest + 1, number)
    ]


@judges("def-3.1")
def weights_of_a_tree(run: Run):
    """The weights of a token tree are a distribution, and each node is the sum of its children."""
    yield from derived("def-3.1")
    responses = random_responses(run.rng, run.size(40, 200, 2000), 5)
    begins = Counter(tuple(r[:length]) for r in responses for length in range(len(r) + 1))
    equals = Counter(map(tuple, responses))
    tree = trees.TokenTree.from_sequences(responses, 6)  # deeper than any response: one chunk each
    yield Evidence.equal(
        "enumeration",
        tree.leaf_probabilities,
        [equals[tuple(tokens.tolist())] / len(responses) for tokens in tree.leaf_tokens],
        rtol=1e-14,
        detail=f"EOS leaves weigh the share of {len(responses)} responses that their path spells",
    )
    yield Evidence.equal(
        "enumeration",
        np.bincount(tree.leaf_layers, tree.leaf_probabilities, minlength=7),
        np.bincount([len(r) + 1 for r in responses], minlength=7) / len(responses),
        rtol=1e-14,
        detail="a layer's EOS leaves weigh the share of responses with one token fewer than its number",
    )
    for depth in (1, 2, 4):
        cut = tree.prune(depth)
        inner = {
            tuple(tokens.tolist()): p
            for tokens, p, eos in zip(cut.leaf_tokens, cut.leaf_probabilities, cut.leaf_is_eos, strict=True)
            if not eos
        }
        children = [begins[(*path, 0)] + begins[(*path, 1)] + equals[path] for path in inner]
        yield Evidence.equal(
            "enumeration",
            list(inner.values()),
            np.array(children) / len(responses),
            rtol=1e-14,
            detail=f"inner nodes at depth {depth}, from pruning: the sum of their children, counted",
            parts=("def-3.1/children",),
        )
        kinds = np.bincount(cut.leaf_is_eos, cut.leaf_probabilities, minlength=2)
        within = sum(len(r) < depth for r in responses) / len(responses)
        yield Evidence.equal(
            "enumeration",
            kinds,
            [1 - within, within],
            rtol=1e-13,
            detail=f"d = {depth}: continuation leaves weigh what responses under d tokens leave",
            parts=("def-3.1/weights",),
        )
    for depth in (1, 3, 5):
        every = [list(r) for length in range(depth + 1) for r in product((0, 1), repeat=length)]
        full = trees.TokenTree.from_sequences(every, depth + 1).prune(depth)
        yield Evidence.equal(
            "enumeration",
            full.num_leaves,
            2 ** (depth + 1) - 1,
            detail=f"all {len(every)} responses of up to {depth} tokens, cut at d = {depth}: leaves",
            parts=("def-3.1/leaves",),
        )
    data = texts.text(run.size(50_000, 500_000, 5_000_000))
    tree = trees.TokenTree.from_bytes(data, 8)
    records = data.count(b"\n") + (not data.endswith(b"\n"))
    tokens = 8 * (len(data) - data.count(b"\n"))
    eos = tree.leaf_is_eos
    yield Evidence.equal(
        "real-text",
        [tree.leaf_probabilities[eos].sum(), tree.leaf_probabilities[~eos].sum()],
        np.array([records, tokens // 8]) / (records + tokens // 8),
        rtol=1e-12,
        detail=f"{len(data)} bytes of Python's reference, d = 8: EOS and continuation leaves, counted",
    )


@judges("def-3.3")
def chunks_decode(run: Run):
    """Chunks decode with an EOS chunk for every response, and not with ceil(n/d) chunks of content tokens."""
    yield from derived("def-3.3")
    longest = run.size(3, 4, 5)
    lists = [
        responses
        for lengths in product(range(longest + 1), repeat=2)
        if sum(lengths) <= longest
        for responses in product(*(product((0, 1), repeat=length) for length in lengths))
    ] + [(response,) for length in range(longest + 1) for response in product((0, 1), repeat=length)]
    for depth in (1, 2, 3):
        made = [trees.TokenTree.from_sequences(responses, depth) for responses in lists]
        codes = {tuple(tree.leaf_keys[tree.chunk_leaves].tolist()) for tree in made}
        yield Evidence.equal(
            "enumeration",
            len(codes),
            len(lists),
            detail=f"leaf sequences of all lists of one or two responses, {longest} tokens, d = {depth}",
        )
    collisions = Counter(
        tuple(chunk for r in responses for chunk in list(chunks(r, 1))[: len(r)]) for responses in lists
    )
    smallest = min(len(code) for code, number in collisions.items() if code and number > 1 and () not in code)
    twins = [r for r in lists if all(r) and tuple(t for x in r for t in x) == (0, 1)]
    yield Evidence.equal(
        "enumeration",
        [smallest, len(twins)],
        [1, 2],
        role="boundary",
        detail=f"with ceil(n/d) chunks of n content tokens, d = 1, {twins} have one leaf sequence",
    )
    responses = random_responses(run.rng, run.size(50, 300, 3000), 20)
    tree = trees.TokenTree.from_sequences(responses, 3)
    words = coding.canonical_codewords(coding.huffman_code_lengths(tree.leaf_counts))
    bits = "".join(words[leaf] for leaf in tree.chunk_leaves)
    book, read, word = {word: leaf for leaf, word in enumerate(words)}, [], ""
    for bit in bits:
        word += bit
        if word in book:
            read.append(book[word])
            word = ""
    lossless = not word and [r.tolist() for r in tree.decode(np.array(read))] == responses
    lengths = [len(response) for response in responses]
    yield Evidence.equal(
        "simulation",
        np.diff([*np.flatnonzero(np.r_[True, tree.leaf_is_eos[tree.chunk_leaves]])]),
        [-(-(length + 1) // 3) for length in lengths],
        detail=f"chunks of each of {len(responses)} responses, up to its EOS leaf: (n+1)/d rounded up, d = 3",
        parts=("def-3.3/chunks-above", "def-3.3/chunks-up-to"),
    )
    yield Evidence.true(
        "simulation",
        lossless,
        detail=f"{len(responses)} responses read back from {len(bits)} Huffman-coded bits",
        parts=("def-3.3/lossless",),
    )
    yield Evidence.equal(
        "closed-form",
        np.sum(2.0 ** -coding.huffman_code_lengths(tree.leaf_counts)),
        1.0,
        detail="Kraft's sum of that code: complete, continuation leaves included",
    )
    data = run.rng.integers(0, 256, run.size(500, 5000, 100_000), np.uint8).tobytes()
    encoded = [coding.encode(data, depth) for depth in (1, 7, 16, 32)]
    yield Evidence.true(
        "property",
        all(coding.decode(code.blob) == data for code in encoded),
        detail=f"{len(data)} random bytes through the range coder and back, d = 1, 7, 16, 32",
    )
    yield Evidence.equal(
        "property",
        [code.header_bits + code.stream.bits for code in encoded],
        [8 * len(code.blob) for code in encoded],
        detail="each blob is its header and its stream",
    )


@judges("joint")
def joint_of_datasets(run: Run):
    """The joint is the tree of the pooled chunks, and what a saturated model learns."""
    yield from derived("joint")
    rng, depth = run.rng, 3
    parts = [random_responses(rng, number, 12) for number in (run.size(30, 300, 3000), 12, 5)]
    made = [trees.TokenTree.from_sequences(part, depth) for part in parts]
    mix = mixtures.Mixture.from_trees(made)
    pooled = Counter(chunk for part in parts for response in part for chunk in chunks(response, depth))
    total = sum(pooled.values())
    together = trees.TokenTree.from_sequences(chain(*parts), depth)
    expected = [
        float(Fraction(pooled[tuple(tokens.tolist()), bool(eos)], total))
        for tokens, eos in zip(together.leaf_tokens, together.leaf_is_eos, strict=True)
    ]
    yield Evidence.equal(
        "enumeration",
        mix.joint,
        expected,
        rtol=1e-12,
        detail=f"the mixture's joint is the exact share of each leaf among {total} pooled chunks",
        parts=("joint/law",),
    )
    yield Evidence.equal(
        "simulation",
        mix.joint,
        together.leaf_probabilities,
        rtol=1e-12,
        detail="and the tree of all responses together",
    )
    others = rng.dirichlet(np.ones(len(mix.joint)), 50) * 0.1 + 0.9 * mix.joint
    total_length = mix.volumes @ coding.cross_entropy(mix.distributions, mix.joint)
    worse = mix.volumes @ coding.cross_entropy(mix.distributions[:, None], others)
    excess = mix.total_volume * coding.kl_divergence(mix.joint, others)
    yield Evidence.equal(
        "closed-form",
        worse - total_length,
        excess,
        rtol=1e-8,
        detail="50 other models code all chunks with T KL(joint || model) > 0 bits more",
        parts=("joint/best",),
    )
    apart = ((np.sqrt(mix.joint) - np.sqrt(others)) ** 2).sum(axis=1)
    yield Evidence.at_most(
        "property",
        mix.total_volume * apart / np.log(2),
        worse - total_length,
        detail="at least T times the squared distance of the roots of the masses more, in nats",
        parts=("joint/only",),
    )
    one, two = (trees.TokenTree.from_sequences(r, 1) for r in ([[]], [[0]]))
    eos = mixtures.Mixture.from_trees([one, two]).joint[0]
    by_response = (one.leaf_probabilities[0] + two.leaf_probabilities[0]) / 2
    yield Evidence.equal(
        "enumeration",
        [eos, by_response],
        [2 / 3, 3 / 4],
        rtol=1e-12,
        role="boundary",
        detail="d = 1, the responses '' and 0: EOS has 2 of 3 chunks; the mean over responses is 3/4",
    )
