"""What a run folder or a bundle holds, for people and for machines."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from deploy.bundle import MANIFEST, read_bundle
from deploy.errors import RunError
from forecaster.folder import CONFIG
from forecaster.run import load_run

# Long parts of a manifest that a person does not read line by line.
_LONG = ("training", "graphs", "files", "vocabularies")


def describe(path: Path) -> dict[str, Any]:
    """The manifest of a bundle, or what is known of a run. Raises RunError or BundleError."""
    if (path / MANIFEST).exists():
        return {"kind": "bundle", **read_bundle(path).manifest.to_json()}
    if (path / CONFIG).exists():
        run = load_run(path)
        return {
            "kind": "run",
            "config": run.config.model_dump(mode="json"),
            "data": run.data.model_dump(mode="json"),
            "metrics": run.metrics,
        }
    raise RunError(f"{path} is neither a run nor a bundle: no {CONFIG} and no {MANIFEST}")


def render(content: dict[str, Any]) -> str:
    """Lines of `name  value`, sections indented."""
    if content["kind"] == "run":
        return "\n".join(_lines(content))
    short = {name: value for name, value in content.items() if name not in _LONG}
    lines = _lines({**short, "training": content["training"]["metrics"]})
    for graph, ends in content["graphs"].items():
        lines.append(f"{graph}  {content['files'][graph]['bytes'] / 1024:.0f} KiB")
        for side, tensors in ends.items():
            lines += [
                f"  {side[:-1]:<7}{name:<20} {spec['dtype']:<8} {spec['shape']}"
                for name, spec in tensors.items()
            ]
    return "\n".join(lines)


def _lines(content: dict[str, Any], indent: str = "") -> list[str]:
    lines = []
    for name, value in content.items():
        if isinstance(value, dict) and value:
            lines += [f"{indent}{name}", *_lines(value, indent + "  ")]
        else:
            lines.append(f"{indent}{name:<{26 - len(indent)}} {_short(value)}")
    return lines


def _short(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, list | tuple):
        return ", ".join(map(_short, value)) or "-"
    return "-" if value is None else str(value)
