"""The elastic response of real text over the perturbation's volume: README's figure."""

from ._style import COLOURS, LINES, NAMES, PAGE

HEADS = {"reversed": "signs reversed", "as the paper": "signs as in the paper", "undecided": "undecided"}


def real_text(result, figure) -> None:
    """Both panels: texts whose signs are reversed, and texts whose signs are as printed."""
    panels = figure.subplots(1, 2)
    for letter, name, ax in zip("ab", result.panel.values, panels, strict=True):
        panel = result.sel(panel=name)
        response_panel(panel, ax)
        ax.set_title(f"{letter}   {HEADS[panel.verdict.item()]}", loc="left", pad=17, weight="bold")
        ax.text(0, 1.035, panel.title.item(), transform=ax.transAxes, va="bottom", color="#444444")
    panels[0].set_ylabel(r"force $n_i\,\mathrm{d}\gamma_i/\mathrm{d}l$  ($10^{-3}$ bits per token)")
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="lower center", ncols=3, bbox_to_anchor=(0.5, -0.01), handlelength=2.6)
    figure.set_size_inches(PAGE, 2.9)
    figure.subplots_adjust(left=0.07, right=0.985, top=0.85, bottom=0.225, wspace=0.2)


def response_panel(result, ax):
    """Forces n_i d rate_i / dl of each role over l with 95% bands; l*, where the pre-training force flips."""
    volume = result.volume.values
    for role in result.role.values:
        one, colour = result.sel(role=role), COLOURS[role]
        ax.fill_between(volume, 1e3 * one.force_low, 1e3 * one.force_high, color=colour, alpha=0.2, lw=0)
        ax.plot(volume, 1e3 * one.force, color=colour, ls=LINES[role], label=NAMES[role])
    ax.axhline(0, color="black", lw=0.6)
    _mark_flip(result, ax)
    ax.set_xlim(0, volume[-1])
    ax.locator_params(axis="x", nbins=5)
    ax.set_xlabel(r"perturbation volume $l$ (alignment volumes)")
    return ax


def _mark_flip(result, ax) -> None:
    """The volume l* with its interval, or a sentence where there is no flip to mark."""
    flip, low, high = (float(result[name]) for name in ("critical", "critical_low", "critical_high"))
    colour = COLOURS["pretraining"]
    if 0 < flip <= result.volume.values[-1]:
        ax.axvspan(low, high, color=colour, alpha=0.12, lw=0)
        ax.plot(flip, 0, "o", ms=4.5, mfc="white", mec=colour, mew=1.2, zorder=5)
        words, at, offset = rf"$l^*={flip:.2f}$  [{low:.2f}, {high:.2f}]", (flip, 0), (12, -9)
    else:
        start = 1e3 * float(result.force.sel(role="pretraining")[0])
        words = r"$l^*=0$: pre-training pays from the start" if flip == 0 else rf"$l^*={flip:.3g}$"
        at, offset = (0, start / 2), (6, 0)
    ax.annotate(words, at, xytext=offset, textcoords="offset points", va="center", color=colour)
