"""Print a data file, a run or a bundle as lines of text, or as JSON."""

import sys
from typing import Any

from deploy import TimeStep
from forecaster.data import Understood
from forecaster.files import print_text
from forecaster.show.console import print_json
from forecaster.show.lines import fill, width_of

# Longer lists, such as the losses of many decoder steps, show their ends.
_LONGEST_LIST, _ENDS = 12, 3
SHOWN_DIGEST = 12  # signs, as the service logs it


def print_content(content: dict[str, Any], *, as_json: bool, quiet: bool) -> None:
    """Print what inspect found, on stdout."""
    if quiet:
        return
    if as_json:
        print_json(content)
    else:
        print_text(fill(render(content), width_of(sys.stdout)) + "\n")


def render(content: dict[str, Any]) -> str:
    """Return the block of a data file; else lines of `name  value`, sections indented."""
    if content["kind"] == "data":
        fields = {name: value for name, value in content.items() if name != "kind"}
        return "\n".join(Understood.model_validate(fields).lines())
    if content["kind"] == "run":
        return "\n".join(_lines(content))
    if content["kind"] == "segments":
        return "\n".join(_lines({**content, "segments": dict(map(_segment, content["segments"]))}))
    return "\n".join([*_lines(summarise(content)), "--json prints all of it, graphs and calibration too"])


def _segment(fit: dict[str, Any]) -> tuple[str, str]:
    """Return the name of a segment, and how good its run is or what is wrong with it."""
    name = "/".join(fit["key"]) or "without a name"
    if fit["error"] is not None:
        return name, fit["error"]
    shares = [f"{share:.3f} of {baseline}" for baseline, share in (fit["relative_errors"] or {}).items()]
    mase = [] if fit["mase"] is None else [f"{fit['mase']:.3f} MASE"]
    return name, ", ".join([f"{fit['series']} series", *mase, *shares])


def summarise(manifest: dict[str, Any]) -> dict[str, Any]:
    """Return what people look for in a bundle, by short names."""
    columns, vocabularies = manifest["columns"], manifest["vocabularies"]
    static = [
        f"{name} ({len(vocabularies[name])} values)" if name in vocabularies else f"{name} (number)"
        for name in columns.get("static", ())
    ]
    asked = _object(manifest["training"].get("config")).get("model")
    units = _object(asked).get("hidden_size", "?")
    roles = ("time", "timezone", "targets", "joint", "series", "known", "past")
    sizes = {name: file["bytes"] for name, file in manifest["files"].items()}
    return {
        "kind": "bundle",
        "model": f"LSTM of {units} units, patches of {manifest['patch_length']}, {manifest['normalization']}",
        "members": manifest.get("members", 1),
        "time_step": str(TimeStep(**manifest["time_step"])),
        **{name: manifest[name] for name in ("season", "context_length", "horizon", "max_horizon")},
        "quantile_levels": manifest["quantile_levels"],
        "lower": manifest["lower"],
        "columns": {
            **{role: columns[role] for role in roles if columns.get(role)},
            **({"static": static} if static else {}),
        },
        **_accuracy(_object(manifest["training"].get("metrics"))),
        "calibration": _calibration(manifest.get("calibration")),
        **_parity(manifest["parity"]),
        "size": f"{_kib(sum(sizes.values()))}, forecast.onnx {_kib(sizes['forecast.onnx'])}",
        "trained_on": _object(manifest["training"].get("data")).get("file"),
        "versions": _pairs(_object(_object(manifest["training"].get("metrics")).get("versions"))),
        "digest": manifest["digest"][:SHOWN_DIGEST],
    }


def _parity(errors: dict[str, float]) -> dict[str, str]:
    """Return how far the graphs are from torch; nothing of a bundle that was made without it."""
    return {"differs_from_torch": f"{max(errors.values()):.1e} of a range"} if errors else {}


def _accuracy(metrics: dict[str, Any]) -> dict[str, Any]:
    """Return the error on held-out values, and its share of those of baselines; a bundle may tell none."""
    mase = _object(metrics.get("validation")).get("mase")
    known = {"MASE": mase, "windows": _object(metrics.get("windows")).get("validation")}
    relative = {f"of {name}": share for name, share in _object(metrics.get("relative_errors")).items()}
    told = {name: value for name, value in {**known, **relative}.items() if value is not None}
    early = {"interrupted": metrics["interrupted"]} if "interrupted" in metrics else {}
    return {"accuracy": told, **early}


def _calibration(content: dict[str, Any] | None) -> str:
    if not content or not content["windows"]:
        return "none"
    windows = f"{content['windows']} held-out window{'s' if content['windows'] > 1 else ''}"
    return f"{windows}, {'each step by itself' if content['by_step'] else 'all steps together'}"


def _object(content: Any) -> dict[str, Any]:
    """Return an object as it is: what a manifest says of its training is not checked."""
    return content if isinstance(content, dict) else {}


def _kib(size: int) -> str:
    return f"{size / 1024:.0f} KiB"


def _pairs(content: dict[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in content.items())


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
