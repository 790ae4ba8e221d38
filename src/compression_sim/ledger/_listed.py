"""The ledger's own claims: the paper's, in its order, then ours; each with the evidence that judges it."""

from importlib import import_module
from pkgutil import iter_modules

from . import evidence
from ._claims import Claim, Judge

PAPER = "arXiv 2406.06144"

STATEMENTS = {
    "def-3.1": ("Def. 3.1", "A dataset of binary responses is a token tree: EOS leaves weigh the probability of the response that their path spells, and each inner node weighs the sum of its children."),
    "asm-3.2": ("Asm. 3.2", "The depth to which a model represents the token tree grows monotonically with model size."),
    "def-3.3": ("Def. 3.3", "Pruning the tree to its top d layers and Huffman-coding its leaves, with longer responses cut into ceil(n/d) chunks, is a lossless code."),
    "thm-3.4": ("Thm. 3.4", "The mean code length is exactly the number of chunks times the rounded-up entropy of the pruned tree's EOS leaves."),
    "joint": ("Sec. 3", "A model trained on several datasets has the volume-weighted mean of their leaf weights."),
    "rate": ("Sec. 3", "A dataset's compression rate is, up to constant factors (Theta), its cross-entropy with the joint distribution divided by the depth."),
    "def-3.5": ("Def. 3.5", "Inverse alignment: a fine-tune on far fewer data brings the aligned model back to within eps of the pre-trained one."),
    "def-3.6": ("Def. 3.6", "Elasticity: an algorithmically simple inverse alignment exists."),
    "def-4.1": ("Def. 4.1", "The normalised rate, rate - log M, compares datasets with different numbers of leaves and has the derivatives of the rate."),
    "asm-A.7": ("Asm. A.7", "Leaf probabilities are Pareto distributed."),
    "thm-4.2-ratio": ("Thm. 4.2", "d gamma_a/dl = Theta(-k d gamma_p/dl) for l << 1 << k."),
    "thm-4.2-sign-pretraining": ("Thm. 4.2", "d gamma_p/dl < 0 for three parts of equal cardinality with Pareto masses."),
    "thm-4.2-sign-alignment": ("Thm. 4.2", "d gamma_a/dl > 0 for three parts of equal cardinality with Pareto masses."),
    "thm-4.2-domain": ("Thm. 4.2", "The signs hold throughout l << 1 << k."),
    "hooke-forward": ("Sec. 4", "n_i times the change of KL(P_i || model) is of equal size for every dataset."),
    "hooke-reverse": ("Sec. 4", "n_i times the change of KL(model || P_i), as printed, is the same for every dataset."),
    "table-1": ("Table 1", "Resistance: inverse alignment reaches a lower training loss than forward alignment (27 of 27)."),
    "fig-4-rebound": ("Fig. 4", "Rebound: the more positive data a model was aligned with, the faster negative data takes the score down."),
    "fig-4-level": ("Fig. 4", "After the fall the score levels off near the pre-trained model's."),
    "fig-4-crossing": ("Fig. 4", "More positive data starts better and ends worse: the curves cross."),
    "fig-5": ("Fig. 5", "Rebound grows with model size."),
    "fig-6": ("Fig. 6", "Rebound grows with the volume of pre-training data."),
    "table-3-kl": ("Table 3a", "The KL divergence to the base model after safety fine-tuning grows with its volume."),
    "table-3-samples": ("Table 3b", "The more safety data, the FEWER unsafe samples bring the model back to the base model."),
    "fig-7": ("Fig. 7", "The rebound appears when the reverse step is PPO, DPO, KTO or SimPO."),
    "fig-8": ("Fig. 8", "The rebound appears with the roles exchanged: negative data first, then positive."),
    "fig-9": ("Fig. 9", "Under DPO too the rebound grows with model size."),
    "huffman-jump": ("ours", "At each switch of the Huffman code the volume-weighted sum of the rates' jumps is exactly zero."),
    "conservation-law": ("ours", "Saturated or at any stationary point: sum_i n_i d gamma_i/dl = 0, the perturbation included."),
    "revealed-preference": ("ours", "For global minimisers of any model class, a falling pre-training loss means that the alignment loss rises at least k times as much."),
    "exact-ratio": ("ours", "At l = 0 d gamma_a/dl = -k d gamma_p/dl exactly; for l > 0 the ratio is -k/(1 - l/lambda)."),
    "finite-l": ("ours", "Finite changes obey explicit bounds: k <= -Delta gamma_a/Delta gamma_p <= k (1 + l T V_a/(2 T0^2 g))/(1 - x)."),
    "elastic-response": ("ours", "d gamma_i/d n_t = -G(i,t)/T, with G the chi-squared inner product at the joint."),
    "influence-form": ("ours", "At a strict minimum d L_i/d n_t = -g_i' H^-1 g_t; saturated, H = T Fisher."),
    "sign-equal-cardinality": ("ours", "For exchangeable D_1, D_3 of equal size E G(2,3) = -(1/2)(1 + 3/k) E G(2,2) <= 0, for every mass law."),
    "sign-reversal-share": ("ours", "Shares (1-2q, q, q) with one dominating D_1 of independent leaf masses reverse both signs iff q is under a critical share q*."),
    "critical-volume": ("ours", "gamma_p is convex in mu = l/T and turns at l* = T0 mu*/(1 - mu*); l* -> 1/(m-1) for m equal exchangeable parts."),
    "slope-falls-with-k": ("ours", "At fixed shares the slope |d gamma_a/d n_t| falls as 1/k."),
    "pareto-limit": ("ours", "T d gamma_a/d n_t -> 1 - T int L(w_1 s) L1(w_2 s) L1(w_3 s) ds for independent masses of mean 1."),
    "sequential-ratio": ("ours", "Sequential training: k_eff tau (g_a' A H_p B g_t)/(g_a' B g_t) -> 1 as tau -> 0, whatever the true k."),
    "kl-penalty": ("ours", "At convergence of L_a + lambda L_p, k_eff = lambda exactly, for any model, update and D_t."),
    "rebound-saturated": ("ours", "In a saturated model with a linear score rebound curves never cross and the return volume is n_a (s_a - s_p)/(s_p - s_t)."),
    "no-crossing-scalar": ("ours", "With a monotone readout of a one-dimensional state rebound curves cannot cross."),
    "crossing-two-dim": ("ours", "Two dimensions suffice for rebound curves to cross."),
}  # fmt: skip  # noqa: E501


def listed_claims() -> dict[str, Claim]:
    """Every claim of the ledger by id; those without evidence yet are judged `open`."""
    functions: dict[str, list] = {name: [] for name in STATEMENTS}
    for module in sorted(info.name for info in iter_modules(evidence.__path__)):
        for item in vars(import_module(f"{evidence.__name__}.{module}")).values():
            if isinstance(item, Judge):
                functions[item.claim].append(item.function)
    return {
        name: Claim(name, statement, place if place == "ours" else f"{PAPER}, {place}", tuple(functions[name]))
        for name, (place, statement) in STATEMENTS.items()
    }
