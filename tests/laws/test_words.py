"""Docstrings begin with what a thing does or is, in plain English."""

from __future__ import annotations

import ast
import re

from source import ROOT, modules

NO_BEGINNINGS = ("What ", "Of ", "Where ", "All that ")
# Each had a plainer word, which docs/glossary.md has where it is a term.
OTHER_WORDS = {
    "anew": "again",
    "what came": "actual",
    "goes on": "continues",
    "go on": "continue",
    "beside": "compared with, next to",
    "rival": "baseline",
    "rivals": "baselines",
    "tally": "score",
    "hiding": "masking",
}


def test_no_docstring_begins_without_a_verb_or_a_noun() -> None:
    found = []
    for module in modules():
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                text = ast.get_docstring(node) or ""
                if text.startswith(NO_BEGINNINGS):
                    found.append(f"{module.name} {getattr(node, 'name', '')}".rstrip())
    assert found == []


def test_a_word_has_one_meaning_and_a_meaning_one_word() -> None:
    texts = {module.name: module.text for module in modules()}
    texts |= {page.name: page.read_text(encoding="utf-8") for page in (ROOT / "docs").rglob("*.md")}
    texts |= {page.name: page.read_text(encoding="utf-8") for page in ROOT.glob("forecaster/**/*.j2")}
    texts["README.md"] = (ROOT / "README.md").read_text(encoding="utf-8")
    found = [
        f'{name}: "{word}"; write {better}'
        for name, text in texts.items()
        for word, better in OTHER_WORDS.items()
        if re.search(rf"\b{word}\b", text, re.IGNORECASE)
    ]
    assert found == []
