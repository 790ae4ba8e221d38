"""The ledger as one table for people; its verdicts are words, the colours only repeat them.

rich is imported when a table is asked for.
"""

import shlex
from collections import Counter
from numbers import Real

COLOURS = {"proved": "green", "holds": "green", "refuted": "red", "measured": "cyan", "open": "yellow"}


def shown(value) -> str:
    """A value as a person reads it: six significant digits, whole numbers whole."""
    if isinstance(value, bool) or not isinstance(value, Real):
        return str(value)
    return f"{value:,.0f}" if abs(value) < 1e6 and float(value).is_integer() else f"{value:.6g}"


def summary(ledger) -> str:
    """`44 claims: 3 proved, 41 open; 9 items of evidence, all as expected; 1.2 s; level quick, seed 0`."""
    counts = Counter(judged.verdict for judged in ledger)
    verdicts = ", ".join(f"{counts[name]} {name}" for name in COLOURS if counts[name])
    items = sum(len(judged.evidence) for judged in ledger)
    failed = sum(len(judged.failed) for judged in ledger)
    return "; ".join(
        [
            f"{len(ledger)} claim{'s' * (len(ledger) != 1)}" + (f": {verdicts}" if verdicts else ""),
            f"{items} item{'s' * (items != 1)} of evidence, "
            + (f"{failed} NOT as expected" if failed else "all as expected"),
            f"{ledger.seconds:.1f} s",
            f"level {ledger.level}, seed {ledger.seed}",
        ]
        + ([] if ledger.complete else [f"INTERRUPTED: {ledger.asked - len(ledger)} claims were not judged"])
    )


def ledger_table(ledger, *, details: bool = False, file: str | None = None):
    """A rich renderable: one row per claim, then the totals.

    `details`: every item of evidence, not only those that failed. `file`: where one's own claims came from,
    for the command that reproduces a row.
    """
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    table = Table(show_lines=True, expand=True, highlight=False)
    table.add_column("claim", no_wrap=True)
    table.add_column("verdict", no_wrap=True)
    table.add_column("what was found", ratio=1)
    for judged in ledger:
        word, style = ("FAILED", "bold red") if judged.failed else (judged.verdict, COLOURS[judged.verdict])
        table.add_row(
            Text.assemble((judged.id, "bold"), (f"\n{judged.claim.source.split(', ')[-1]}", "dim")),
            Text.assemble((word, style), (f"\n{judged.seconds:.2f} s" if judged.evidence else "", "dim")),
            Group(*_found(judged, details, reproduce(judged.id, ledger, file))),
        )
    bad = not (ledger.passed and ledger.complete)
    versions = ", ".join(f"{name} {version}" for name, version in ledger.versions.items())
    return Group(table, Text(summary(ledger), "bold red" if bad else "bold"), Text(versions, "dim"))


def _found(judged, details: bool, command: str):
    """The statement, what its verdict rests on, the items of evidence asked for, and how to rerun them."""
    from rich.table import Table
    from rich.text import Text

    yield Text(judged.claim.statement)
    if judged.conditions:
        word = "measured" if judged.verdict == "measured" else "holds"
        yield Text.assemble((f"{word} where: ", "bold"), "; ".join(judged.conditions))
    if judged.verdict == "refuted":
        yield from (
            Text.assemble(("counterexample: ", "bold"), item.detail)
            for item in judged.evidence
            if item.role == "counterexample"
        )
    items = Table.grid(padding=(0, 1, 0, 0))
    for item in judged.evidence if details else judged.failed:
        items.add_row(Text("ok", "green") if item.passed else Text("FAIL", "bold red"), Text(_item(item)))
    if items.row_count:
        yield items
    if not judged.evidence:
        yield Text("no evidence yet", "dim")
        return
    if not details:
        routes = Counter(item.route for item in judged.evidence)
        yield Text("evidence: " + ", ".join(f"{n} {route}" for route, n in routes.items()), "dim")
    yield Text(f"$ {command}", "dim")


def _item(item) -> str:
    if item.route == "not-run":
        return item.detail
    if item.value is True:
        return f"{item.route}: {item.detail}"
    tolerance = f" ± {item.tolerance:.2g}" if item.tolerance else ""
    return f"{item.route}: {item.detail}: {shown(item.value)} (expected {shown(item.expected)}{tolerance})"


def reproduce(claim: str, ledger, file: str | None = None) -> str:
    """The command that recomputes one row."""
    options = [
        f" --file {shlex.quote(file)}" if file else "",
        f" --level {ledger.level}" if ledger.level != "standard" else "",
        f" --seed {ledger.seed}" if ledger.seed else "",
    ]
    return f"compression-sim verify {claim}{''.join(options)}"


def as_text(ledger, width: int = 100) -> str:
    """The table as plain text."""
    import io

    from rich.console import Console

    out = io.StringIO()
    Console(file=out, width=width, color_system=None).print(ledger_table(ledger))
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines())


def as_html(ledger, width: int = 120) -> str:
    """The table as HTML, for a notebook."""
    import io

    from rich.console import Console

    console = Console(file=io.StringIO(), record=True, width=width)
    console.print(ledger_table(ledger))
    style = "white-space:pre;overflow-x:auto;line-height:normal;font-family:monospace"
    return console.export_html(code_format=f'<pre style="{style}">{{code}}</pre>', inline_styles=True)
