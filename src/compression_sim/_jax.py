"""The one place where a program of ours loads jax: refuses a broken release, turns on float64."""

from functools import cache
from importlib.metadata import version

BROKEN = {"0.10.2": "it computes wrong numbers on CPU (jax-ml/jax#39103)"}


def refuse_broken_jax(found: str | None = None) -> None:
    """Raise RuntimeError if the installed jax is a release known to compute wrong numbers."""
    found = found or version("jax")
    if found in BROKEN:
        raise RuntimeError(
            f"jax {found} is installed, but {BROKEN[found]}; install another release, e.g. "
            "pip install 'jax!=0.10.2'"
        )


def jax64():
    """(jax, jax.numpy) with float64 enabled, after the check above."""
    refuse_broken_jax()
    import jax

    jax.config.update("jax_enable_x64", True)
    return jax, jax.numpy


def jit(function):
    """jax.jit without XLA's YNNPACK fusions, for large programs on CPU.

    These are behind jax-ml/jax#39103 (wrong numbers) and #39257 (a crash); a run of `model-size` once
    died of "YNNPACK operation failed". Our programs compile faster without them and run as fast.
    """
    jax, _ = jax64()
    return jax.jit(function, compiler_options=_without_ynnpack())


@cache
def _without_ynnpack() -> dict:
    """The compiler's option for that; empty where this jaxlib does not know it."""
    jax, _ = jax64()
    options = {"xla_cpu_experimental_ynn_fusion_type": ""}
    try:
        jax.jit(lambda x: x, compiler_options=options).lower(0.0).compile()
    except jax.errors.JaxRuntimeError:
        return {}
    return options
