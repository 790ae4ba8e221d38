"""A measurement as rich tables and sentences: it shows, and computes nothing."""

from functools import partial

import numpy as np

from .._show import numbers
from ._statistics import A, P

shown = partial(numbers.shown, digits=5)
NAMES = ("pre-training", "alignment", "perturbation")
ROWS = (
    ("rates", "rate at l = 0, bits per chunk / depth"),
    ("bits_per_token", "rate at l = 0, bits per binary token"),
    ("bits_per_byte", "rate at l = 0, bits per byte"),
    ("normalized_rates", "normalised rate (Def. 4.1)"),
    ("rates_after", "rate with the perturbation text added"),
    ("inner", "G(i, t)"),
    ("response", "elastic response, d rate / dl at l = 0"),
)
COLOURS = {"as the paper": "green", "reversed": "red", "undecided": "yellow"}


def tables(result):
    """A rich renderable of everything in a `Measurement`."""
    from rich.console import Group
    from rich.text import Text

    parts = [_sources(result), _estimates(result), _answers(result)]
    if result.prediction is not None:
        parts.append(_prediction(result))
    for head, lines in (
        ("by algebra", result.by_algebra),
        ("measured", result.measured),
        ("warning", result.warnings),
    ):
        style = "bold yellow" if head == "warning" else "bold"
        parts += [Text.assemble((f"{head}: ", style), line) for line in lines]
    return Group(*parts)


def with_interval(estimate, index=()) -> str:
    """`0.4840 [0.4835, 0.4844]`: the value and its 95% interval."""
    value = shown(estimate.value[index])
    if estimate.low is None or not np.isfinite(estimate.value[index]):
        return value
    return f"{value} {numbers.shown_interval(estimate.low[index], estimate.high[index], digits=5)}"


def _sources(result):
    from rich import box
    from rich.console import Group
    from rich.table import Table

    what = "Masses" if result.prediction is None else "Texts"
    table = Table(
        box=box.SIMPLE_HEAD, title=f"{what}, depth {result.depth}, seed {result.seed}", title_justify="left"
    )
    table.add_column("role", no_wrap=True)
    columns = dict.fromkeys(("responses", "tokens", "chunks", "leaves"), ",") | {"singleton_leaves": ".0%"}
    shown_here = {name: form for name, form in columns.items() if name in result.sources[0]}
    for name in shown_here:
        table.add_column(name if name != "singleton_leaves" else "occur once", justify="right")
    for name, source in zip(NAMES, result.sources, strict=True):
        table.add_row(name, *(format(source[row], form) for row, form in shown_here.items()))
    origins = (f"{name}: {source['source']}" for name, source in zip(NAMES, result.sources, strict=True))
    return Group(table, *origins, "")


def _estimates(result):
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, title="Rates and responses [95% interval]", title_justify="left")
    table.add_column("")
    for name in NAMES:
        table.add_column(name, justify="right")
    for key, label in ROWS:
        if key in result.estimates:
            estimate = result.estimates[key]
            cells = [with_interval(estimate, i).replace(" [", "\n[") for i in range(len(estimate.value))]
            table.add_row(label, *cells)
    return table


def _answers(result):
    from rich.table import Table
    from rich.text import Text

    grid = Table.grid(padding=(0, 2, 0, 0))
    found, sign = result.estimates, result.sign
    verdict = Text(sign.verdict, f"bold {COLOURS[sign.verdict]}")
    null = (
        ""
        if sign.null_interval is None
        else f", permutation null {numbers.shown_interval(*sign.null_interval, digits=5)}"
    )
    for label, value in (
        ("k: pre-training / alignment volume", with_interval(found["k"])),
        ("m0: mass on leaves that the joint lacks", with_interval(found["unseen"])),
        ("ratio of responses, a / p", shown(found["ratio"].value)),
        (
            "  on leaves that the joint has",
            f"{shown(found['ratio_seen'].value)} (-k: {shown(-found['k'].value)})",
        ),
        ("conservation, defect", shown(result.conservation)),
        ("l*, in alignment volumes", with_interval(found["critical"])),
        ("sign", Text.assemble(verdict, f": {sign.reason}")),
        ("", f"G(a, t) = {shown(sign.value)}{null}"),
    ):
        grid.add_row(label, value)
    return grid


def _prediction(result):
    from rich import box
    from rich.table import Table

    prediction = result.prediction
    splits = len(prediction.actual)
    table = Table(
        box=box.SIMPLE_HEAD,
        padding=(0, 0, 0, 1),
        title="Prediction: P_t from half of the perturbation, the other half added; "
        f"mean of {splits} splits, sd of actual - exact",
        title_justify="left",
    )
    for name in ("added l", "rate of", "first order", "exact in l", "actual", "sd", "sign\nmet"):
        table.add_column(name, justify="left" if name == "rate of" else "right", no_wrap=True)
    for part, amount in enumerate(prediction.amounts):
        for role in (P, A):
            table.add_row(
                f"{amount:.3g}" if role == P else "",
                NAMES[role],
                *(
                    f"{getattr(prediction, name)[:, part, role].mean():.4g}"
                    for name in ("first_order", "exact", "actual")
                ),
                f"{prediction.spread[part, role]:.2g}",
                f"{prediction.sign_agreement[part, role]:.0%}",
            )
    return table
