"""The house: which room may import which, and that imports run one way."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from importlib import import_module
from pathlib import Path

import pytest

import autograd_lite

PACKAGE = Path(autograd_lite.__file__).parent
MODULES = {
    ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted(PACKAGE.rglob("*.py"))
}
ENGINE = "the engine"  # the modules at the root of the package

# What a room may import besides itself.
MAY_IMPORT: dict[str, set[str]] = {
    ENGINE: {"_support"},
    "_support": set(),  # and errors, a module of the engine that imports nothing
    "transforms": {ENGINE, "_support"},
    "notation": {ENGINE, "_support"},
    "explanation": {ENGINE, "_support", "transforms", "notation"},
    "checks": {ENGINE, "_support", "transforms"},
    "compiler": {ENGINE, "_support", "transforms"},
    "nn": {ENGINE, "_support", "transforms"},
    "optim": {ENGINE, "_support", "transforms"},
    "plots": {ENGINE, "_support", "transforms"},
    "viz": {ENGINE, "_support", "notation", "explanation", "compiler", "nn"},
}
MAY_IMPORT["train"] = {*MAY_IMPORT}
MAY_IMPORT["commands"] = {*MAY_IMPORT}
# A circle is none of the reasons: where a package takes long to import, and few calls need it.
IN_A_FUNCTION = {"autograd_lite.viz.drawing": {"autograd_lite.viz.digraph"}}  # graphviz
FRONT = {"autograd_lite", "autograd_lite.__main__"}  # what users enter by: it imports every room


def room(module: str) -> str:
    parts = module.split(".")
    return parts[1] if len(parts) > 1 and (PACKAGE / parts[1]).is_dir() else ENGINE


def imported(module: str, node: ast.AST) -> Iterator[str]:
    """Yield the modules of the package that one statement imports."""
    if isinstance(node, ast.Import):
        names = [alias.name for alias in node.names]
    elif isinstance(node, ast.ImportFrom):
        parts = module.split(".")
        if MODULES[module].name == "__init__.py":
            parts.append("__init__")
        base = parts[: len(parts) - node.level] if node.level else []
        source = ".".join([*base, *([node.module] if node.module else [])])
        names = [f"{source}.{alias.name}" for alias in node.names]
        names = [name if name in MODULES else source for name in names]
    else:
        return
    yield from (name for name in names if name in MODULES and name != module)


@cache
def tree(module: str) -> ast.Module:
    return ast.parse(MODULES[module].read_text(encoding="utf-8"))


def imports(module: str) -> set[str]:
    """Return what a module imports anywhere, for type checkers alone and in functions included."""
    return {name for node in ast.walk(tree(module)) for name in imported(module, node)}


@pytest.mark.parametrize("module", MODULES)
def test_a_room_imports_only_what_it_may(module: str) -> None:
    if module in FRONT:
        return
    own = room(module)
    for name in imports(module):
        fine = room(name) == own or room(name) in MAY_IMPORT[own]
        assert fine or (own, name) == ("_support", "autograd_lite.errors"), name


def test_every_room_is_in_the_table() -> None:
    assert {room(module) for module in MODULES} == set(MAY_IMPORT)


def with_packages(module: str, found: set[str]) -> set[str]:
    """Add the packages that run first: for a.b.c a and a.b, where they do not run already."""
    parents = {name.rsplit(".", n)[0] for name in found for n in range(1, name.count(".") + 1)}
    return found | {package for package in parents if not f"{module}.".startswith(f"{package}.")}


def test_imports_make_no_circle() -> None:
    graph = {module: with_packages(module, imports(module)) for module in MODULES}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" imports ".join(reversed(error.args[1])))


@pytest.mark.parametrize("module", MODULES)
def test_no_function_imports_from_the_package(module: str) -> None:
    found = {
        name
        for function in ast.walk(tree(module))
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
        for name in imported(module, node)
    }
    assert found == IN_A_FUNCTION.get(module, set())


def exported_by(package: str) -> set[str]:
    return set(getattr(import_module(package), "__all__", []))


@pytest.mark.parametrize("module", [module for module in MODULES if "." in module])
def test_no_module_bears_the_name_of_what_its_package_exports(module: str) -> None:
    package, _, name = module.rpartition(".")
    assert name not in exported_by("autograd_lite") | exported_by(package)
