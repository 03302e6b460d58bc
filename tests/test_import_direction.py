"""Who may import whom, read from the source of every module."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOLDERS = [name for name in ("forecaster", "deploy", "benchmarks", "sample_data") if (ROOT / name).is_dir()]

# What the modules below a package may not import, and none of what lies below those.
FORBIDDEN = {
    "deploy": (
        "forecaster",
        "torch",
        "pandas",
        "onnx",
        "click",
        "rich",
        "pydantic",
        "sklearn",
        "safetensors",
    ),
    "forecaster.config": (
        "forecaster.model",
        "forecaster.data",
        "forecaster.training",
        "forecaster.evaluation",
        "forecaster.export",
        "forecaster.cli",
        "torch",
        "pandas",
    ),
    "forecaster.data": (
        "forecaster.training",
        "forecaster.evaluation",
        "forecaster.export",
        "forecaster.cli",
        "forecaster.run",
    ),
    "forecaster.model": (
        "forecaster.training",
        "forecaster.evaluation",
        "forecaster.export",
        "forecaster.cli",
        "forecaster.run",
        "pandas",
        "onnx",
    ),
    "forecaster.evaluation": (
        "forecaster.training",
        "forecaster.export",
        "forecaster.cli",
        "forecaster.run",
    ),
    "forecaster.report": ("forecaster.export", "forecaster.cli", "forecaster.evaluating"),
    "forecaster.training": ("forecaster.export", "forecaster.cli", "onnx"),
    "forecaster.export": ("forecaster.cli",),
}
# All that `forecaster --help` has to load.
LIGHT = {
    "__future__",
    "collections.abc",
    "logging",
    "pathlib",
    "sys",
    "typing",
    "click",
    "forecaster.cli_options",
}


def module_name(path: Path) -> str:
    """forecaster/data/csv.py -> forecaster.data.csv; a package by its own name."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported(path: Path, tree: ast.AST) -> Iterator[str]:
    """Full dotted names of all that a module, or a part of it, imports; relative ones resolved."""
    package = path.parent.relative_to(ROOT).parts
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            origin = ".".join((*above, *([node.module] if node.module else [])))
            yield origin
            yield from (f"{origin}.{alias.name}" for alias in node.names)


def below(name: str, package: str) -> bool:
    return name == package or name.startswith(package + ".")


def modules(package: str) -> list[Path]:
    """The source files of a package, or of a module."""
    place = ROOT.joinpath(*package.split("."))
    return sorted(place.rglob("*.py")) if place.is_dir() else [place.with_suffix(".py")]


def parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("package", FORBIDDEN)
def test_a_package_imports_nothing_that_stands_above_it(package: str) -> None:
    found = [
        f"{module_name(path)} imports {name}"
        for path in modules(package)
        for name in imported(path, parse(path))
        if any(below(name, forbidden) for forbidden in FORBIDDEN[package])
    ]
    assert found == []


def test_deploy_imports_itself_by_relative_names_only() -> None:
    found = [
        f"{module_name(path)} line {node.lineno}"
        for path in modules("deploy")
        for node in ast.walk(parse(path))
        if (isinstance(node, ast.ImportFrom) and not node.level and below(node.module or "", "deploy"))
        or (isinstance(node, ast.Import) and any(below(alias.name, "deploy") for alias in node.names))
    ]
    assert found == []


@pytest.mark.parametrize("folder", FOLDERS)
def test_nothing_imports_the_tests(folder: str) -> None:
    found = [
        f"{module_name(path)} imports {name}"
        for path in modules(folder)
        for name in imported(path, parse(path))
        if below(name, "tests") or name.split(".")[0].startswith("test_")
    ]
    assert found == []


@pytest.mark.parametrize("name", ["cli.py", "cli_options.py"])
def test_the_command_line_loads_nothing_heavy_before_a_command_runs(name: str) -> None:
    path = ROOT / "forecaster" / name
    statements = [node for node in parse(path).body if isinstance(node, ast.Import | ast.ImportFrom)]
    origins = {
        node.module if isinstance(node, ast.ImportFrom) else alias.name
        for node in statements
        for alias in node.names
    }
    assert origins <= LIGHT


def test_the_scan_sees_relative_imports() -> None:
    path = ROOT / "forecaster" / "data" / "example.py"
    tree = ast.parse("from . import grid\nfrom ..training.fit import fit\nimport torch.nn\n")
    assert list(imported(path, tree)) == [
        "forecaster.data",
        "forecaster.data.grid",
        "forecaster.training.fit",
        "forecaster.training.fit.fit",
        "torch.nn",
    ]
