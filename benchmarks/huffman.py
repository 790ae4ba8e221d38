"""Huffman lengths beside constriction's tree build: `python benchmarks/huffman.py [log2 of leaves]`.

Prints seconds and the ratio from one run; a ratio of at least 0.5 is what the project asks for.
"""

import sys
import time

import constriction
import numpy as np

import compression_sim as cs


def seconds(function, repeats=5):
    """The best of several runs."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return min(times)


def main(log2_leaves=20):
    rng = np.random.default_rng(0)
    laws = {
        "Pareto 1.5": rng.pareto(1.5, 2**log2_leaves) + 1,
        "uniform": rng.random(2**log2_leaves),
        "equal": np.ones(2**log2_leaves),
        "geometric": 0.9 ** (np.arange(2**log2_leaves) % 4000),
    }
    print(f"2^{log2_leaves} leaves: law, ours, constriction's tree, their time / our time")
    for law, weights in laws.items():
        p = weights / weights.sum()
        ours = seconds(lambda p=p: cs.huffman_code_lengths(p))
        theirs = seconds(lambda p=p: constriction.symbol.huffman.EncoderHuffmanTree(p))
        print(f"{law:12s} {ours:8.3f} s {theirs:8.3f} s {theirs / ours:6.2f}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
