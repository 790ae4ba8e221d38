"""What the theory forbids a class of models to show, and where it has an example of it.

NO_GOS and WITNESSES: (claim, class) -> the ledger's claim that says so. A class that shows what a no-go
forbids is an error.
"""

from .._lab.worlds import SCENARIOS

NO_GOS = {
    ("fig-4-crossing", "saturated"): "rebound-saturated",
    ("fig-4-crossing", "scalar"): "no-crossing-scalar",
    ("fig-4-flat-start", "saturated"): "rebound-saturated",
    ("table-3-samples", "saturated"): "falling-count-no-go",
    ("table-3-samples/reverse", "saturated"): "falling-count-no-go",
    ("table-3-samples", "scalar"): "falling-count-no-go",
    ("table-3-samples/reverse", "scalar"): "falling-count-no-go",
    ("fig-6", "saturated"): "slope-falls-with-k",
    ("fig-6/matched", "scalar"): "matched-score",
    ("fig-7/simpo-crossing", "scalar"): "no-crossing-scalar",  # without a reference there is one orbit
    ("fig-8/crossing", "scalar"): "no-crossing-scalar",
    ("fig-8/crossing", "saturated"): "rebound-saturated",
}
ONLY = {("fig-8/crossing", "saturated"): "midway"}  # near, alignment does not raise every world's score
WITNESSES = {
    ("fig-4-crossing", "tabular-softmax"): "crossing-two-dim",
    ("fig-4-crossing", "log-linear/opposed"): "crossing-two-dim",
    ("fig-4-crossing", "log-linear/held-out"): "crossing-two-dim",
    ("table-3-samples", "log-linear/steep"): "falling-count-witness",
    ("table-3-samples", "log-linear/held-out"): "falling-count-witness",
    ("table-3-samples", "shared-gain"): "falling-count-witness",
    ("fig-6/matched", "shared-gain"): "matched-score",
    ("fig-5", "capacity-limited-tree"): "depth-resolves",
}
# experiments and scenarios in which the curves of a class keep their order in every single world
ORDERED = {
    "rebound": {"saturated": SCENARIOS, "scalar": SCENARIOS},
    "role-exchange": {"saturated": ("midway",), "scalar": SCENARIOS},
}


def theory(claim: str, scenario: str, model: str) -> str:
    """ "no-go: CLAIM", "witness: CLAIM", or "" where the theory is silent on a cell of the matrix."""
    cell = claim, model
    if cell in NO_GOS and ONLY.get(cell, scenario) == scenario:
        return "no-go: " + NO_GOS[cell]
    return "witness: " + WITNESSES[cell] if cell in WITNESSES else ""
