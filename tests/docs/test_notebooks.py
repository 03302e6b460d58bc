"""Notebooks of docs/ run from top to bottom, and show what they showed when they were committed."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore"),  # of Jupyter's own
]
nbformat = pytest.importorskip("nbformat", reason="install the extra: notebooks")
nbclient = pytest.importorskip("nbclient", reason="install the extra: notebooks")
pytest.importorskip("ipykernel", reason="install the extra: notebooks")
ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "docs" / "notebooks").glob("*.ipynb"))
SECONDS = 120  # of a cell


FIRST = "first_forecast"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if path.stem != FIRST and "GUIDES" not in os.environ:
        pytest.skip("takes a minute; GUIDES=1, as in make test-long, runs it")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    place = tmp_path / "docs" / "notebooks"
    place.mkdir(parents=True)
    shutil.copytree(ROOT / "sample_data", tmp_path / "sample_data")
    notebook = nbformat.read(path, as_version=4)
    shown = [kinds(cell) for cell in notebook.cells]
    where = {"metadata": {"path": str(place)}}
    nbclient.NotebookClient(notebook, timeout=SECONDS, kernel_name="python3", resources=where).execute()
    assert [kinds(cell) for cell in notebook.cells] == shown


def kinds(cell: dict[str, object]) -> list[list[str]]:
    """Return which kinds of output a cell has."""
    outputs = cell.get("outputs", [])
    assert isinstance(outputs, list)
    return [sorted(one.get("data", {"text": ""})) for one in outputs]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_was_run_and_says_nothing_of_a_machine(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    cells = [cell for cell in json.loads(text)["cells"] if cell["cell_type"] == "code"]
    assert [cell["execution_count"] for cell in cells] == list(range(1, len(cells) + 1))
    assert "/home/" not in text
    assert "/tmp/" not in text
    assert len(text) < 200_000
