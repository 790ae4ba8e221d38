"""Judge claims: run their evidence, derive their verdicts, and keep what was finished."""

import time
from collections.abc import Callable, Iterable, Sequence

from .._provenance import versions
from .._show.errors import in_one_line
from ._claims import Claim, Run
from ._evidence import Evidence
from ._ledger import Judged, Ledger
from ._registry import choose

PACKAGES = ("jax", "jaxlib", "numpy", "python-flint", "scipy", "sympy", "z3-solver")


def judge_claim(claim: Claim, level: str = "standard", seed: int = 0) -> Judged:
    """Run one claim's evidence. A function that raises leaves an item that says so, and the claim open."""
    run, items, start = Run(claim.id, level, seed), [], time.perf_counter()
    for function in claim.functions:
        try:
            for item in function(run):
                if not isinstance(item, Evidence):
                    raise TypeError(f"it yielded {item!r}, which is not a cs.Evidence")
                items.append(item)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # one broken check must not hide the others
            name = getattr(function, "__name__", "the evidence function")
            detail = f"{name} could not run: {in_one_line(error)}"
            items.append(Evidence("not-run", False, None, None, 0.0, detail))
    return Judged(claim, tuple(items), time.perf_counter() - start)


def verify(
    ids: Sequence[str | Claim] | str | Claim | None = None,
    level: str = "standard",
    seed: int = 0,
    *,
    progress: Callable[[int, int, str], None] | None = None,
) -> Ledger:
    """Judge claims and return the ledger.

    `ids`: claims of the ledger by id, claims of one's own made with `cs.claim`, or None for the whole
    ledger. `level`: quick, standard or full (how many cases are tried). `progress(done, total, id)` is
    called before each claim. Raises ValueError for an unknown id, with the nearest one, and for a bad level
    or seed. An interrupt ends the run and keeps what was judged: the ledger's `complete` is then False.
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
                progress(index, len(chosen), claim.id)
            judged.append(judge_claim(claim, level, seed))
    except KeyboardInterrupt:
        pass
    return Ledger(tuple(judged), level, seed, versions(*PACKAGES), time.perf_counter() - start, len(chosen))
