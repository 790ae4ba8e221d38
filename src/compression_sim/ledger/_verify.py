"""Judge claims: run their evidence, derive their verdicts, and keep what was finished."""

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version

from .._validation import choice
from ._claims import Claim, Run
from ._evidence import Evidence, judge


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
            "evidence": [asdict(item) for item in self.evidence],
        }


@dataclass(frozen=True)
class Ledger:
    """The judged claims of one run. `ledger["exact-ratio"].verdict` reads one of them."""

    claims: tuple[Judged, ...]
    level: str
    seed: int
    versions: dict[str, str]
    seconds: float
    complete: bool = True

    def __getitem__(self, id: str) -> Judged:  # noqa: A002
        return self.claims[
            [c.id for c in self.claims].index(choice(id, "claim", [c.id for c in self.claims]))
        ]

    def __iter__(self):
        return iter(self.claims)

    def __len__(self) -> int:
        return len(self.claims)

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
            "claims": [judged.to_dict() for judged in self.claims],
        }


PACKAGES = ("compression-sim", "jax", "jaxlib", "numpy", "python-flint", "scipy", "sympy")


def versions() -> dict[str, str]:
    """Versions of Python and of the packages that a number may depend on."""
    import platform

    return {"python": platform.python_version(), **{name: version(name) for name in PACKAGES}}


def judge_claim(claim: Claim, level: str = "standard", seed: int = 0) -> Judged:
    """Run one claim's evidence. A function that raises leaves an item that says so, and the claim open."""
    run, items, start = Run(claim.id, level, seed), [], time.perf_counter()
    for function in claim.functions:
        try:
            items.extend(function(run))
        except Exception as error:  # one broken check must not hide the others
            name = getattr(function, "__name__", "the evidence function")
            detail = f"{name} could not run: {type(error).__name__}: {error}"
            items.append(Evidence("not-run", False, None, None, 0.0, detail))
    return Judged(claim, tuple(items), time.perf_counter() - start)


def verify(
    ids: Sequence[str | Claim] | None = None,
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
    from ._listed import listed_claims

    if isinstance(ids, str | Claim):
        ids = [ids]
    listed = listed_claims()
    chosen = (
        list(listed.values())
        if ids is None
        else [item if isinstance(item, Claim) else listed[choice(item, "claim", listed)] for item in ids]
    )
    Run("", level, seed)  # refuses a bad level or seed before any work
    start, judged = time.perf_counter(), []
    try:
        for index, claim in enumerate(chosen):
            if progress is not None:
                progress(claim, index, len(chosen))
            judged.append(judge_claim(claim, level, seed))
    except KeyboardInterrupt:
        pass
    return Ledger(
        tuple(judged), level, seed, versions(), time.perf_counter() - start, len(judged) == len(chosen)
    )
