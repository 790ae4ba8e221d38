"""Elasticity theory of language models: derived, simulated, judged (arXiv 2406.06144).

    import compression_sim as cs

Names are loaded on first use, so that importing the package costs nothing.
"""

from importlib import import_module

__version__ = "0.1.0"

_HOME = {
    "Claim": "ledger",
    "Evidence": "ledger",
    "Ledger": "ledger",
    "claim": "ledger",
    "find_counterexample": "ledger",
    "verify": "ledger",
    "Mixture": "mixtures",
    "normalize": "mixtures",
    "TokenTree": "trees",
    "compression_rates": "elasticity",
    "critical_perturbation": "elasticity",
    "elastic_response": "elasticity",
    "elasticity_ratio": "elasticity",
    "hooke_forces": "elasticity",
    "normalized_compression_rates": "elasticity",
    "pareto_response": "limits",
    "rebound_curve": "elasticity",
    "cross_entropy": "coding",
    "entropy": "coding",
    "kl_divergence": "coding",
    "huffman_code_lengths": "coding",
    "ideal_code_lengths": "coding",
    "shannon_code_lengths": "coding",
}

__all__ = ["__version__", *_HOME]


def __getattr__(name: str):
    if name in _HOME:
        return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    try:
        return import_module(f"{__name__}.{name}")
    except ModuleNotFoundError as error:
        if error.name != f"{__name__}.{name}":
            raise
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}") from None


def __dir__():
    return sorted(__all__)
