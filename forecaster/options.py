"""Settings from the command line and from a file, sorted into the sections of the config."""

from __future__ import annotations

import json
import re
from typing import Any

from deploy.errors import ConfigError
from forecaster.config import MEDIAN, ModelConfig, TrainConfig, unknown_name

Settings = dict[str, dict[str, Any]]

SECTIONS: dict[str, type[ModelConfig] | type[TrainConfig]] = {"model": ModelConfig, "train": TrainConfig}
# Options of the command line that are settings by a shorter name.
NAME_OF_OPTION = {"context": "context_length", "patch": "patch_length", "levels": "quantile_levels"}
_UNITS = {"s": 1, "m": 60, "h": 3600}


def collect_settings(file: dict[str, Any], assignments: tuple[str, ...], options: dict[str, Any]) -> Settings:
    """{"model": {...}, "train": {...}}: the file first, then --set, then the options of their own.

    Raises ConfigError for a setting that does not exist.
    """
    settings: Settings = {section: {} for section in SECTIONS}
    for section, values in file.items():
        if section not in SECTIONS or not isinstance(values, dict):
            raise ConfigError(unknown_name("section", section, SECTIONS))
        for name, value in values.items():
            _assign(settings, name, value)
    for assignment in assignments:
        name, separator, text = assignment.partition("=")
        if not separator:
            raise ConfigError(f"--set {assignment}: expected KEY=VALUE")
        _assign(settings, name.strip(), parse_value(text.strip()))
    for option, value in options.items():
        if value in (None, ()):
            continue
        if option == "max_time":
            _assign(settings, "max_seconds", parse_duration(value))
        elif option == "lower":
            settings["model"]["lower"] = parse_lower(value)
        elif option == "levels":
            _assign(settings, "quantile_levels", tuple(sorted({*value, MEDIAN})))
        else:
            _assign(settings, NAME_OF_OPTION.get(option, option), value)
    return settings


def _assign(settings: Settings, name: str, value: Any) -> None:
    for section, config in SECTIONS.items():
        if name in config.model_fields:
            settings[section][name] = value
            return
    known = [field for config in SECTIONS.values() for field in config.model_fields]
    raise ConfigError(unknown_name("setting", name, known))


def parse_value(text: str) -> Any:
    """JSON where it is JSON, else the text itself."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def parse_duration(text: str) -> float:
    """Seconds of 90s, 5m or 1h; a plain number is seconds. Raises ConfigError."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([smh]?)", text)
    if not match:
        raise ConfigError(f"--max-time: expected a duration such as 90s, 5m or 1h, found {text!r}")
    return float(match[1]) * _UNITS.get(match[2], 1)


def parse_lower(text: str) -> float | None:
    """A bound, or None for "none". Raises ConfigError."""
    if text == "none":
        return None
    try:
        return float(text)
    except ValueError:
        raise ConfigError(f"--lower: expected a number or 'none', found {text!r}") from None
