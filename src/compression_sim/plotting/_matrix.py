"""The matrix: which class of models shows which claim, both scenarios in a cell."""

import numpy as np

from ._style import PAGE

FILLS = {"shows": "#0072B2", "does not show": "#FFFFFF", "not applicable": "#E3E3E3"}
FORBIDDEN = "#D55E00"


def matrix(result, figure) -> None:
    """One panel over the whole page."""
    cell_panel(result, figure.subplots())
    figure.set_size_inches(PAGE, 1.32 + 0.165 * result.sizes["claim"])
    figure.subplots_adjust(left=0.245, right=0.955, top=1 - 1.12 / figure.get_figheight(), bottom=0.085)


def cell_panel(result, ax):
    """Claims in rows, classes in columns, from the weakest; halves of a cell: midway (left) and near."""
    claims, models = result.claim.values, result.model.values
    for i, claim in enumerate(claims):
        for j, model in enumerate(models):
            for half, scenario in enumerate(result.scenario.values):
                one, x = result.sel(claim=claim, model=model, scenario=scenario), j + (half - 0.5) * 0.44
                colour = FILLS[one.verdict.item()]
                ax.bar(x, 0.8, 0.44, i - 0.4, color=colour, ec="#888888", lw=0.3)
                if one.theory.item().startswith("no-go"):
                    ax.plot(x, i, "x", color=FORBIDDEN, ms=3, mew=1)
    ax.set_xticks(np.arange(len(models)), models, rotation=58, ha="left", rotation_mode="anchor")
    ax.xaxis.tick_top()
    ax.set_yticks(np.arange(len(claims)), claims)
    ax.set_xlim(-0.55, len(models) - 0.45)
    ax.set_ylim(len(claims) - 0.4, -0.6)
    ax.tick_params(length=0)
    for side in ax.spines.values():
        side.set_visible(False)
    for name, colour in FILLS.items():
        ax.bar(np.nan, np.nan, color=colour, ec="#888888", lw=0.3, label=name)
    ax.plot([], [], "x", color=FORBIDDEN, ms=3, mew=1, label="forbidden by a no-go")
    title = "halves of a cell: " + ", ".join(str(scenario) for scenario in result.scenario.values)
    ax.legend(loc="upper center", ncols=5, bbox_to_anchor=(0.33, 0.0), handlelength=1.2, title=title)
    return ax
