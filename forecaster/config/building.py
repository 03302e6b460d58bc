"""Build a config from what people wrote, or say for each value why it does not fit."""

import difflib
from collections.abc import Iterable
from typing import Any, ClassVar, TypeVar, get_args

from pydantic import (
    BaseModel,
    ConfigDict,
    SerializerFunctionWrapHandler,
    ValidationError,
    model_serializer,
)

from deploy.errors import ConfigError

C = TypeVar("C", bound=BaseModel)


class Config(BaseModel):
    """Settings that are frozen, and checked as they are made."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    # Defaults that are not written, since the runs and bundles of early releases do not say them.
    unsaid: ClassVar[dict[str, Any]] = {}

    @model_serializer(mode="wrap")
    def _without_what_goes_without_saying(self, written: SerializerFunctionWrapHandler) -> dict[str, Any]:
        content: dict[str, Any] = written(self)
        plain = {name: tuple(value) if isinstance(value, list) else value for name, value in content.items()}
        return {name: content[name] for name, value in plain.items() if self.unsaid.get(name, ...) != value}


def build(config: type[C], values: dict[str, Any]) -> C:
    """Return a checked config. Raises ConfigError with one line for each value that does not fit."""
    try:
        return config.model_validate(values)
    except ValidationError as error:
        lines = [_explain(config, dict(problem)) for problem in error.errors()]
        raise ConfigError("\n".join(lines)) from None


def _explain(config: type[BaseModel], problem: dict[str, Any]) -> str:
    name = ".".join(str(part) for part in problem["loc"])
    if problem["type"] == "extra_forbidden":
        return unknown_name("setting", name, config.model_fields)
    message = str(problem["msg"]).removeprefix("Value error, ")
    if not name:
        return message
    choices = _texts_of(config.model_fields[name].annotation) if problem["type"] == "literal_error" else ()
    hint = _nearest(problem["input"], choices)
    return f"{name}: {message}{hint and f' ({hint})'}, found {problem['input']!r}"


def _texts_of(annotation: Any) -> tuple[str, ...]:
    """Return the texts that a type of literals allows, one that may be None among it."""
    parts = get_args(annotation)
    return tuple(text for part in parts for text in ([part] if isinstance(part, str) else _texts_of(part)))


def unknown_name(kind: str, name: str, known: Iterable[str]) -> str:
    """Return one line that names what is not known and what comes nearest."""
    names = list(known)
    hint = _nearest(name, names)
    return f"unknown {kind} {name!r}; {hint and f'{hint} '}known: {', '.join(names)}"


def _nearest(name: Any, known: Iterable[str]) -> str:
    """Return a question that names what comes nearest to a text, or nothing."""
    near = difflib.get_close_matches(name, list(known), n=1) if isinstance(name, str) else ()
    return f"did you mean {near[0]!r}?" if near else ""
