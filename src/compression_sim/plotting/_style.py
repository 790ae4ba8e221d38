"""The one style of all figures: colour-blind safe, readable at column width, nothing set globally.

with matplotlib.rc_context(STYLE): ...
"""

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

# one colour and marker per class of models, as in `models`
MODEL_COLOURS = {
    "saturated": "#000000",
    "tabular-softmax": "#0072B2",
    "tree-softmax": "#56B4E9",
    "capacity-limited-tree": "#009E73",
    "node-budget-tree": "#6B6B00",
    "low-rank": "#E69F00",
    "log-linear": "#D55E00",
    "shared-gain": "#CC79A7",
    "transformer": "#7A4FBF",
}
MODEL_MARKERS = dict(zip(MODEL_COLOURS, "o^vs<DPX*", strict=True))
