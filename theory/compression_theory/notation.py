"""Symbols that all pages share: volumes, leaf distributions, the joint, and G."""

import sympy as sp

k, ell = sp.symbols("k l", positive=True)  # volumes of D_p and D_t, in units of that of D_a
T0 = k + 1  # total volume without the perturbation
T = k + 1 + ell
mu = ell / T

x, i, j, m = sp.symbols("x i j m", integer=True, positive=True)  # a leaf, a dataset, a parameter, parts
M, N, d = sp.symbols("M N d", integer=True, positive=True)  # numbers of leaves, datasets, parameters
LEAVES, DATASETS = (x, 1, M), (i, 1, N)
CONSTANTS = (k, ell)  # the same on every leaf and for every dataset, on any page


def leaf(name: str, *arguments) -> sp.Expr:
    """A positive quantity of the generic leaf x, such as P_p(x)."""
    return sp.Function(name, positive=True)(*arguments, x)


Pp, Pa, Pt, PD = leaf("P_p"), leaf("P_a"), leaf("P_t"), leaf("P_D")
P0 = (k * Pp + Pa) / T0  # the joint at l = 0
Pl = (k * Pp + Pa + ell * Pt) / T  # the joint at l

Gpt, Gat, Gtt = sp.symbols("G_{pt} G_{at} G_{tt}", real=True)
Pi, Pj = leaf("P", i), leaf("P", j)
n = sp.Function("n", nonnegative=True)  # the volume of dataset i

MIXTURE = {  # how pages on three datasets abbreviate
    T0: sp.Symbol("T_0"),
    T: sp.Symbol("T"),
    k * Pp + Pa: sp.Symbol("T_0") * leaf("P_0"),
    k * Pp + Pa + ell * Pt: sp.Symbol("T") * leaf("P_l"),
}
