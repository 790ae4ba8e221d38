"""The effects of any experiment with claims: a row of panels per claim, a column per scenario."""

import numpy as np

from ._style import PAGE, looks


def effects(result, figure) -> None:
    """Every claim, scenario and class that the result has."""
    claims, scenarios = result.claim.values, result.scenario.values
    panels = figure.subplots(len(claims), len(scenarios), squeeze=False, sharey=True)
    for row, claim in zip(panels, claims, strict=True):
        for ax, scenario in zip(row, scenarios, strict=True):
            effect_panel(result.sel(claim=claim, scenario=scenario), ax)
            ax.set_title(f"{claim}, {scenario}", loc="left")
    height = 0.5 + 0.17 * result.sizes["model"]
    figure.set_size_inches(PAGE, height * len(claims) + 0.2)
    inches = figure.get_figheight()
    figure.subplots_adjust(0.21, 0.3 / inches, 0.985, 1 - 0.25 / inches, wspace=0.08, hspace=0.45)


def effect_panel(result, ax):
    """Effects with their intervals, a class in each row; dots are thresholds, arrows infinite effects."""
    models = result.model.values
    effect, low, high = (result[name].values for name in ("effect", "effect_low", "effect_high"))
    finite = np.concatenate([values[np.isfinite(values)] for values in (effect, low, high)])
    left, right = (finite.min(), finite.max()) if finite.size else (-1.0, 1.0)
    room = 0.1 * (right - left) or 1.0
    ends = left - room, right + room
    for row, (name, (colour, marker)) in enumerate(looks(models).items()):
        if np.isnan(effect[row]):
            ax.text(0.5, row, "not applicable", transform=ax.get_yaxis_transform(), ha="center", va="center")
            continue
        bar, at = np.clip([low[row], high[row]], *ends), np.clip(effect[row], *ends)
        mark = marker if np.isfinite(effect[row]) else ">" if effect[row] > 0 else "<"
        ax.hlines(row, *bar, color=colour, lw=1)
        ax.plot(at, row, mark, color=colour, ms=4, mfc="white", mew=0.9, label=name)
    ax.plot(result.threshold.values, np.arange(len(models)), ".", color="black", ms=1.5)
    ax.set_yticks(np.arange(len(models)), models)
    ax.set_ylim(len(models) - 0.5, -0.5)
    return ax
