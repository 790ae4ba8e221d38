"""The critical share q* over the tail index, for several volume ratios: the limit and the draws."""

from itertools import cycle

import numpy as np

from ._style import COLUMN

COLOURS = ("#009E73", "#CC79A7", "#0072B2", "#D55E00", "#E69F00")
MARKERS = ("s", "^", "o", "D")
LINES = ((0, (1, 1.2)), (0, (5, 1.5)), "-")


def critical_share(result, figure) -> None:
    """One panel: curves of the limit, and draws with 95% intervals."""
    share_panel(result, figure.subplots())
    figure.set_size_inches(COLUMN, 2.5)
    figure.subplots_adjust(left=0.15, right=0.97, top=0.96, bottom=0.17)


def share_panel(result, ax):
    """q* over alpha - 1 on a logarithmic axis; below a curve both signs are reversed."""
    styles = zip(cycle(COLOURS), cycle(MARKERS), cycle(LINES), strict=True)
    for k, (colour, marker, line) in zip(result.k.values, styles, strict=False):  # as many as there are
        one = result.sel(k=k)
        label = r"$k\to\infty$" if np.isinf(k) else f"$k={k:g}$"
        ax.plot(one.curve_alpha - 1, one.limit, color=colour, ls=line)
        errors = np.stack([one.share - one.share_low, one.share_high - one.share])
        ax.errorbar(
            one.alpha - 1, one.share, errors, fmt=marker, ms=3, color=colour, mfc="white", lw=0.8, label=label
        )
    narrow = (3 - np.sqrt(3)) / 6
    ax.axhline(narrow, color="black", lw=0.5, ls=(0, (2, 2)))
    ax.text(0.021, narrow + 0.004, r"narrow laws, $(3-\sqrt{3})/6$", va="bottom")
    ax.text(4.2, 0.085, "both signs\nreversed", color="#444444", ha="center")
    ax.text(0.06, 0.12, "signs as printed", color="#444444", ha="center")
    ax.set_xscale("log")
    ax.set_xlim(0.02, 11)
    ax.set_ylim(0, 0.235)
    ax.set_xticks([0.1, 0.5, 1, 2, 4, 9], ["1.1", "1.5", "2", "3", "5", "10"])
    ax.minorticks_off()
    ax.set_xlabel(r"tail index $\alpha$ of the Pareto masses")
    ax.set_ylabel(r"critical share $q^*$ of $D_2$ and of $D_3$")
    ax.legend(loc="lower right", bbox_to_anchor=(1.0, 0.0), handlelength=1.2)
    return ax
