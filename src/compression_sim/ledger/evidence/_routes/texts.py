"""Real text for evidence: the standard library's own source code, docstrings and language reference."""

from pathlib import Path

import numpy as np

from ....measure import standard_library
from ....mixtures import Mixture
from ....trees import TokenTree

SOURCES, DOCUMENTED, DEPTH = ("argparse",), ("_pydecimal",), 16


def text(size):
    """The first bytes of the reference text that comes with Python."""
    import pydoc_data.topics

    return Path(pydoc_data.topics.__file__).read_bytes()[:size]


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
