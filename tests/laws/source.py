"""The source of both packages as the laws see it: modules, rooms, and who imports whom."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("deploy", "forecaster")


@dataclass(frozen=True)
class Module:
    """A source file. name: dotted; of a package's __init__ that of the package."""

    path: Path

    @cached_property
    def name(self) -> str:
        parts = self.path.relative_to(ROOT).with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    @cached_property
    def room(self) -> str:
        """Return the dotted name of the folder that it lies in."""
        return ".".join(self.path.parent.relative_to(ROOT).parts)

    @cached_property
    def is_face(self) -> bool:
        """Return whether it is an __init__ or a __main__, which no room counts."""
        return self.path.stem in ("__init__", "__main__")

    @cached_property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @cached_property
    def lines(self) -> int:
        return self.text.count("\n")

    @cached_property
    def imports(self) -> frozenset[str]:
        """Return dotted names of all that it imports anywhere, for types too; relative names resolved."""
        return frozenset(imported(self.tree, tuple(self.room.split("."))))


def imported(tree: ast.AST, package: tuple[str, ...]) -> Iterator[str]:
    """Yield the names that a module of a package imports, each as far down as a module may go."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            origin = ".".join((*above, *([node.module] if node.module else [])))
            yield origin
            yield from (f"{origin}.{alias.name}" for alias in node.names)


def modules(*packages: str) -> list[Module]:
    """Return the modules of these packages, by default of both."""
    places = [ROOT.joinpath(*package.split(".")) for package in packages or PACKAGES]
    return [Module(path) for place in places for path in sorted(place.rglob("*.py"))]


def imported_modules(module: Module, names: dict[str, Module]) -> set[Module]:
    """Return the modules that a module imports; a package only where none of its modules is meant."""
    found = {names[name] for name in module.imports if name in names}
    nearest = {
        origin
        for origin in found
        if origin.path.stem != "__init__"
        or any(f"{origin.name}.{name}" not in names for name in _asked_of(module, origin.name))
    }
    return nearest - {module}


def _asked_of(module: Module, package: str) -> set[str]:
    """Return what a module imports from a package's __init__ by name."""
    prefix = package + "."
    return {
        name.removeprefix(prefix)
        for name in module.imports
        if name.startswith(prefix) and "." not in name.removeprefix(prefix)
    }
