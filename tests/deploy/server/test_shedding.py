"""Which bytes are one whole request that may be refused unread."""

from __future__ import annotations

import h11
import pytest

from deploy.server.overload import UNREAD, is_whole_request

WHOLE = b"POST /forecast HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}"
OTHER = {
    "a get": b"GET /forecast HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}",
    "another path": WHOLE.replace(b"/forecast", b"/models"),
    "a longer path": WHOLE.replace(b"/forecast", b"/forecasts"),
    "a body in part": WHOLE[:-1],
    "two requests": WHOLE + WHOLE,
    "a head in part": WHOLE[:30],
    "no length": WHOLE.replace(b"Content-Length: 2\r\n", b""),
    "two lengths": WHOLE.replace(b"Host: a", b"Content-Length: 9"),
    "a signed length": WHOLE.replace(b" 2\r", b" +2\r"),
    "chunks": WHOLE.replace(b"Host: a", b"Transfer-Encoding: chunked"),
    "the last of its connection": WHOLE.replace(b"Host: a", b"connection: close"),
    "one that waits for 100": WHOLE.replace(b"Host: a", b"Expect: 100-continue"),
    "chunks, with a space": WHOLE.replace(b"Host: a", b"Transfer-Encoding : chunked"),
    "two lengths, one with a space": WHOLE.replace(b"Host: a", b"Content-Length : 9"),
    "a folded line": WHOLE.replace(b"Host: a", b"Host: a\r\n b"),
    "a line that ends in a line feed alone": WHOLE.replace(b"Host: a\r\n", b"Host: a\n"),
    "HTTP/1.0": WHOLE.replace(b"HTTP/1.1", b"HTTP/1.0"),
    "a long head": WHOLE.replace(b"Host: a", b"Host: " + b"a" * 5000),
    "nothing": b"",
}


def test_a_request_in_one_piece_is_whole() -> None:
    assert is_whole_request(WHOLE)
    assert is_whole_request(WHOLE.replace(b"/forecast", b"/v2/models/a/infer"))
    assert is_whole_request(WHOLE.replace(b"/forecast", b"/v2/models/a/versions/1/infer"))


@pytest.mark.parametrize("data", OTHER.values(), ids=OTHER)
def test_all_else_goes_the_long_way(data: bytes) -> None:
    assert not is_whole_request(data)


def test_the_refusal_is_a_whole_answer() -> None:
    client = h11.Connection(h11.CLIENT)
    client.send(h11.Request(method="POST", target="/forecast", headers=[("host", "a")]))
    client.send(h11.EndOfMessage())
    client.receive_data(UNREAD)
    answer, body, end = (client.next_event() for _ in range(3))
    assert (answer.status_code, dict(answer.headers)[b"retry-after"]) == (503, b"1")
    assert b"too many requests wait" in body.data
    assert isinstance(end, h11.EndOfMessage)
