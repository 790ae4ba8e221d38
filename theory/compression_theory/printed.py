"""Theorem 4.2 as printed: a Theta that is differentiated, and a sign that comes and goes.

The paper knows code lengths up to constant factors, and then takes their derivative. A bound up to factors
says nothing about slopes: the theorem needs ideal code lengths. And between its versions the ratio is
printed with and without a minus sign; without it the theorem contradicts the conservation law, unless
nothing moves at all.
"""

import sympy as sp

from .derivation import Derivation, Total, eq, implies, nonnegative, slope, summed
from .notation import LEAVES, Pi, ell, k
from .ratio import THEOREM


def derive() -> tuple[Derivation, ...]:
    """Two gaps between the paper's premises and its theorem."""
    return (_theta(), _minus())


def _theta() -> Derivation:
    f, g, v = 3 - ell, 2 + ell, sp.Symbol("v", nonnegative=True)
    inside, bits = {ell: v / (1 + v)}, sp.Symbol("b", positive=True)
    return Derivation(
        claim="thm-4.2-ratio",
        title="A Theta does not survive a derivative",
        source="Thm. 4.2, proof",
        assumptions=(
            r"What the paper has of a rate is $\gamma = \Theta(\cdot)$: bounds up to constant factors.",
            r"The functions $f = 3 - l$ and $g = 2 + l$ on $0 \le l \le 1$, written $l = v/(1+v)$.",
        ),
        statement=r"$\frac23g \le f \le \frac32g$, so that $f = \Theta(g)$, and yet $f' = -g'$. Huffman's "
        r"code on two leaves has a rate of one bit for every $l$: its slope is 0 and the ratio 0/0. The "
        r"theorem needs ideal code lengths.",
        role="boundary",
        scope="these functions; any two leaves",
        condition=THEOREM,
        totals=(Total(Pi, LEAVES, 1),),
        constants=(bits,),
        steps=(
            nonnegative("From below.", (f - g * sp.Rational(2, 3)).subs(inside), 5 / (3 * (1 + v))),
            nonnegative(
                "From above.",
                (g * sp.Rational(3, 2) - f).subs(inside),
                5 * v / (2 * (1 + v)),
            ),
            slope("The slopes are opposite: of the one,", f, ell, -1),
            slope("and of the other.", g, ell, 1),
            summed(
                "Two leaves: Huffman gives both $b = 1$ bit, whatever the joint: every rate is $b$ for every "
                "$l$.",
                bits * Pi,
                LEAVES,
                [(bits, Pi, 1)],
                bits,
            ),
        ),
    )


def _minus() -> Derivation:
    a, p = sp.symbols(r"\dot\gamma_a \dot\gamma_p", real=True)
    c = sp.Symbol("c", positive=True)
    balance, printed = eq(k * p + a, 0), eq(a, c * k * p)
    weight = 1 / ((1 + c) * k)
    return Derivation(
        claim="thm-4.2-ratio",
        title="The minus sign is needed",
        source="Thm. 4.2, earlier version and Fig. 1",
        assumptions=(
            r"The conservation law at $l = 0$; $\dot\gamma_a = ck\,\dot\gamma_p$ with some $c > 0$, as an "
            r"earlier version prints it.",
        ),
        statement="With that sign and the conservation law neither rate moves at all.",
        role="boundary",
        scope="any model that obeys the conservation law",
        condition=THEOREM,
        given=(balance, printed),
        steps=(
            implies("The pre-training slope is 0,", [balance, printed], eq(p, 0), [weight, -weight]),
            implies("and so is the other.", [printed, eq(p, 0)], eq(a, 0), [1, c * k]),
        ),
    )
