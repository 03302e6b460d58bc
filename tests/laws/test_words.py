"""Docstrings begin with what a thing does or is, in plain English."""

from __future__ import annotations

import ast

from source import modules

NO_BEGINNINGS = ("What ", "Of ", "Where ", "All that ")


def test_no_docstring_begins_without_a_verb_or_a_noun() -> None:
    found = []
    for module in modules():
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                text = ast.get_docstring(node) or ""
                if text.startswith(NO_BEGINNINGS):
                    found.append(f"{module.name} {getattr(node, 'name', '')}".rstrip())
    assert found == []
