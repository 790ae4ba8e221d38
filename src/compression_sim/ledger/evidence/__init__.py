"""Evidence functions, one module per page; `@judges(id)` says which claim they bear on.

They call the public functions through their modules (`elasticity.elastic_response`), so that a break
in one of those, deliberate or not, reaches the verdict.
"""

from collections.abc import Iterator

from .._evidence import Evidence
from .._proofs import proofs
from .._statements import derived_in


def derived(claim: str) -> Iterator[Evidence]:
    """An item for each page of `compression_theory` about the claim, and for what z3 proves of its parts."""
    return proofs(claim)


def needs(claim: str) -> str:
    """The condition that the first of those pages states."""
    from compression_theory import pages  # loads SymPy, which not every claim needs

    return pages(claim, derived_in(claim))[0].condition
