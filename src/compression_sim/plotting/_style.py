"""The one style of all figures: colour-blind safe, readable at column width, nothing set globally.

with matplotlib.rc_context(STYLE): ...
"""

from collections.abc import Iterable
from itertools import cycle

COLUMN, PAGE = 3.3, 6.8  # inches: one column, two columns of a paper

# Okabe and Ito's palette; a line style goes with each, so that the figures also read in grey.
COLOURS = {"pretraining": "#0072B2", "alignment": "#D55E00", "perturbation": "#666666"}
LINES = {"pretraining": "-", "alignment": (0, (5, 1.5)), "perturbation": (0, (1, 1.2))}
NAMES = {"pretraining": "pre-training", "alignment": "alignment", "perturbation": "perturbation"}

STYLE = {
    "figure.dpi": 100,
    "savefig.dpi": 250,
    "font.family": "DejaVu Sans",
    "font.size": 7.5,
    "axes.titlesize": 8,
    "axes.labelsize": 7.5,
    "xtick.labelsize": 7,
    "ytick.labelsize": 7,
    "legend.fontsize": 7,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "lines.linewidth": 1.4,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "legend.frameon": False,
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    "svg.fonttype": "path",
    "svg.hashsalt": "compression_sim",
}

# of families of models that name no colour or marker of their own
SPARE_COLOURS = ("#44AA99", "#882255", "#999933", "#AA4499", "#117733", "#6699CC", "#AA4466", "#888888")
SPARE_MARKERS = "hp>d8"


def looks(names: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Colour and marker of each class of models: its family's, else the next of a cycle."""
    from ..experiments._lab.families import family

    colours, markers = cycle(SPARE_COLOURS), cycle(SPARE_MARKERS)
    return {
        name: (family(name).colour or next(colours), family(name).marker or next(markers)) for name in names
    }
