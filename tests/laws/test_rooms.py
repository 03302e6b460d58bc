"""How large a room, a file and a function may be, and that names and the map are true."""

from __future__ import annotations

import ast
import re
from collections import Counter, defaultdict
from pathlib import Path

import pytest
from source import ROOT, Module, imported_modules, modules

MODULES = modules()
NAMES = {module.name: module for module in MODULES}
ROOMS = sorted({module.path.parent for module in MODULES})
FEWEST_MODULES, MOST_MODULES = 3, 14
FILE_LINES, FUNCTION_LINES, PARAMETERS = 260, 45, 8
SMALL_FILE = 60  # a file with fewer lines needs two importers
MAP_LINES = 25
CALLS_OF_A_COMMAND = 6
# Rooms that mirror another on purpose: the same name means the same thing on the other side.
MIRRORS = (("forecaster.export.graph", "forecaster.model"), ("forecaster.cli", "forecaster.workflows"))
# name: why it may be larger than the laws allow.
LARGE: dict[str, str] = {
    "deploy.predictor": "each public keyword is documented, with an example",
    "deploy.stream": "each public keyword is documented",
    "deploy.adaptive.calibrator.Calibrator.update": "the keywords of forecast",
    "deploy.predictor.Predictor.forecast": "its keywords are public, each one input of a model",
    "deploy.predictor.Predictor.sample_paths": "the keywords of forecast, and those of sampling",
    "forecaster.estimator.parameters.Parameters.__init__": "scikit-learn takes parameters from a signature",
    "forecaster.adapters.sktime.LSTMForecaster.__init__": "sktime takes parameters from a signature",
    "forecaster.estimator.forecaster.Forecaster.predict": "each of its public keywords is documented",
    "deploy.arrow.scoring.score_batches": "each of its public keywords is documented",
    "forecaster.estimator.rolled.Rolling.cross_validation": "each of its public keywords is documented",
}
# name: why it stands alone though it is small and has one user.
SMALL: dict[str, str] = {
    "forecaster.cli.score": "a command that deploy has whole",
    "forecaster.cli.watch": "a command that deploy has whole",
    "deploy.pretrained": "the one place that runs what it does not import by name",
}


def dotted(folder: Path) -> str:
    return ".".join(folder.relative_to(ROOT).parts)


def in_room(folder: Path) -> list[str]:
    """Return the modules of a room, but for its face."""
    return [path.stem for path in sorted(folder.glob("*.py")) if path.stem != "__init__"]


def test_a_room_holds_3_to_14_modules() -> None:
    found = [
        f"{dotted(room)} holds {len(in_room(room))}"
        for room in ROOMS
        if not FEWEST_MODULES <= len(in_room(room)) <= MOST_MODULES
    ]
    assert found == []


@pytest.mark.parametrize("package", ["deploy", "forecaster"])
def test_no_two_modules_have_the_same_name(package: str) -> None:
    by_name: dict[str, list[Module]] = defaultdict(list)
    for module in modules(package):
        if not module.is_face:
            by_name[module.path.stem].append(module)
    found = [
        " and ".join(module.name for module in same)
        for same in by_name.values()
        if len(same) > 1 and not are_mirrors(same)
    ]
    assert found == []


def test_no_two_files_of_tests_have_the_same_name() -> None:
    """Without packages pytest imports a file by its name alone."""
    stems = Counter(path.stem for path in (ROOT / "tests").rglob("*.py"))
    assert [name for name, count in stems.items() if count > 1 and name not in ("conftest", "__init__")] == []


def are_mirrors(same: list[Module]) -> bool:
    return any({module.room for module in same} == set(pair) for pair in MIRRORS)


def test_a_file_is_short() -> None:
    assert [
        f"{m.name} has {m.lines} lines" for m in MODULES if m.lines > FILE_LINES and m.name not in LARGE
    ] == []


def functions(module: Module) -> list[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    """Return every function of a module by its dotted name."""
    found: list[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]] = []

    def walk(node: ast.AST, prefix: str) -> None:
        for child in ast.iter_child_nodes(node):
            name = prefix
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                name = f"{prefix}.{child.name}"
                if not isinstance(child, ast.ClassDef):
                    found.append((name, child))
            walk(child, name)

    walk(module.tree, module.name)
    return found


def test_a_function_is_short() -> None:
    found = [
        f"{name} has {node.end_lineno - node.lineno + 1} lines"
        for module in MODULES
        for name, node in functions(module)
        if node.end_lineno is not None
        and node.end_lineno - node.lineno + 1 > FUNCTION_LINES
        and name not in LARGE
    ]
    assert found == []


def parameters(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Return how many parameters a function has; self and cls do not count."""
    arguments = node.args
    count = len([*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs])
    return count - (bool(arguments.args) and arguments.args[0].arg in ("self", "cls"))


def test_a_function_has_few_parameters() -> None:
    counts = {name: parameters(node) for module in MODULES for name, node in functions(module)}
    many = {name: count for name, count in counts.items() if count > PARAMETERS}
    assert {name: count for name, count in many.items() if name not in LARGE} == {}


def test_what_may_be_large_is() -> None:
    large = {module.name for module in MODULES if module.lines > FILE_LINES}
    for module in MODULES:
        for name, node in functions(module):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > FUNCTION_LINES or parameters(node) > PARAMETERS:
                large.add(name)
    assert set(LARGE) <= large


def test_a_small_file_has_two_users() -> None:
    users = Counter(other.name for module in MODULES for other in imported_modules(module, NAMES))
    found = {
        module.name: f"{module.lines} lines and {users[module.name]} user(s)"
        for module in MODULES
        if module.lines < SMALL_FILE
        and users[module.name] < 2
        and not module.is_face
        and not has_counterpart(module)
    }
    assert {name: sizes for name, sizes in found.items() if name not in SMALL} == {}
    assert set(SMALL) <= set(found), "an exception that is not needed"


def has_counterpart(module: Module) -> bool:
    """Return whether a mirror has a module of its name: one is small where the other is."""
    stem = f".{module.path.stem}"
    return any(module.room in pair and all(room + stem in NAMES for room in pair) for pair in MIRRORS)


def test_each_part_of_the_network_has_its_part_of_the_graph_and_a_test_of_the_pair() -> None:
    parts = in_room(ROOT / "forecaster" / "model")
    tests = (ROOT / "tests" / "forecaster" / "export" / "graph").glob("test_*_graph.py")
    assert in_room(ROOT / "forecaster" / "export" / "graph") == parts
    assert sorted(path.stem for path in tests) == sorted(f"test_{part}_graph" for part in parts)


def map_of(folder: Path) -> str:
    """Return what a room says of itself: its README.md or its docstring."""
    readme = folder / "README.md"
    return (
        readme.read_text(encoding="utf-8")
        if readme.exists()
        else ast.get_docstring(Module(folder / "__init__.py").tree) or ""
    )


def test_the_map_of_a_room_names_its_modules_and_no_others() -> None:
    found = []
    for room in ROOMS:
        text = map_of(room)
        named = set(re.findall(r"^ {4}(\w+/?) {2,}\S", text, re.MULTILINE))
        there = {*in_room(room), *(f"{below.name}/" for below in ROOMS if below.parent == room)}
        found += [f"{dotted(room)} does not name {name}" for name in there - named]
        found += [f"{dotted(room)} names {name}, which is not there" for name in named - there]
    assert found == []


def test_the_map_of_a_room_is_short() -> None:
    assert [dotted(room) for room in ROOMS if map_of(room).count("\n") >= MAP_LINES] == []


@pytest.mark.parametrize("command", ["fit", "export", "forecast", "evaluate", "inspect"])
def test_the_body_of_a_command_is_a_few_calls(command: str) -> None:
    module = NAMES[f"forecaster.cli.{command}"]
    (body,) = (node for name, node in functions(module) if name == f"{module.name}.{command}")
    calls = [node for part in body.body for node in ast.walk(part) if isinstance(node, ast.Call)]
    assert len(calls) <= CALLS_OF_A_COMMAND
