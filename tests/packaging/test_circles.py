"""No module imports itself by a detour: neither at the top of a file, nor inside a function or for types."""

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = (ROOT / "src" / "compression_sim", ROOT / "theory" / "compression_theory")


def modules(package: Path) -> dict[str, Path]:
    """Dotted name -> file of every module of a package; a package's own name is its `__init__`."""
    found = {}
    for path in package.rglob("*.py"):
        parts = path.relative_to(package.parent).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imported(name: str, path: Path, known) -> set[str]:
    """The modules among `known` that a file imports anywhere, a submodule rather than its package."""
    package = name.split(".") if path.name == "__init__.py" else name.split(".")[:-1]
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*above, *filter(None, [node.module])])
            found |= {f"{base}.{a.name}" if f"{base}.{a.name}" in known else base for a in node.names}
    return (found & set(known)) - {name}


def circle(*packages: Path) -> list[str]:
    """One circle of imports, as the names along it; [] if there is none."""
    known = {name: path for package in packages for name, path in modules(package).items()}
    graph = {name: imported(name, path, known) for name, path in known.items()}
    try:
        list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        return error.args[1]
    return []


def test_no_module_imports_itself_by_a_detour():
    assert circle(*PACKAGES) == []


@pytest.mark.parametrize(
    "line",
    [
        "from . import b",
        "from .b import x",
        "import p.b",
        "def f():\n    from p.b import x",
        "if TYPE_CHECKING:\n    from .b import x",
    ],
)
def test_a_circle_is_seen_wherever_its_import_stands(tmp_path, line):
    package = tmp_path / "p"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "a.py").write_text(line)
    (package / "b.py").write_text("from .c import y")
    (package / "c.py").write_text("y = 1")
    assert circle(package) == []
    (package / "c.py").write_text("from .a import z")
    assert set(circle(package)) == {"p.a", "p.b", "p.c"}
