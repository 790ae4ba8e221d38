"""Why a claim shows where it does: one sentence, the ledger's claims behind it, the cells that must agree.

`cells`: (claim, setting, class, whether it shows). A test holds the stored matrix to them.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Mechanism:
    """One sentence and its evidence."""

    sentence: str
    ledger: tuple[str, ...]
    cells: tuple[tuple[str, str, str, bool], ...]


MECHANISMS = {
    "asm-3.2": Mechanism(
        "Where size is what cuts a model off (layers, rank, features), more of it learns more layers; a "
        "transformer of any of these widths has what the tree needs, and wider ones learn no more of it in "
        "the same steps",
        ("asm-3.2",),
        (
            ("asm-3.2", "midway", "capacity-limited-tree", True),
            ("asm-3.2", "midway", "low-rank", True),
            ("asm-3.2", "midway", "log-linear", True),
            ("asm-3.2", "midway", "transformer", False),
            ("asm-3.2", "near", "transformer", False),
        ),
    ),
    "fig-4-rebound": Mechanism(
        "Negative data pull by the difference between their law and the model's, which grows with the "
        "distance that alignment has gone; in one number and in a table the more aligned model is not "
        "faster once both pass one score (fig-4-matched), and a saturated mixture midway moves less the "
        "more it holds",
        ("rebound-saturated", "level-criterion"),
        (
            ("fig-4-rebound", "midway", "scalar", True),
            ("fig-4-rebound", "near", "scalar", True),
            ("fig-4-rebound", "midway", "tabular-softmax", True),
            ("fig-4-rebound", "near", "tabular-softmax", True),
            ("fig-4-rebound", "midway", "saturated", False),
            ("fig-4-matched", "midway", "scalar", False),
            ("fig-4-matched", "near", "scalar", False),
            ("fig-4-matched", "midway", "tabular-softmax", False),
            ("fig-4-matched", "near", "tabular-softmax", False),
        ),
    ),
    "fig-4-level": Mechanism(
        "A model stops at what the negative data say: that is near the base where these data are, and far "
        "below it where the base lies midway",
        ("level-criterion", "rebound-saturated"),
        (
            ("fig-4-level", "near", "scalar", True),
            ("fig-4-level", "near", "tabular-softmax", True),
            ("fig-4-level", "midway", "scalar", False),
            ("fig-4-level", "midway", "tabular-softmax", False),
        ),
    ),
    "fig-4-crossing": Mechanism(
        "One number cannot cross; with two, curves cross where off the perturbation's context the test lies "
        "opposite to the alignment",
        ("no-crossing-scalar", "crossing-two-dim"),
        (
            ("fig-4-crossing", "midway", "scalar", False),
            ("fig-4-crossing", "midway", "saturated", False),
            ("fig-4-crossing", "midway", "log-linear/opposed", True),
        ),
    ),
    "fig-4-flat-start": Mechanism(
        "A mean score starts flat only where alignment has driven it into saturation; these volumes do "
        "not: in no class is the initial slope under half of the steepest",
        ("rebound-saturated",),
        (
            ("fig-4-flat-start", "midway", "saturated", False),
            ("fig-4-flat-start", "near", "saturated", False),
            ("fig-4-flat-start", "midway", "scalar", False),
            ("fig-4-flat-start", "near", "scalar", False),
            ("fig-4-flat-start", "midway", "tabular-softmax", False),
            ("fig-4-flat-start", "near", "tabular-softmax", False),
            ("fig-4-flat-start", "midway", "transformer", False),
            ("fig-4-flat-start", "near", "transformer", False),
        ),
    ),
    "table-3-kl": Mechanism(
        "Each further step of alignment leads on along the same way from the base",
        ("table-3-kl",),
        (("table-3-kl", "near", "saturated", True), ("table-3-kl", "midway", "scalar", True)),
    ),
    "table-3-samples": Mechanism(
        "Where alignment lifts the logit on the perturbation's context out of the flat part of the "
        "sigmoid, the way back is longer but each step of it goes much farther: below logit (1 + beta)/(1 "
        "- beta) log beta the count can fall, and does here from an alignment of 4 volumes on; above it "
        "cannot",
        ("falling-count-no-go", "falling-count-witness"),
        (
            ("table-3-samples", "near", "log-linear/steep", True),
            ("table-3-samples", "midway", "log-linear/steep", False),
            ("table-3-samples", "near", "scalar", False),
            ("table-3-samples", "near", "tabular-softmax", False),
        ),
    ),
    "table-1": Mechanism(
        "As printed it compares losses on different targets, and so mostly the targets' entropies; on one "
        "target it shows, because alignment slows down: model 3 is nearer to model 2 than model 1 is",
        ("table-1",),
        (
            ("table-1", "midway", "tabular-softmax", False),
            ("table-1/same-target", "midway", "tabular-softmax", True),
            ("table-1/same-target", "midway", "saturated", True),
        ),
    ),
    "fig-5": Mechanism(
        "A model that resolves more of the tree tells positive from negative data that a smaller one "
        "confuses; transformers of these widths all resolve it and fall alike over the window, though not "
        "where both pass one score (fig-5/matched)",
        ("depth-resolves", "asm-3.2"),
        (
            ("fig-5", "midway", "capacity-limited-tree", True),
            ("fig-5", "midway", "log-linear", True),
            ("fig-5", "midway", "transformer", False),
            ("fig-5", "near", "transformer", False),
            ("fig-5/matched", "midway", "transformer", True),
        ),
    ),
    "fig-6": Mechanism(
        "Where features are learnt pre-training grows the gain, and with it the fall over the window; "
        "where they are fixed it changes nothing that the score does not tell, and a saturated mixture "
        "moves less the more it holds; where both pass one score the learnt gain is not seen to be faster "
        "at these volumes (fig-6/matched)",
        ("matched-score", "slope-falls-with-k"),
        (
            ("fig-6", "midway", "shared-gain", True),
            ("fig-6", "near", "shared-gain", True),
            ("fig-6", "midway", "saturated", False),
            ("fig-6", "near", "saturated", False),
            ("fig-6", "midway", "scalar", False),
            ("fig-6", "near", "scalar", False),
            ("fig-6", "midway", "tabular-softmax", False),
            ("fig-6", "near", "tabular-softmax", False),
            ("fig-6", "midway", "log-linear", False),
            ("fig-6", "near", "log-linear", False),
            ("fig-6/matched", "midway", "scalar", False),
            ("fig-6/matched", "near", "scalar", False),
            ("fig-6/matched", "midway", "shared-gain", False),
            ("fig-6/matched", "near", "shared-gain", False),
        ),
    ),
    "fig-7": Mechanism(
        "DPO and KTO weigh a pair by its margin over the reference, which is the aligned model itself, so "
        "that every model starts with the same weight: midway the rebound is gone in one number and in a "
        "table, near the base it stays; SimPO has no reference and rebounds there as SFT does",
        ("fig-7",),
        (
            ("fig-7/dpo", "midway", "scalar", False),
            ("fig-7/dpo", "midway", "tabular-softmax", False),
            ("fig-7/dpo", "near", "scalar", True),
            ("fig-7/dpo", "near", "tabular-softmax", True),
            ("fig-7/kto", "midway", "scalar", False),
            ("fig-7/kto", "midway", "tabular-softmax", False),
            ("fig-7/kto", "near", "scalar", True),
            ("fig-7/kto", "near", "tabular-softmax", True),
            ("fig-7/simpo", "midway", "scalar", True),
            ("fig-7/simpo", "midway", "tabular-softmax", True),
            ("fig-7/simpo", "near", "scalar", True),
            ("fig-7/simpo", "near", "tabular-softmax", True),
        ),
    ),
    "fig-8": Mechanism(
        "Midway both kinds of data are equally far from the base, and the roles are symmetric; data near the "
        "base lead nowhere, so that nothing is there to rebound",
        ("fig-8",),
        (
            ("fig-8", "midway", "tabular-softmax", True),
            ("fig-8", "near", "tabular-softmax", False),
            ("fig-8", "near", "saturated", False),
        ),
    ),
    "fig-9": Mechanism(
        "As fig-5: what a larger model resolves it also gives up under DPO",
        ("depth-resolves", "asm-3.2"),
        (
            ("fig-9", "midway", "capacity-limited-tree", True),
            ("fig-9", "near", "capacity-limited-tree", True),
        ),
    ),
}
