"""DPO, SimPO and KTO beside Hugging Face's TRL: its own functions where it is installed, else their formulas.

A batch that holds every pair of responses (or every response) once, each loss weighted with its probability,
is the exact objective. TRL is no dependency. `pip install "trl==0.24.0" "transformers<5" torch` brings the
release whose losses are functions of log-probabilities; its values and its gradients (torch's) are then
compared too. Without it the NumPy lines below stand in for trl/trainer/dpo_trainer.py (dpo_loss),
kto_trainer.py (kto_loss) and cpo_trainer.py (cpo_loss with loss_type "simpo") of that release.
"""

import warnings
from importlib.metadata import PackageNotFoundError, version
from types import SimpleNamespace

import numpy as np
import pytest

from compression_sim.models import TabularSoftmax
from compression_sim.models.base import jax
from compression_sim.training import preference

PROMPTS, RESPONSES = 3, 4
LENGTHS = np.array([1, 2, 2, 5])
MODEL = TabularSoftmax(PROMPTS, RESPONSES)
BETA, GAMMA, WEIGHTS = 0.3, 0.8, (1.2, 0.7)


def world(seed=0):
    """(logits, reference logits, chosen data, rejected data): both sides ask the same prompts."""
    rng = np.random.default_rng(seed)
    laws = rng.dirichlet(np.ones(RESPONSES), (2, PROMPTS)) * rng.dirichlet(np.ones(PROMPTS))[:, None]
    return *rng.normal(size=(2, PROMPTS, RESPONSES)), *laws


PROMPT, CHOSEN, REJECTED = (each.ravel() for each in np.indices((PROMPTS, RESPONSES, RESPONSES)))
ASKED, GIVEN = (each.ravel() for each in np.indices((PROMPTS, RESPONSES)))


def log_softmax(z):
    return z - np.log(np.exp(z).sum(axis=1, keepdims=True))


def log_sigmoid(x):
    return -np.log1p(np.exp(-x))


class Transcribed:
    """The formulas of TRL 0.24.0 in NumPy, per example."""

    log_softmax = staticmethod(log_softmax)
    array = staticmethod(np.asarray)

    @staticmethod
    def dpo(chosen, rejected, ref_chosen, ref_rejected):
        logratios, ref_logratios = chosen - rejected, ref_chosen - ref_rejected
        return -log_sigmoid(BETA * (logratios - ref_logratios))

    @staticmethod
    def simpo(chosen_mean, rejected_mean):  # mean log-probability per token, as average_log_prob=True gives
        logits = chosen_mean - rejected_mean - GAMMA / BETA
        return -log_sigmoid(BETA * logits)

    @staticmethod
    def kto(chosen, rejected, ref_chosen, ref_rejected, divergence):
        kl = max(divergence, 0.0)
        good = 1 - 1 / (1 + np.exp(-BETA * (chosen - ref_chosen - kl)))
        bad = 1 - 1 / (1 + np.exp(-BETA * (kl - (rejected - ref_rejected))))
        return np.concatenate([WEIGHTS[0] * good, WEIGHTS[1] * bad])


class Trl:
    """TRL's own methods, called on a bare object that has the attributes which they read."""

    def __init__(self):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import torch
            from trl import CPOTrainer, DPOTrainer, KTOTrainer
        self.torch, self.log_softmax = torch, lambda z: torch.log_softmax(z, 1)
        self.array = lambda x: torch.tensor(np.asarray(x, float))
        device = SimpleNamespace(device="cpu", gather_for_metrics=lambda x: x)
        common = {"accelerator": device, "beta": BETA, "label_smoothing": 0.0}
        dpo = SimpleNamespace(**common, reference_free=False, f_divergence_type=None)
        simpo = SimpleNamespace(**common, loss_type="simpo", simpo_gamma=GAMMA, alpha=0.0)
        kto = SimpleNamespace(
            **common,
            loss_type="kto",
            calculate_KL=True,
            desirable_weight=WEIGHTS[0],
            undesirable_weight=WEIGHTS[1],
        )
        self.dpo = lambda *logps: DPOTrainer.dpo_loss(dpo, *logps)[0]
        self.simpo = lambda *means: CPOTrainer.cpo_loss(simpo, *means)[0]
        self.kto = lambda c, r, rc, rr, kl: KTOTrainer.kto_loss(kto, c, r, kl[None], rc, rr, 0 * kl[None])[0]


@pytest.fixture(scope="module", params=["transcribed", "trl"])
def peer(request):
    if request.param == "transcribed":
        return Transcribed()
    try:
        found = version("trl")
    except PackageNotFoundError:
        pytest.skip('TRL is not installed: pip install "trl==0.24.0" "transformers<5" torch runs this peer')
    if not found.startswith("0.24."):
        pytest.skip(f"TRL {found} is installed; the losses are functions of their own in TRL 0.24")
    return Trl()


def theirs(peer, objective, seed):
    """(value, gradient or None) of a peer: the losses of the batch, weighted with their probabilities."""
    logits, reference, good, bad = world(seed)
    torch = getattr(peer, "torch", None)
    free = peer.array(logits)
    if torch is not None:
        free.requires_grad_()
    logs, old = peer.log_softmax(free), peer.log_softmax(peer.array(reference))
    lengths = peer.array(LENGTHS)
    sides = [(each[PROMPT, CHOSEN], each[PROMPT, REJECTED]) for each in (logs, old, logs / lengths)]
    pairs = good[PROMPT, CHOSEN] * bad[PROMPT, REJECTED] / bad.sum(axis=1)[PROMPT]
    if objective == "dpo":
        losses, weights = peer.dpo(*sides[0], *sides[1]), pairs
    elif objective == "simpo":
        losses, weights = peer.simpo(*sides[2]), pairs
    else:
        prompts = peer.array((good + bad).sum(axis=1) / 2)
        law = logs.exp() if torch is not None else np.exp(logs)
        divergence = (prompts[:, None] * law * (logs - old)).sum()
        new, then = logs[ASKED, GIVEN], old[ASKED, GIVEN]
        losses = peer.kto(new, new, then, then, divergence)
        weights = np.concatenate([good[ASKED, GIVEN], bad[ASKED, GIVEN]]) / 2
    total = (peer.array(weights) * losses).sum()
    if torch is None:
        return total, None
    total.backward()
    return total.item(), free.grad.numpy()


def ours(objective, seed):
    logits, reference, good, bad = world(seed)
    pairs = preference.pairs(good, bad)
    function = {
        "dpo": preference.dpo(MODEL, reference, pairs, beta=BETA),
        "simpo": preference.simpo(MODEL, pairs, LENGTHS, beta=BETA, margin=GAMMA),
        "kto": preference.kto(MODEL, reference, good, bad, beta=BETA, weights=WEIGHTS),
    }[objective]
    return jax.value_and_grad(function)(logits)


@pytest.mark.parametrize("objective", ["dpo", "simpo", "kto"])
def test_values_and_gradients_are_those_of_trl(peer, objective):
    for seed in range(3):
        (value, gradient), (expected, slope) = ours(objective, seed), theirs(peer, objective, seed)
        np.testing.assert_allclose(value, expected, rtol=1e-12)
        if slope is not None:
            np.testing.assert_allclose(gradient, slope, rtol=1e-9, atol=1e-14)
