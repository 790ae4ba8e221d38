"""Hypothesis strategies for the objects of this package, for property tests of one's own.

    from hypothesis import given
    import compression_sim as cs
    from compression_sim import testing

    @given(testing.mixtures())
    def test_rate_is_at_least_the_entropy(mix):
        rates = cs.compression_rates(mix)
        assert (rates >= cs.entropy(mix.distributions) * (1 - 1e-12)).all()

The strategies gather at the awkward places: one dominating leaf, masses down to 1e-300, rows that nearly
agree, supports that share little or nothing, a first volume up to 1e9 and perturbations of 1e-300 or 0.
They need hypothesis.
"""

import numpy as np

from compression_sim._validation import choice, integer

try:
    from hypothesis import strategies as st
except ModuleNotFoundError as error:
    if error.name != "hypothesis":
        raise
    raise ModuleNotFoundError(
        "compression_sim.testing needs hypothesis, which is not installed: pip install hypothesis",
        name="hypothesis",
    ) from None

__all__ = [
    "disjoint_supports",
    "distributions",
    "heavy_tails",
    "mass_laws",
    "mixtures",
    "near_degenerate",
    "near_equal_rows",
    "token_trees",
    "volumes",
]

OVERLAPS = ("full", "partial", "disjoint", "nested", "any")


def _normalized(masses) -> np.ndarray:
    masses = np.asarray(masses, dtype=np.float64)
    return masses / masses.sum(axis=-1, keepdims=True)


def _uniform(draw, *shape) -> np.ndarray:
    """Numbers in [0, 1], multiples of 1/65535, drawn as one string of bytes, which is faster."""
    size = 2 * int(np.prod(shape))
    return np.frombuffer(draw(st.binary(min_size=size, max_size=size)), np.uint16).reshape(shape) / 65535.0


def _sizes(size, name: str, low: int, high: int):
    """A strategy for a size: `size` itself, or low..high if it is None."""
    return st.integers(low, high) if size is None else st.just(integer(size, name, 1))


@st.composite
def heavy_tails(draw, num_leaves=None) -> np.ndarray:
    """Distributions with Pareto masses, tail exponent 0.3 to 5: shape (num_leaves,), sums to 1."""
    n = draw(_sizes(num_leaves, "num_leaves", 1, 12))
    alpha = draw(st.floats(0.3, 5.0))
    return _normalized(np.maximum(_uniform(draw, n), 1e-9) ** (-1.0 / alpha))


def mass_laws():
    """Mass laws with a mean (`compression_sim.masses`), from heavy tails to a variance of 1e-8."""
    from compression_sim import masses

    return st.one_of(
        st.floats(0.01, 1e4).map(lambda excess: masses.Pareto(1 + excess)),
        st.floats(0.05, 0.95).map(masses.Zipf),
        st.floats(0.05, 1e8).map(masses.Gamma),
        st.floats(1e-4, 3.0).map(masses.LogNormal),
        st.floats(1e-4, 1.0).map(masses.Uniform),
    )


@st.composite
def near_degenerate(draw, num_leaves=None) -> np.ndarray:
    """Distributions with one dominating leaf, the others 1e-300 to 1e-2 of it: shape (num_leaves,)."""
    n = draw(_sizes(num_leaves, "num_leaves", 1, 12))
    masses = 10.0 ** (-2.0 - draw(st.sampled_from([1.0, 15.0, 298.0])) * _uniform(draw, n))
    masses[draw(st.integers(0, n - 1))] = 1.0
    return _normalized(masses)


@st.composite
def _plain(draw, num_leaves=None) -> np.ndarray:
    n = draw(_sizes(num_leaves, "num_leaves", 1, 12))
    return _normalized(0.01 + _uniform(draw, n))


@st.composite
def distributions(draw, num_leaves=None, zeros: bool = False) -> np.ndarray:
    """Leaf distributions, shape (num_leaves,), sums to 1: plain, heavy-tailed, near-degenerate or uniform.

    `num_leaves`: a fixed number of leaves, or None for 1 to 12. `zeros`: leaves without mass may occur.
    """
    n = draw(_sizes(num_leaves, "num_leaves", 1, 12))
    row = draw(
        st.one_of(_plain(n), heavy_tails(n), near_degenerate(n), st.just(np.full(n, 1.0 / n))),
    )
    if zeros:
        kept = _uniform(draw, n) < 0.5
        kept[draw(st.integers(0, n - 1))] = True
        row = _normalized(np.where(kept, row, 0.0)) if row[kept].sum() > 0 else row
    return row


@st.composite
def near_equal_rows(draw, num_datasets=None, num_leaves=None) -> np.ndarray:
    """Rows that agree up to a relative 1e-12 to 0.1: shape (num_datasets, num_leaves), each sums to 1."""
    m = draw(_sizes(num_datasets, "num_datasets", 2, 5))
    n = draw(_sizes(num_leaves, "num_leaves", 1, 12))
    gap = 10.0 ** draw(st.floats(-12.0, -1.0))
    return _normalized(draw(distributions(n)) * (1.0 + gap * (2.0 * _uniform(draw, m, n) - 1.0)))


@st.composite
def disjoint_supports(draw, num_datasets=None, leaves_each: int = 3) -> np.ndarray:
    """Rows no two of which share a leaf: shape (num_datasets, leaves), each sums to 1.

    `num_datasets`: fixed, or None for 2 to 5. Each row has 1 to `leaves_each` leaves of its own.
    """
    m = draw(_sizes(num_datasets, "num_datasets", 2, 5))
    integer(leaves_each, "leaves_each", 1)
    own = [draw(distributions(draw(st.integers(1, leaves_each)))) for _ in range(m)]
    rows = np.zeros((m, sum(map(len, own))))
    ends = np.cumsum([len(row) for row in own])
    for i, row in enumerate(own):
        rows[i, ends[i] - len(row) : ends[i]] = row
    return rows


@st.composite
def volumes(draw, num_datasets: int = 3, zeros: bool = True) -> np.ndarray:
    """Volumes in units of the second dataset's: shape (num_datasets,); roles p, a, ..., t.

    The first is 1 to 1e9, the second 1, those between 0.1 to 10, and the last, the perturbation, one of
    0 (if `zeros`), 1e-300, 1e-9, or 1e-6 to 10. A single dataset has the first only.
    """
    m = integer(num_datasets, "num_datasets", 1)
    first = 10.0 ** draw(st.floats(0.0, 9.0))
    between = 10.0 ** (2.0 * _uniform(draw, max(m - 3, 0)) - 1.0)
    small = st.sampled_from([0.0, 1e-300, 1e-9] if zeros else [1e-300, 1e-9])
    last = draw(st.one_of(small, st.floats(-6.0, 1.0).map(lambda e: 10.0**e)))
    return np.array([first, 1.0, *between, last] if m >= 3 else [first, last][:m])


@st.composite
def mixtures(draw, num_datasets=None, num_leaves=None, overlap: str = "any", zeros: bool = True):
    """Mixtures (`cs.Mixture`) of 3 to 6 datasets over 1 to 12 leaves unless told otherwise.

    `overlap`: "full" (every leaf has mass in every dataset, and rows may nearly agree), "partial" (some
    leaves have none), "disjoint" (no two datasets share a leaf; `num_leaves` is then ignored), "nested" (the
    first dataset's law is a blend of all laws, as Thm. 4.2 assumes) or "any".
    `zeros`: the last volume may be 0, so that a dataset may have mass where the joint has none.
    """
    import compression_sim as cs

    choice(overlap, "overlap", OVERLAPS)
    m = draw(_sizes(num_datasets, "num_datasets", 3, 6))
    kind = draw(st.sampled_from(OVERLAPS[:-1])) if overlap == "any" else overlap
    n = draw(_sizes(num_leaves, "num_leaves", 1, 12))
    if kind == "disjoint":
        rows = draw(disjoint_supports(m))
    elif kind == "full" and draw(st.booleans()):
        rows = draw(near_equal_rows(m, n))
    else:
        rows = np.array([draw(distributions(n, zeros=kind != "full")) for _ in range(m)])
    if kind == "nested":
        rows[0] = _normalized((0.05 + _uniform(draw, m)) @ rows)
    return cs.Mixture(rows, draw(volumes(m, zeros=zeros)))


@st.composite
def token_trees(draw, depth=None, max_responses: int = 6, max_tokens: int = 20):
    """Token trees (`cs.TokenTree`) of 1 to `max_responses` binary responses, the empty one included.

    `depth`: a fixed depth, or None for 1 to 8.
    """
    import compression_sim as cs

    d = draw(_sizes(depth, "depth", 1, 8))
    response = st.lists(st.integers(0, 1), max_size=integer(max_tokens, "max_tokens", 0))
    many = integer(max_responses, "max_responses", 1)
    responses = draw(st.lists(response, min_size=1, max_size=many))
    return cs.TokenTree.from_sequences([np.array(r, dtype=np.uint8) for r in responses], d)
