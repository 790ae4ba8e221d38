"""Evidence from real text: the standard library's own source code, docstrings and language reference."""

import numpy as np

from ... import elasticity
from ...measure import standard_library
from ...mixtures import Mixture
from ...trees import TokenTree
from .._claims import judges
from .._evidence import Evidence

SOURCES, DOCUMENTED, DEPTH = ("argparse",), ("_pydecimal",), 16
EQUAL_PARTS = "D_a and D_t come from parts of D_p of equal size"


def lines_of_kinds(rng) -> list[list[bytes]]:
    """Lines of code, docstrings and reference, shuffled."""
    texts = standard_library(sources=SOURCES, documented=DOCUMENTED)
    kinds = [text.data.splitlines() for text in texts]
    return [[lines[i] for i in rng.permutation(len(lines))] for lines in kinds]


def mixture(*parts: list[bytes]) -> Mixture:
    """Three lists of responses in their roles, volumes in chunks."""
    return Mixture.from_trees([TokenTree.from_bytes(b"\n".join(part) + b"\n", DEPTH) for part in parts])


def slopes(mix: Mixture, step: float = 1e-3) -> np.ndarray:
    """d rate_i / d volume[2] from the code lengths of every leaf when a little text is added and removed."""
    rates = []
    for sign in (1, -1):
        weights = mix.volumes * [1, 1, 1 + sign * step]
        joint = weights @ mix.distributions / weights.sum()
        rates.append(mix.distributions @ -np.log2(joint) / DEPTH)
    return (rates[0] - rates[1]) / (2 * step * mix.volumes[2])


@judges("elastic-response")
def response_of_real_text(run):
    """The closed form against code lengths that were counted."""
    mix = mixture(*lines_of_kinds(run.rng))
    yield Evidence.equal(
        "real-text",
        elasticity.elastic_response(mix, 2, DEPTH),
        slopes(mix),
        rtol=1e-5,
        detail=f"code, docstrings, reference; {len(mix.joint)} leaves: slopes of the code lengths",
    )


@judges("conservation-law")
def conservation_in_real_text(run):
    """Code lengths alone: no closed form takes part."""
    mix = mixture(*lines_of_kinds(run.rng))
    forces = mix.volumes * slopes(mix)
    yield Evidence.equal(
        "real-text",
        forces.sum() / np.abs(forces).max(),
        0,
        atol=1e-5,
        detail=f"code, docstrings, reference; {len(mix.joint)} leaves: sum of the forces / the largest",
    )


@judges("thm-4.2-sign-alignment")
def sign_in_real_text(run):
    """As printed where pre-training holds equal parts of all kinds; reversed where it holds code."""
    code, docs, reference = lines_of_kinds(run.rng)
    sizes = [np.cumsum([len(line) + 1 for line in kind]) for kind in (code, docs, reference)]
    ends = [int(np.searchsorted(size, 40_000)) for size in sizes]
    parts = code[: ends[0]] + docs[: ends[1]] + reference[: ends[2]]
    fresh = docs[ends[1] :], reference[ends[2] : ends[2] + 500]
    for pretraining, sign, role in ((parts, 1, "instance"), (code, -1, "boundary")):
        mix = mixture(pretraining, *fresh).with_volume(2, 0.0)
        slope = elasticity.elastic_response(mix, 2, DEPTH)[1] * mix.volumes[1]
        yield Evidence.at_most(
            "real-text",
            0,
            sign * slope,
            detail=f"pre-training on {'equal parts of all three' if sign > 0 else 'code'}, alignment with "
            f"docstrings, perturbation with the language reference: {slope:.2g} bits per token",
            role=role,
            condition=EQUAL_PARTS,
        )
