"""Look for a mixture on which a statement fails, and make it small."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from random import Random

import numpy as np

from .._validation import integer
from ..mixtures import Mixture

VOLUMES = (1, 2, 3, 10, 100, 1000, Fraction(1, 2), Fraction(1, 10), Fraction(1, 1000), 0)


@dataclass(frozen=True)
class Counterexample:
    """A mixture on which a statement fails, in exact numbers.

    `mixture`: the same in float64; `distributions`: (datasets, leaves) fractions; `volumes`: fractions;
    `tried`: mixtures looked at until it was found and made small.
    """

    mixture: Mixture
    distributions: tuple[tuple[Fraction, ...], ...]
    volumes: tuple[Fraction, ...]
    tried: int

    def __str__(self):
        rows = "; ".join(f"({', '.join(map(str, row))})" for row in self.distributions)
        return f"laws {rows} with volumes {', '.join(map(str, self.volumes))}"


@dataclass(frozen=True)
class Searched:
    """What a search saw: the counterexample, if any, and how many mixtures met the statement's hypotheses."""

    found: Counterexample | None
    tried: int
    met: int


def find_counterexample(
    holds: Callable[[Mixture], bool | None],
    *,
    datasets: int = 3,
    leaves: int = 4,
    tries: int = 2000,
    seed: int = 0,
) -> Counterexample | None:
    """A mixture on which `holds(mixture)` is False, the smallest that a search finds; None if there is none.

    `holds` returns True or False, or None where the mixture does not meet the statement's hypotheses (a
    ValueError counts as that). Mixtures of `datasets` laws over 2 to `leaves` leaves are tried: hostile
    corners first (equal laws, new leaves, one dominating leaf, volumes of 0 and of a hundred), then those
    that Hypothesis draws; what is found is shrunk to small fractions. Raises ValueError where no mixture met
    the hypotheses: then nothing was tested.
    """
    searched = search(holds, datasets=datasets, leaves=leaves, tries=tries, seed=seed)
    if not searched.met:
        raise ValueError(f"none of {searched.tried} mixtures meets the hypotheses: nothing was tested")
    return searched.found


def search(holds, *, datasets: int = 3, leaves: int = 4, tries: int = 2000, seed: int = 0) -> Searched:
    """As `find_counterexample`, with the counts."""
    from hypothesis import HealthCheck, Phase, find, settings
    from hypothesis import strategies as st
    from hypothesis.errors import NoSuchExample

    integer(datasets, "datasets", 1)
    integer(leaves, "leaves", 2)
    integer(tries, "tries", 1)
    counts = {"tried": 0, "met": 0}

    def fails(world) -> bool:
        made = _mixture(*world)
        if made is None:
            return False
        counts["tried"] += 1
        try:
            answer = holds(made)
        except ValueError:
            answer = None
        if answer is not None and not isinstance(answer, bool | np.bool_):
            raise ValueError(f"holds must return True, False or None, got {answer!r}")
        counts["met"] += answer is not None
        return answer is not None and not answer

    for world in _corners(datasets, leaves):
        if fails(world):
            break
    weight = st.integers(0, 10)
    worlds = st.integers(2, leaves).flatmap(
        lambda size: st.tuples(
            st.lists(st.lists(weight, min_size=size, max_size=size), min_size=datasets, max_size=datasets),
            st.lists(st.sampled_from(VOLUMES), min_size=datasets, max_size=datasets),
        )
    )
    quiet = settings(
        max_examples=tries,
        database=None,
        deadline=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    try:
        world = find(worlds, fails, settings=quiet, random=Random(seed))
    except NoSuchExample:
        world = next((w for w in _corners(datasets, leaves) if fails(w)), None)
    if world is None:
        return Searched(None, counts["tried"], counts["met"])
    laws, volumes = world
    exact = tuple(tuple(Fraction(w, sum(law)) for w in law) for law in laws)
    found = Counterexample(_mixture(laws, volumes), exact, tuple(map(Fraction, volumes)), counts["tried"])
    return Searched(found, counts["tried"], counts["met"])


def _mixture(laws, volumes) -> Mixture | None:
    """The mixture of laws given as weights; None where a law or the whole has no mass."""
    if not all(map(sum, laws)) or not sum(volumes):
        return None
    return Mixture(np.array([np.array(law) / sum(law) for law in laws]), np.array(volumes, float))


def _corners(datasets, leaves):
    """Worlds that statements forget: equal laws, new leaves, one dominating leaf, nothing in common."""
    first = [1] * leaves
    shapes = [
        first,
        [1] + [0] * (leaves - 1),
        [0] * (leaves - 1) + [1],
        [1] * (leaves - 1) + [0],
        [8] + [1] * (leaves - 1),
        [1] * (leaves - 1) + [8],
        list(range(1, leaves + 1)),
    ]
    for others in shapes:
        for last in shapes:
            for volume in (1, 100):
                laws = [first, *[others] * (datasets - 2), last][:datasets]
                for small in (0, Fraction(1, 10), 1):
                    yield laws, [volume, *[1] * (datasets - 2), small][:datasets]
