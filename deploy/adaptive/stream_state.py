"""The state of a stream, as a value, and as bytes that say which model and which version they are of."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..bundle.bundle import Manifest, canonical, digest_of
from ..errors import InputError
from ..request.covariates import check_rows
from ..request.histories import check_values
from .remembered import decode, encode, read_adaptation, write_adaptation
from .said import Adaptation

FORMAT, VERSION = "forecaster-stream", 2
OLD = 1  # had the values in float32
ADAPTIVE = 3  # has an adaptation, too
WATCHED = 4  # one with its surprise; a stream without an adaptation is written as version 2
ARRAYS = ("values", "known", "past", "static")
FIELDS = {"format", "version", "bundle", "digest", *ARRAYS, "static_cat", "opened_at", "steps", "updates"}
# More than a service makes in a life, less than overflows the seconds of a timestamp.
MAX_COUNT = 2**40


@dataclass(frozen=True)
class StreamState:
    """The end of one series and what goes with it; never changed, only replaced."""

    values: NDArray[np.float64]  # (time,), of a joint model (time, D); time at most the context
    known: NDArray[np.float32] | None  # (time, covariate)
    past: NDArray[np.float32] | None  # (time, covariate)
    static: NDArray[np.float32] | None  # (1, column)
    static_cat: tuple[str, ...] | None  # a text a column
    opened_at: int | None  # last timestamp of the first history, on the model's clock
    steps: int  # values since then
    updates: int
    adaptation: Adaptation | None = None  # what its forecasts taught; None: they stay the model's

    def to_bytes(self, manifest: Manifest) -> bytes:
        """Return canonical JSON: arrays as base64 of little-endian float32, a sha256 over all of it.

        The values, which may be far from 0, are float64.
        """
        adaptation = self.adaptation
        learnt = (
            {} if adaptation is None or adaptation.is_fresh else {"adaptation": write_adaptation(adaptation)}
        )
        content = {
            "format": FORMAT,
            "version": WATCHED if learnt else VERSION,
            "bundle": manifest.digest,
            "static_cat": self.static_cat,
            "opened_at": self.opened_at,
            "steps": self.steps,
            "updates": self.updates,
            **{name: _encode(getattr(self, name), _kind(name, VERSION)) for name in ARRAYS},
            **learnt,
        }
        return canonical({**content, "digest": digest_of(content)})


def read_state(manifest: Manifest, data: bytes) -> StreamState:
    """Read a state. Raises InputError if it is damaged, of another version or another model."""
    content = _parse(data)
    if content["bundle"] != manifest.digest:
        raise InputError(
            f"this stream is of the bundle {str(content['bundle'])[:12]}…, the predictor has "
            f"{manifest.digest[:12]}…; open a stream on the history instead"
        )
    try:
        return _state(manifest, content)
    except (TypeError, ValueError) as error:  # an InputError of a check is a ValueError
        raise InputError(f"these bytes hold no stream of this model: {error}") from None


def _parse(data: bytes) -> Mapping[str, Any]:
    if not isinstance(data, bytes | bytearray | memoryview):
        raise InputError(f"a stream is read from bytes, found {type(data).__name__}")
    try:
        content = json.loads(bytes(data))
        if not isinstance(content, dict) or content.get("format") != FORMAT:
            raise ValueError(f"format is not {FORMAT!r}")
        if type(content.get("version")) is not int or not OLD <= content["version"] <= WATCHED:
            raise InputError(
                f"this stream has version {content.get('version')!r}; this release reads versions {OLD} to "
                f"{WATCHED}"
            )
        fields = FIELDS | ({"adaptation"} if content["version"] >= ADAPTIVE else set())
        if set(content) != fields or canonical(content) != data or content["digest"] != digest_of(content):
            raise ValueError("they are not what was written")
    except InputError:
        raise
    except (ValueError, RecursionError) as error:
        raise InputError(f"these bytes hold no stream: {error}") from None
    return content


def _state(manifest: Manifest, content: Mapping[str, Any]) -> StreamState:
    channels = len(manifest.channels)
    kind = _kind("values", content["version"])
    values = decode(content["values"], kind).reshape((-1, channels) if channels else -1)
    if len(values) > manifest.context_length:
        raise ValueError(f"{len(values)} values, the context is {manifest.context_length}")
    rows = {
        name: _rows(name, getattr(manifest, name), content[name], count)
        for name, count in (("known", len(values)), ("past", len(values)), ("static", 1))
    }
    learnt = content.get("adaptation")
    return StreamState(
        check_values(manifest, values, "values"),
        **rows,
        static_cat=_texts(manifest, content["static_cat"]),
        opened_at=None if content["opened_at"] is None else _whole(content["opened_at"], -(2**62)),
        steps=_whole(content["steps"], 0),
        updates=_whole(content["updates"], 0),
        adaptation=None
        if learnt is None
        else read_adaptation(learnt, manifest.quantile_levels, manifest.horizon, max(channels, 1)),
    )


def _rows(what: str, names: tuple[str, ...], text: Any, length: int) -> NDArray[np.float32] | None:
    if not names:
        if text is not None:
            raise ValueError(f"{what} is given, the model has none")
        return None
    rows = decode(text, _kind(what, VERSION)).reshape(length, len(names))
    return check_rows(what, names, rows, length)


def _texts(manifest: Manifest, texts: Any) -> tuple[str, ...] | None:
    if texts is None:
        return None
    if not isinstance(texts, list) or len(texts) != len(manifest.vocabularies):
        raise ValueError(f"static_cat is {texts!r}, expected {len(manifest.vocabularies)} texts")
    return tuple(str(text) for text in texts)


def _whole(number: Any, least: int) -> int:
    if type(number) is not int or not least <= number <= max(MAX_COUNT, -least):
        raise ValueError(f"{number!r} is no count")
    return number


def _kind(name: str, version: int) -> str:
    return "<f8" if name == "values" and version > OLD else "<f4"


def _encode(array: NDArray[np.floating] | None, kind: str) -> str | None:
    return None if array is None else encode(array, kind)
