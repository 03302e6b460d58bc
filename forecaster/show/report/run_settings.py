"""The configuration of a run as the page lists it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from forecaster.config import RunConfig


@dataclass(frozen=True)
class Setting:
    """A line of it."""

    name: str
    value: str
    meaning: str  # empty where the name says it
    is_default: bool


def list_settings(config: RunConfig) -> dict[str, list[Setting]]:
    """Every setting of each section, in the order of config.py."""
    return {name: list(_settings(section)) for name, section in config}


def _settings(section: BaseModel) -> Iterator[Setting]:
    for name, field in type(section).model_fields.items():
        value = getattr(section, name)
        yield Setting(name, _text(value), field.description or "", _is_default(field, value))


def _is_default(field: FieldInfo, value: Any) -> bool:
    return not field.is_required() and bool(value == field.get_default(call_default_factory=True))


def _text(value: Any) -> str:
    if value is None or value == ():
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ", ".join(map(_text, value))
    return f"{value:g}" if isinstance(value, float) else str(value)
