"""Sequential training: k_eff tau c over the alignment time tau, every class of models."""

import numpy as np

from ._style import COLUMN, looks

LIMITS = -0.45, 2.3


def sequential_ratio(result, figure) -> None:
    """One panel."""
    product_panel(result, figure.subplots())
    figure.set_size_inches(COLUMN, 3.3)
    figure.subplots_adjust(left=0.17, right=0.97, top=0.97, bottom=0.36)
    figure.legend(loc="lower center", ncols=2, bbox_to_anchor=(0.5, -0.01), columnspacing=1.2)


def product_panel(result, ax):
    """Median of k_eff tau c with its 95% interval, classes side by side at each time; 1 is the theory.

    A median outside of the axes is an arrow at their edge, with its value.
    """
    times, names = result.tau.values, result.model.values
    bottom, top = LIMITS
    spread = np.linspace(-0.16, 0.16, len(names))
    for (name, (colour, marker)), shift in zip(looks(names).items(), spread, strict=True):
        one, at = result.sel(model=name), times * 10**shift
        ax.vlines(at, one.median_low, one.median_high, color=colour, lw=1)
        ax.plot(at, one["median"], marker, color=colour, ms=3.5, mfc="white", mew=0.9, label=name)
        for x, y in zip(at, one["median"].values, strict=True):
            if not bottom <= y <= top:
                edge = bottom if y < bottom else top
                ax.annotate(
                    f"{y:.3g}", (x, edge), (0, 14 if y < bottom else -14), textcoords="offset points",
                    ha="center", color=colour, arrowprops={"arrowstyle": "->", "color": colour},
                )  # fmt: skip
    ax.axhline(1, color="black", lw=0.6)
    ax.set_xscale("log")
    ax.set_ylim(*LIMITS)
    ax.set_xlabel(r"alignment time $\tau$")
    ax.set_ylabel(r"$k_\mathrm{eff}\,\tau\,c$ (median, 95%)")
    return ax
