"""Streams as bytes: whatever is not what was written for this model is refused."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from deploy import InputError, Predictor, Stream
from deploy.bundle.bundle import canonical, digest_of

MUTATIONS = int(os.environ.get("MUTATIONS", "2000"))


def test_bytes_are_small(plain: Predictor) -> None:
    # 4 bytes a value, a third more as text, and below a kilobyte of the rest.
    assert len(plain.stream(np.ones(22)).to_bytes()) < 22 * 6 + 1000


def test_the_stream_of_another_bundle_is_refused(plain: Predictor, joint: Predictor) -> None:
    data = plain.stream([1.0]).to_bytes()
    with pytest.raises(InputError, match=r"^this stream is of the bundle [0-9a-f]{12}…, the predictor has "):
        Stream.from_bytes(joint, data)


@pytest.mark.parametrize("data", [None, "text", 5], ids=str)
def test_what_is_not_bytes_is_refused(plain: Predictor, data: Any) -> None:
    with pytest.raises(InputError, match=r"^a stream is read from bytes, found "):
        Stream.from_bytes(plain, data)


@pytest.mark.parametrize("name", ["plain", "covariates"])
def test_damaged_bytes_are_refused(
    request: pytest.FixtureRequest, make_arguments: Callable[..., dict[str, Any]], name: str
) -> None:
    predictor: Predictor = request.getfixturevalue(name)
    arguments = make_arguments(predictor, [30])
    given = {key: arguments[key] for key in ("known", "past", "static", "static_cat") if key in arguments}
    data = predictor.stream(arguments["history"][0], last_timestamp=0, **given).to_bytes()
    generator = np.random.default_rng(0)
    for _ in range(MUTATIONS // 2):
        damaged = bytearray(data)
        at, kind = int(generator.integers(len(data))), generator.choice(["flip", "cut", "insert", "drop"])
        if kind == "flip":
            damaged[at] ^= int(generator.integers(1, 256))
        elif kind == "cut":
            del damaged[at:]
        elif kind == "insert":
            damaged.insert(at, int(generator.choice([32, 48, *generator.integers(0, 256, 2)])))
        else:
            del damaged[at]
        if damaged != data:  # an insertion may repeat a byte, but never gives the same length
            with pytest.raises(InputError):
                Stream.from_bytes(predictor, bytes(damaged))


def encoded(*values: float) -> str:
    return base64.b64encode(np.array(values, dtype="<f4").tobytes()).decode()


# Signed as if they had been written: (field, value of the plain model)
FORGED: dict[str, tuple[str, Any]] = {
    "no values": ("values", ""),
    "half a value": ("values", base64.b64encode(b"ab").decode()),
    "no base64": ("values", "?"),
    "a list of values": ("values", [1.0]),
    "an infinity": ("values", encoded(np.inf)),
    "a value under the logarithm": ("values", encoded(-1.0)),
    "more than a context": ("values", encoded(*[1.0] * 23)),
    "known": ("known", encoded(1.0)),
    "static": ("static", encoded(1.0)),
    "categories": ("static_cat", ["a"]),
    "a timestamp in text": ("opened_at", "2024"),
    "a timestamp beyond 64 bits": ("opened_at", 2**70),
    "a boolean count": ("steps", True),
    "a negative count": ("steps", -1),
    "a count beyond reason": ("updates", 2**60),
    "another version": ("version", 3),
    "another format": ("format", "stream"),
    "a field too many": ("code", "print()"),
}


@pytest.mark.parametrize(("field", "value"), FORGED.values(), ids=FORGED)
def test_forged_bytes_are_refused(plain: Predictor, field: str, value: Any) -> None:
    content = json.loads(plain.stream([1.0], last_timestamp=0).to_bytes())
    forged = {**content, field: value}
    with pytest.raises(InputError):
        Stream.from_bytes(plain, canonical({**forged, "digest": digest_of(forged)}))


@pytest.mark.parametrize("data", [b"", b"[" * 100000, b"9" * 5000, b"\xff", b"{}", b"null"], ids=len)
def test_bytes_that_were_never_a_stream_are_refused(plain: Predictor, data: bytes) -> None:
    with pytest.raises(InputError, match=r"^these bytes hold no stream: "):
        Stream.from_bytes(plain, data)
