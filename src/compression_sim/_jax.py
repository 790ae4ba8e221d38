"""The one place where a program of ours loads jax: refuses a broken release, turns on float64."""

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
