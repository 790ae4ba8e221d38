"""Token trees, chunks and the joint tree (Definitions 3.1 and 3.3, and the model of several datasets).

A tree of finite binary responses is a way to write down a distribution: the weights of its EOS leaves sum to
one. Cut at depth d it has further leaves, where a response goes on, and they need codewords too. Long
responses become several chunks; whether the chunks can be told apart again depends on how the last one is
counted. The tree of several datasets is that of their pooled chunks.
"""

import sympy as sp

from .derivation import Derivation, computed, eq, exact, identity, implies, minimum, nonnegative, summed
from .notation import DATASETS, LEAVES, d, i, leaf, n, x

layer = sp.Symbol("lambda", integer=True, positive=True)
E, C_before, C, S_before, S = sp.symbols(r"E C' C S' S", nonnegative=True)  # of one layer, and the one above
q = sp.Symbol("q", integer=True, nonnegative=True)  # full chunks of a response
r, s = sp.symbols("r s", integer=True, nonnegative=True)  # tokens left over; s = d - 1 - r


def done(expression):
    """Sums and functions of a step carried out, then simplified."""
    return sp.simplify(sp.sympify(expression).doit())


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
            identity(
                "EOS leaves of the top $d$ layers.",
                sp.Sum(2 ** (layer - 1), (layer, 1, d)),
                2**d - 1,
                simplify=done,
            ),
            identity(
                "With the continuation leaves: the leaves of the pruned tree.",
                sp.Sum(2 ** (layer - 1), (layer, 1, d)) + 2**d,
                2 ** (d + 1) - 1,
                simplify=done,
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
    return Derivation(
        claim="def-3.3",
        title="ceil(n/d) chunks do not decode when d divides n",
        source="Def. 3.3",
        assumptions=(
            r"Read $|x| = n$ as the content tokens and cut a response into $\lceil n/d\rceil$ chunks. If "
            r"$d$ divides $n$, the last chunk is a full one: a continuation leaf, and no EOS follows.",
        ),
        statement=r"A sequence of $m$ continuation leaves is then the code of $2^{m-1}$ different lists of "
        r"responses. Smallest, at $d = 1$: the responses 0 and 1, or the one response 01. The empty response "
        r"is coded by nothing.",
        role="boundary",
        scope="any depth",
        condition=CHUNK_CONDITION,
        steps=(
            computed(
                r"Of $n = qd$ tokens these are $q$ chunks ...",
                sp.Symbol(r"\left\lceil n/d \right\rceil"),
                sp.ceiling(q * d / d),
                q,
            ),
            computed(
                r"... one fewer than with EOS.",
                sp.Symbol(r"\left\lfloor n/d \right\rfloor + 1 - \left\lceil n/d \right\rceil"),
                sp.floor(q * d / d) + 1 - sp.ceiling(q * d / d),
                1,
            ),
            identity(
                "Each of the $m - 1$ places between two leaves may or may not end a response.",
                splits,
                2 ** (parts - 1),
                simplify=lambda e: sp.simplify(sp.expand_func(e.doit())),
            ),
            exact("Two leaves: two lists.", eq(splits.subs(parts, 2), 2)),
            computed(
                "The empty response has no chunk.",
                sp.Symbol(r"\left\lceil 0/d \right\rceil"),
                sp.ceiling(0 / d),
                0,
            ),
        ),
    )


def _joint() -> Derivation:
    counts = sp.Function("c", nonnegative=True)(i, x)
    total = sp.Symbol("T", positive=True)
    PD, Q = leaf("P_D"), leaf("Q")
    share, t = sp.Function("P", nonnegative=True)(i, x), sp.Symbol("t", positive=True)
    return Derivation(
        claim="joint",
        title="The joint tree",
        source="Sec. 3",
        assumptions=(
            r"Dataset $i$ has $n_i$ chunks, $c_i(x)$ of them at leaf $x$: $P_i(x) = c_i(x)/n_i$, $T = \sum_i "
            r"n_i$.",
            r"$Q$ is what a model that can be any distribution learns from all chunks together.",
        ),
        statement=r"Pooled, the chunks have the law $P_D(x) = \sum_i n_iP_i(x)/T$, and $Q = P_D$ has the "
        r"least total code length.",
        condition="the model is saturated and volumes count chunks",
        steps=(
            implies(
                "A dataset's chunks at a leaf are its volume times its share.",
                [eq(share, counts / n(i))],
                eq(n(i) * share, counts),
                [n(i)],
            ),
            summed(
                "Their sum over the datasets, over all chunks, is the volume-weighted mean.",
                n(i) * share / total,
                DATASETS,
                [(1 / total, n(i) * share, total * PD)],
                PD,
            ),
            summed(
                "Against another model the joint saves at least 0: leaf by leaf with $t = Q/P_D$, "
                r"$P_D\log(P_D/Q) = P_D(t - 1 - \log t) - (Q - P_D)$, and the last term sums to 0.",
                Q - PD,
                LEAVES,
                [(1, Q, 1), (-1, PD, 1)],
                0,
            ),
            identity(
                "That decomposition.",
                -PD * sp.log(Q / PD),
                PD * (Q / PD - 1 - sp.log(Q / PD)) - (Q - PD),
            ),
            minimum(r"$t - 1 - \log t \ge 0$.", t - 1 - sp.log(t), t, 1, 1 / t),
        ),
    )


def _responses() -> Derivation:
    pooled, mean = sp.Rational(2, 3), sp.Rational(3, 4)
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
        steps=(
            computed(
                r"By chunks: $(1 \cdot 1 + 2 \cdot 1/2)/3$.",
                sp.Symbol(r"P_D(\mathrm{EOS})"),
                (1 + 2 * sp.Rational(1, 2)) / 3,
                pooled,
            ),
            computed(
                "By responses: $(1 + 1/2)/2$.",
                sp.Symbol(r"(P_1 + P_2)(\mathrm{EOS})/2"),
                (1 + sp.Rational(1, 2)) / 2,
                mean,
            ),
            nonnegative("They differ.", mean - pooled, strict=True),
        ),
    )
