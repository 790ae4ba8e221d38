"""Where Thm. 4.2's signs hold: reversal over share and tail index, and how far in l, by share."""

from string import ascii_lowercase

import numpy as np

from ._style import COLUMN, PAGE

DESIGNS = {"dominated": ("#D55E00", "s", r"$1-2q,\,q,\,q$"), "equal": ("#0072B2", "o", "equal parts")}


def sign_map(result, figure) -> None:
    """One panel: the share of draws with both signs reversed."""
    reversal_panel(result, figure.subplots())
    figure.set_size_inches(COLUMN, 2.9)
    panel, bar = figure.axes
    panel.set_position([0.19, 0.14, 0.62, 0.77])
    bar.set_position([0.84, 0.14, 0.03, 0.77])


def reversal_panel(result, ax):
    """Share of draws reversed over (alpha, q), in cells; the line is the limit's critical share q*."""
    shares, alphas = result.share.values, result.alpha.values
    reversed_ = result.reversed.transpose("share", "alpha")
    image = ax.imshow(reversed_, origin="lower", aspect="auto", cmap="cividis", vmin=0, vmax=1)
    at = np.interp(result.critical_share, shares, np.arange(len(shares)), left=-0.5)
    ax.plot(np.arange(len(alphas)), at, color="white", lw=2.6)
    ax.plot(np.arange(len(alphas)), at, color="#D55E00", lw=1.4, marker="o", ms=2.5, label=r"limit's $q^*$")
    ax.set_xticks(range(len(alphas)), [f"{a:g}" for a in alphas])
    ax.set_yticks(range(len(shares)), [f"{q:g}" for q in shares])
    ax.set_ylim(-0.5, len(shares) - 0.5)
    ax.set_xlabel(r"tail index $\alpha$ of the Pareto masses")
    ax.set_ylabel(r"share $q$ of $D_2$ and of $D_3$ in $D_p$")
    ax.legend(loc="upper left", labelcolor="white")
    bar = ax.figure.colorbar(image, ax=ax, pad=0.02)
    bar.outline.set_linewidth(0.6)
    ax.set_title(f"share of {result.sizes['seed']} draws with both signs reversed", loc="left")
    return ax


def domain_map(result, figure) -> None:
    """A panel for each tail index."""
    alphas = result.alpha.values
    panels = figure.subplots(1, len(alphas), sharey=True, squeeze=False)[0]
    for letter, alpha, ax in zip(ascii_lowercase[: len(alphas)], alphas, panels, strict=True):
        range_panel(result.sel(alpha=alpha), ax)
        ax.set_title(rf"{letter}   $\alpha={alpha:g}$", loc="left", weight="bold")
    figure.axes[0].set_ylabel(r"$l^*$ (alignment volumes)")
    figure.axes[0].legend(loc="upper left")
    figure.set_size_inches(PAGE, 2.6)
    figure.subplots_adjust(left=0.07, right=0.985, top=0.91, bottom=0.16, wspace=0.08)


def range_panel(result, ax):
    """l*, up to where a perturbation lowers the pre-training rate, over D_3's share; 95% of the draws."""
    shares = 1 / result.parts.values
    order = np.argsort(shares)
    ax.plot(shares[order], result.equal_parts.values[order], color="black", lw=0.8, label=r"$q/(1-q)$")
    for shift, (design, (colour, marker, label)) in zip((0.985, 1.015), DESIGNS.items(), strict=True):
        one = result.sel(design=design)
        middle = one.critical.median("seed")
        errors = np.clip([middle - one.critical_low, one.critical_high - middle], 0, None)
        ax.errorbar(
            shares * shift, middle, errors, fmt=marker, ms=3.5, color=colour, mfc="white", lw=0.9, label=label
        )
    ax.set_xscale("log")
    ax.set_xticks(shares[order], [f"1/{parts}" for parts in result.parts.values[order]])
    ax.minorticks_off()
    ax.set_xlabel(r"share $q$ of $D_3$ in $D_p$")
    return ax
