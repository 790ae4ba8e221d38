"""The paper's printed values, read by the same estimators as our curves: claim -> effects of its models."""

import numpy as np

from ...results import paper_values
from .._lab import effects


def paper_effects() -> dict[str, dict[str, float]]:
    """Effects of the paper's own numbers by claim, then model, on the scale of ours; nan: a value is missing.

    Figures start at 200 negative samples (IMDb) or 0 (BeaverTails); the window is up to 1000. Values read off
    figures carry their reading error (0.02 and 0.2).
    """
    values = paper_values()
    figures = "fig-4-rebound", "fig-4-crossing", "fig-4-level", "fig-4-flat-start", "fig-5", "fig-6"
    found = {claim: {} for claim in figures}
    for model, amounts, curves, base in _figure_4(values["figure4"]):
        low, high = curves[0], curves[-1]
        found["fig-4-rebound"][model] = float(effects.faster(amounts, 1000)(low, high))
        if amounts[0] == 0:
            found["fig-4-flat-start"][model] = float(effects.flat_start(amounts, high))
        found["fig-4-crossing"][model] = float(effects.overtaken(low, high))
        found["fig-4-level"][model] = float(effects.near_base(amounts, 0.25)(high, np.asarray(base)))
    for claim, figure, pair in (("fig-5", "figure5", ("0.5B", "7B")), ("fig-6", "figure6", ("2.0T", "3.0T"))):
        low, high = (np.array(values[figure]["imdb"][name]) for name in pair)
        amounts = np.array(values[figure]["negative_imdb"], float)
        found[claim]["IMDb"] = float(effects.faster(amounts, 1000)(low, high))
    gaps = _table_1(values["table1"])
    found["table-1"] = {"mean": float(gaps.mean()), "share": float((gaps > 0).mean())}
    same = _same_target(values["table1"])
    found["table-1/same-target"] = {"mean": float(same.mean()), "share": float((same > 0).mean())}
    for claim, table, read in (
        ("table-3-kl", "table3a_kl_to_base", lambda row: row[-1] - row[0]),
        ("table-3-samples", "table3b_samples_to_return", lambda row: 1 - row[-1] / row[0]),
    ):
        found[claim] = {model: read(row) for model, row in values[table]["values"].items()}
    return found


def _figure_4(figure):
    imdb, beaver = figure["imdb"], figure["beavertails"]
    for model in ("Llama2-7B", "Gemma-2B"):
        amounts = np.array(imdb["negative"], float)
        yield f"IMDb {model}", amounts, np.array(imdb[model], float), imdb["pretrained"]
        one = beaver[model]
        curves = np.array(one["curves"], float)  # None becomes nan
        yield f"BeaverTails {model}", np.array(beaver["negative"], float), curves, one["pretrained"]


def _table_1(table):
    """Forward less inverse loss: (datasets * models, 3 pairs)."""
    rows = [pairs for models in table["values"].values() for pairs in models.values()]
    return np.diff(np.array(rows), axis=-1)[..., 0]


def _same_target(table):
    """Losses on D_2: forward of pair 2-1 (model 1) less inverse of 3-2 (model 3), (datasets * models,)."""
    rows = np.array([pairs for models in table["values"].values() for pairs in models.values()])
    return rows[:, 0, 1] - rows[:, 1, 0]
