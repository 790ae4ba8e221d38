"""k_eff of retrained models against k: Thm. 4.2 on every class of models, and revealed preference's bound."""

import numpy as np

from ._style import PAGE, looks


def k_ratio(result, figure) -> None:
    """Left: k_eff against k, the excluded region shaded. Right: the factor over k, with intervals."""
    left, right = figure.subplots(1, 2, width_ratios=(1, 1.25))
    scale_panel(result, left)
    ratio_panel(result, right)
    volume = result.k_eff.attrs["volume"]
    left.set_title("a   joint training follows k", loc="left", weight="bold")
    right.set_title(rf"b   the factor over k, at $l={volume:g}$", loc="left", weight="bold")
    handles, labels = right.get_legend_handles_labels()
    figure.legend(handles, labels, loc="lower center", ncols=5, bbox_to_anchor=(0.5, -0.01))
    figure.set_size_inches(PAGE, 3.1)
    figure.subplots_adjust(left=0.07, right=0.985, top=0.91, bottom=0.29, wspace=0.2)


def scale_panel(result, ax):
    """k_eff against k on logarithmic axes, every class; below the line is what cannot be."""
    ks = result.k.values
    ax.loglog(ks, ks, color="black", lw=0.6)
    ax.fill_between(ks, ks[0] / 2, ks, color="#999999", alpha=0.2, lw=0)
    for model, (colour, marker) in looks(result.model.values).items():
        one = result.sel(model=model)
        ax.loglog(ks, one.k_eff, marker, color=colour, ms=4, mfc="none", mew=0.8)
    ax.set_ylim(ks[0] / 2, ks[-1] * 4)
    ax.text(
        0.96, 0.1, "excluded by\nrevealed preference", transform=ax.transAxes, ha="right", color="#444444"
    )
    ax.set_xlabel(r"$k$: pre-training volume (alignment volumes)")
    ax.set_ylabel(r"$k_\mathrm{eff}=-\Delta L_a/\Delta L_p$")
    return ax


def ratio_panel(result, ax):
    """k_eff/k with its interval, classes side by side at each k; what is masked or unbounded is left out."""
    ks, names = result.k.values, result.model.values
    spread = np.linspace(-0.32, 0.32, len(names)) * np.log10(ks[1] / ks[0] if len(ks) > 1 else 10)
    for (name, (colour, marker)), shift in zip(looks(names).items(), spread, strict=True):
        one, at = result.sel(model=name), ks * 10**shift
        middle, low, high = (one[key].values / ks for key in ("k_eff", "k_eff_low", "k_eff_high"))
        ax.vlines(at, low, high, color=colour, lw=1)
        ax.plot(at, middle, marker, color=colour, ms=3.5, mfc="white", mew=0.9, label=name)
    ax.set_xscale("log")
    ax.axhline(1, color="black", lw=0.6)
    bottom = 1 - 0.12 * (ax.get_ylim()[1] - 1)
    ax.axhspan(bottom, 1, color="#999999", alpha=0.2, lw=0)
    ax.set_ylim(bottom=bottom)
    ax.set_xlabel(r"$k$")
    ax.set_ylabel(r"$k_\mathrm{eff}/k$ (median, 95%)")
    return ax
