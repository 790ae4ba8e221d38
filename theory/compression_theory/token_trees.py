"""Token trees, chunks and the joint tree (Definitions 3.1 and 3.3, and the model of several datasets).

A tree of finite binary responses is a way to write down a distribution: the weights of its EOS leaves sum to
one. Cut at depth d it has further leaves, where a response goes on, and they need codewords too. Long
responses become several chunks; whether the chunks can be told apart again depends on how the last one is
counted. The tree of several datasets is that of their pooled chunks.
"""

import sympy as sp

from .derivation import (
    Derivation,
    Instance,
    Part,
    Total,
    all_of,
    computed,
    eq,
    ge,
    gt,
    implies,
    minimum,
    nonnegative,
    summed,
    telescoped,
)
from .notation import DATASETS, LEAVES, d, i, leaf, n, x

layer = sp.Symbol("lambda", integer=True, positive=True)
E, C_before, C, S_before, S = sp.symbols(r"E C' C S' S", nonnegative=True)  # of one layer, and the one above
q = sp.Symbol("q", integer=True, nonnegative=True)  # full chunks of a response
r, s = sp.symbols("r s", integer=True, nonnegative=True)  # tokens left over; s = d - 1 - r


def derive() -> tuple[Derivation, ...]:
    """The weights of a tree, the number of chunks, why ceil(n/d) is one too few, and pooling."""
    return (_tree(), _chunks(), _collision(), _joint(), _responses())


def _tree() -> Derivation:
    return Derivation(
        claim="def-3.1",
        title="The weights of a token tree",
        source="Def. 3.1",
        assumptions=(
            r"Responses are finite sequences of 0 and 1. A node weighs the share of the responses that begin "
            r"with its path, its EOS leaf the share that equals it.",
            r"$E$ is the weight of the EOS leaves of a layer, $C$ of its inner nodes, $C'$ of the inner "
            r"nodes above; $S$ sums $E$ over the layers up to this one, $S'$ up to the one above.",
        ),
        statement=r"A node weighs the sum of its children. The $2^d - 1$ EOS leaves and the $2^d$ "
        r"continuation leaves of the top $d$ layers weigh 1 together; the EOS leaves alone do once no "
        r"response is longer.",
        scope="any distribution over finite responses, any depth",
        condition="every response ends",
        given=(eq(S_before + C_before, 1), eq(C_before, E + C), eq(S, S_before + E), eq(C, 0)),
        parts=(
            Part(
                "def-3.1/weights",
                eq(S + C, 1),
                (eq(S_before + C_before, 1), eq(C_before, E + C), eq(S, S_before + E)),
            ),
            Part("def-3.1/leaves", eq(sp.Sum(2 ** (layer - 1), (layer, 1, d)) + 2**d, 2 ** (d + 1) - 1)),
        ),
        steps=(
            implies(
                "What begins with a path ends there or goes on: by induction $S + C = 1$ at every depth.",
                [eq(S_before + C_before, 1), eq(C_before, E + C), eq(S, S_before + E)],
                eq(S + C, 1),
                [1, -1, 1],
            ),
            implies(
                "Past the longest response no inner node weighs anything.",
                [eq(S + C, 1), eq(C, 0)],
                eq(S, 1),
                [1, -1],
            ),
            telescoped(
                "EOS leaves of the top $d$ layers.",
                2 ** (layer - 1),
                (layer, 1, d),
                2 ** (layer - 1),
                2**d - 1,
            ),
            implies(
                "With the continuation leaves: the leaves of the pruned tree.",
                [eq(sp.Sum(2 ** (layer - 1), (layer, 1, d)), 2**d - 1)],
                eq(sp.Sum(2 ** (layer - 1), (layer, 1, d)) + 2**d, 2 ** (d + 1) - 1),
                [1],
            ),
        ),
    )


CHUNK_CONDITION = (
    "n counts the EOS token (n content tokens give floor(n/d) + 1 chunks), and the continuation leaves have "
    "codewords"
)


def _chunks() -> Derivation:
    depth = r + s + 1
    return Derivation(
        claim="def-3.3",
        title="The number of chunks",
        source="Def. 3.3",
        assumptions=(
            r"A response of $n = qd + r$ content tokens, $0 \le r < d$, $s = d - 1 - r$; its chunks are $q$ "
            r"full ones and one of $r$ tokens that ends in EOS.",
        ),
        statement=r"$\lfloor n/d\rfloor + 1 = \lceil (n+1)/d\rceil$ chunks: the paper's count, if $|x|$ "
        r"includes EOS. Chunks are leaves of the pruned tree, its leaves form a complete code, and a "
        r"response ends with its only EOS leaf: the leaves in order decode to the responses.",
        scope="any response and depth",
        condition=CHUNK_CONDITION,
        given=(eq(S + C, 1),),
        parts=(
            Part("def-3.3/chunks-above", gt((q * depth + r + 1) / depth - q, 0)),
            Part("def-3.3/chunks-up-to", ge(q + 1 - (q * depth + r + 1) / depth, 0)),
        ),
        steps=(
            nonnegative(
                r"$(n+1)/d$ is above $q$ ...",
                (q * depth + r + 1) / depth - q,
                (r + 1) / depth,
                strict=True,
            ),
            nonnegative(
                r"... and at most $q + 1$: its ceiling is $q + 1 = \lfloor n/d\rfloor + 1$.",
                q + 1 - (q * depth + r + 1) / depth,
                s / depth,
            ),
            implies(
                "EOS leaves alone are no complete code: what goes on has the weight that they miss.",
                [eq(S + C, 1)],
                eq(1 - S, C),
                [-1],
            ),
        ),
    )


def _collision() -> Derivation:
    parts = sp.Symbol("m", integer=True, positive=True)
    cuts = sp.Symbol("c", integer=True, nonnegative=True)
    splits = sp.Sum(sp.binomial(parts - 1, cuts), (cuts, 0, parts - 1))
    tokens, lists = sp.Symbol("n", integer=True, nonnegative=True), sp.Symbol("N_m")
    without, fewer = (
        sp.Symbol(r"\left\lceil n/d \right\rceil"),
        sp.Symbol(r"{\lfloor n/d \rfloor + 1 - \lceil n/d \rceil}"),
    )
    return Derivation(
        claim="def-3.3",
        title="ceil(n/d) chunks do not decode when d divides n",
        source="Def. 3.3",
        assumptions=(
            r"Read $|x| = n$ as the content tokens and cut a response into $\lceil n/d\rceil$ chunks. If "
            r"$d$ divides $n$, the last chunk is a full one: a continuation leaf, and no EOS follows.",
        ),
        statement=r"A sequence of $m$ continuation leaves is then the code of $N_m = 2^{m-1}$ different "
        r"lists "
        r"of responses (counted to $m = 8$). Smallest, at $d = 1$: the responses 0 and 1, or the one "
        r"response 01. The empty response "
        r"is coded by nothing.",
        role="boundary",
        scope="any depth",
        condition=CHUNK_CONDITION,
        where={
            without: sp.ceiling(tokens / d),
            fewer: sp.floor(tokens / d) + 1 - sp.ceiling(tokens / d),
            lists: splits,
        },
        steps=(
            computed(r"Of $n = qd$ tokens these are $q$ chunks ...", without, {tokens: q * d}, q),
            computed(r"... one fewer than with EOS.", fewer, {tokens: q * d}, 1),
            all_of(
                "Each of the $m - 1$ places between two leaves may or may not end a response.",
                eq(lists, 2 ** (parts - 1)),
                lambda: [{parts: number} for number in range(1, 9)],
                by="counted for $m = 1, ..., 8$",
            ),
            computed("Two leaves: two lists.", lists, {parts: 2}, 2),
            computed("The empty response has no chunk.", without, {tokens: 0}, 0),
        ),
    )


def _joint() -> Derivation:
    total = sp.Symbol("T", positive=True)
    PD, Q = leaf("P_D"), leaf("Q")
    share, t = sp.Function("P", nonnegative=True)(i, x), sp.Symbol("t", positive=True)
    divergence = sp.Symbol("D", real=True)
    lemma, saved = ge(t - 1 - sp.log(t), 0), Q / PD - 1 - sp.log(Q / PD)
    left = sp.Sum(PD * saved, LEAVES)
    return Derivation(
        claim="joint",
        title="The joint tree",
        source="Sec. 3",
        assumptions=(
            r"Dataset $i$ has $n_i$ chunks, the share $P_i(x)$ of them at leaf $x$; $T = \sum_i n_i$. "
            r"Pooled, $n_iP_i(x)$ chunks of each are at the leaf, and $P_D(x) > 0$ is the share of all.",
            r"$Q$ is any other model that gives every leaf some mass; $D = \sum_x P_D\log(P_D/Q)$ is what it "
            r"needs more, in nats per chunk.",
        ),
        statement=r"Pooled, the chunks have the law $P_D(x) = \sum_i n_iP_i(x)/T$, and $P_D$ has the least "
        r"total code length: $D \ge 0$.",
        condition="the model is saturated and volumes count chunks",
        totals=(
            Total(Q, LEAVES, 1),
            Total(share, LEAVES, 1),
            Total(n(i), DATASETS, total),
            Total(n(i) * share, DATASETS, total * PD),
            Total(-PD * sp.log(Q / PD), LEAVES, divergence),
        ),
        constants=(total,),
        parts=(Part("joint/law", eq(sp.Sum(PD, LEAVES), 1)), Part("joint/best", ge(divergence, 0))),
        steps=(
            summed(
                "The shares of one dataset, weighted, sum to its volume,",
                n(i) * share,
                LEAVES,
                [(n(i), share, 1)],
                n(i),
            ),
            summed(
                "and the pooled chunks to all: $P_D$ is a law.",
                sp.Sum(n(i) * share, LEAVES),
                DATASETS,
                [(1, n(i), total)],
                total,
            ),
            summed(
                "The same, leaf by leaf first,",
                sp.Sum(n(i) * share, DATASETS),
                LEAVES,
                [(total, PD, sp.Sum(PD, LEAVES))],
                total * sp.Sum(PD, LEAVES),
            ),
            implies(
                "so that the shares of the leaves sum to 1.",
                [
                    eq(sp.Sum(n(i) * share, LEAVES, DATASETS), total),
                    eq(sp.Sum(n(i) * share, DATASETS, LEAVES), total * sp.Sum(PD, LEAVES)),
                ],
                eq(sp.Sum(PD, LEAVES), 1),
                [1 / total, -1 / total],
            ),
            minimum(r"$t - 1 - \log t \ge 0$,", t - 1 - sp.log(t), t, 1, 1 / t),
            implies("used at each leaf with $t = Q/P_D$.", [Instance(lemma, {t: Q / PD})], ge(saved, 0), [1]),
            nonnegative("Weighted by the joint and summed it stays so.", left),
            summed(
                "And the sum is what $Q$ needs more, since both are laws.",
                left.function,
                LEAVES,
                [(1, -PD * sp.log(Q / PD), divergence), (1, Q, 1), (-1, PD, 1)],
                divergence,
            ),
            implies(
                "So it is not negative.", [ge(left, 0), eq(left, divergence)], ge(divergence, 0), [1, -1]
            ),
        ),
    )


def _responses() -> Derivation:
    pooled, mean = sp.Rational(2, 3), sp.Rational(3, 4)
    by_chunks, by_responses = sp.Symbol(r"P_D(\mathrm{EOS})"), sp.Symbol(r"{(P_1 + P_2)(\mathrm{EOS})/2}")
    n1, n2, p1, p2 = sp.symbols("n_1 n_2 P_1 P_2", positive=True)  # chunks, and the share of EOS among them
    eos = {p1: 1, p2: sp.Rational(1, 2)}
    return Derivation(
        claim="joint",
        title="Volumes in responses give another tree",
        source="Sec. 3",
        assumptions=(
            r"$d = 1$; $D_1$ is the empty response (one chunk, EOS), $D_2$ the response 0 (two chunks, the "
            r"second EOS).",
        ),
        statement=r"Two of the three pooled chunks are EOS. Weighted by responses the mean is $3/4$.",
        role="boundary",
        scope="this instance, exactly",
        condition="the model is saturated and volumes count chunks",
        where={by_chunks: (n1 * p1 + n2 * p2) / (n1 + n2), by_responses: (p1 + p2) / 2},
        steps=(
            computed("By chunks.", by_chunks, {n1: 1, n2: 2, **eos}, pooled),
            computed("By responses.", by_responses, eos, mean),
            nonnegative("They differ.", mean - pooled, strict=True),
        ),
    )
