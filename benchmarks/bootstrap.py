"""BCa intervals of a ratio of sums, n = 2000, B = 9999: ours against arch, in one run.

    python benchmarks/bootstrap.py        needs the extra `bench`

Exit status 1 if ours takes half of arch's time or more. Both resample the same 2000 responses (bits and
tokens); arch's resamples are drawn one by one, ours are gathered in blocks.
"""

import sys
from time import perf_counter

import numpy as np

from compression_sim.estimators import Resampling, bootstrap


def responses(n=2000, seed=0):
    """Bits and tokens of n responses: (n, 2)."""
    rng = np.random.default_rng(seed)
    tokens = rng.geometric(0.1, n).astype(float)
    return np.column_stack([tokens * rng.gamma(2.0, 1.0, n), tokens])


def timed(call, repeats=3):
    """The least of some wall-clock times, in seconds, and the result."""
    times = []
    for _ in range(repeats):
        start = perf_counter()
        result = call()
        times.append(perf_counter() - start)
    return min(times), result


def main() -> int:
    from arch.bootstrap import IIDBootstrap

    columns = responses()
    same = Resampling(method="bca", seed=1)
    ours, found = timed(lambda: bootstrap(columns, lambda s: s[..., 0] / s[..., 1], same))

    def theirs():
        peer = IIDBootstrap(columns, seed=1)
        return peer.conf_int(lambda x: x[:, 0].sum() / x[:, 1].sum(), reps=9999, method="bca").ravel()

    arch, ends = timed(theirs, 1)
    print(f"ours  {ours:7.3f} s  [{found.low:.5f}, {found.high:.5f}]")
    print(f"arch  {arch:7.3f} s  [{ends[0]:.5f}, {ends[1]:.5f}]")
    print(f"ours / arch = {ours / arch:.3f}")
    return int(ours >= arch / 2)


if __name__ == "__main__":
    sys.exit(main())
