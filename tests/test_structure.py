"""The house keeps its shape: imports go one way, files and functions stay small, public names say what they promise."""

from __future__ import annotations

import ast
import statistics
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = {
    "uraniborg_hub": ROOT / "hub" / "uraniborg_hub",
    "uraniborg_portal": ROOT / "portal" / "uraniborg_portal",
    "uraniborg": ROOT / "extensions" / "uraniborg",
}
LONGEST_MODULE = 400
LONGEST_FUNCTION = 50
MOST_PARAMETERS = 6
MEDIAN_MODULE = 150
MEDIAN_FUNCTION = 10
PORTAL_LAYERS = (
    {
        "errors",
        "settings",
        "links",
        "address",
        "database_clock",
        "ranges",
        "leases",
        "wakeups",
        "negotiation",
        "png",
        "cross_origin",
        "query_threads",
    },
    {"outside"},
    {"catalogs", "registry", "samples", "database", "migrations", "locks", "replica_news", "storage", "runner"},
    {"adql", "formats"},
    {"engine", "resolver", "identity", "cluster"},
    {
        "queries",
        "tap",
        "user_tables",
        "cone_search",
        "datalink",
        "density",
        "records",
        "instruments",
        "obscore",
        "remote",
        "scans",
    },
    {"context"},
    {"routes", "render", "security", "parameters", "health", "downloads"},
    {"web"},
    {"main", "serve"},
    {"cli", "__main__"},
)
"""A module may import from its own layer and from the layers above it in this list, never from below. What speaks HTTP
(`routes`, `*_routes`, `dependencies`) or is a verb (`cli`) has its own place, whatever folder it is in; frozen values
(`models`) may be imported by all."""
FRAMEWORKS = ("fastapi", "starlette", "tornado")
ENGINES = ("adql", "catalogs", "engine", "formats", "registry")
"""Shared engines know no HTTP."""


def modules() -> list[Path]:
    """Every module of the three packages."""
    return sorted(path for package in PACKAGES.values() for path in package.rglob("*.py"))


@cache
def tree(path: Path) -> ast.Module:
    """The parsed module."""
    return ast.parse(path.read_text(), filename=str(path))


@pytest.fixture(scope="module", autouse=True)
def forgotten() -> Iterator[None]:
    """Every module is parsed once, and its tree not kept for the tests of other files."""
    yield
    tree.cache_clear()


def imported(path: Path) -> set[str]:
    """Dotted names that a module imports, wherever in the file."""
    names: set[str] = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function and method of a module."""
    return (node for node in ast.walk(tree(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function without its docstring."""
    lines = (function.end_lineno or 0) - function.lineno + 1
    first = function.body[0]
    if ast.get_docstring(function) is not None:
        lines -= (first.end_lineno or 0) - first.lineno + 1
    return lines


@pytest.mark.parametrize("name", PACKAGES)
def test_packages_never_import_each_other(name: str) -> None:
    others = set(PACKAGES) - {name}
    wrong = [
        (path.name, each)
        for path in PACKAGES[name].rglob("*.py")
        for each in imported(path)
        if each.split(".")[0] in others
    ]
    assert not wrong


def portal_part(names: tuple[str, ...]) -> str:
    """The layer's name of a dotted path below the package: its top-level part, or `routes`, or `cli`."""
    if names[0] == "web":
        return "web"
    for name in names[:3]:
        if name in {"routes", "dependencies"} or name.endswith("_routes"):
            return "routes"
        if name == "cli":
            return "cli"
    return names[0]


def test_portal_imports_go_one_way() -> None:
    rank = {part: number for number, layer in enumerate(PORTAL_LAYERS) for part in layer}
    wrong = []
    for path in PACKAGES["uraniborg_portal"].rglob("*.py"):
        inside = path.relative_to(PACKAGES["uraniborg_portal"]).with_suffix("").parts
        part = portal_part(inside)
        if part == "__init__":
            continue
        assert part in rank, f"{part} has no place in PORTAL_LAYERS"
        targets = {tuple(name.split(".")[1:]) for name in imported(path) if name.startswith("uraniborg_portal.")}
        targets = {target for target in targets if "models" not in target}
        wrong += [("/".join(inside), target) for target in targets if rank.get(portal_part(target), 0) > rank[part]]
    assert not wrong


def test_engines_know_no_http() -> None:
    portal = PACKAGES["uraniborg_portal"]
    wrong = [
        (part, path.name, name)
        for part in ENGINES
        for path in (portal / part).rglob("*.py")
        for name in imported(path)
        if name.split(".")[0] in FRAMEWORKS and path.name != "routes.py"
    ]
    assert not wrong


def test_routes_read_what_their_caller_may() -> None:
    portal = PACKAGES["uraniborg_portal"]
    wrong = [
        (path.relative_to(portal), node.lineno)
        for path in portal.rglob("*.py")
        if path not in {portal / "context.py", portal / "identity" / "dependencies.py"}
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute) and node.attr in {"catalogs", "engine"}
        if isinstance(node.value, ast.Name) and node.value.id == "context"
    ]
    assert not wrong, "take ReaderCatalogs or ReaderEngine of identity/dependencies.py"


def test_modules_stay_small() -> None:
    lines = {path.name: len(path.read_text().splitlines()) for path in modules()}
    assert not {name: count for name, count in lines.items() if count > LONGEST_MODULE}
    assert statistics.median(lines.values()) <= MEDIAN_MODULE


def test_functions_stay_small() -> None:
    sizes = {(path.name, function.name): length(function) for path in modules() for function in functions(path)}
    assert not {where: size for where, size in sizes.items() if size > LONGEST_FUNCTION}
    assert statistics.median(sizes.values()) <= MEDIAN_FUNCTION


def test_parameters_are_few() -> None:
    wrong = [
        (path.name, function.name)
        for path in modules()
        for function in functions(path)
        if len(function.args.args)
        + len(function.args.kwonlyargs)
        - (function.args.args[:1] != [] and function.args.args[0].arg in {"self", "cls"})
        > MOST_PARAMETERS
    ]
    assert not wrong


def public_without_docstring(path: Path) -> Iterator[str]:
    """Public definitions of a module that promise nothing."""
    module = tree(path)
    if ast.get_docstring(module) is None:
        yield "module"
    for node in module.body:
        public = isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and node.name[0] != "_"
        if public and ast.get_docstring(node) is None:
            yield node.name


def test_public_names_have_docstrings() -> None:
    wrong = {(path.name, name) for path in modules() for name in public_without_docstring(path)}
    assert not wrong


def swallows(node: ast.AST) -> bool:
    """Whether a handler drops the exception without a word."""
    return isinstance(node, ast.ExceptHandler) and all(isinstance(each, ast.Pass) for each in node.body)


def test_nothing_is_swallowed_or_unpickled() -> None:
    wrong = []
    for path in modules():
        wrong += [
            (path.name, node.lineno)
            for node in ast.walk(tree(path))
            if isinstance(node, ast.ExceptHandler) and swallows(node)
        ]
        wrong += [
            (path.name, name)
            for name in imported(path)
            if name.split(".")[0] in {"pickle", "dill", "cloudpickle", "marshal", "shelve"}
        ]
    assert not wrong


def test_no_check_is_suppressed() -> None:
    marks = ("# no" + "qa", "# type: ig" + "nore", "pragma: no " + "cover")
    folders = ("hub", "portal", "extensions", "tests")
    wrong = [
        path
        for folder in folders
        for path in (ROOT / folder).rglob("*.py")
        if "node_modules" not in path.parts and any(mark in path.read_text() for mark in marks)
    ]
    assert not wrong


def mirror(path: Path) -> Path:
    """Where the test of a module lives: tests/<hub|portal|extensions>/<folders>/test_<module>.py."""
    name, package = next((name, folder) for name, folder in PACKAGES.items() if folder in path.parents)
    top = {"uraniborg_hub": "hub", "uraniborg_portal": "portal", "uraniborg": "extensions"}[name]
    inside = path.relative_to(package)
    return ROOT / "tests" / top / inside.parent / f"test_{inside.stem.lstrip('_')}.py"


def test_tests_mirror_the_tree() -> None:
    folders = {mirror(path).parent for path in modules() if path.name != "__init__.py"}
    without = sorted(str(folder.relative_to(ROOT)) for folder in folders if not list(folder.glob("test_*.py")))
    assert not without
