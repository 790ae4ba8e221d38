"""The judged claims, and the table that shows them.

Verdicts are words, the colours only repeat them. rich is imported when a table is asked for.
"""

import shlex
from collections import Counter
from dataclasses import dataclass

from .._show.console import Shown
from .._show.jsonable import NOT_A_NUMBER, jsonable
from .._show.numbers import shown_value
from .._validation import choice
from ._claims import Claim
from ._evidence import Covered, Evidence, coverage, judge

WIDE, WIDEST = 100, 140  # columns
SHOWN = 2  # counterexamples per claim, where not every item is asked for
QUOTED = {"counterexample": "counterexample", "boundary": "fails outside", "measurement": "measured"}
DECLARED = "what was derived says what the statement says, which its author declares"
UNSHOWN = ("numbers", "prover")  # fields of evidence that say nothing to a reader
COLOURS = {"proved": "green", "holds": "green", "refuted": "red", "measured": "cyan", "open": "yellow"}


@dataclass(frozen=True)
class Judged:
    """A claim with its evidence and the verdict that follows."""

    claim: Claim
    evidence: tuple[Evidence, ...]
    seconds: float

    @property
    def id(self) -> str:
        """The claim's id."""
        return self.claim.id

    @property
    def verdict(self) -> str:
        """proved, holds, refuted, measured or open: a function of the evidence."""
        return self._judged[0]

    @property
    def conditions(self) -> tuple[str, ...]:
        """What the statement needs in order to hold, as the evidence shows."""
        return self._judged[1]

    @property
    def _judged(self):
        verdict, conditions = judge(self.evidence, self.claim.parts)
        if verdict == "proved" and self.claim.declared:
            return "holds", (DECLARED,)
        return verdict, conditions

    @property
    def parts(self) -> dict[str, Covered]:
        """What stands behind each part of the claim."""
        return dict(coverage(self.evidence, self.claim.parts))

    @property
    def failed(self) -> tuple[Evidence, ...]:
        """The items that did not come out as expected."""
        return tuple(item for item in self.evidence if not item.passed)

    def to_dict(self) -> dict:
        """As in `verify --json`."""
        return {
            "id": self.id,
            "statement": self.claim.statement,
            "source": self.claim.source,
            "verdict": self.verdict,
            "conditions": list(self.conditions),
            "parts": [
                {
                    "id": part,
                    "says": self.claim.parts[part],
                    "provers": list(covered.provers),
                    "routes": list(covered.routes),
                    "left": covered.left,
                }
                for part, covered in self.parts.items()
            ],
            "seconds": round(self.seconds, 3),
            "evidence": [
                {k: jsonable(value, NOT_A_NUMBER) for k, value in vars(item).items() if k not in UNSHOWN}
                for item in self.evidence
            ],
        }


@dataclass(frozen=True)
class Ledger(Shown):
    """The judged claims of one run. `ledger["exact-ratio"].verdict` reads one of them."""

    claims: tuple[Judged, ...]
    level: str
    seed: int
    versions: dict[str, str]
    seconds: float
    asked: int  # how many claims the run was to judge

    def __getitem__(self, id: str) -> Judged:  # noqa: A002
        judged = {claim.id: claim for claim in self.claims}
        return judged[choice(id, "claim", judged)]

    def __repr__(self) -> str:
        return f"<Ledger: {summary(self)}>"

    def __rich__(self):
        return LedgerTable(self)

    def __iter__(self):
        return iter(self.claims)

    def __len__(self) -> int:
        return len(self.claims)

    @property
    def complete(self) -> bool:
        """Whether every claim asked for was judged; an interrupt leaves the others out."""
        return len(self.claims) == self.asked

    @property
    def passed(self) -> bool:
        """Whether every item of evidence came out as its verdict needs (open claims do not count)."""
        return not any(judged.failed for judged in self.claims)

    def to_dict(self) -> dict:
        """The object that `verify --json` prints."""
        return {
            "seed": self.seed,
            "versions": self.versions,
            "level": self.level,
            "seconds": round(self.seconds, 3),
            "complete": self.complete,
            "claims": [judged.to_dict() for judged in self.claims],
        }


def summary(ledger) -> str:
    """`44 claims: 3 proved, 41 open; 9 items of evidence, all as expected; 1.2 s; level quick, seed 0`."""
    counts = Counter(judged.verdict for judged in ledger)
    verdicts = ", ".join(f"{counts[name]} {name}" for name in COLOURS if counts[name])
    items = sum(len(judged.evidence) for judged in ledger)
    failed = sum(len(judged.failed) for judged in ledger)
    outcome = f", {failed} NOT as expected" if failed else ", all as expected" if items else ""
    parts = [
        f"{len(ledger)} claim{'s' * (len(ledger) != 1)}" + (f": {verdicts}" if verdicts else ""),
        f"{items} item{'s' * (items != 1)} of evidence{outcome}",
        f"{ledger.seconds:.1f} s",
        f"level {ledger.level}, seed {ledger.seed}",
    ]
    if not ledger.complete:
        parts.append(f"INTERRUPTED: {ledger.asked - len(ledger)} of {ledger.asked} claims were not judged")
    return "; ".join(parts)


@dataclass(frozen=True)
class LedgerTable:
    """A rich renderable: one row per claim, then the totals.

    `details`: every item of evidence, not only those that failed. `file`: where one's own claims came from,
    for the command that reproduces a row. Where there is little room, the verdict stands under the id.
    """

    ledger: Ledger
    details: bool = False
    file: str | None = None

    def __rich_console__(self, console, options):
        from rich.box import HORIZONTALS
        from rich.constrain import Constrain
        from rich.table import Table
        from rich.text import Text

        narrow = options.max_width < WIDE
        table = Table(box=HORIZONTALS, show_lines=True, highlight=False, width=min(options.max_width, WIDEST))
        table.add_column("claim", no_wrap=True)
        if not narrow:
            table.add_column("verdict", no_wrap=True)
        table.add_column("what was found", ratio=1)
        for judged in self.ledger:
            place = judged.claim.source.split(", ")[-1]
            time = f"{judged.seconds:.2f} s" if judged.evidence else ""
            head, verdict = Text(judged.id, "bold"), _verdict(judged)
            if narrow:
                about = Text("\n").join([head, verdict, Text(", ".join(filter(None, (place, time))), "dim")])
                columns = [about]
            else:
                columns = [
                    Text.assemble(head, (f"\n{place}", "dim")),
                    Text.assemble(verdict, (f"\n{time}", "dim")),
                ]
            table.add_row(*columns, self._found(judged))
        yield table
        good = self.ledger.passed and self.ledger.complete
        yield Text(summary(self.ledger), "bold" if good else "bold red")
        versions = ", ".join(f"{name} {version}" for name, version in self.ledger.versions.items())
        yield Constrain(Text(versions, "dim"), WIDEST)

    def _found(self, judged):
        """The statement, what its verdict rests on, and how to rerun it."""
        from rich.console import Group
        from rich.table import Table
        from rich.text import Text

        lines = [Text(judged.claim.statement)]
        if judged.conditions:
            word = "note" if judged.verdict == "measured" else "holds where"
            lines.append(Text.assemble((f"{word}: ", "bold"), "; ".join(judged.conditions)))
        for part, covered in judged.parts.items() if self.details and not judged.failed else ():
            name, by = part.partition("/")[2], ", ".join((*covered.provers, *covered.routes))
            word = "left" if covered.left else "proved"
            lines.append(Text.assemble((f"{word}: {name}: ", "bold"), judged.claim.parts[part]))
            lines.append(Text(f"  {covered.left}" if covered.left else f"  by {by}", "dim"))
        if not self.details and not judged.failed:
            pages_first = sorted(judged.evidence, key=lambda item: item.route != "symbolic")
            for role, label in QUOTED.items():
                found = [item.detail for item in pages_first if item.role == role]
                lines += [Text.assemble((f"{label}: ", "bold"), detail) for detail in found[:SHOWN]]
                if len(found) > SHOWN:
                    lines.append(Text(f"and {len(found) - SHOWN} more: --details", "dim"))
        items = Table.grid(padding=(0, 1, 0, 0))
        for item in judged.evidence if self.details else judged.failed:
            items.add_row(Text("ok", "green") if item.passed else Text("FAIL", "bold red"), Text(_item(item)))
        if items.row_count:
            lines.append(items)
        elif judged.evidence:
            routes = Counter(item.route for item in judged.evidence)
            lines.append(Text("evidence: " + ", ".join(f"{n} {route}" for route, n in routes.items()), "dim"))
        else:
            lines.append(Text("no evidence yet", "dim"))
        if judged.evidence:
            lines.append(Text(f"$ {reproduce(judged.id, self.ledger, self.file)}", "dim"))
        return Group(*lines)


def _verdict(judged):
    from rich.text import Text

    return Text("FAILED", "bold red") if judged.failed else Text(judged.verdict, COLOURS[judged.verdict])


def _item(item) -> str:
    """`symbolic proof: what was done [value = expected ± tolerance]`."""
    if item.route == "not-run":
        return item.detail
    what = f"{item.route}{f' {item.role}' if item.role != 'instance' else ''}: {item.detail}"
    if item.passed and not isinstance(item.value, float):
        return what  # a truth value, or a count that the detail states
    value, expected = shown_value(item.value), shown_value(item.expected)
    bound = isinstance(item.expected, str) and item.expected.startswith("<=")
    relation = ", expected " if not item.passed else " " if bound else " = "
    return f"{what} [{value}{relation}{expected}{f' ± {item.tolerance:.2g}' if item.tolerance else ''}]"


def reproduce(claim: str, ledger, file: str | None = None) -> str:
    """The command that recomputes one row."""
    options = [
        f" --file {shlex.quote(file)}" if file else "",
        f" --level {ledger.level}" if ledger.level != "standard" else "",
        f" --seed {ledger.seed}" if ledger.seed else "",
    ]
    return f"compression-sim verify {claim}{''.join(options)}"
