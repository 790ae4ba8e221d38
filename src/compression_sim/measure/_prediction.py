"""Does half of the perturbation predict what the other half does when it is added?"""

from dataclasses import dataclass

import numpy as np

from .. import elasticity
from ..mixtures import Mixture
from ._corpus import Corpus
from ._statistics import A, P, T


@dataclass(frozen=True, eq=False)
class Prediction:
    """Changes of the pre-training and alignment rates, bits per token (per chunk / depth).

    `amounts`: (parts,) mean volume added, in alignment volumes; `first_order`, `exact`, `actual`:
    (splits, parts, 2). First order: response * amount. Exact: the saturated model's closed form at finite
    l with the first half's P_t. Actual: code lengths before and after the other half's counts were added.
    """

    amounts: np.ndarray
    first_order: np.ndarray
    exact: np.ndarray
    actual: np.ndarray

    @property
    def spread(self) -> np.ndarray:
        """Standard deviation over splits of actual - exact: (parts, 2)."""
        return (self.actual - self.exact).std(axis=0, ddof=1)

    @property
    def sign_agreement(self) -> np.ndarray:
        """Share of splits in which the exact prediction has the actual sign: (parts, 2)."""
        return (np.sign(self.actual) == np.sign(self.exact)).mean(axis=0)


def predict(
    corpus: Corpus, rng: np.random.Generator, splits: int = 20, parts: tuple[float, ...] = (0.125, 0.5, 1.0)
) -> Prediction:
    """Random halves of the perturbation's responses: one is measured, `parts` of the other are added."""
    counts, table = corpus.counts, corpus.tables[T]
    responses = table.shape[0]
    order = np.argsort(rng.random((splits, responses)), axis=1).argsort(axis=1)  # rank of each response
    half = responses // 2
    limits = [half + max(1, round(part * (responses - half))) for part in parts]
    first = (table.T @ (order < half).T.astype(float)).T
    added = [(table.T @ ((order >= half) & (order < limit)).T.astype(float)).T for limit in limits]
    amounts = np.array([part.sum(axis=1) for part in added]).T / counts[A].sum()  # (splits, parts)
    rows = [
        [
            _changes(counts, one, more[split], amounts[split, part], corpus.depth)
            for part, more in enumerate(added)
        ]
        for split, one in enumerate(first)
    ]
    first_order, exact, actual = np.moveaxis(np.array(rows), 2, 0)
    return Prediction(amounts.mean(axis=0), first_order, exact, actual)


def _changes(counts, measured, added, amount: float, depth: int):
    """(first order, exact, actual) changes of the two rates, from the measured and the added half."""
    chunks = counts[:T].sum(axis=1)
    known, volumes = counts[:T] / chunks[:, None], [chunks[P] / chunks[A], 1.0]
    before = Mixture(np.vstack([known, measured / measured.sum()]), [*volumes, 0.0])
    after = Mixture(np.vstack([known, added / added.sum()]), [*volumes, amount])
    change = elasticity.compression_rates(after, depth) - elasticity.compression_rates(before, depth)
    return (
        elasticity.elastic_response(before, T, depth)[:T] * amount,
        elasticity.finite_response(before, T, amount, depth)[:T],
        change[:T],
    )
