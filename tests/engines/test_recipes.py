"""The recipes of docs/scale.md over `score --part`, each run once as it is written there."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from conftest import BUNDLE, LENGTH, ROOT, Series

pytestmark = pytest.mark.engine

PAGE = (ROOT / "docs" / "scale.md").read_text(encoding="utf-8")
ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *filter(None, sys.path)])}


def block(language: str, mark: str) -> str:
    """Return the one block of the page that holds a text."""
    blocks = re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    (found,) = [text for text in blocks if mark in text]
    return str(found)


@pytest.fixture
def folder(series: Series, tmp_path: Path) -> Path:
    """Files of whole series, and the bundle, by the names that the recipes have for them."""
    rows = series.rows.rename_columns(["item", "time", "y"])
    Series(rows, series.ids, series.quantiles, series.months).write(
        tmp_path / "sales", [n * LENGTH for n in (20, 40, 60, 80, 100)]
    )
    (tmp_path / "bundle").symlink_to(BUNDLE)
    return tmp_path


def check(folder: Path, series: Series) -> None:
    """All is there once, and signed for."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    assert (folder / "forecasts" / "_score.json").exists()
    parts = [pq.read_table(path) for path in sorted((folder / "forecasts").glob("*.parquet"))]
    table = pa.concat_tables(parts)
    series.check(table.rename_columns(["item", "month", *table.column_names[2:]]))


def run(folder: Path, *command: str, **more: str) -> None:
    found = subprocess.run(
        command, cwd=folder, env={**ENVIRONMENT, **more}, capture_output=True, text=True, check=False
    )
    assert found.returncode == 0, found.stdout + found.stderr


def test_kubernetes_runs_an_indexed_job(folder: Path, series: Series) -> None:
    yaml = pytest.importorskip("yaml")
    job: dict[str, Any] = yaml.safe_load(block("yaml", "completionMode: Indexed"))
    (container,) = job["spec"]["template"]["spec"]["containers"]
    (line,) = container["args"]
    assert line.startswith("exec python ")
    for index in range(job["spec"]["completions"]):
        line_here = line.replace("exec python ", f"exec {sys.executable} ")
        run(folder, *container["command"], line_here, JOB_COMPLETION_INDEX=str(index))
    check(folder, series)


def test_dask_maps_over_the_shares(folder: Path, series: Series) -> None:
    pytest.importorskip("distributed", reason="needs dask: make test-engines")
    (folder / "recipe.py").write_text(block("python", "dask.distributed"))
    run(folder, sys.executable, "recipe.py")
    check(folder, series)


def test_airflow_expands_a_task_for_each_share(folder: Path, series: Series) -> None:
    if importlib.util.find_spec("airflow") is None:
        pytest.skip("needs apache-airflow >= 3, whose own packages are pinned: install it in .venv-engines")
    dag = block("python", "airflow.sdk").replace("python -m", f"cd {folder} && {sys.executable} -m")
    assert dag.endswith("\nscore_sales()\n")
    (folder / "recipe.py").write_text(dag.removesuffix("score_sales()\n") + "score_sales().test()\n")
    home = {"AIRFLOW_HOME": str(folder / "airflow"), "AIRFLOW__CORE__LOAD_EXAMPLES": "False"}
    run(folder, sys.executable, "-m", "airflow", "db", "migrate", **home)
    run(folder, sys.executable, "recipe.py", **home)
    check(folder, series)
