"""Fig. 4 on toy models: curves by alignment volume, of classes with and without its claims."""

from itertools import cycle

import numpy as np

from ._style import PAGE

SHOWN = ("saturated", "tabular-softmax", "shared-gain", "transformer")
SHADES = ("#9ECAE1", "#56A0D3", "#1F6FB2", "#08306B")  # more alignment is darker
DASHES = ((0, (1, 1)), (0, (4, 1.2)), (0, (6, 1, 1, 1)), "-")


def rebound(result, figure) -> None:
    """Scenarios in rows, classes in columns: those of SHOWN, or all where one of these is not there."""
    scenarios, models = result.scenario.values, result.model.values
    shown = SHOWN if set(SHOWN) <= set(models) else models
    panels = figure.subplots(len(scenarios), len(shown), sharex=True, sharey=True, squeeze=False)
    for row, scenario in zip(panels, scenarios, strict=True):
        for model, ax in zip(shown, row, strict=True):
            curve_panel(result.sel(scenario=scenario, model=model), ax)
        row[0].set_ylabel(f"{scenario}\nmean valence")
    for model, ax in zip(shown, panels[0], strict=True):
        ax.set_title(model, loc="left", weight="bold")
    for ax in panels[-1]:
        ax.set_xlabel("volume of negative data")
    handles, labels = panels[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="lower center", ncols=len(labels), bbox_to_anchor=(0.5, -0.01))
    figure.set_size_inches(PAGE, 3.5)
    figure.subplots_adjust(left=0.085, right=0.985, top=0.94, bottom=0.19, wspace=0.08, hspace=0.1)


def curve_panel(result, ax):
    """Score over negative data by volume of alignment, mean with its 95% interval; the base dotted."""
    amount = result.amount.values
    volumes = result.alignment.values
    for volume, colour, dash in zip(volumes, _shades(len(volumes)), cycle(DASHES), strict=False):
        one = result.sel(alignment=volume)
        ax.fill_between(amount, one.curve_low, one.curve_high, color=colour, alpha=0.25, lw=0)
        ax.plot(amount, one.curve, color=colour, ls=dash, label=f"alignment {volume:g}")
    ax.axhline(float(result.base_score.mean()), color="black", lw=0.7, ls=(0, (1, 2)), label="base")
    ax.set_ylim(0, 1)
    return ax


def _shades(n: int) -> list:
    """As many shades of blue, from light to dark."""
    import matplotlib

    if n <= len(SHADES):
        return list(SHADES[:n])
    return list(matplotlib.colormaps["Blues"](np.linspace(0.35, 1, n)))
