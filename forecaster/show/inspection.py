"""Print a data file, a run or a bundle as lines of text, or as JSON."""

from typing import Any

from forecaster.data import Understood
from forecaster.files import print_text
from forecaster.show.console import print_json

# Long parts of a manifest that a person does not read line by line.
_LONG = ("training", "graphs", "files", "vocabularies")
# Longer lists, such as the losses of many decoder steps, show their ends.
_LONGEST_LIST, _ENDS = 12, 3


def print_content(content: dict[str, Any], *, as_json: bool, quiet: bool) -> None:
    """Print what inspect found, on stdout."""
    if quiet:
        return
    if as_json:
        print_json(content)
    else:
        print_text(render(content) + "\n")


def render(content: dict[str, Any]) -> str:
    """Return the block of a data file; else lines of `name  value`, sections indented."""
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
