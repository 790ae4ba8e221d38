"""Which code a number depends on: one digest over the modules that a function reaches by its imports.

`code_digest("compression_sim.experiments.rebound")` changes when a function, class or constant of a module
does that the named one imports, directly or by others, at its top or within a function; and when the
version of a library does that values come from. A comment, a docstring, the layout of lines, a module that
is not reached, the commit: they change nothing. Nor do the modules that run and keep the work (CARRIERS).

A package's `__init__` that only passes names on is passed through: `from .. import models` and
`models.TreeSoftmax` lead to `models/trees.py`, not to all that `models` has. What it does besides (a call,
an assignment to another object's field) counts, since it runs. What is imported by a computed name
(`importlib`) is not seen, nor are data files: name such modules, and put a file's digest into the settings.
"""

import ast
import sys
from collections.abc import Callable, Iterable
from functools import cache, cached_property, partial
from hashlib import sha256
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from types import CodeType, FunctionType, MethodType, ModuleType

OURS = __name__.partition(".")[0]
THEORY = "compression_theory"
# libraries that values come from, and the distributions that hold them
LIBRARIES = {
    "constriction": ("constriction",),
    "flint": ("python-flint",),
    "jax": ("jax", "jaxlib"),
    "numpy": ("numpy",),
    "optax": ("optax",),
    "scipy": ("scipy",),
    "sympy": ("sympy",),
    "torch": ("torch",),
    "transformers": ("transformers",),
    "xarray": ("xarray",),
}
# they carry numbers and change none; what the runner draws with is in `_draws`
CARRIERS = {f"{OURS}.{name}" for name in ("_code", "_files", "_format", "_program", "_progress",
            "_provenance", "_runner", "_store")}  # fmt: skip
ALL = "*"


def code_digest(*modules: str) -> str:
    """SHA-256 of the modules, of those of the same package and of ours that they import, and of versions.

    By their sources as they were when first asked for. Raises ValueError for a module without a source.
    """
    digest = sha256()
    for line in _lines(tuple(sorted(set(modules)))):
        digest.update(line.encode() + b"\n")
    return digest.hexdigest()


def reached(*modules: str) -> list[str]:
    """Names of the modules that `code_digest` covers, sorted."""
    return sorted(_closure(tuple(sorted(set(modules)))).bodies)


def functions_in(compute: Callable) -> list[Callable]:
    """`compute` and the functions that it holds on to: by its closure, defaults, as a method or a partial."""
    found, waiting = [], [compute]
    while waiting:
        one = waiting.pop(0)
        if isinstance(one, partial):
            waiting += [one.func, *one.args, *one.keywords.values()]
        elif isinstance(one, MethodType):
            waiting.append(one.__func__)
        elif isinstance(one, FunctionType):
            if one not in found:
                found.append(one)
                waiting += [_content(cell) for cell in one.__closure__ or ()]
                waiting += [*(one.__defaults__ or ()), *(one.__kwdefaults__ or {}).values()]
                waiting.append(getattr(one, "__wrapped__", None))
        elif one is compute and callable(one):
            waiting.append(type(one).__call__)
        elif callable(getattr(one, "__wrapped__", None)):  # a jitted function
            waiting.append(one.__wrapped__)
    return found


def digest_of(compute: Callable, also: Iterable[str] = ()) -> str:
    """The code digest of a function: of the modules that define it and what it holds on to, and `also`."""
    lines, modules = [], set(also)
    for function in functions_in(compute):
        if _source(function.__module__) is None:  # typed in, or made by exec
            lines.append(f"{function.__qualname__} {_bytecode(function.__code__)}")
        else:
            modules.add(function.__module__)
    return sha256("\n".join([code_digest(*modules), *lines]).encode()).hexdigest()


def names_of(compute: Callable) -> list[str]:
    """Qualified names of a function and of the functions that it holds on to."""
    return [
        f"{_importable(function.__module__)}.{function.__qualname__}" for function in functions_in(compute)
    ]


def _importable(module: str) -> str:
    """The name by which other processes import what runs here as the main program."""
    if module != "__main__":
        return module
    main = sys.modules[module]
    spec = getattr(main, "__spec__", None)
    return spec.name if spec is not None else Path(getattr(main, "__file__", module)).stem


def _content(cell):
    try:
        return cell.cell_contents
    except ValueError:  # not set yet
        return None


def _bytecode(code: CodeType) -> str:
    constants = [_bytecode(c) if isinstance(c, CodeType) else repr(c) for c in code.co_consts[1:]]
    return sha256(repr((code.co_code, code.co_names, constants)).encode()).hexdigest()


@cache
def _lines(modules: tuple[str, ...]) -> list[str]:
    closure = _closure(modules)
    lines = [f"{_importable(name)} {body}" for name, body in closure.bodies.items()]
    lines += [f"{name} runs {body}" for name, body in closure.effects.items()]
    for library in closure.libraries & LIBRARIES.keys():
        for distribution in LIBRARIES[library]:
            try:
                lines.append(f"{distribution} {version(distribution)}")
            except PackageNotFoundError:
                lines.append(f"{distribution} not installed")
    return sorted(lines)


@cache
def _closure(modules: tuple[str, ...]) -> "_Closure":
    closure = _Closure({OURS, THEORY, *(name.partition(".")[0] for name in modules)})
    for name in modules:
        if _source(name) is None:
            raise ValueError(f"there is no source of the module {name}")
        closure.need(name, ALL)
    return closure


class _Closure:
    """Modules reached so far: `bodies` those that count as a whole, `effects` what packages on the way do."""

    def __init__(self, roots: set[str]):
        self.roots = roots
        self.bodies: dict[str, str] = {}
        self.effects: dict[str, str] = {}
        self.libraries: set[str] = set()
        self._asked: set[tuple[str, str]] = set()

    def need(self, module: str, name: str) -> None:
        """A name of a module, or ALL of it, is used."""
        root = module.partition(".")[0]
        if root not in self.roots:
            self.libraries.add(root)
            return
        if module in CARRIERS or name == "__version__" or (module, name) in self._asked:
            return
        if (found := _source(module)) is None:
            return
        self._asked.add((module, name))
        for end in range(1, module.count(".") + 1):
            self._on_the_way(".".join(module.split(".")[:end]))
        if not found.is_package or name == ALL:
            self._whole(module, found)
        else:
            self._of_package(module, found, name)

    def _whole(self, module: str, found: "_Source") -> None:
        if module not in self.bodies:
            self.bodies[module] = _dumped(found.tree.body)
            self._follow(module, found, ast.walk(found.tree))

    def _on_the_way(self, package: str) -> None:
        """A package that is imported on the way: what it runs counts, the names that it passes on do not."""
        found = _source(package)
        if found is None or package in self.effects:
            return
        runs = [node for node in found.tree.body if not _passive(node)]
        self.effects[package] = _dumped(runs)
        for statement in runs:
            self._follow(package, found, ast.walk(statement))

    def _of_package(self, package: str, found: "_Source", name: str) -> None:
        """One name of a package: where it comes from, or the whole `__init__` that makes it."""
        self._on_the_way(package)
        if _source(f"{package}.{name}") is not None:
            self.need(f"{package}.{name}", ALL)
            return
        for node in found.tree.body:
            if isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    if alias.name == ALL or (alias.asname or alias.name) == name:
                        self.need(_absolute(node, package, found), name if alias.name == ALL else alias.name)
                        if alias.name != ALL:
                            return
        home = _home(package, name) if "__getattr__" in found.made else None
        if home is None or home.partition(".")[0] not in self.roots:
            self._whole(package, found)
        else:
            self.need(home, ALL)

    def _follow(self, module: str, found: "_Source", nodes: Iterable[ast.AST]) -> None:
        nodes = list(nodes)
        skipped = {id(n) for node in nodes if _only_for_types(node) for b in node.body for n in ast.walk(b)}
        for node in nodes:
            if id(node) in skipped:
                continue
            if isinstance(node, ast.Import):
                for alias in node.names:
                    self._imported_whole(alias, found)
            elif isinstance(node, ast.ImportFrom):
                source = _absolute(node, module, found)
                for alias in node.names:
                    self._imported(source, alias, found)

    def _imported_whole(self, alias: ast.alias, found: "_Source") -> None:
        """`import a.b.c`, `import a.b as c`, of which only some names may be used."""
        root = alias.name.partition(".")[0]
        inner = _source(alias.name) if root in self.roots else None
        if inner is None or not inner.is_package or (alias.asname is None and "." in alias.name):
            self.need(alias.name, ALL)
            return
        for name in found.taken_from(alias.asname or alias.name) or {ALL}:
            self.need(alias.name, name)

    def _imported(self, source: str, alias: ast.alias, found: "_Source") -> None:
        package = f"{source}.{alias.name}"
        inner = _source(package) if source.partition(".")[0] in self.roots else None
        if inner is None or not inner.is_package:
            self.need(source, alias.name)
            return
        # `from .. import models`: only the names that are taken from it, where that can be seen
        for name in found.taken_from(alias.asname or alias.name) or {ALL}:
            self.need(package, name)


class _Source:
    """A module's syntax tree."""

    def __init__(self, path: Path):
        self.is_package = path.name == "__init__.py"
        self.tree = _without_docstrings(ast.parse(path.read_bytes()))

    @cached_property
    def made(self) -> set[str]:
        """Names of functions, and of what is assigned, at the top."""
        tops = {n.name for n in self.tree.body if isinstance(n, ast.FunctionDef)}
        stored = (n for node in self.tree.body if isinstance(node, ast.Assign) for n in ast.walk(node))
        return tops | {n.id for n in stored if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}

    def taken_from(self, name: str) -> set[str]:
        """Attributes that are taken from what is called `name`; ALL where it is used in another way."""
        nodes = list(ast.walk(self.tree))
        bases = {id(n.value): n.attr for n in nodes if isinstance(n, ast.Attribute)}
        return {bases.get(id(n), ALL) for n in nodes if isinstance(n, ast.Name) and n.id == name}


def _passive(node: ast.stmt) -> bool:
    """Whether a statement of a package only makes names that others may ask for."""
    if isinstance(node, ast.Assign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        return all(isinstance(t, ast.Name | ast.Tuple) for t in targets)
    kinds = ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Pass
    return isinstance(node, kinds) or _only_for_types(node)


@cache
def _source(module: str) -> _Source | None:
    """The source of a module, found without importing it; None where there is none."""
    path = _path(module)
    return None if path is None else _Source(path)


def _path(module: str) -> Path | None:
    root, *rest = module.split(".")
    file = getattr(sys.modules.get(module), "__file__", None)
    if root not in (OURS, THEORY) and file is not None:
        return Path(file) if file.endswith(".py") else None
    try:
        spec = find_spec(root)
    except (ValueError, ImportError):  # __main__ as it is typed in
        return None
    if spec is None or spec.origin is None or not spec.origin.endswith(".py"):
        return None
    if not rest:
        return Path(spec.origin)
    if not spec.submodule_search_locations:
        return None
    base = Path(spec.submodule_search_locations[0], *rest)
    return next((p for p in (base.with_suffix(".py"), base / "__init__.py") if p.is_file()), None)


def _home(package: str, name: str) -> str | None:
    """The module that a package's __getattr__ takes a name from."""
    value = getattr(import_module(package), name, None)
    return value.__name__ if isinstance(value, ModuleType) else getattr(value, "__module__", None)


def _absolute(node: ast.ImportFrom, module: str, found: _Source) -> str:
    """The module that `from ... import` names."""
    if not node.level:
        return node.module or ""
    parts = module.split(".")
    parts = parts[: len(parts) - node.level + found.is_package]
    return ".".join([*parts, *([node.module] if node.module else [])])


def _only_for_types(node: ast.AST) -> bool:
    test = getattr(node, "test", None) if isinstance(node, ast.If) else None
    return getattr(test, "id", getattr(test, "attr", None)) == "TYPE_CHECKING"


def _dumped(statements: list[ast.stmt]) -> str:
    return sha256("\n".join(map(ast.dump, statements)).encode()).hexdigest()


def _without_docstrings(tree: ast.Module) -> ast.Module:
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0] if node.body else None
            if isinstance(first, ast.Expr) and isinstance(getattr(first.value, "value", None), str):
                node.body[0] = ast.Pass()
    return tree
