"""Libraries that a workflow does without, so that it starts at once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

BUNDLE = Path(__file__).parents[2] / "deploy" / "bundles" / "plain"
FORECAST = """
import sys
from forecaster.__main__ import main

sys.argv = ["forecaster", "forecast", *sys.argv[1:], "-o", "forecast.csv"]
try:
    main()
except SystemExit:
    print(*sys.modules)
"""


def loaded(module: str) -> set[str]:
    """Return the modules that a fresh process has once it imported one."""
    program = f"import sys, {module}; print(*sys.modules)"
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return set(found.stdout.split())


def test_continuing_a_run_needs_no_exporter() -> None:
    modules = loaded("forecaster.workflows.upkeep.continuing")
    assert [name for name in modules if name == "onnx" or name.startswith("forecaster.export")] == []


def test_inspecting_loads_no_library_of_networks_of_pictures_or_of_graphs() -> None:
    assert loaded("forecaster.workflows.inspect") & {"torch", "matplotlib", "onnx", "onnxruntime"} == set()


def test_the_exporter_of_arrays_loads_no_library_of_networks_of_graphs_or_of_tables() -> None:
    modules = loaded("forecaster.export.packing")
    assert modules & {"torch", "onnx", "pandas", "sklearn", "matplotlib", "rich", "click"} == set()


def test_forecasting_a_file_loads_what_it_needs_and_no_more(tmp_path) -> None:
    rows = [f"{2000 + month // 12}-{month % 12 + 1:02}-01 00:00:00,{100 + month % 12}" for month in range(40)]
    (tmp_path / "data.csv").write_text("\n".join(["time,y", *rows]) + "\n")
    program = [sys.executable, "-c", FORECAST, "data.csv", "--bundle", str(BUNDLE)]
    done = subprocess.run(program, capture_output=True, text=True, check=True, cwd=tmp_path)
    assert (tmp_path / "forecast.csv").read_text().startswith("time,forecast,")
    modules = set(done.stdout.split())
    assert {"pandas", "onnxruntime"} <= modules
    unneeded = {"torch", "onnx", "sklearn", "matplotlib", "narwhals", "safetensors", "jinja2", "plotille"}
    assert modules & unneeded == set()
    assert "forecaster.data.understood" not in modules


def test_a_fit_begins_without_what_it_needs_at_its_end_or_never() -> None:
    needless = {"matplotlib", "sklearn", "onnx", "onnxruntime", "torch._dynamo", "deploy.predictor"}
    assert loaded("forecaster.workflows.fit, forecaster.show.fit_progress") & needless == set()


def test_forecasting_without_a_fit_loads_no_library_of_networks_of_graphs_or_of_pictures(tmp_path) -> None:
    rows = [f"{2000 + month // 12}-{month % 12 + 1:02}-01,{100 + month % 12}" for month in range(40)]
    (tmp_path / "data.csv").write_text("\n".join(["time,y", *rows]) + "\n")
    program = [sys.executable, "-c", FORECAST, "data.csv", "--pretrained"]
    done = subprocess.run(program, capture_output=True, text=True, check=True, cwd=tmp_path)
    assert (tmp_path / "forecast.csv").read_text().startswith("time,forecast,")
    modules = set(done.stdout.split())
    assert {"pandas", "onnxruntime", "safetensors"} <= modules
    assert (
        modules & {"torch", "onnx", "sklearn", "scipy", "matplotlib", "narwhals", "jinja2", "plotille"}
        == set()
    )
