"""Estimates against the truth of toy worlds: what the estimators can be trusted with."""

from itertools import cycle

import numpy as np

from ._style import PAGE

BLUE, RED, GREY, GREEN = "#0072B2", "#D55E00", "#666666", "#009E73"
MARKS = ("o", "s", "^", "D")
SHADES = (BLUE, RED, GREEN, GREY)
LEAST = 0.85  # coverage below it is written, not drawn


def k_eff(result, figure) -> None:
    """k_eff beside its truth with Fieller's sets, and errors against the number of responses."""
    left, right = figure.subplots(1, 2, width_ratios=(1.15, 1))
    ratio_panel(result, left)
    error_panel(result, right)
    _titles((left, right), (r"$k_\mathrm{eff}$ over six decades", "errors against n"))
    figure.set_size_inches(PAGE, 2.9)
    figure.subplots_adjust(left=0.075, right=0.985, top=0.91, bottom=0.15, wspace=0.24)


def tail_index(result, figure) -> None:
    """The tail index of counts beside its truth by three methods, and the coverage of every estimator."""
    left, right = figure.subplots(1, 2, width_ratios=(1, 1))
    index_panel(result, left)
    coverage_panel(result, right)
    _titles((left, right), ("tail index of 400 counts", "coverage of 95% intervals"))
    figure.set_size_inches(PAGE, 4.6)
    figure.subplots_adjust(left=0.065, right=0.985, top=0.945, bottom=0.095, wspace=0.6)


def _titles(panels, words) -> None:
    for letter, ax, word in zip("ab", panels, words, strict=True):
        ax.set_title(f"{letter}   {word}", loc="left", weight="bold")


def ratio_panel(result, ax):
    """Estimates over truths; bars are Fieller's sets, an arrow the end of one that the data do not bound."""
    truth, value, bounded = result.k_truth.values, result.k_value.values, result.k_bounded.values > 0
    low, high, top = result.k_low.values, result.k_high.values, 3e7
    bars = np.clip([low, high], 0.3, top)
    ax.plot([0.5, top], [0.5, top], color="black", lw=0.6, zorder=0)
    held = bounded
    ax.vlines(truth[held], *bars[:, held], color=BLUE, lw=0.8, alpha=0.55)
    ax.plot(truth[held], value[held], "o", ms=2.8, color=BLUE, label="bounded set")
    loose = ~bounded & (value > 0)
    start = np.where(np.isfinite(low) & (high > 0), np.where(low > 0, low, high), np.nan)
    start = np.where(np.isfinite(start) & (start > 0), start, 0.3)
    ax.vlines(truth[loose], np.minimum(start, value)[loose], top, color=RED, lw=0.6, alpha=0.35)
    ax.plot(truth[loose], value[loose], "^", ms=3.2, mfc="white", mec=RED, mew=0.8, label="unbounded set")
    ax.set(xscale="log", yscale="log", xlim=(0.6, 3e6), ylim=(0.3, top))
    ax.set_xlabel(r"true $k$")
    ax.set_ylabel(r"estimated $k_\mathrm{eff}$")
    ax.legend(loc="lower right", handletextpad=0.3)
    return ax


def error_panel(result, ax):
    """Relative error over n of every estimator, some by name, beside the slope of 1/sqrt(n)."""
    n, named = result.n.values, ("change", "k_eff", "tail index", "rate")
    others = [name for name in result.estimator.values if name not in named]
    for index, name in enumerate(others):
        ax.plot(n, result.error.sel(estimator=name), color="#BBBBBB", lw=0.6, zorder=1,
                label=f"{len(others)} others" if index == 0 else None)  # fmt: skip
    for name, colour, mark in zip(named, SHADES, MARKS, strict=True):
        ax.plot(n, result.error.sel(estimator=name), color=colour, marker=mark, ms=3.2, lw=1.1, label=name)
    guide = result.error.values.max() * 1.3 * np.sqrt(n[0] / n)
    ax.plot(n, guide, color="black", lw=0.6, ls=(0, (4, 2)))
    ax.text(n[2], guide[2] * 1.15, r"$\propto 1/\sqrt{n}$", fontsize=7)
    ax.set(xscale="log", yscale="log")
    ax.set_xticks(n, [f"{size}" for size in n])
    ax.minorticks_off()
    ax.set_ylim(result.error.values.min() / 30, None)
    ax.set_xlabel("responses (or values, repeats)")
    ax.set_ylabel("RMS error / RMS truth")
    ax.legend(loc="lower left", handlelength=1.6, ncols=2)
    return ax


def index_panel(result, ax):
    """Tail indices over their truth: exact likelihood of counts, the formula for continuous values, Hill."""
    truth = result.alpha_truth.values
    ax.plot([0, 3.2], [0, 3.2], color="black", lw=0.6, zorder=0)
    styles = zip(cycle(SHADES), cycle(MARKS), strict=True)
    for name, (colour, mark) in zip(result.method.values, styles, strict=False):  # as many as there are
        value, low, high = (
            result.alpha.sel({"method": name, "what": what}).values for what in ("value", "low", "high")
        )
        if colour == BLUE:
            ax.vlines(truth, low, high, color=colour, lw=0.7, alpha=0.4)
        ax.plot(truth, value, mark, ms=2.8, mfc="white" if colour != BLUE else colour,
                mec=colour, mew=0.7, label=str(name))  # fmt: skip
    ax.set(xlim=(0.4, 3.1), ylim=(0, 5.2))
    ax.set_xlabel(r"true tail index $\alpha$")
    ax.set_ylabel(r"estimated $\alpha$")
    ax.legend(loc="lower right", handletextpad=0.3)
    return ax


def coverage_panel(result, ax):
    """Coverage of every regime, a row per estimator, beside the band; hollow: outside of its domain."""
    low, high = result.band.values
    names = list(dict.fromkeys(result["name"].values.tolist()))
    inside = result.in_domain.values > 0
    rows = len(names) - 1.0 - np.array([names.index(name) for name in result["name"].values])
    cover = np.maximum(result.coverage.values, LEAST)
    ax.axvspan(low, high, color=GREEN, alpha=0.15, lw=0)
    ax.axvline(0.95, color=GREEN, lw=0.6)
    for name in names:  # worlds of one estimator beside each other, in the order of the table
        own = np.flatnonzero(result["name"].values == name)
        rows[own] += np.linspace(0.3, -0.3, len(own)) if len(own) > 1 else 0.0
    ax.plot(cover[inside], rows[inside], "o", ms=2.2, color=BLUE, label="in the domain")
    ax.plot(cover[~inside], rows[~inside], "o", ms=3, mfc="white", mec=RED, mew=0.8, label="outside")
    for place, name in enumerate(reversed(names)):
        lost = result.coverage.values[(result["name"].values == name) & (result.coverage.values < LEAST)]
        ax.annotate(", ".join(f"{value:.2f}" for value in lost), (LEAST, place), xytext=(6, 0), color=RED,
                    textcoords="offset points", va="center", fontsize=6)  # fmt: skip
    for row in range(1, len(names)):
        ax.axhline(row - 0.5, color="#E5E5E5", lw=0.4, zorder=0)
    ax.set_yticks(np.arange(len(names))[::-1], names)
    ax.tick_params(axis="y", length=0, pad=2)
    ax.set(xlim=(LEAST - 0.006, max(0.972, high + 0.004)), ylim=(-0.6, len(names) - 0.4))
    ax.set_xlabel("share of worlds whose interval holds the truth")
    ax.legend(loc="lower left", bbox_to_anchor=(0.0, 0.1), handletextpad=0.2)
    return ax
