"""Certified enclosures of the large-M response (Arb balls): each contains the true value, roundings included.

The integral over u = T s is taken in log u by Arb's adaptive quadrature between two cuts; what lies beyond
the cuts is bounded, since 0 <= E[p^order e^(-s p)] <= 1 for the orders 0 and 1.
"""

from collections.abc import Sequence

from flint import acb, arb, ctx, fmpq

from ....masses import Gamma, Pareto


def response_enclosure(law: Pareto | Gamma, weights: Sequence, digits: int = 25) -> arb:
    """A ball around -G(a, t) = 1 - T E[p_2 p_3/S] (see `limits`); parts 1 and 2 are a and t.

    `weights`: rationals, as (numerator, denominator) pairs, integers or floats, all positive. The ball's
    radius is about 10^-digits.
    """
    with ctx.workdps(digits + 15):
        shares = [_exact(weight) for weight in weights]
        total = sum(shares)
        shares = [share / total for share in shares]
        orders = [int(index in (1, 2)) for index in range(len(shares))]
        transform, tail = _PARTS[type(law)](law, shares, orders)

        def integrand(y, analytic):
            u = y.exp()
            if not u.real > 0:  # off the half plane on which the transforms are known to be analytic
                return acb("nan")
            product = u
            for share, order in zip(shares, orders, strict=True):
                product *= transform(share * u, order)
            return product

        tolerance = arb(10) ** -digits
        low, high = tolerance.log(), arb(1)
        while not tail(high.exp()) < tolerance:
            high += 1
        middle = acb.integral(integrand, low, high, rel_tol=0, abs_tol=tolerance).real
        head = low.exp()
        beyond = tail(high.exp())
        return 1 - (middle + (head / 2).union(arb(0)).union(head) + arb(0).union(beyond))


def _exact(weight) -> arb:
    return arb(fmpq(*weight)) if isinstance(weight, tuple) else arb(weight)


def _pareto(law, shares, orders):
    alpha = arb(law.alpha)
    minimum = (alpha - 1) / alpha

    def transform(s, order):
        return alpha * minimum**order * (s * minimum).expint(alpha + 1 - order)

    return transform, lambda u: (-u * minimum).exp() / minimum


def _gamma(law, shares, orders):
    kappa = arb(law.kappa)
    decay = sum(kappa + order for order in orders) - 1

    def transform(s, order):
        return (1 + s / kappa) ** (-(kappa + order))

    def tail(u):
        product = u / decay
        for share, order in zip(shares, orders, strict=True):
            product *= (share * u / kappa) ** (-(kappa + order))
        return product

    return transform, tail


_PARTS = {Pareto: _pareto, Gamma: _gamma}
