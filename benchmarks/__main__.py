"""Run every benchmark and write docs/benchmarks.md; PEERS=PYTHON, an interpreter that has the peers."""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

from benchmarks.markdown import table

BENCHMARKS = ("serving", "service", "reading", "training")
WITH_PEERS = ("serving", "training")
PEERS = os.environ.get("PEERS")
PAGE = Path(__file__).parent.parent / "docs" / "benchmarks.md"


def main() -> None:
    argparse.ArgumentParser("python -m benchmarks", description=__doc__).parse_args()
    names = ("torch", "onnx", "onnxruntime", "numpy")
    made_with = ", ".join(f"{name} {version(name)}" for name in names)
    parts = [
        "# Benchmarks",
        "Written by `make bench`. One core, medians, the ways of a row timed in turn; trust ratios, not "
        f"milliseconds.\nPython {platform.python_version()} on {platform.machine()}, {made_with}.",
    ]
    for name in BENCHMARKS:
        command = [sys.executable, "-m", f"benchmarks.{name}", "--json"]
        if PEERS and name in WITH_PEERS:
            command += ["--peers", PEERS]
        output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        result = json.loads(output.splitlines()[-1])
        module_doc = (Path(__file__).parent / f"{name}.py").read_text().split('"""')[1].split("\n")[0]
        parts += [f"## {name}", f"{module_doc}\n`python -m benchmarks.{name}`"]
        parts += [table(rows) for rows in result.values() if isinstance(rows, list) and rows]
        figures = {key: value for key, value in result.items() if isinstance(value, int | float)}
        parts += [", ".join(f"{key} {value}" for key, value in figures.items())] if figures else []
    PAGE.write_text("\n\n".join(parts) + "\n")
    print(f"wrote {PAGE.name}")


if __name__ == "__main__":
    main()
