"""What a data file, a run folder or a bundle holds, for people and for machines."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from deploy.bundle.bundle import MANIFEST, read_bundle
from deploy.errors import ConfigError, RunError
from forecaster.config import Asked, RunConfig
from forecaster.config.building import build
from forecaster.config.settings import Settings
from forecaster.data import Understood, read_data
from forecaster.data.panel.levels import needs_level
from forecaster.run.folder import CONFIG, RunFolder
from forecaster.run.run import load_run
from forecaster.workflows.recipe import default_season, given_lengths

# Long parts of a manifest that a person does not read line by line.
_LONG = ("training", "graphs", "files", "vocabularies")
# Longer lists, such as the losses of many decoder steps, show their ends.
_LONGEST_LIST, _ENDS = 12, 3


def describe(path: Path, settings: Settings) -> dict[str, Any]:
    """What is understood of a data file, what is known of a run, or the manifest of a bundle.

    settings: how to read a data file. Raises DataError, RunError, BundleError, ConfigError.
    """
    if not path.is_dir() and (path.exists() or path.suffix):
        return {"kind": "data", **understand(path, settings).model_dump(mode="json")}
    said = ", ".join(name for values in settings.values() for name in values)
    if said:
        raise ConfigError(f"{path} is no data file, so nothing overrules how it is read; leave out {said}")
    if (path / MANIFEST).exists():
        return {"kind": "bundle", **read_bundle(path).manifest.to_json()}
    if (path / CONFIG).exists() or RunFolder(path).checkpoint.exists():
        run = load_run(path)
        return describe_run(path, run.config, run.data, run.metrics)
    raise RunError(f"{path} is neither a run nor a bundle: no {CONFIG} and no {MANIFEST}")


def describe_run(path: Path, config: RunConfig, data: Understood, metrics: dict[str, Any]) -> dict[str, Any]:
    """What is known of a run, in types of JSON."""
    return {
        "kind": "run",
        "path": str(path),
        "config": config.model_dump(mode="json"),
        "data": data.model_dump(mode="json"),
        "metrics": metrics,
    }


def understand(path: Path, settings: Settings) -> Understood:
    """Read a data file as a fit would. Raises DataError, ConfigError."""
    asked, model = build(Asked, settings["data"]), settings["model"]
    panel = read_data(path, asked, keeps_level=needs_level(model))
    season = given_lengths(model).season or default_season(panel)
    return Understood.of(path, panel, season)


def render(content: dict[str, Any]) -> str:
    """The block of a data file; else lines of `name  value`, sections indented."""
    if content["kind"] == "data":
        fields = {name: value for name, value in content.items() if name != "kind"}
        return "\n".join(Understood.model_validate(fields).lines())
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
    if isinstance(value, list | tuple) and len(value) > _LONGEST_LIST:
        first, last = (", ".join(map(_short, part)) for part in (value[:_ENDS], value[-_ENDS:]))
        return f"{first}, … {last} ({len(value)})"
    if isinstance(value, list | tuple):
        return ", ".join(map(_short, value)) or "-"
    return "-" if value is None else str(value)
