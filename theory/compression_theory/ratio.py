"""The ratio of Theorem 4.2: exactly -k at l = 0, and what it becomes for l > 0.

The paper states that the alignment rate rises Theta(k) times as fast as the pre-training rate falls. At
l = 0 the constant is 1 and nothing about the laws is used. For l > 0 the perturbation itself takes part in
the conservation law, and the ratio grows from -k without bound up to the volume at which the pre-training
rate turns. The support condition is needed: mass of the perturbation on leaves that no one else has takes
something from everybody.
"""

import sympy as sp

from .derivation import Derivation, computed, eq, identity, implies, limit, nonnegative, slope, summed
from .notation import LEAVES, MIXTURE, T0, Gat, Gpt, Gtt, Pa, Pi, Pl, Pp, Pt, T, ell, k

lam, q = sp.symbols("lambda q", positive=True)
m0 = sp.Symbol("m_0", nonnegative=True)
Git = sp.Symbol("G_{it}", real=True)
SUPPORT = "P_t has no mass outside the support of the joint at l = 0, and G(a,t) != 0"
THEOREM = SUPPORT + "; ideal code lengths; l < lambda"
balance = eq(k * Gpt + Gat + ell * Gtt, 0)


def derive() -> tuple[Derivation, ...]:
    """The ratio, its boundary, and the theorem's own wording."""
    return (_exact(), _outside(), _theorem(), _beyond())


def _exact() -> Derivation:
    on_block = (k * q + ell) * Pt / T  # the joint where only D_3 and D_t have mass
    disjoint = {Gtt: T / (k * q + ell) - 1, Gat: -1}
    ratio = -k / (1 + ell * Gtt / Gat)
    return Derivation(
        claim="exact-ratio",
        title="The exact ratio",
        source="ours",
        assumptions=(
            r"Saturated model, volumes $k, 1, l$; $P_l = (kP_p + P_a + lP_t)/T$, $T = k + 1 + l$, and "
            r"$G_{ij} = \sum_x P_iP_j/P_l - 1$ taken at that $l$.",
            r"$P_t$ has no mass outside the support of $P_l$ at $l = 0$, and $G_{at} \ne 0$.",
        ),
        statement=r"At $l = 0$ $d\gamma_a/dl = -k\,d\gamma_p/dl$ exactly. For $l > 0$ the ratio of the two "
        r"slopes is $-k/(1 - l/\lambda)$ with $\lambda = -G_{at}/G_{tt}$; with disjoint supports, the part "
        r"$D_3 \sim D_t$ having the share $q$ of $D_p$, it is $-(qk + l)/(q - l(1-q))$.",
        scope="any number of leaves; all data but $D_a$ and $D_t$ count as $D_p$",
        condition=SUPPORT,
        abbreviations=MIXTURE,
        steps=(
            slope(
                "One leaf's part of the slope of $\\gamma_i$.",
                -Pi * sp.log(Pl),
                ell,
                -Pi * (Pt - Pl) / (T * Pl),
            ),
            summed(
                "The slope is $-G_{it}/T$.",
                -Pi * (Pt - Pl) / (T * Pl),
                LEAVES,
                [(-1 / T, Pi * Pt / Pl, 1 + Git), (1 / T, Pi, 1)],
                -Git / T,
            ),
            summed(
                "Weighted by volumes the three sums in $G_{pt}$, $G_{at}$, $G_{tt}$ leave $P_t$ alone.",
                k * Pp * Pt / Pl + Pa * Pt / Pl + ell * Pt**2 / Pl,
                LEAVES,
                [(T, Pt, 1)],
                T,
            ),
            implies(
                "So the slopes balance, the perturbation's included.",
                [eq(k * (1 + Gpt) + (1 + Gat) + ell * (1 + Gtt), T)],
                balance,
                [1],
            ),
            implies(
                "At $l = 0$ the alignment slope $-G_{at}/T_0$ is $-k$ times the pre-training slope.",
                [eq(k * Gpt + Gat, 0)],
                eq(-Gat / T0, -k * (-Gpt / T0)),
                [-1 / T0],
            ),
            implies(
                "For $l > 0$ the ratio of the slopes follows from the balance.",
                [balance],
                eq(Gat / Gpt, ratio),
                [Gat / (Gpt * (Gat + ell * Gtt))],
            ),
            implies(
                r"With $G_{at} = -\lambda G_{tt}$ it is $-k/(1 - l/\lambda)$.",
                [eq(Gat, -lam * Gtt)],
                eq(ratio, -k / (1 - ell / lam)),
                [k * ell / ((Gat + ell * Gtt) * (lam - ell))],
            ),
            summed(
                "Disjoint supports: on the leaves of $D_3$ the joint is $(kq + l)P_t/T$; $D_a$ has none of "
                "them, so that $G_{at} = -1$.",
                Pt**2 / on_block,
                LEAVES,
                [(T / (k * q + ell), Pt, 1)],
                1 + disjoint[Gtt],
            ),
            identity(
                "The ratio for disjoint supports.",
                ratio.subs(disjoint),
                -(q * k + ell) / (q - ell * (1 - q)),
            ),
        ),
    )


def _outside() -> Derivation:
    alone = ell * Pt / T  # the joint on a leaf that only D_t has
    weighted = -ell * (-Pi * (Pt - Pl) / (T * Pl)).subs(Pi, Pt)
    return Derivation(
        claim="exact-ratio",
        title="Mass outside the support",
        source="ours",
        assumptions=(
            r"As before, but $P_t$ has the mass $m_0 > 0$ on leaves where $P_0 = (kP_p + P_a)/(k+1)$ has "
            r"none.",
        ),
        statement=r"$d\gamma_a/dl + k\,d\gamma_p/dl \to m_0$ as $l \to 0$. With $m_0 = 1$ both slopes are "
        r"$1/T$ and the ratio is $+1$.",
        role="boundary",
        scope="any number of leaves",
        condition=SUPPORT,
        abbreviations=MIXTURE,
        steps=(
            limit(
                r"By conservation the sum is $-l\,d\gamma_t/dl$. A leaf within the support gives nothing to "
                r"it.",
                weighted,
                ell,
                0,
                0,
            ),
            limit(
                "A leaf outside gives its mass, however small $l$ is.",
                ell * Pt * (Pt - alone) / (T * alone),
                ell,
                0,
                Pt,
            ),
            summed(
                "Over all leaves outside, whose mass is $m_0$.",
                ell * Pt * (Pt - alone) / (T * alone),
                LEAVES,
                [(1 - ell / T, Pt, m0)],
                m0 * (1 - ell / T),
            ),
            slope(
                "With $m_0 = 1$ the joint is only diluted on the leaves of $D_p$: its rate rises.",
                -Pp * sp.log((k * Pp + Pa) / T),
                ell,
                Pp / T,
            ),
            slope(
                "So does that of $D_a$; summed, both slopes are $1/T$ and the ratio is $+1$.",
                -Pa * sp.log((k * Pp + Pa) / T),
                ell,
                Pa / T,
            ),
        ),
    )


def _theorem() -> Derivation:
    u, w = sp.symbols("u w", positive=True)
    share = w / (1 + w)
    slack = share / (1 + u)  # l/lambda <= w/(1+w)
    return Derivation(
        claim="thm-4.2-ratio",
        title="The printed Theta, with its constants",
        source="Thm. 4.2",
        assumptions=(
            r"The exact ratio, with $\lambda > 0$ and $l \le c\lambda$, $0 < c < 1$. Written with $c = "
            r"w/(1+w)$ and $l/\lambda = c/(1+u)$, $w, u > 0$.",
        ),
        statement=r"$k \le -(d\gamma_a/dl)/(d\gamma_p/dl) \le k/(1-c)$: the theorem's $\Theta(-k)$ with "
        r"constants $1$ and $1/(1-c)$. The range is $l \le c\lambda$, not $l \ll 1$.",
        scope="any number of leaves",
        condition=THEOREM,
        abbreviations=MIXTURE,
        steps=(
            nonnegative(
                "From below.",
                k / (1 - slack) - k,
                k * w / (1 + u * (1 + w)),
                strict=True,
            ),
            nonnegative(
                "From above.",
                k / (1 - share) - k / (1 - slack),
                k * u * w * (1 + w) / (1 + u * (1 + w)),
                strict=True,
            ),
        ),
    )


def _beyond() -> Derivation:
    ratio = -(q * k + ell) / (q - ell * (1 - q))
    at = {k: 9, q: sp.Rational(1, 5)}  # r is the ratio
    values = {"1/20": "-185/16", "1/10": "-95/6", "1/5": "-50", "3/10": "105/2"}
    return Derivation(
        claim="thm-4.2-ratio",
        title="Past the turning point the ratio is positive",
        source="Thm. 4.2",
        assumptions=(
            r"Disjoint supports, $k = 9$, share $q = 1/5$; the pre-training rate turns at $l = 1/4$. $r$ is "
            r"the ratio $-(qk + l)/(q - l(1-q))$.",
        ),
        statement=r"The ratio is $-k$ at $l = 0$, grows to $-50$ at $l = 1/5$, and is $+52.5$ at $l = 3/10$.",
        role="boundary",
        scope="this instance, exactly",
        condition=THEOREM,
        steps=tuple(
            computed(
                f"At $l = {volume}$.",
                sp.Symbol("r"),
                ratio.subs(at).subs(ell, sp.Rational(volume)),
                sp.Rational(value),
            )
            for volume, value in values.items()
        ),
    )
