"""Three texts -> everything that is reported, with intervals, a judged sign and a tested prediction."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

import numpy as np

from .._provenance import versions
from .._show.console import Shown
from .._show.jsonable import jsonable
from .._validation import integer
from . import _tables
from ._corpus import Corpus
from ._null import Sign, judge_sign, sign_null
from ._prediction import Prediction, predict
from ._statistics import A, Estimate, P, by_definition, mixture, text_statistics, with_intervals
from ._texts import ROLES, Text

SINGLETONS = 0.10  # share of leaves above which their single occurrences are warned of

BY_ALGEBRA = (
    "conservation, k * response_p + response_a = m0 / (depth ln 2), holds for any three texts",
    "the ratio on leaves that the joint has is -k, for any three texts: no evidence about them",
)
MEASURED = (
    "the rates, m0, G(a, t) and its sign, the size of the responses, l*: these the data decide",
    "the prediction: each half of the perturbation is a test of what the other half said",
)


@dataclass(frozen=True)
class Settings:
    """How much is drawn: bootstrap replicates, permutations of each null, splits of the prediction test."""

    replicates: int = 300
    permutations: int = 499
    splits: int = 20

    def __post_init__(self):
        for name, value in asdict(self).items():
            integer(value, name, 2)


@dataclass(frozen=True, eq=False)
class Measurement(Shown):
    """The result of one run; rates in bits per chunk / depth, volumes in alignment volumes, roles as ROLES.

    `estimates`: the statistics by name, see `_statistics`. `sources`: one row per role (where the text is
    from, hash, sizes). `prediction` is None where masses were given instead of texts.
    """

    depth: int
    seed: int
    sources: tuple[dict, ...]
    estimates: dict[str, Estimate]
    sign: Sign
    prediction: Prediction | None = None
    warnings: tuple[str, ...] = ()
    settings: Settings = field(default_factory=Settings)

    @property
    def conservation(self) -> float:
        """k * response_p + response_a - m0/(depth ln 2): 0 up to rounding, for any texts."""
        response, k = self.estimates["response"].value, self.estimates["k"].value
        rise = self.estimates["unseen"].value / (self.depth * np.log(2))
        return float(k * response[P] + response[A] - rise)

    def __rich__(self):
        return _tables.tables(self)

    @property
    def by_algebra(self) -> tuple[str, ...]:
        """Which results hold for any three texts."""
        return BY_ALGEBRA

    @property
    def measured(self) -> tuple[str, ...]:
        """Which results are measured rather than implied by algebra."""
        return MEASURED if self.prediction is not None else MEASURED[:1]

    def to_dict(self) -> dict:
        """The object that `measure --json` prints; 0/0 is "undefined", infinities "Infinity", "-Infinity"."""
        per_role = lambda name: dict(zip(ROLES, _rows(self.estimates[name]), strict=False))  # noqa: E731
        single = lambda name: _rows(self.estimates[name])[0]  # noqa: E731
        units = {"per_chunk_over_depth": "rates", "per_token": "bits_per_token", "per_byte": "bits_per_byte"}
        rates = {unit: per_role(name) for unit, name in units.items() if name in self.estimates}
        result = {
            "depth": self.depth,
            "seed": self.seed,
            "versions": versions("numpy", "scipy"),
            "settings": asdict(self.settings),
            "sources": dict(zip(ROLES, self.sources, strict=True)),
            "units": {
                "rates": "bits at l = 0: per chunk / depth (the paper's gamma), per binary token, per byte",
                "response": "d rate / d volume of the perturbation at l = 0, rates per chunk / depth",
                "volume": "the alignment data's volume",
            },
            "k": single("k"),
            "rates": {role: {unit: table[role] for unit, table in rates.items()} for role in ROLES},
            "normalized_rates": per_role("normalized_rates"),
            "inner_products": per_role("inner"),
            "response": per_role("response"),
            "ratio": single("ratio")["value"],
            "ratio_on_seen_leaves": single("ratio_seen")["value"],
            "conservation": self.conservation,
            "critical_perturbation": single("critical")["value"],
            "critical_perturbation_interval": single("critical")["interval"],
            "unseen_mass": single("unseen"),
            "sign": asdict(self.sign),
            "by_algebra": list(self.by_algebra),
            "measured": list(self.measured),
            "warnings": list(self.warnings),
        }
        if self.prediction is not None:
            result["rates_after"] = per_role("rates_after")
            result["perturbation_volume"] = single("perturbation_volume")
            result["prediction"] = _prediction_dict(self.prediction)
        return jsonable(result)


def measure_texts(
    texts: Sequence[Text], depth: int = 16, seed: int = 0, settings: Settings | None = None
) -> Measurement:
    """Measure three texts in the order pre-training, alignment, perturbation.

    Deterministic for a seed. Raises ValueError for a depth outside 1..32, and for a text of fewer than two
    responses or without a token.
    """
    settings, seed = settings or Settings(), integer(seed, "seed", 0)
    corpus = Corpus.of_texts(texts, depth)
    streams = np.random.default_rng(seed).spawn(3)
    counts = corpus.counts
    replicates = (
        text_statistics(drawn, corpus.lengths, depth)
        for drawn in corpus.resampled(settings.replicates, streams[0])
    )
    estimates = with_intervals(text_statistics(counts, corpus.lengths, depth), replicates)
    estimates |= by_definition(mixture(counts), depth, estimates["rates"])
    sign = judge_sign(
        float(estimates["inner"].value[A]),
        estimates["response"],
        sign_null(corpus, streams[1], settings.permutations),
    )
    return Measurement(
        depth,
        seed,
        tuple(_source(text, tree) for text, tree in zip(texts, corpus.trees, strict=True)),
        estimates,
        sign,
        predict(corpus, streams[2], settings.splits),
        _warnings(corpus),
        settings,
    )


def _source(text: Text, tree) -> dict:
    once = tree.leaf_counts == 1
    return {
        "source": text.source,
        "sha256": text.sha256,
        "bytes": len(text.data),
        "records": text.records,
        "responses": tree.num_responses,
        "tokens": tree.num_tokens,
        "chunks": tree.num_chunks,
        "leaves": tree.num_leaves,
        "singleton_leaves": float(once.mean()),
        "singleton_chunks": float(once.sum() / tree.num_chunks),
    }


def _warnings(corpus: Corpus) -> tuple[str, ...]:
    found = []
    once = [(tree.leaf_counts == 1).mean() for tree in corpus.trees]
    if max(once) > SINGLETONS:
        shares = ", ".join(f"{share:.0%} of {role}" for role, share in zip(ROLES, once, strict=True))
        found.append(
            f"leaves that occur once: {shares} (above {SINGLETONS:.0%}): their laws are known roughly; "
            "a smaller --depth or longer texts help"
        )
    if corpus.trees[P].num_chunks < corpus.trees[A].num_chunks:
        found.append("pre-training is smaller than alignment (k < 1); the theorem is about k >> 1")
    for role, tree in zip(ROLES, corpus.trees, strict=True):
        if tree.num_responses < 50:
            found.append(f"{role}: intervals rest on only {tree.num_responses} responses")
    return tuple(found)


def _rows(estimate: Estimate) -> list[dict]:
    """One {"value", "interval"} per entry."""
    if estimate.low is None:
        return [{"value": float(value), "interval": None} for value in np.atleast_1d(estimate.value)]
    return [
        {"value": float(value), "interval": [float(low), float(high)]}
        for value, low, high in zip(*map(np.atleast_1d, estimate), strict=True)
    ]


def _prediction_dict(prediction: Prediction) -> list[dict]:
    return [
        {
            "amount": float(amount),
            **{
                ROLES[role]: {
                    "first_order": float(prediction.first_order[:, part, role].mean()),
                    "exact": float(prediction.exact[:, part, role].mean()),
                    "actual": float(prediction.actual[:, part, role].mean()),
                    "spread": float(prediction.spread[part, role]),
                    "sign_agreement": float(prediction.sign_agreement[part, role]),
                }
                for role in (P, A)
            },
        }
        for part, amount in enumerate(prediction.amounts)
    ]
