"""Claims, and the decorators that turn a function into one or attach it to one."""

import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

import numpy as np

from .._validation import choice, integer
from ._evidence import Evidence
from ._statements import page_of

LEVELS = ("quick", "standard", "full")


@dataclass(frozen=True)
class Run:
    """What an evidence function may know of the run that it is part of."""

    claim: str
    level: str = "standard"
    seed: int = 0

    def __post_init__(self):
        choice(self.level, "level", LEVELS)
        integer(self.seed, "seed", 0)

    @property
    def rng(self) -> np.random.Generator:
        """A fresh generator: the same numbers for the same claim and seed, whatever else runs."""
        return np.random.default_rng([self.seed, zlib.crc32(self.claim.encode())])

    def size(self, quick: int, standard: int, full: int) -> int:
        """How many cases to try at this level."""
        return {"quick": quick, "standard": standard, "full": full}[self.level]


EvidenceFunction = Callable[[Run], Iterable[Evidence]]


@dataclass(frozen=True)
class Claim:
    """A statement, where it is from, and the functions that compute evidence for or against it."""

    id: str
    statement: str
    source: str
    functions: tuple[EvidenceFunction, ...] = ()
    parts: Mapping[str, str] = field(default_factory=dict, hash=False)  # {CLAIM/NAME: what it says}
    declared: bool = False  # by a user: nobody checked that the parts say what the statement says


_collected: ContextVar[list[Claim] | None] = ContextVar("collected", default=None)


@contextmanager
def collecting() -> Iterator[list[Claim]]:
    """A list that fills with the claims made inside the block, those whose name is bound again included."""
    token = _collected.set([])
    try:
        yield _collected.get()
    finally:
        _collected.reset(token)


def claim(
    id: str,  # noqa: A002
    *,
    statement: str,
    source: str = "",
    parts: Mapping[str, str] | None = None,
) -> Callable[[EvidenceFunction], Claim]:
    """Turn a function that yields `Evidence` into a claim of one's own.

    `parts`: {name: what it says}, where a derivation of one's own has a `Part` "ID/name" for each: the
    verdict then prints what was derived, from what and by which prover. It stays `holds`: that the relation
    derived says what the statement says is declared, not checked. `cs.verify([my_claim])` and
    `compression-sim verify --file my_claims.py` judge a claim by the rules of the paper's:

        @cs.claim("my-ratio", statement="At l = 0 the ratio is -k.")
        def my_ratio(run):
            mix = cs.Mixture(run.rng.dirichlet([1, 1, 1, 1], 3), [100, 1, 0])
            ratio = cs.elasticity_ratio(mix, alignment=1, pretraining=0, perturbation=2)
            yield cs.Evidence.equal("closed-form", ratio, -100, rtol=1e-9, detail="one random mixture")
    """
    if not isinstance(id, str) or not id or any(c.isspace() for c in id):
        raise ValueError(f"a claim's id must be a word without spaces, got {id!r}")

    def decorate(function: EvidenceFunction) -> Claim:
        named = {f"{id}/{name}": sentence for name, sentence in (parts or {}).items()}
        made = Claim(id, statement, source, (function,), named, declared=True)
        if (collected := _collected.get()) is not None:
            collected.append(made)
        return made

    return decorate


@dataclass(frozen=True)
class Judge:
    """A function that computes evidence for one of the listed claims."""

    claim: str
    function: EvidenceFunction


def judges(claim: str) -> Callable[[EvidenceFunction], Judge]:
    """Attach a function's evidence to the listed claim of that id (our own modules use this).

    Raises ValueError for an unknown id, and in a module that is not the claim's page: it would not be found.
    """
    page = page_of(claim)

    def attach(function: EvidenceFunction) -> Judge:
        if function.__module__.rpartition(".")[2] != page:
            raise ValueError(f"{function.__module__} judges {claim!r}, whose evidence belongs in {page}.py")
        return Judge(claim, function)

    return attach
