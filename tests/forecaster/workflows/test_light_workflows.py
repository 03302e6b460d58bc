"""Libraries that a workflow does without, so that it starts at once."""

from __future__ import annotations

import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow


def loaded(module: str) -> set[str]:
    """Return the modules that a fresh process has once it imported one."""
    program = f"import sys, {module}; print(*sys.modules)"
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return set(found.stdout.split())


def test_continuing_a_run_needs_no_exporter() -> None:
    modules = loaded("forecaster.workflows.continuing")
    assert [name for name in modules if name == "onnx" or name.startswith("forecaster.export")] == []


def test_inspecting_loads_no_library_of_networks_of_pictures_or_of_graphs() -> None:
    assert loaded("forecaster.workflows.inspect") & {"torch", "matplotlib", "onnx", "onnxruntime"} == set()
