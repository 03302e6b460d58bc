"""The inputs and outputs of the graphs of a bundle, as docs/bundle.md has them."""

from typing import Any

from ..time.holidays import BY_DATE

Json = dict[str, Any]

FORECAST, ENCODER, DECODER_STEP = "forecast.onnx", "encoder.onnx", "decoder_step.onnx"


def check_graphs(content: Json) -> None:
    """Check the declared graphs of a manifest whose fields are of their kinds.

    Raises ValueError with the first tensor that it declares otherwise than its columns and lengths demand.
    """
    declared = content["graphs"]
    state = _state(content, declared[ENCODER]["outputs"])
    history, future = _history(content), _future(content, "horizon")
    levels = [*_channels(content), len(content["quantile_levels"])]
    patch = content["patch_length"]
    quantiles = _floats("batch", patch, *levels)
    expected = {
        FORECAST: (
            {**history, "horizon": _integers(1), **future},
            {"quantiles": _floats("batch", "horizon", *levels)},
        ),
        ENCODER: (history, state),
        DECODER_STEP: (
            {**state, "step": _integers(1), **_future(content, patch)},
            {
                "quantiles": quantiles,
                "next_quantiles": quantiles,
                "feedback": state["previous"],
                "next_h": state["h"],
                "next_c": state["c"],
            },
        ),
    }
    for name, sides in expected.items():
        for side, tensors in zip(("inputs", "outputs"), sides, strict=True):
            _compare(f"graphs.{name}.{side}", declared[name][side], tensors)


def _channels(content: Json) -> list[int]:
    """Return the axis of channels; none where there is one channel."""
    columns = content["columns"]
    return [len(columns["targets"])] if columns.get("joint") else []


def _history(content: Json) -> Json:
    columns, vocabularies = content["columns"], content["vocabularies"]
    numbers = [name for name in columns.get("static", ()) if name not in vocabularies]
    tensors = {"history": _floats("batch", "time", *_channels(content)), "lengths": _integers("batch")}
    if content["uses_calendar"]:
        tensors["timestamps"] = _integers("batch", "time")
    for name, size in (("known", known_size(content)), ("past", len(columns.get("past", ())))):
        if size:
            tensors[name] = _floats("batch", "time", size)
    if vocabularies:
        tensors["static_cat"] = _integers("batch", len(vocabularies))
    if numbers:
        tensors["static"] = _floats("batch", len(numbers))
    return tensors


def _future(content: Json, steps: str | int) -> Json:
    tensors = {}
    if content["uses_calendar"]:
        tensors["future_timestamps"] = _integers("batch", steps)
    if size := known_size(content):
        tensors["future_known"] = _floats("batch", steps, size)
    return tensors


def known_size(content: Json) -> int:
    """Return the number of known-future covariates: those that callers give, and those found by date."""
    holidays = content.get("holidays")
    found = len(holidays["names"]) + len(BY_DATE) if holidays else 0
    return len(content["columns"]["known"]) + found


def _state(content: Json, declared: Json) -> Json:
    """Return the encoder's outputs; how wide its states are is known from what it declares alone."""
    size = (_channels(content) or [1])[0]
    hidden = _width(declared, "h")
    widths = {"h": hidden, "c": hidden, "previous": content["patch_length"] * size}
    widths |= {"location": size, "scale": size}
    if "highway" in declared:
        widths["highway"] = content["max_horizon"] * size
    if "static_state" in declared:
        widths["static_state"] = _width(declared, "static_state")
    return {name: _floats("batch", width) for name, width in widths.items()}


def _width(declared: Json, name: str) -> int:
    """Return the last size of an output. Raises ValueError if it is not a number."""
    shape = declared.get(name, {}).get("shape")
    if not shape or not isinstance(shape[-1], int):
        raise ValueError(f"graphs.{ENCODER}.outputs.{name} is {declared.get(name)}, expected a width")
    return shape[-1]


def _floats(*shape: str | int) -> Json:
    return {"dtype": "float32", "shape": list(shape)}


def _integers(*shape: str | int) -> Json:
    return {"dtype": "int64", "shape": list(shape)}


def _compare(where: str, declared: Json, expected: Json) -> None:
    for name in sorted({*declared, *expected}):
        if declared.get(name) != expected.get(name):
            raise ValueError(
                f"{where}.{name} is {declared.get(name)}, but the columns and lengths demand "
                f"{expected.get(name)}"
            )
