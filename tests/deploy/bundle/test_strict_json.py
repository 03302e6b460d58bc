"""JSON that two readers may understand differently is refused."""

from __future__ import annotations

import pytest

from deploy.bundle.strict_json import MAX_DEPTH, parse

REFUSED = {
    "NaN": (b"[NaN]", "NaN is not a number of JSON"),
    "Infinity": (b'{"a": -Infinity}', "-Infinity is not a number of JSON"),
    "a float that becomes infinite": (b"[1e999]", "1e999 is beyond what float64 holds"),
    "an integer beyond int64": (b"[9223372036854775808]", "9223372036854775808 is beyond what int64 holds"),
    "an integer of a million digits": (b"1" * 1_000_000, "1" * 20 + " is beyond what int64 holds"),
    "a key that is there twice": (b'{"a": 1, "b": 2, "a": 3}', "the key 'a' is there twice"),
    "half a character": (rb'["\ud800"]', "surrogates not allowed"),
    "a key of half a character": (rb'{"\udfff": 1}', "surrogates not allowed"),
    "too many brackets": (b"[" * 1_000_000, "nested deeper than 32"),
    "one level too many": (b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1), "nested deeper than 32"),
    "UTF-16 without a half": ('{"a": 1}'.encode("utf-16")[:-1], "truncated data"),
}


@pytest.mark.parametrize(("data", "message"), REFUSED.values(), ids=REFUSED)
def test_what_is_not_plain_json_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(ValueError) as error:  # noqa: PT011 - the text decides
        parse(data)
    assert message in str(error.value)


def test_plain_json_is_read() -> None:
    found = parse(rb'{"a": [1, -2.5, null, true, "\u00e4\ud83d\ude00"], "b": {"a": 9223372036854775807}}')
    assert found == {"a": [1, -2.5, None, True, "ä😀"], "b": {"a": 2**63 - 1}}


def test_as_many_levels_as_allowed_are_read() -> None:
    assert parse(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH)
