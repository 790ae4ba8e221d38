"""Judge claims: run their evidence, derive their verdicts, and keep what was finished."""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from .._provenance import versions
from .._show.console import Shown
from .._show.jsonable import NOT_A_NUMBER, jsonable
from .._validation import choice
from ._claims import Claim, Run
from ._evidence import Evidence, judge
from ._registry import choose
from ._table import LedgerTable, summary


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
        return judge(self.evidence)[0]

    @property
    def conditions(self) -> tuple[str, ...]:
        """What the statement needs in order to hold, as the evidence shows."""
        return judge(self.evidence)[1]

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
            "seconds": round(self.seconds, 3),
            "evidence": [
                {name: jsonable(value, NOT_A_NUMBER) for name, value in vars(item).items()}
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


PACKAGES = ("jax", "jaxlib", "numpy", "python-flint", "scipy", "sympy")


def judge_claim(claim: Claim, level: str = "standard", seed: int = 0) -> Judged:
    """Run one claim's evidence. A function that raises leaves an item that says so, and the claim open."""
    run, items, start = Run(claim.id, level, seed), [], time.perf_counter()
    for function in claim.functions:
        try:
            for item in function(run):
                if not isinstance(item, Evidence):
                    raise TypeError(f"it yielded {item!r}, which is not a cs.Evidence")
                items.append(item)
        except (Exception, SystemExit) as error:  # one broken check must not hide the others
            name = getattr(function, "__name__", "the evidence function")
            detail = f"{name} could not run: {type(error).__name__}: {error}"
            items.append(Evidence("not-run", False, None, None, 0.0, detail))
    return Judged(claim, tuple(items), time.perf_counter() - start)


def verify(
    ids: Sequence[str | Claim] | str | Claim | None = None,
    level: str = "standard",
    seed: int = 0,
    *,
    progress: Callable[[Claim, int, int], None] | None = None,
) -> Ledger:
    """Judge claims and return the ledger.

    `ids`: claims of the ledger by id, claims of one's own made with `cs.claim`, or None for the whole
    ledger. `level`: quick, standard or full (how many cases are tried). `progress(claim, i, n)` is called
    before each claim. Raises ValueError for an unknown id, with the nearest one, and for a bad level or seed.
    An interrupt ends the run and keeps what was judged: the ledger's `complete` is then False.
    """
    Run("", level, seed)  # refuses a bad level or seed before any work
    if not isinstance(ids, str | Claim | Iterable | None):
        raise ValueError(f"ids must be ids of claims, claims made with cs.claim, or None, got {ids!r}")
    asked = [ids] if isinstance(ids, str | Claim) else ids
    chosen = choose([]) if asked is None else [c if isinstance(c, Claim) else choose([c])[0] for c in asked]
    start, judged = time.perf_counter(), []
    try:
        for index, claim in enumerate(chosen):
            if progress is not None:
                progress(claim, index, len(chosen))
            judged.append(judge_claim(claim, level, seed))
    except KeyboardInterrupt:
        pass
    return Ledger(tuple(judged), level, seed, versions(*PACKAGES), time.perf_counter() - start, len(chosen))
