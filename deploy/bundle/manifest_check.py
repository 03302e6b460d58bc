"""The content of a manifest: every field of its kind and within limits, before anything is made of it."""

from typing import Any

from ..time.holidays import Holidays
from ..time.timestep import SECONDS
from .contract import check_graphs, known_size

Json = dict[str, Any]

GRAPHS = ("forecast.onnx", "encoder.onnx", "decoder_step.onnx")
GOLDEN = "golden.json"
FILES = (*GRAPHS, GOLDEN)

# Values of one tensor of one series: 64 series a run are then 4 GB at most, and 1000 times the usual.
MAX_VALUES = 1 << 24
MAX_SEASON = (1 << 31) - 1  # seconds of a year are 31,536,000
# Timestamps are int64: a million years of seconds are far from its end, and from those of any calendar.
MAX_SPAN = 1_000_000 * 366 * SECONDS["day"]
MAX_RANK = 4
MAX_MEMBERS = 1000  # a graph of a few dozen has as many nodes as are allowed
MAX_FACTOR = 1e6  # of intervals, to joint bands
MAX_RANK_VECTORS = 10_000  # recorded within patches; an exporter writes at most 1000

_LENGTHS = ("season", "context_length", "patch_length", "horizon", "max_horizon")
_KINDS: dict[str, type] = {
    **dict.fromkeys(_LENGTHS, int),
    **dict.fromkeys(("time_step", "columns", "vocabularies", "graphs", "training", "parity", "files"), dict),
    **dict.fromkeys(("positive", "uses_calendar"), bool),
    **dict.fromkeys(("quantile_levels", "patch_ranks"), list),
    "normalization": str,
    "members": int,
}


def check_content(content: Json) -> None:
    """Raise ValueError with the first field that is not of its kind, or beyond what a bundle may have."""
    for name, kind in _KINDS.items():
        if type(content[name]) is not kind:
            raise ValueError(f"{name} is {content[name]!r}, expected {kind.__name__}")
    if content["lower"] is not None and type(content["lower"]) not in (int, float):
        raise ValueError(f"lower is {content['lower']!r}, expected a number or null")
    if not 1 <= content["members"] <= MAX_MEMBERS:
        raise ValueError(f"members is {content['members']}, expected 1 to {MAX_MEMBERS}")
    _check_levels(content["quantile_levels"])
    _check_columns(content["columns"])
    _check_holidays(content)
    _check_lengths(content)
    _check_time_step(content)
    _check_ranks(content)
    _check_calibration(content)
    _check_joint(content)
    for name, texts in content["vocabularies"].items():
        _check_names(f"vocabularies.{name}", texts)
    _check_listed("graphs", content["graphs"], GRAPHS)
    _check_listed("files", content["files"], FILES)
    for name, graph in content["graphs"].items():
        _check_tensors(f"graphs.{name}", graph)
    check_graphs(content)


def _check_levels(levels: list[Any]) -> None:
    if not all(type(level) is float and 0 < level < 1 for level in levels):
        raise ValueError(f"quantile_levels are {levels}, expected numbers between 0 and 1")
    if sorted(set(levels)) != levels or 0.5 not in levels:
        raise ValueError(f"quantile_levels are {levels}, expected them to ascend and to have 0.5")


def _check_columns(columns: Json) -> None:
    for name in ("targets", "series", "known"):
        if name not in columns:
            raise ValueError(f"columns lacks {name}")
    for name in ("targets", "series", "known", "past", "static"):
        _check_names(f"columns.{name}", columns.get(name, []))
    for name in ("time", "time_format", "layout", "timezone", "aggregate", "decimal"):
        if not isinstance(columns.get(name), str | None):
            raise ValueError(f"columns.{name} is {columns[name]!r}, expected a text")
    parts = columns.get("time_parts", {})
    if not isinstance(parts, dict) or not all(isinstance(form, str) for form in parts.values()):
        raise ValueError(f"columns.time_parts is {parts!r}, expected a form for each column")
    joint, targets = columns.get("joint", False), columns["targets"]
    if not isinstance(joint, bool):
        raise ValueError(f"columns.joint is {joint!r}, expected true or false")
    if joint and len(targets) < 2:
        raise ValueError(f"columns.targets is {targets!r}, expected the names of the joint targets")


def _check_ranks(content: Json) -> None:
    ranks, width = content["patch_ranks"], content["patch_length"]
    if content["columns"].get("joint", False):
        width *= len(content["columns"]["targets"])
    if not all(
        isinstance(vector, list) and len(vector) == width and all(type(rank) is int for rank in vector)
        for vector in ranks
    ):
        raise ValueError(f"patch_ranks are not vectors of {width} ranks")
    if len(ranks) > MAX_RANK_VECTORS or len(ranks) == 1:
        raise ValueError(f"patch_ranks are {len(ranks)} vectors, expected none or 2 to {MAX_RANK_VECTORS}")
    if ranks and not all(sorted(place) == list(range(len(ranks))) for place in zip(*ranks, strict=True)):
        raise ValueError("patch_ranks do not rank each place of a patch from 0")


def _check_names(where: str, names: Any) -> None:
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ValueError(f"{where} is {names!r}, expected a list of texts")
    if len(set(names)) < len(names):
        raise ValueError(f"{where} names one twice")


def _check_lengths(content: Json) -> None:
    for name in _LENGTHS:
        most = MAX_SEASON if name == "season" else MAX_VALUES
        if not 1 <= content[name] <= most:
            raise ValueError(f"{name} is {content[name]}, expected 1 to {most}")
    for name in ("horizon", "patch_length"):
        if content[name] > content["max_horizon"]:
            raise ValueError(f"{name} is {content[name]}, longer than max_horizon")
    columns, longest = content["columns"], max(content["context_length"], content["max_horizon"])
    channels = len(columns["targets"]) if columns.get("joint") else 1
    width = max(channels * len(content["quantile_levels"]), known_size(content), len(columns.get("past", [])))
    if longest * width > MAX_VALUES:
        raise ValueError(f"{longest} steps of {width} values are more than {MAX_VALUES}")


def _check_time_step(content: Json) -> None:
    step = content["time_step"]
    if set(step) != {"count", "unit"} or type(step["count"]) is not int or not isinstance(step["unit"], str):
        raise ValueError(f"time_step is {step!r}, expected a count and a unit")
    # Rows without a calendar are counted; what else has no seconds of its own is at most a month.
    seconds = 1 if step["unit"] == "index" else SECONDS.get(step["unit"], SECONDS["day"] * 31)
    steps = max(content["context_length"], content["max_horizon"])
    if step["count"] * seconds * steps > MAX_SPAN:
        raise ValueError(f"{steps} steps of {step['count']} {step['unit']} are more than a million years")


def _check_calibration(content: Json) -> None:
    """Check the offsets of each step of the horizon; None is no calibration."""
    found = content["calibration"]
    if found is None:
        return
    if not isinstance(found, dict) or set(found) != {"offsets", "windows", "by_step"}:
        raise ValueError(f"calibration is {found!r}, expected offsets, windows and by_step")
    if type(found["windows"]) is not int or type(found["by_step"]) is not bool:
        raise ValueError("calibration: expected a number of windows, and by_step as true or false")
    offsets, levels = found["offsets"], len(content["quantile_levels"])
    if not isinstance(offsets, list) or len(offsets) != content["horizon"]:
        raise ValueError(f"calibration: expected offsets of {content['horizon']} steps")
    for row in offsets:
        if not isinstance(row, list) or len(row) != levels or not all(type(value) is float for value in row):
            raise ValueError(f"calibration: expected {levels} numbers for each step, found {row!r}")


def _check_holidays(content: Json) -> None:
    """Check the days of each holiday; None is a model without."""
    if content["holidays"] is None:
        return
    holidays = Holidays.from_json(content["holidays"])
    if holidays.column is not None and holidays.column not in content["vocabularies"]:
        raise ValueError(f"holidays.column is {holidays.column!r}, expected a static category")
    if content["time_step"]["unit"] == "index":
        raise ValueError("holidays: rows that are counted have none")


def _check_joint(content: Json) -> None:
    """Check the factors of each number of steps; None is no joint bands."""
    found = content["joint"]
    if found is None:
        return
    if not isinstance(found, dict) or set(found) != {"intervals", "factors"}:
        raise ValueError(f"joint is {found!r}, expected intervals and factors")
    intervals, factors = found["intervals"], found["factors"]
    levels = {round(2 * level - 1, 9) for level in content["quantile_levels"]}
    if not isinstance(intervals, list) or not all(
        type(level) is float and level > 0 and {level, -level} <= levels for level in intervals
    ):
        raise ValueError(f"joint: expected levels of central intervals, found {intervals!r}")
    if not isinstance(factors, list) or len(factors) != content["horizon"]:
        raise ValueError(f"joint: expected factors of {content['horizon']} numbers of steps")
    for row in factors:
        if not isinstance(row, list) or len(row) != len(intervals):
            raise ValueError(f"joint: expected {len(intervals)} factors for each step, found {row!r}")
        if not all(type(value) is float and 0 <= value <= MAX_FACTOR for value in row):
            raise ValueError(f"joint: expected factors from 0 to {MAX_FACTOR:g}, found {row!r}")


def _check_listed(where: str, found: Json, allowed: tuple[str, ...]) -> None:
    """Refuse a name that is not one of a bundle's, so none can lead out of the folder."""
    unknown, missing = sorted(set(found) - set(allowed)), [name for name in allowed if name not in found]
    if unknown:
        raise ValueError(f"{where} lists {unknown[0]!r}, expected {', '.join(allowed)}")
    if missing:
        raise ValueError(f"{where} does not list {', '.join(missing)}")
    for name, entry in found.items():
        if not isinstance(entry, dict):
            raise ValueError(f"{where}.{name} is {entry!r}, expected an object")


def _check_tensors(where: str, graph: Json) -> None:
    """Check {"inputs": {name: {"dtype", "shape"}}, "outputs": {...}}; a size is a number or a name."""
    for side in ("inputs", "outputs"):
        tensors = graph.get(side)
        if not isinstance(tensors, dict) or not all(isinstance(tensor, dict) for tensor in tensors.values()):
            raise ValueError(f"{where}.{side} is {tensors!r}, expected tensors by name")
        for name, tensor in tensors.items():
            shape = tensor.get("shape")
            if not isinstance(shape, list) or len(shape) > MAX_RANK:
                raise ValueError(
                    f"{where}.{side}.{name} has shape {shape!r}, expected at most {MAX_RANK} sizes"
                )
            for size in shape:
                if type(size) not in (int, str) or (type(size) is int and not 1 <= size <= MAX_VALUES):
                    raise ValueError(
                        f"{where}.{side}.{name} has a size of {size!r}, expected 1 to {MAX_VALUES}"
                    )
