"""Which parts of claims are proved, by which page, and what the proof rests on, down to the definitions."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from .._show.relations import in_words
from ._evidence import Evidence
from ._statements import derived_in, theorem_of


@dataclass(frozen=True)
class Proof:
    """A part of a claim and the page that proves it.

    `why`: why it does not ("" if it does). `given`: the hypotheses that the proof uses; `rests_on`: the parts
    of other pages that it quotes.
    """

    part: str
    says: str = ""
    page: str = ""
    given: tuple[str, ...] = ()
    rests_on: tuple[str, ...] = ()
    why: str = ""


def proof(part: str) -> Proof:
    """The proof of a part (CLAIM/NAME) of a listed claim."""
    return _proof(part, ())


@cache
def _proof(part: str, within: tuple[str, ...]) -> Proof:
    found = find(part)
    if found is None:
        return Proof(part, why="no page has a formal object for it")
    page, object_ = found
    why = page.unproved(object_) or _quotes(page, object_, (*within, part))
    given = tuple(map(in_words, page.stands_on(object_)))
    return Proof(part, in_words(object_.relation), page.title, given, page.quotes(object_), why)


def find(part: str):
    """(page, Part) of a part of a listed claim, or None."""
    from compression_theory import pages

    claim = part.partition("/")[0]
    for page in pages(claim, derived_in(claim)):
        for object_ in page.parts:
            if object_.id == part and page.role == "proof":
                return page, object_
    return None


def _quotes(page, object_, within, every=False) -> str:
    """What is wrong with the quotes of a proof: each is proved, says that, and its hypotheses are named."""
    from compression_theory.algebra import same
    from compression_theory.derivation import Given

    for given in page.given:
        if not isinstance(given, Given) or not given.part:
            continue
        if not every and given.part not in page.quotes(object_):
            continue
        if given.part in within:
            return f"it rests on itself: {' -> '.join((*within, given.part))}"
        try:
            found = find(given.part)
        except ValueError as error:  # no such claim
            return f"it quotes {given.part}: {error}"
        if found is None:
            return f"it quotes {given.part}, which no page proves"
        source, quoted = found
        if wrong := page.misquoted(given, source, quoted):
            return f"it quotes {given.part}: {wrong}"
        for hypothesis in quoted.given:
            needed = hypothesis.xreplace(dict(given.at))
            if not any(same(named, needed) for named in object_.given):
                return f"{given.part} needs {in_words(needed)}, which the part does not name"
        if why := _proof(given.part, within).why:
            return f"it rests on {given.part}: {why}"
    return ""


def certificates(part: str) -> tuple:
    """What z3 says of each step on the way to a part of a listed claim; () where it is not asked."""
    from compression_theory.smt import replay

    found = find(part)
    return replay(*found) if found else ()


def proofs(claim: str) -> Iterator[Evidence]:
    """The pages about a listed claim, with the parts that each proves, and what z3 proves of these parts."""
    from compression_theory import pages

    if not (found := pages(claim, derived_in(claim))):
        raise LookupError(f"compression_theory has no page about {claim}")
    for page in found:
        parts = [p.id for p in page.parts if p.claim == claim and not proof(p.id).why]
        yield Evidence.derivation(page, parts=parts)
        for part in parts:
            item = Evidence.certificate(page, part)
            if item.passed:  # what z3 leaves undecided stays with the other provers
                yield item
            if name := theorem_of(part):
                yield Evidence.theorem(part, name)
