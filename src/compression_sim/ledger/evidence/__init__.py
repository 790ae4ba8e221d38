"""Evidence functions, one module per part of the argument; `@judges(id)` says which claim they bear on.

They call the public functions through their modules (`elasticity.elastic_response`), so that a break
in one of those, deliberate or not, reaches the verdict.
"""

from collections.abc import Iterator

from .._evidence import Evidence


def derived(claim: str) -> Iterator[Evidence]:
    """One symbolic item for each page of `compression_theory` about the claim (at least one)."""
    from compression_theory import pages

    found = pages(claim)
    if not found:
        raise LookupError(f"compression_theory has no page about {claim}")
    yield from map(Evidence.derivation, found)
