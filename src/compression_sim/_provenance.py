"""Where numbers come from: versions of what they depend on, the commit checked out, a hash of the sources."""

import platform
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from . import __version__

PACKAGE = Path(__file__).parent


def versions(*packages: str) -> dict[str, str]:
    """Versions of Python, of this package and of those named; "not installed" where one is absent."""
    found = {"compression-sim": __version__, "python": platform.python_version()}
    for name in packages:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found


def commit(*files: Path) -> str | None:
    """The commit of the checkout that the package runs from; None outside of one.

    With "+" unless the package, and `files` of the same checkout, are known to be as committed.
    """

    def git(*args):
        try:
            done = subprocess.run(["git", "-C", str(PACKAGE), *args], capture_output=True, text=True)
        except OSError:
            return None
        return done.stdout.strip() if done.returncode == 0 else None

    if not git("ls-files", "--error-unmatch", "__init__.py"):
        return None
    head = git("rev-parse", "HEAD")
    return head + "+" * (git("status", "--porcelain", "--", ".", *map(str, files)) != "") if head else None
