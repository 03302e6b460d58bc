"""Sort settings of the command line and of a file into the sections of the config."""

import json
import re
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from deploy.errors import ConfigError
from forecaster.config import MEDIAN, Asked, ModelConfig, TrainConfig
from forecaster.config.building import unknown_name

Settings = dict[str, dict[str, Any]]

SECTIONS: dict[str, type[Asked] | type[ModelConfig] | type[TrainConfig]] = {
    "data": Asked,
    "model": ModelConfig,
    "train": TrainConfig,
}
# Options of the command line that are settings by a shorter name.
NAME_OF_OPTION = {
    "context": "context_length",
    "patch": "patch_length",
    "levels": "quantile_levels",
    "max_time": "max_seconds",
}
MAX_BYTES = 1 << 24  # of a file of settings
_UNITS = {"s": 1, "m": 60, "h": 3600}


def collect_options(config: Path | None, settings: tuple[str, ...], **options: Any) -> Settings:
    """Return the settings of a command line: of the file `config`, of --set, and of its own options.

    Raises ConfigError as read_settings and collect_settings.
    """
    return collect_settings(read_settings(config), settings, options)


def read_settings(path: Path | None) -> dict[str, Any]:
    """Read the sections of a TOML file, or of the config.json of a run. Raises ConfigError."""
    if path is None:
        return {}
    read = json.loads if path.suffix == ".json" else tomllib.loads
    try:
        content = read(_read_text(path))
    except (OSError, ValueError) as error:
        raise ConfigError(f"cannot read {path}: {error}") from None
    if not isinstance(content, dict):
        raise ConfigError(f"cannot read {path}: expected sections, found {content!r}")
    return content


def _read_text(path: Path) -> str:
    """Return the text of a file or a pipe. Raises ValueError where it does not end."""
    with path.open("rb") as file:
        content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise ValueError(f"more than {MAX_BYTES} bytes")
    return content.decode()


def collect_settings(file: dict[str, Any], assignments: tuple[str, ...], options: dict[str, Any]) -> Settings:
    """Return {"data": {...}, "model": {...}, "train": {...}}: the file first, then --set, then the options.

    Raises ConfigError for a setting that does not exist.
    """
    settings: Settings = {section: {} for section in SECTIONS}
    for section, values in file.items():
        if section not in SECTIONS or not isinstance(values, dict):
            raise ConfigError(unknown_name("section", section, SECTIONS))
        for name, value in values.items():
            settings[section_of(name)][name] = value
    for assignment in assignments:
        name, separator, text = assignment.partition("=")
        if not separator:
            raise ConfigError(f"--set {assignment}: expected KEY=VALUE")
        name = plain_name(name.strip())
        section = section_of(name)
        settings[section][name] = VALUE_IN_SECTION.get(section, parse_value)(text.strip())
    for option, value in options.items():
        if value in (None, ()):
            continue
        name = NAME_OF_OPTION.get(option, option)
        settings[section_of(name)][name] = VALUE_OF_OPTION.get(option, _as_it_is)(value)
    return settings


def collect_named(settings: Mapping[str, Any], parameters: Mapping[str, Any]) -> Settings:
    """Return the settings that Python's values say; parameters win.

    settings: sections as in a file, or single settings; parameters: by the names of options.
    Raises ConfigError for a setting that does not exist.
    """
    file = {name: value for name, value in settings.items() if name in SECTIONS}
    single = {plain_name(name): value for name, value in settings.items() if name not in SECTIONS}
    given = {name: value for name, value in parameters.items() if value is not None}
    return collect_settings(file, (), {**single, **given})


def plain_name(name: str) -> str:
    """Return a setting's name without its section: train.updates -> updates. Raises ConfigError."""
    section, dot, plain = name.partition(".")
    if dot and section in SECTIONS and plain not in SECTIONS[section].model_fields:
        raise ConfigError(unknown_name(f"setting of [{section}]", plain, SECTIONS[section].model_fields))
    return plain if dot and section in SECTIONS else name


def section_of(name: str) -> str:
    """Return the section that has a setting. Raises ConfigError for a setting that none has."""
    for section, config in SECTIONS.items():
        if name in config.model_fields:
            return section
    known = [field for config in SECTIONS.values() for field in config.model_fields]
    raise ConfigError(unknown_name("setting", name, known))


def parse_value(text: str) -> Any:
    """Return JSON where it is JSON, else the text itself."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def parse_text(text: str) -> Any:
    """Return a list or a quoted text of JSON, else the text itself: names may look like numbers."""
    value = parse_value(text)
    return value if isinstance(value, str | list) else text


def parse_levels(levels: tuple[float, ...]) -> tuple[float, ...]:
    """Return levels in order, each once, with the median. Raises ConfigError for no list of numbers."""
    try:
        return tuple(sorted({*map(float, levels), MEDIAN}))
    except (TypeError, ValueError):
        raise ConfigError(f"levels: expected a list of numbers in (0, 1), found {levels!r}") from None


def parse_duration(text: str | float) -> float:
    """Return the seconds that 90s, 5m or 1h say; a plain number is seconds. Raises ConfigError."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([smh]?)", str(text))
    if not match:
        raise ConfigError(f"max_time: expected a duration such as 90s, 5m or 1h, found {text!r}")
    return float(match[1]) * _UNITS.get(match[2], 1)


def parse_lower(text: str | float) -> float | None:
    """Return a bound, or None for "none". Raises ConfigError."""
    if text == "none":
        return None
    try:
        return float(text)
    except (TypeError, ValueError):
        raise ConfigError(f"lower: expected a number or 'none', found {text!r}") from None


def _as_it_is(value: Any) -> Any:
    return value


# How the text after --set KEY= is read, and how the value of an option is.
VALUE_IN_SECTION: dict[str, Callable[[str], Any]] = {"data": parse_text}
VALUE_OF_OPTION: dict[str, Callable[[Any], Any]] = {
    "max_time": parse_duration,
    "lower": parse_lower,
    "levels": parse_levels,
}
