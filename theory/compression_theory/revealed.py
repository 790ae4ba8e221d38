"""Revealed preference: Theorem 4.2's lower half, for any model class and without a derivative.

Take two perfectly trained models, before and after the perturbation. Each is the best there is on its own
data, so neither can be beaten there by the other. Those two inequalities, added, already say that a fall
of the pre-training loss is paid for by a rise of the alignment loss at least k times as large. Huffman
codes, capacity-limited trees and networks are covered alike; no rate needs to be differentiable.
"""

import sympy as sp

from .derivation import Derivation, Part, ge, gt, implies
from .notation import ell, k

L = {role: sp.Function(f"L_{role}", real=True) for role in "pat"}
before = {role: loss(0) for role, loss in L.items()}
after = {role: loss(ell) for role, loss in L.items()}
change = {role: after[role] - before[role] for role in L}
fall = before["p"] - after["p"]
eps = sp.Symbol("varepsilon", nonnegative=True)


def derive() -> tuple[Derivation, ...]:
    """The two inequalities, what they add up to, and what is left when training stops early."""
    old = {role: before[role] for role in "pa"}
    first = ge(k * after["p"] + after["a"], k * old["p"] + old["a"])
    second = ge(
        k * before["p"] + before["a"] + ell * before["t"], k * after["p"] + after["a"] + ell * after["t"]
    )
    nearly = ge(k * after["p"] + after["a"] + eps, k * old["p"] + old["a"])
    both = k * change["p"] + change["a"]
    kept, falls = ge(both, 0), gt(fall, 0)
    above = ge(-ell * change["t"], both)
    rises, ratio = gt(change["a"], 0), ge(change["a"] / fall, k)
    weaker = ge(change["a"] / fall, k - eps / fall)
    return (
        Derivation(
            claim="revealed-preference",
            title="Revealed preference",
            source="ours",
            assumptions=(
                r"Any set of models, any losses $L_p, L_a, L_t$, any volumes $k, 1, l > 0$.",
                r"The model at 0 is not beaten on $kL_p + L_a$ by the model at $l$, nor the model at $l$ on "
                r"$kL_p + L_a + lL_t$ by the model at 0: true of global minimisers. $L_i(0)$ and $L_i(l)$ "
                r"are the losses of those two models. In the last step the first holds within $\varepsilon$.",
            ),
            statement=r"$0 \le k\,\Delta L_p + \Delta L_a \le -l\,\Delta L_t$. If the pre-training loss "
            r"falls, the alignment loss rises, at least $k$ times as much.",
            scope="any model class and any losses; all data but $D_a$ and $D_t$ count as $D_p$",
            given=(first, second, falls, nearly),
            parts=(
                Part("revealed-preference/below", kept, (first,)),
                Part("revealed-preference/above", above, (second,)),
                Part("revealed-preference/rises", rises, (first, falls)),
                Part("revealed-preference/ratio", ratio, (first, falls)),
                Part("revealed-preference/within-eps", weaker, (nearly, falls)),
            ),
            steps=(
                implies("The model at 0 is optimal without the perturbation.", [first], kept, [1]),
                implies("The model at $l$ is optimal with it.", [second], above, [1]),
                implies(
                    "So the perturbation's own loss does not rise.",
                    [kept, above],
                    ge(-change["t"], 0),
                    [1 / ell, 1 / ell],
                ),
                implies(
                    "If the pre-training loss falls, the alignment loss rises,",
                    [kept, falls],
                    rises,
                    [1, k],
                ),
                implies("and at least $k$ times as much.", [kept], ratio, [1 / fall]),
                implies(
                    r"Imperfect training: a first model within $\varepsilon$ of its optimum weakens the "
                    r"bound by $\varepsilon$ over the fall.",
                    [nearly],
                    weaker,
                    [1 / fall],
                ),
            ),
        ),
    )
