"""Who may import whom: one list of layers covers every module, and there are no circles."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from layers import LAYERS
from source import ROOT, Module, imported, imported_modules, modules

MODULES = {module.name: module for module in modules()}
# Libraries of the training side.
NOT_IN_DEPLOY = (
    "forecaster",
    "torch",
    "pandas",
    "onnx",
    *("click", "click.shell_completion"),
    "rich",
    "pydantic",
    "sklearn",
    "safetensors",
)
# All that `forecaster --help` has to load.
COMMANDS = [*modules("forecaster.cli"), Module(ROOT / "forecaster" / "__main__.py")]
LIGHT = {
    *("__future__", "collections.abc", "difflib", "functools", "gc", "logging", "pathlib", "re", "shlex"),
    *("shutil", "sys", "typing"),  # click has loaded them all
    *("click", "click.shell_completion"),
}
# Libraries that a room must not need.
HEAVY_FREE = {
    "forecaster.weights": ("torch", "pandas", "onnx"),
    "forecaster.model": ("pandas", "onnx"),
    "forecaster.training": ("onnx",),
    "forecaster.config": ("torch", "pandas"),
    "forecaster.export.nodes": ("torch", "pandas", "onnx"),
    "forecaster.export.graph": ("torch", "pandas", "onnx"),
    "forecaster.data": ("torch", "onnx", "matplotlib", "click"),
}


def below(name: str, package: str) -> bool:
    return name == package or name.startswith(package + ".")


def layer_of(name: str) -> tuple[int, str]:
    """The number of a module's layer, and the room of it that the module belongs to."""
    found = [(room, number) for number, layer in enumerate(LAYERS) for room in layer if below(name, room)]
    room, number = max(found, key=lambda item: len(item[0]))
    return number, room


@pytest.mark.parametrize("name", MODULES)
def test_every_module_has_a_layer(name: str) -> None:
    assert layer_of(name)


def test_a_module_imports_from_its_room_and_from_layers_below_it() -> None:
    found = []
    for module in MODULES.values():
        own_layer, own_room = layer_of(module.name)
        for other in imported_modules(module, MODULES):
            layer, room = layer_of(other.name)
            if layer >= own_layer and room != own_room:
                found.append(f"{module.name} imports {other.name}")
    assert found == []


def test_no_modules_import_each_other_in_a_circle() -> None:
    imports = {
        name: {other.name for other in imported_modules(module, MODULES)} for name, module in MODULES.items()
    }
    assert [" and ".join(circle) for circle in circles(imports)] == []


def circles(imports: dict[str, set[str]]) -> list[list[str]]:
    """Modules that reach each other, a list for each group: Tarjan's strongly connected components."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(name: str) -> None:
        index[name] = low[name] = len(index)
        stack.append(name)
        for other in sorted(imports[name]):
            if other not in index:
                visit(other)
                low[name] = min(low[name], low[other])
            elif other in stack:
                low[name] = min(low[name], index[other])
        if low[name] == index[name]:
            group = stack[stack.index(name) :]
            del stack[stack.index(name) :]
            if len(group) > 1:
                found.append(sorted(group))

    for name in sorted(imports):
        if name not in index:
            visit(name)
    return found


def test_circles_are_found() -> None:
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == [["b", "c"]]


@pytest.mark.parametrize("module", modules("deploy"), ids=lambda module: module.name)
def test_deploy_imports_nothing_of_the_training_side(module: Module) -> None:
    assert [name for name in module.imports if name.split(".")[0] in NOT_IN_DEPLOY] == []


@pytest.mark.parametrize("package", HEAVY_FREE)
def test_a_room_does_without_libraries_that_are_none_of_its_business(package: str) -> None:
    found = [
        f"{module.name} imports {name}"
        for module in modules(package)
        for name in module.imports
        if name.split(".")[0] in HEAVY_FREE[package]
    ]
    assert found == []


@pytest.mark.parametrize("folder", ["forecaster", "deploy", "benchmarks", "sample_data"])
def test_nothing_imports_the_tests(folder: str) -> None:
    found = [
        f"{module.name} imports {name}"
        for module in modules(folder)
        for name in module.imports
        if below(name, "tests") or name.split(".")[0].startswith("test_")
    ]
    assert found == []


@pytest.mark.parametrize("module", COMMANDS, ids=lambda module: module.name)
def test_the_command_line_loads_nothing_heavy_before_a_command_runs(module: Module) -> None:
    statements = [node for node in module.tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    origins = {
        node.module or "" if isinstance(node, ast.ImportFrom) else alias.name
        for node in statements
        for alias in node.names
    }
    assert {name for name in origins if not below(name, "forecaster.cli")} <= LIGHT | {"deploy.errors"}


def test_the_scan_sees_relative_imports() -> None:
    tree = ast.parse("from . import grid\nfrom ..training.fit import fit\nimport torch.nn\n")
    assert list(imported(tree, ("forecaster", "data"))) == [
        "forecaster.data",
        "forecaster.data.grid",
        "forecaster.training.fit",
        "forecaster.training.fit.fit",
        "torch.nn",
    ]


def test_the_scan_names_a_module_by_its_place() -> None:
    assert Module(ROOT / "forecaster" / "data" / "__init__.py").name == "forecaster.data"
    assert Module(Path(ROOT / "forecaster" / "data" / "table.py")).room == "forecaster.data"
