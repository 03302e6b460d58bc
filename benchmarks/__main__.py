"""Run every benchmark and write docs/benchmarks.md."""

from __future__ import annotations

import json
import platform
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

from benchmarks.markdown import table

BENCHMARKS = ("serving", "reading", "training")
PAGE = Path(__file__).parent.parent / "docs" / "benchmarks.md"


def main() -> None:
    names = ("torch", "onnx", "onnxruntime", "numpy")
    made_with = ", ".join(f"{name} {version(name)}" for name in names)
    parts = [
        "# Benchmarks",
        "Written by `make bench`. One core, medians, the ways of a row timed in turn; trust ratios, not "
        f"milliseconds.\nPython {platform.python_version()} on {platform.machine()}, {made_with}.",
    ]
    for name in BENCHMARKS:
        command = [sys.executable, "-m", f"benchmarks.{name}", "--json"]
        output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        result = json.loads(output.splitlines()[-1])
        module_doc = (Path(__file__).parent / f"{name}.py").read_text().split('"""')[1].split("\n")[0]
        parts += [f"## {name}", f"{module_doc}\n`python -m benchmarks.{name}`", table(result["rows"])]
    PAGE.write_text("\n\n".join(parts) + "\n")
    print(f"wrote {PAGE.name}")


if __name__ == "__main__":
    main()
