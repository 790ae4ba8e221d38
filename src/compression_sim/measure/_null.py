"""The sign of G(a, t), and the permutation null that it has to leave before it counts.

G(a, t) = 0 for two reasons that have nothing to do with elasticity, and the null is the union of both:

- "alignment says nothing": alignment responses are pre-training responses with another label. The labels of
  the two are permuted. The joint stays as it is, so G* = mean of P_t/P_0 over the relabelled responses - 1:
  an exact permutation test.
- "perturbation says nothing": perturbation responses are fresh draws of the joint. The labels of the
  perturbation and of the joint's responses are permuted over the scores P_a/P_0 - 1, where the joint's own
  responses are scored by the other responses only (leave one out): a response scored by itself would meet
  no unseen leaf.

`null_interval` is the hull of the two 95% intervals, so a value outside it is outside both.
"""

from dataclasses import dataclass

import numpy as np

from ._corpus import Corpus
from ._statistics import A, Estimate, P, T

VERDICTS = ("as the paper", "reversed", "undecided")


@dataclass(frozen=True)
class Sign:
    """G(a, t) beside its permutation null, and what follows.

    `value`: G(a, t) at l = 0 (positive: the alignment rate falls). `null_interval`: 95%, None where the
    masses are given exactly. `reason`: a sentence.
    """

    value: float
    null_interval: tuple[float, float] | None
    verdict: str
    reason: str


def judge_sign(value: float, response: Estimate, null: tuple[float, float] | None) -> Sign:
    """The verdict, by three conditions that all have to hold.

    The two responses have opposite signs; G(a, t) is outside the null; both 95% intervals exclude zero
    (for masses, which are exact, the first alone).
    """
    p, a = response.value[P], response.value[A]
    if p < 0 < a:
        verdict, words = "as the paper", "the pre-training rate falls and the alignment rate rises"
    elif a < 0 < p:
        verdict, words = "reversed", "the pre-training rate rises and the alignment rate falls"
    elif p > 0 and a > 0:
        return Sign(
            value,
            null,
            "undecided",
            "both rates rise: the perturbation's unseen leaves dilute the joint by more than its others pull",
        )
    else:
        return Sign(value, null, "undecided", "at least one response is zero or undefined")
    if null is None:
        return Sign(value, null, verdict, f"{words}; the masses are taken as exact")
    if null[0] <= value <= null[1]:
        return Sign(value, null, "undecided", "relabelled responses give G(a, t) as large as this by chance")
    if any(response.low[role] <= 0 <= response.high[role] for role in (P, A)):
        return Sign(value, null, "undecided", "the 95% interval of a response includes zero")
    return Sign(value, null, verdict, f"{words}; outside the permutation null")


def sign_null(corpus: Corpus, rng: np.random.Generator, permutations: int = 499) -> tuple[float, float]:
    """95% interval of G(a, t) under the null: the hull of the two permutation intervals."""
    intervals = (alignment_null(corpus, rng, permutations), perturbation_null(corpus, rng, permutations))
    return min(low for low, _ in intervals), max(high for _, high in intervals)


def alignment_null(corpus: Corpus, rng, permutations: int = 499) -> tuple[float, float]:
    """Alignment labels permuted among alignment and pre-training responses."""
    counts = corpus.counts
    joint, own = counts[P] + counts[A], counts[T] / counts[T].sum()
    quotient = np.divide(own * joint.sum(), joint, out=np.zeros_like(own), where=joint > 0)
    scores = np.concatenate([corpus.tables[role] @ quotient for role in (P, A)])
    chunks = np.concatenate([corpus.tables[role].sum(axis=1) for role in (P, A)])
    inside, _ = _permuted_means(scores, chunks, corpus.tables[A].shape[0], rng, permutations)
    return _interval(inside - 1)


def perturbation_null(corpus: Corpus, rng, permutations: int = 499) -> tuple[float, float]:
    """Perturbation labels permuted among perturbation and joint responses, the latter scored left out."""
    counts = corpus.counts
    joint = counts[P] + counts[A]
    seen = joint > 0
    share = joint.sum() / counts[A].sum()
    score = np.where(seen, np.divide(counts[A] * share, joint, out=np.zeros_like(joint), where=seen) - 1, 0.0)
    outside = counts[T][~seen].sum() / counts[T].sum()
    left_out = [_left_out_scores(corpus.tables[role], counts, own=role == A) for role in (P, A)]
    chunks = [corpus.tables[role].sum(axis=1) for role in (P, A, T)]
    expected = np.concatenate(left_out).sum() / (chunks[P].sum() + chunks[A].sum())
    inside, rest = _permuted_means(
        np.concatenate([*left_out, corpus.tables[T] @ score]),
        np.concatenate(chunks),
        corpus.tables[T].shape[0],
        rng,
        permutations,
    )
    return _interval(inside - rest + expected - outside)


def _left_out_scores(table, counts, own: bool) -> np.ndarray:
    """Sum over a response's chunks of P_a/P_0 - 1 by the other responses, 0 on leaves that they lack."""
    joint = counts[P] + counts[A]
    response = np.repeat(np.arange(table.shape[0]), np.diff(table.indptr))
    here, leaf = table.data, table.indices
    length = table.sum(axis=1)[response]
    rest = joint[leaf] - here
    share = (joint.sum() - length) / (counts[A].sum() - own * length)
    aligned = counts[A][leaf] - own * here
    score = np.divide(aligned * share, rest, out=np.ones_like(rest), where=rest > 0) - 1
    return np.bincount(response, here * score, minlength=table.shape[0])


def _permuted_means(scores, chunks, size: int, rng, permutations: int):
    """Mean score per chunk of `size` responses drawn without replacement, and of the others."""
    pair = np.stack([scores, chunks])
    total = pair.sum(axis=1)
    drawn = np.empty((permutations, 2))
    for row in drawn:
        row[:] = pair[:, rng.choice(len(scores), size, replace=False, shuffle=False)].sum(axis=1)
    rest = total - drawn
    return drawn[:, 0] / drawn[:, 1], rest[:, 0] / rest[:, 1]


def _interval(drawn) -> tuple[float, float]:
    low, high = np.percentile(drawn, [2.5, 97.5])
    return float(low), float(high)
