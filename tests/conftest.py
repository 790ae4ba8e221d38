"""What all tests share: one Hypothesis profile, and jax as a program of ours loads it.

COMPRESSION_SIM_TEST_DEPTH multiplies the number of Hypothesis examples (`make soak` sets 10). At depth 1
the examples are the same in every run, so that a change is judged by what it changes; deeper runs draw anew.
"""

import os
import signal

import pytest
from hypothesis import settings

DEPTH = int(os.environ.get("COMPRESSION_SIM_TEST_DEPTH", "1"))

# deadline=None: each new array shape may cost a jit compilation.
settings.register_profile("compression_sim", deadline=None, max_examples=50 * DEPTH, derandomize=DEPTH == 1)
settings.load_profile("compression_sim")

# A shell that starts `make test &` has it ignore SIGINT, and so would the commands that tests interrupt.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def jax64():
    """(jax, jax.numpy) in float64."""
    from compression_sim._jax import jax64

    return jax64()
