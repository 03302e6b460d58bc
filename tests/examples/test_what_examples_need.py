"""An example is one file that a reader can copy: it needs deploy, and says what else."""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))
PAGE = (ROOT / "examples" / "README.md").read_text(encoding="utf-8")
BESIDE = {"fastapi_app.py": {"anyio", "fastapi", "pydantic"}}  # FastAPI, and what it stands on
LONGEST = 120  # lines


def imports(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    names += [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    return {name.partition(".")[0] for name in names}


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_an_example_imports_deploy_and_numpy_and_what_it_is_about(path: Path) -> None:
    allowed = {"deploy", "numpy"} | BESIDE.get(path.name, set())
    assert imports(path) <= allowed | set(sys.stdlib_module_names)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_an_example_is_short(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST


def test_the_page_has_every_example_and_no_other() -> None:
    assert set(re.findall(r"^\| \[(\w+\.py)\]\(\1\)", PAGE, re.MULTILINE)) == {path.name for path in EXAMPLES}


@pytest.mark.parametrize("page", ["examples/README.md", "docs/kubernetes.md"])
def test_every_file_that_a_page_links_to_is_there(page: str) -> None:
    folder = (ROOT / page).parent
    links = re.findall(r"\]\(([^)#]+)", (ROOT / page).read_text(encoding="utf-8"))
    assert links
    assert all((folder / link).exists() for link in links)
