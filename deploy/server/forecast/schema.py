"""The JSON schema of POST /forecast, as forecast_request.py reads it."""

from __future__ import annotations

from typing import Any

from ...bundle.bundle import Manifest
from ...request.moments import CALENDAR_RANGE, COUNT_RANGE, LOCAL_TIME
from ..fields import Json
from ..limits import Limits
from ..models.models import Models
from .request import LARGEST_SEED, LONGEST_ID, LONGEST_TEXT, longest_horizon, series_fields

LARGEST_FLOAT = 3.4028234663852886e38
NUMBERS = {"type": "array", "items": {"type": "number"}}
COLUMN = {
    "description": "A number a step; of a joint model, an object of such lists.",
    "anyOf": [NUMBERS, {"type": "object", "additionalProperties": NUMBERS}],
}
FORECAST = {
    "type": "object",
    "properties": {
        "id": {"type": "string", "description": "As in the request."},
        "timestamps": {
            "type": "array",
            "items": {"type": ["string", "integer"]},
            "description": "Of the coming steps, where the request says when the history ends.",
        },
        "median": COLUMN,
        "quantiles": {
            "type": "object",
            "additionalProperties": COLUMN,
            "description": "By level, such as 0.1.",
        },
        "paths": {"type": "array", "items": COLUMN, "description": "Possible futures."},
    },
    "required": ["median", "quantiles"],
    "additionalProperties": False,
}
FORECAST_ANSWER = {
    "type": "object",
    "properties": {
        "model": {"type": "string"},
        "bundle": {"type": "string", "description": "sha256 of the bundle's manifest."},
        "horizon": {"type": "integer"},
        "forecasts": {"type": "array", "items": FORECAST, "description": "One a series, in its order."},
    },
    "required": ["model", "bundle", "horizon", "forecasts"],
    "additionalProperties": False,
}


def forecast_schema(models: Models, name: str, limits: Limits) -> Json:
    """What may be asked of one model."""
    manifest = models[name].manifest
    longest = longest_horizon(manifest, limits)
    most = limits.paths if len(manifest.quantile_levels) > 1 else 0
    properties = {
        "model": {"const": name},
        "series": {"type": "array", "items": _series(manifest), "minItems": 1, "maxItems": limits.series},
        "horizon": {
            "type": "integer",
            "minimum": 1,
            "maximum": longest,
            "default": min(manifest.horizon, longest),
        },
        "levels": {
            "description": "Quantiles to give; by default all.",
            "type": "array",
            "items": {"enum": list(manifest.quantile_levels)},
            "minItems": 1,
            "uniqueItems": True,
        },
        "paths": {
            "description": "Sample paths of each series.",
            "type": "integer",
            "minimum": 0,
            "maximum": most,
        },
        "seed": {
            "description": "The same seed, the same paths.",
            "type": "integer",
            "minimum": 0,
            "maximum": LARGEST_SEED,
        },
    }
    return _object(properties, ["series"] if name == models.default else ["model", "series"])


def _series(manifest: Manifest) -> Json:
    values = _numbers(0 if manifest.positive else None)
    time = _time(manifest)
    known = _columns(manifest.known, _numbers())
    static = {
        column: {"type": ["string", "null"], "maxLength": LONGEST_TEXT}
        if column in manifest.vocabularies
        else {"type": ["number", "null"], **_range()}
        for column in manifest.columns.static
    }
    properties = {
        "id": {"type": "string", "maxLength": LONGEST_ID},
        "values": _columns(manifest.channels, values) if manifest.channels else values,
        "timestamps": {
            "description": "One a value, a step apart.",
            "type": "array",
            "items": time,
            "minItems": 1,
        },
        "last_timestamp": {"description": "In place of timestamps: that of the last value.", **time},
        "known": known,
        "future_known": _columns(manifest.known, {**_numbers(), "items": {"type": "number", **_range()}}),
        "past": _columns(manifest.past, _numbers()),
        "static": _object(static, []),
    }
    names, required = series_fields(manifest)
    return _object({name: properties[name] for name in names}, required)


def _time(manifest: Manifest) -> Json:
    """When a value was observed."""
    if not manifest.time_step.has_calendar:
        return {"type": "integer", "minimum": COUNT_RANGE[0], "maximum": COUNT_RANGE[1]}
    seconds = {"type": "integer", "minimum": CALENDAR_RANGE[0], "maximum": CALENDAR_RANGE[1]}
    if manifest.columns.timezone is None:
        return {"anyOf": [{"type": "string", "pattern": f"^{LOCAL_TIME.pattern}$"}, seconds]}
    text = {"type": "string", "maxLength": LONGEST_TEXT, "description": "ISO 8601 with a UTC offset."}
    return {"anyOf": [text, seconds]}


def _numbers(above: int | None = None) -> Json:
    """Values along a history; null is missing."""
    bounds = {**_range(), "exclusiveMinimum": above} if above is not None else _range()
    return {"type": "array", "items": {"type": ["number", "null"], **bounds}, "minItems": 1}


def _range() -> Json:
    return {"minimum": -LARGEST_FLOAT, "maximum": LARGEST_FLOAT}


def _columns(names: tuple[str, ...], column: Any) -> Json:
    return _object(dict.fromkeys(names, column), list(names))


def _object(properties: Json, required: list[str]) -> Json:
    return {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }
