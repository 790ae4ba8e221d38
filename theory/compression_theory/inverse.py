"""Inverse alignment and elasticity: when do few data undo many?

The paper defines both and asks no more of them than that they occur. In a mixture they need alignment data
that were never far from pre-training: an exact return takes at least n_a times the largest relative excess of
P_a over P_p. Training in sequence meets the definition for another reason: alignment saturates, so that the
longer it lasts the smaller is the part of its time that undoes it. And the assumption that larger models
represent deeper trees holds for models that extend each other, not for the best tree of each size.
"""

import sympy as sp

from .derivation import (
    Derivation,
    Part,
    Total,
    computed,
    ge,
    identity,
    implies,
    limit,
    nonnegative,
    slope,
    summed,
)
from .notation import LEAVES, Pa, Pp

k, na, nb, s, tau = sp.symbols("k n_a n_b sigma tau", positive=True)
ha, hb, far, theta = sp.symbols("h_a h_b f vartheta", positive=True)


def derive() -> tuple[Derivation, ...]:
    """The least volume, the saturated time, the best trees."""
    return (_mixture(), _sequence(), _trees())


def _mixture() -> Derivation:
    back = Pp - na / nb * (Pa - Pp)
    p, a, excess = sp.symbols("p a R", positive=True)
    enough, worst = ge(nb, na * excess), ge(excess * p, a - p)
    condition = "in a mixture: max P_a/P_p - 1 << 1 (exact return takes n_a times that)"
    return Derivation(
        claim="def-3.5",
        title="Inverse alignment in a mixture",
        source="ours, on Definition 3.5",
        assumptions=(
            r"A saturated model of $D_p$ (volume $k$) and $D_a$ ($n_a$); any $D_b$ of volume $n_b$ may be "
            r"added, to bring the joint back to $P_p$ exactly. $R = \max_x P_a/P_p - 1$; at a leaf $p = "
            r"P_p$, $a = P_a$.",
        ),
        statement=r"The least volume is $n_b = n_a R$: free of $k$, and small against $n_a$ only if no leaf "
        r"is much more frequent in the alignment data than before.",
        scope="any number of leaves",
        condition=condition,
        totals=(Total(Pp, LEAVES, 1), Total(Pa, LEAVES, 1)),
        constants=(na, nb),
        given=(enough, worst),
        parts=(Part("def-3.5/enough", ge(nb * p - na * (a - p), 0), (enough, worst)),),
        steps=(
            identity(
                "The only law that brings the joint back is $P_b = P_p - (n_a/n_b)(P_a - P_p)$.",
                (k * Pp + na * Pa + nb * back) / (k + na + nb),
                Pp,
            ),
            summed(
                "It adds to 1.",
                back,
                LEAVES,
                [(1 + na / nb, Pp, 1), (-na / nb, Pa, 1)],
                1,
            ),
            implies(
                "It is non-negative on every leaf if $n_b \\ge n_a R$,",
                [enough, worst],
                ge(nb * p - na * (a - p), 0),
                [p, na],
            ),
            identity(
                "and vanishes on the leaf of the largest excess at equality: no less will do.",
                (nb * p - na * (a - p)).subs(nb, na * (a / p - 1)),
                0,
            ),
        ),
    )


def _sequence() -> Derivation:
    delta = sp.Symbol("delta", positive=True)
    state = -far + (delta + far) * sp.exp(-hb * s)
    time = sp.log(1 + delta / far) / hb
    there, left = sp.Symbol(r"{x(\sigma)}"), sp.Symbol(r"{e^{-h_b\sigma}}", positive=True)
    return Derivation(
        claim="def-3.6",
        title="Elasticity of training in sequence",
        source="ours, on Definition 3.6",
        assumptions=(
            r"The simple operation is gradient descent on $D_b$. One mode: alignment for a time $\tau$ "
            r"relaxes from the base, 0, towards $\vartheta > 0$ at rate $h_a$; the reversal relaxes towards "
            r"$-f < 0$ at rate $h_b$.",
        ),
        statement=r"The base is back after $\sigma = \log(1 + \delta/f)/h_b$, $\delta = "
        r"\vartheta(1-e^{-h_a\tau})$: bounded, so that $\sigma/\tau \to 0$ as alignment goes on. In a "
        r"mixture the same ratio is constant.",
        scope="one mode",
        condition="the simple operation is gradient descent on data whose optimum lies beyond the base, and "
        "alignment lasted longer than it takes to saturate",
        where={there: -far + (delta + far) * left},
        steps=(
            slope("The reversal relaxes,", state, s, -hb * (state + far)),
            computed(
                "is at the base at $\\sigma$,",
                there,
                {left: far / (delta + far)},
                0,
            ),
            slope("a time that grows with $\\delta$,", time, delta, 1 / (hb * (far + delta))),
            nonnegative(
                "while $\\delta$ stays below $\\vartheta$.",
                theta - theta * (1 - sp.exp(-ha * tau)),
                theta * sp.exp(-ha * tau),
                strict=True,
            ),
            limit(
                "so that its share of alignment's time goes to 0.",
                sp.log(1 + theta / far) / (hb * tau),
                tau,
                sp.oo,
                0,
            ),
        ),
    )


def _trees() -> Derivation:
    bits = -(sp.Rational(5, 6) * sp.log(sp.Rational(5, 6)) + sp.log(sp.Rational(1, 6)) / 6) / sp.log(2)
    path, bush = sp.Rational(1, 16), (1 - bits) / 8
    return Derivation(
        claim="asm-3.2",
        title="The best tree of each size need not get deeper",
        source="ours, on Assumption 3.2",
        assumptions=(
            r"A model of size $c$ is the best prefix tree of $c$ leaves; past a leaf it predicts fair "
            r"tokens. Splitting a node saves its probability times $1 - h$ bits, $h$ the entropy of its next "
            r"token.",
            r"All next tokens are fair, but: after 0000 it is 0; after 100 and after 110 it is 0 with "
            r"probability 5/6.",
        ),
        statement=r"The best tree of 6 leaves has depth 5, that of 7 leaves has depth 4.",
        role="boundary",
        scope="one distribution on strings of five tokens",
        condition="each larger model's tree extends the smaller one's",
        steps=(
            nonnegative(
                "Five splits reach 0000, which saves 1/16 of a bit, or one of 100 and 110; the former saves "
                "more.",
                path - bush,
                strict=True,
            ),
            nonnegative(
                "Six splits reach both of the others, which save more together.", 2 * bush - path, strict=True
            ),
        ),
    )
