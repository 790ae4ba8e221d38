"""Every proved statement about mixtures as a predicate of the package's functions and an example.

The parameters' defaults state a law truly; `wrong` values make it false. Roles: dataset 0 is p, 1 is a, the
last is t.
"""

from types import SimpleNamespace

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st

import compression_sim as cs
from compression_sim import elasticity, testing

LN2 = np.log(2.0)
FUNCTIONS = (
    "compression_rates",
    "normalized_compression_rates",
    "inner_products",
    "elastic_response",
    "finite_response",
    "elasticity_ratio",
    "critical_perturbation",
    "hooke_forces",
    "rebound_curve",
    "entropy",
    "cross_entropy",
    "kl_divergence",
    "normalize",
)
API = SimpleNamespace(**{name: getattr(elasticity, name, None) or getattr(cs, name) for name in FUNCTIONS})
LAWS = {}


def law(strategy, **wrong):
    """Register a law over the examples of a strategy; `wrong`: parameters with which it is false."""

    def register(holds):
        LAWS[holds.__name__] = strategy, holds, wrong
        return holds

    return register


@st.composite
def tame(draw, overlap="any", datasets=None):
    """Any rows, but volumes of one order: what a difference of two rates resolves."""
    mix = draw(testing.mixtures(datasets, overlap=overlap, zeros=False))
    m = len(mix.volumes)
    return cs.Mixture(mix.distributions, draw(st.lists(st.floats(0.2, 5.0), min_size=m, max_size=m)))


def t_of(mix):
    return len(mix.volumes) - 1


def covered(mix):
    """The mixture without its perturbation, if it has all leaves of it; other examples are thrown away."""
    start = mix.with_volume(t_of(mix), 0.0)
    assume((start.joint[mix.distributions[-1] > 0] > 1e-290).all())
    return start


def sizes(mix):
    """(datasets,): size of the terms of G(i, t), sum_j n_j (P_i - P_j) expanded; rounding scales with it."""
    n, rows, total = mix.volumes, mix.distributions, mix.total_volume
    spread = (rows * (total - n)[:, None] + (n @ rows - n[:, None] * rows)) / total
    on = mix.joint > 1e-290
    assume(not (rows[:, ~on] > 0).any())
    return (spread[:, on] * (spread[-1, on] / mix.joint[on])).sum(axis=1)


def small(values, size, rtol=1e-11):
    return bool(np.all(np.abs(values) <= rtol * np.asarray(size)))


def same(values, others, rtol=1e-11):
    return np.allclose(values, others, rtol=rtol, atol=0.0, equal_nan=True)


def between(low, value, high):
    return bool(np.all((low <= value) & (value <= high)))


# ------------------------------------------------------------------------------------------- information


@law(testing.mixtures(), scale=1.01)
def rate_is_the_cross_entropy_with_the_joint(api, mix, scale=1.0):
    assume((mix.joint[(mix.distributions[mix.volumes > 0] > 0).any(axis=0)] > 1e-290).all())
    cost = -np.log2(np.where(mix.joint > 0, mix.joint, 1.0))
    direct = np.where((mix.distributions > 0) & (mix.joint == 0), np.inf, mix.distributions * cost).sum(
        axis=1
    )
    rates = scale * api.compression_rates(mix)
    return same(rates, api.cross_entropy(mix.distributions, mix.joint)) and np.allclose(
        rates, direct, rtol=1e-9, atol=1e-13
    )


@law(testing.mixtures(zeros=False), scale=1.01)
def mean_rate_is_the_entropy_of_the_joint(api, mix, scale=1.0):
    mean = mix.volumes @ api.compression_rates(mix) / mix.total_volume
    return same(scale * mean, api.entropy(mix.joint), 1e-10)


@law(testing.mixtures(zeros=False), most=0.0)
def rate_exceeds_the_entropy_by_the_divergence(api, mix, most=np.inf):
    assume((mix.joint[(mix.distributions > 0).any(axis=0)] > 1e-290).all())
    rates = api.compression_rates(mix)
    gap, slack = rates - api.entropy(mix.distributions), 1e-13 + 1e-12 * rates
    kl = api.kl_divergence(mix.distributions, mix.joint)
    return small(gap - kl, slack, 1.0) and between(0, kl, most + slack)


@law(st.tuples(testing.distributions(), st.sampled_from([1e-280, 1.0, 1e308])), power=1.1)
def normalized_rows_sum_to_one_in_the_given_proportions(api, example, power=1.0):
    row, unit = example
    weights = row**power * unit
    step = np.finfo(float).smallest_subnormal / unit  # what weights that small can tell apart
    return small(api.normalize(weights) - row, row + step / 1e-12 + 1e-300, 1e-12)


@law(testing.distributions(), most=0.99)
def entropy_is_at_most_the_log_of_the_leaves(api, p, most=1.0):
    return bool(0 <= api.entropy(p) <= most * np.log2(len(p)) + 1e-12)


@law(testing.mixtures(), positive_only=False)
def normalized_rate_compares_with_the_uniform_code(api, mix, positive_only=True):
    leaves = np.count_nonzero(mix.distributions, axis=1) if positive_only else mix.distributions.shape[1]
    rates, uniform = api.compression_rates(mix), np.log2(leaves)
    on = np.isfinite(rates)
    gap = api.normalized_compression_rates(mix)[on] - (rates - uniform)[on]
    return small(gap, (rates + uniform)[on], 1e-12)


# ------------------------------------------------------------------------------------ response and signs


@law(testing.mixtures(zeros=False), with_t=0.0)
def conservation(api, mix, with_t=1.0):
    """Sum of n_i d rate_i over all datasets, the perturbation among them, is 0."""
    terms = mix.volumes * api.elastic_response(mix, t_of(mix))
    terms[-1] *= with_t
    return small(terms.sum(), mix.volumes @ sizes(mix) / mix.total_volume)


@law(st.tuples(testing.mixtures(overlap="full"), st.floats(1e-3, 1.0)), share=0.0)
def new_leaves_break_conservation_by_their_mass(api, example, share=1.0):
    """At l = 0 the other datasets' sum is m0/(ln 2), m0 the mass that only t has."""
    mix, new = example
    rows = np.pad(mix.distributions, ((0, 0), (0, 1)))
    rows[-1] = rows[-1] * (1 - new) + new * (np.arange(rows.shape[1]) == rows.shape[1] - 1)
    start = cs.Mixture(rows, mix.volumes).with_volume(t_of(mix), 0.0)
    terms = start.volumes[:-1] * api.elastic_response(start, t_of(mix))[:-1]
    return abs(terms.sum() * LN2 - share * new) <= 1e-10 * (1 + np.abs(terms).sum())


@law(testing.mixtures(3), factor=1.01)
def ratio_is_minus_k_at_the_start(api, mix, factor=1.0):
    start = covered(mix)
    assume((np.abs(api.elastic_response(start, 2)) > 1e-290).all())
    k, ratio = start.volumes[0] / start.volumes[1], api.elasticity_ratio(start, 1, 0, 2)
    assume(np.isfinite(ratio))  # where G(a, t) is rounding the ratio of it is, too: only its size is bounded
    return small(
        (ratio + factor * k) * api.inner_products(start, 2)[1], (abs(ratio) + k) * sizes(start)[1], 1e-13
    )


@law(tame(datasets=3), reach=1.2)
def ratio_with_perturbation(api, mix, reach=1.0):
    """-k/(1 - l/lambda), lambda = -G(a,t)/G(t,t), multiplied out, since 1 - l/lambda may vanish."""
    inner, size, ratio = api.inner_products(mix, 2), sizes(mix), api.elasticity_ratio(mix, 1, 0, 2)
    k, one, amount = mix.volumes
    assume((np.abs(inner) > 1e-6 * size).all())
    gap = ratio * (one * inner[1] + reach * amount * inner[2]) + k * inner[1]
    return small(gap, 10 * (abs(ratio) + 1) * size.sum(), 1e-8)


@law(testing.mixtures(zeros=False), sign=1.0)
def alignment_rate_rises_iff_the_inner_product_is_negative(api, mix, sign=-1.0):
    on = mix.distributions[1] > 0
    overlap = (mix.distributions[1, on] * (mix.distributions[-1, on] / mix.joint[on])).sum()
    assume(abs(overlap - 1) > 1e-9 * (1 + overlap + sizes(mix)[1]))
    return np.sign(api.elastic_response(mix, t_of(mix))[1]) == sign * np.sign(overlap - 1)


@law(testing.mixtures(zeros=False), scale=1.01)
def response_is_minus_the_inner_product_over_the_volume(api, mix, scale=1.0):
    response = api.elastic_response(mix, t_of(mix)) * mix.total_volume * LN2
    return same(response, -scale * api.inner_products(mix, t_of(mix)))


def last_in_turn(mix):
    """The mixture with each dataset in turn in the last place."""
    for i in range(len(mix.volumes)):
        order = [j for j in range(len(mix.volumes)) if j != i] + [i]
        yield cs.Mixture(mix.distributions[order], mix.volumes[order])


@law(tame(), sign=-1.0)
def inner_products_are_symmetric_and_positive(api, mix, sign=1.0):
    """G is symmetric, positive semidefinite, and its rows weighted by volume sum to 0."""
    matrix = sign * np.array([api.inner_products(mix, t) for t in range(len(mix.volumes))])
    size = max(sizes(other).max() for other in last_in_turn(mix))
    return (
        small(matrix - matrix.T, size, 1e-12)
        and small(matrix @ mix.volumes, size * mix.total_volume, 1e-12)
        and np.linalg.eigvalsh(matrix).min() >= -1e-12 * size
    )


@law(testing.mixtures(zeros=False), end=1.01)
def inner_products_sum_to_zero(api, mix, end=1.0):
    weights = mix.volumes.copy()
    weights[0] *= end
    return small(weights @ api.inner_products(mix, t_of(mix)), weights @ sizes(mix))


def secants(mix, value, step=1e-3):
    """Slopes in l of `value`, convex in mu = l/T, just before and just after the mixture's own l."""
    total, rest = mix.total_volume, mix.total_volume - mix.volumes[-1]
    mu, slope = mix.volumes[-1] / total, rest / total**2  # slope: d mu / d l
    h = step * min(mu, 1 - mu)
    before, here, after = (
        value(mix.with_volume(t_of(mix), rest * m / (1 - m))) for m in (mu - h, mu, mu + h)
    )
    noise = 1e-14 * (1 + np.abs(here)) / h
    return ((here - before) / h - noise) * slope, ((after - here) / h + noise) * slope


@law(tame(), scale=1.01)
def response_is_the_slope_of_the_rates(api, mix, scale=1.0):
    low, high = secants(mix, api.compression_rates)
    return between(low, scale * api.elastic_response(mix, t_of(mix)), high)


@law(tame("full"), scale=1.01)
def forward_force_is_the_slope_of_the_divergence(api, mix, scale=1.0):
    low, high = secants(mix, lambda m: api.kl_divergence(m.distributions, m.joint))
    return between(low, scale * api.hooke_forces(mix, t_of(mix)) / mix.volumes, high)


@law(tame("full"), scale=1.01)
def reverse_force_is_the_slope_of_the_reverse_divergence(api, mix, scale=1.0):
    low, high = secants(mix, lambda m: api.kl_divergence(m.joint, m.distributions))
    return between(low, scale * api.hooke_forces(mix, t_of(mix), direction="reverse") / mix.volumes, high)


@law(testing.mixtures(zeros=False), scale=1.01)
def forward_forces_balance(api, mix, scale=1.0):
    forces = api.hooke_forces(mix, t_of(mix))
    forces[-1] *= scale
    return small(forces.sum(), mix.volumes @ sizes(mix) / mix.total_volume)


# -------------------------------------------------------------------------------- along the perturbation


@law(st.tuples(tame(), st.floats(0.01, 0.95), st.floats(0.01, 0.95)), in_mu=False)
def rates_are_convex_in_mu(api, example, in_mu=True):
    """The rate is convex in mu = l/T, though not in l."""
    mix, *ends = example
    rest = mix.with_volume(t_of(mix), 0.0).total_volume
    mus = np.array([ends[0], sum(ends) / 2, ends[1]])
    amounts = rest * mus / (1 - mus)
    if not in_mu:
        amounts[1] = (amounts[0] + amounts[2]) / 2
    first, middle, last = (api.compression_rates(mix.with_volume(t_of(mix), amount)) for amount in amounts)
    return bool((middle <= (first + last) / 2 * (1 + 1e-12) + 1e-14).all())


@law(st.one_of(testing.mixtures(), testing.mixtures(overlap="nested")), factor=1.01)
def critical_perturbation_is_where_the_sign_turns(api, mix, factor=1.0):
    start, t = covered(mix), t_of(mix)
    turn = api.critical_perturbation(mix, 0, t) * factor
    assume(not np.isnan(turn))
    for amount in (0.995 * turn, 1.005 * turn, 1e-9, 1.0, 1e9):
        if np.isfinite(amount):
            moved = start.with_volume(t_of(mix), amount)
            rise, slack = api.elastic_response(moved, t)[0] * moved.total_volume, 1e-11 * sizes(moved)[0]
            if (rise > slack and amount < turn) or (rise < -slack and amount > turn):
                return False
    return True


@law(st.tuples(tame("nested"), st.floats(0, 20)), factor=2.0)
def pretraining_is_compressed_most_at_the_critical_perturbation(api, example, factor=1.0):
    """The pre-training rate is unimodal in l, least at l*."""
    mix, amount = example
    turn = api.critical_perturbation(mix, 0, t_of(mix)) * factor
    assume(np.isfinite(turn))
    best, other = (api.compression_rates(mix.with_volume(t_of(mix), volume))[0] for volume in (turn, amount))
    return bool(best <= other * (1 + 1e-12) + 1e-15)


@law(st.tuples(testing.mixtures(3), st.floats(1e-6, 10.0)), factor=1.01)
def revealed_preference(api, example, factor=1.0):
    """0 <= k Delta_p + Delta_a <= -l Delta_t for a finite addition l."""
    mix, amount = example
    start = covered(mix)
    change = api.finite_response(start, 2, amount)
    total, slack = (
        start.volumes * change,
        1e-11 * (start.volumes @ sizes(start)) * amount / start.total_volume,
    )
    return bool(-slack <= factor * total[0] + total[1] and total.sum() <= -amount * change[2] + slack)


@law(st.tuples(testing.mixtures(3), st.floats(1e-6, 10.0)), half=0.4)
def finite_changes_lie_within_the_bounds(api, example, half=0.5):
    """-mu G_0 <= Delta <= min(-(l/T_0) G_l, -mu G_0 + l^2 V/(2 T_0^2)), nats."""
    mix, amount = example
    start = covered(mix)
    end, change = start.with_volume(t_of(mix), amount), api.finite_response(start, 2, amount) * LN2
    mu, rate, on = amount / end.total_volume, amount / start.total_volume, start.joint > 0
    with np.errstate(over="ignore", invalid="ignore"):  # the bound may be inf; 0 * inf, a nan, is 0 here
        terms = mix.distributions[:, on] * (mix.distributions[-1, on] / start.joint[on] - 1) ** 2
        curve = half * rate**2 * np.nansum(terms, axis=1)
    first, last = -mu * api.inner_products(start, 2), -rate * api.inner_products(end, 2)
    slack = 1e-11 * (mu * sizes(start) + rate * sizes(end))
    return between(first - slack, change, np.minimum(last, first + curve) + slack)


@law(st.tuples(tame(), st.floats(0.01, 10.0)), scale=1.01)
def finite_response_is_the_difference_of_rates(api, example, scale=1.0):
    mix, amount = example
    before, after = (
        api.compression_rates(m) for m in (mix, mix.with_volume(t_of(mix), mix.volumes[-1] + amount))
    )
    return small(scale * api.finite_response(mix, t_of(mix), amount) - (after - before), 1 + before, 1e-12)


# ----------------------------------------------------------------------------------------------- rebound

SCORES = st.tuples(st.floats(-1, 1), st.floats(0.1, 2.0), st.floats(0.1, 2.0), st.floats(0, 9))


@law(SCORES, factor=1.01)
def rebound_returns_at_an_amount_free_of_k(api, example, factor=1.0):
    """s_p again at n_t = n_a (s_a - s_p)/(s_p - s_t), linear in n_a."""
    base, up, down, exponent = example
    for size in (1.0, 3.0):
        amount, k = factor * size * up / down, 10**exponent
        curve = api.rebound_curve([base, base + up, base - down], [k, size, 0.0], 2, [amount])
        if abs(curve[0] - base) > 1e-14 + 1e-3 * size * up / (k + size + amount):
            return False
    return True


@law(SCORES, order=-1.0)
def rebound_falls_convexly_and_never_crosses(api, example, order=1.0):
    base, up, down, exponent = example
    k, amounts = 10 ** min(exponent, 3.0), np.linspace(0.0, 20.0, 9)
    scores = [base, base + up, base - down]
    less, more = (api.rebound_curve(scores, [k, size, 7.0], 2, amounts) for size in (1.0, 2.0))
    falls = (np.diff(more) < 0).all() and (np.diff(more, 2) > -1e-13).all()
    return bool(falls and (order * (more - less) > 0).all())


@law(st.tuples(testing.volumes(4), st.floats(-5, 5)), constant=1.01)
def rebound_of_equal_scores_is_flat(api, example, constant=1.0):
    volumes, score = example
    curve = api.rebound_curve([score] * 4, volumes, 3, [0.0, 0.1, 10.0])
    return small(curve - constant * score, abs(score), 1e-13)
