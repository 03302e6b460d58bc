"""Imports of deploy: numpy and onnxruntime alone, its own modules by relative names."""

from __future__ import annotations

import ast
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import deploy

pytestmark = pytest.mark.slow

SOURCES = sorted(Path(deploy.__file__).parent.rglob("*.py"))
SERVICE = sorted((Path(deploy.__file__).parent / "server").rglob("*.py"))
NAMES = [str(path.relative_to(Path(deploy.__file__).parent)) for path in SOURCES]
# In addition to the standard library; onnxruntime needs none of its own dependencies to run a graph.
ALLOWED_MODULES = {"deploy", "numpy", "onnxruntime"}
ALLOWED_IMPORTS = {"numpy", "onnxruntime"}
# The extra `serve`, and what it brings along.
SERVE_IMPORTS = ALLOWED_IMPORTS | {"starlette", "uvicorn", "h11", "orjson", "prometheus_client"}
# The extras of tables of other places, each imported where it is used.
DRIVERS = {"pyarrow", "fsspec", "duckdb", "adbc_driver_manager", "adbc_driver_postgresql"}
ROOM_IMPORTS = {"server": SERVE_IMPORTS, "sources": ALLOWED_IMPORTS | DRIVERS}
ROOM_IMPORTS |= {"arrow": ALLOWED_IMPORTS | {"pyarrow"}}  # the extra `arrow`

FORECAST = """
import json, sys
before = set(sys.modules)
from deploy import Predictor
predictor = Predictor.load({bundle!r}, verify=True)
predictor.forecast([1.0, 2.0, 3.0], last_timestamp="2024-01-31")
predictor.forecast([1.0, 2.0, 3.0], method="step")
print(json.dumps(sorted({{name.partition(".")[0] for name in set(sys.modules) - before}})))
"""
IMPORT = """
import json, sys
before = set(sys.modules)
import {module}
print(json.dumps(sorted({{name.partition(".")[0] for name in set(sys.modules) - before}})))
"""


# Pictures, where matplotlib is installed.
ROOM_IMPORTS |= {"shown": ALLOWED_IMPORTS | {"matplotlib"}, "forecast.py": ALLOWED_IMPORTS | {"matplotlib"}}
# Engines, each imported where it runs.
ROOM_IMPORTS |= {"spark.py": ALLOWED_IMPORTS | {"pyarrow", "pyspark"}}
ROOM_IMPORTS |= {"ray.py": ALLOWED_IMPORTS | {"pyarrow", "ray"}}


def third_party(printed: str) -> set[str]:
    return set(json.loads(printed)) - set(sys.stdlib_module_names)


def test_a_forecast_imports_numpy_and_onnxruntime_alone(
    bundles: Path, run_python: Callable[..., str]
) -> None:
    assert third_party(run_python(FORECAST.format(bundle=str(bundles / "plain")))) <= ALLOWED_MODULES


@pytest.mark.parametrize(
    ("module", "needed"),
    [
        ("deploy", set()),
        ("deploy.predictor", {"numpy"}),
        ("deploy.server", {"numpy"}),
        ("deploy.sources.batches", set()),
    ],
)
def test_importing_deploy_imports_what_is_used_alone(
    run_python: Callable[..., str], module: str, needed: set[str]
) -> None:
    assert third_party(run_python(IMPORT.format(module=module))) == {"deploy", *needed}


def imported(path: Path) -> Iterator[tuple[int, str]]:
    """Yield how many dots and which top-level name each import of a module has, wherever it stands."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((0, alias.name.partition(".")[0]) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.level, (node.module or "").partition(".")[0]


@pytest.mark.parametrize("path", SOURCES, ids=NAMES)
def test_a_module_imports_the_standard_library_numpy_and_onnxruntime_alone(path: Path) -> None:
    absolute = {name for dots, name in imported(path) if dots == 0}
    room = path.relative_to(Path(deploy.__file__).parent).parts[0]
    allowed = ROOM_IMPORTS.get(room, ALLOWED_IMPORTS)
    assert absolute <= allowed | set(sys.stdlib_module_names)


@pytest.mark.parametrize("path", [path for path in SOURCES if path not in SERVICE])
def test_nothing_imports_the_service_that_is_no_part_of_it(path: Path) -> None:
    assert "server" not in {name for _, name in imported(path)}


@pytest.mark.parametrize("path", SOURCES, ids=NAMES)
def test_a_module_imports_its_own_package_relatively(path: Path) -> None:
    assert "deploy" not in {name for dots, name in imported(path) if dots == 0}


@pytest.mark.parametrize("path", SOURCES, ids=NAMES)
def test_a_relative_import_stays_within_the_package(path: Path) -> None:
    depth = len(path.relative_to(Path(deploy.__file__).parent).parts)
    assert all(dots <= depth for dots, _ in imported(path))


@pytest.mark.parametrize("path", SOURCES, ids=NAMES)
def test_a_module_imports_nothing_by_a_computed_name(path: Path) -> None:
    names = {
        node.id
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Name)
    }
    assert not names & {"__import__", "importlib", "eval", "exec", "compile"}


@pytest.mark.parametrize("path", SOURCES, ids=NAMES)
def test_one_module_runs_what_its_distribution_declares_and_no_other_does(path: Path) -> None:
    asked = {
        alias.name
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("importlib")
        for alias in node.names
    }
    finds_code = asked - {"version", "PackageNotFoundError"}
    assert finds_code == ({"distribution"} if path.name == "pretrained.py" else set())


def test_without_pyarrow_the_extra_is_named(run_python: Callable[..., str]) -> None:
    code = "import sys; sys.modules['pyarrow'] = None\nfrom deploy import ExtraMissingError\n"
    code += "try:\n    import deploy.arrow\nexcept ExtraMissingError as error:\n    print(error)"
    assert run_python(code) == (
        "deploy.arrow needs pyarrow; install the extra: pip install 'lstm-forecaster[cpu,arrow]'"
    )
