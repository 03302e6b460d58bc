"""Requests as bytes: slow, broken, too large, in chunks, in rows."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable

import pytest
from running import Service, read_all

pytestmark = pytest.mark.slow

Start = Callable[..., Service]
BODY = b'{"series":[{"values":[1,2,3]}]}'
HEAD = b"POST /forecast HTTP/1.1\r\nhost: a\r\n"
WHOLE = HEAD + b"content-length: %d\r\n\r\n" % len(BODY) + BODY
LAST = b"connection: close\r\n"


def status_of(answer: bytes) -> int:
    return int(answer[9:12])


def read_answer(connection: socket.socket) -> bytes:
    """One answer of a connection that stays."""
    found = b""
    while not found.endswith(b"}"):
        found += connection.recv(65536)
    return found


def error_of(answer: bytes) -> str:
    text: str = json.loads(answer.partition(b"\r\n\r\n")[2])["error"]
    return text


def test_a_body_in_chunks_is_read(service: Service) -> None:
    pieces = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in (BODY[:5], BODY[5:]))
    answer = service.send(HEAD + LAST + b"transfer-encoding: chunked\r\n\r\n" + pieces + b"0\r\n\r\n")
    assert status_of(answer) == 200


def test_requests_in_a_row_are_answered_in_a_row(service: Service) -> None:
    answer = service.send(WHOLE + WHOLE + WHOLE.replace(b"host: a\r\n", b"host: a\r\n" + LAST))
    assert answer.count(b"HTTP/1.1 200") == 3


BROKEN = {
    "no HTTP": b"hello\r\n\r\n",
    "a length that is none": HEAD + b"content-length: x\r\n\r\n",
    "two lengths": HEAD + b"content-length: 3\r\ncontent-length: 4\r\n\r\nabcd",
    "a length below 0": HEAD + b"content-length: -1\r\n\r\n",
    "a length of thousands of digits": HEAD + b"content-length: " + b"9" * 5000 + b"\r\n\r\n",
    "a head without an end": HEAD + b"x: " + b"a" * 100_000,
    "a chunk whose length is none": HEAD + b"transfer-encoding: chunked\r\n\r\nxyz\r\n",
    "an unknown encoding of transfer": HEAD + b"transfer-encoding: gzip\r\n\r\n",
}


@pytest.mark.parametrize("data", BROKEN.values(), ids=BROKEN)
def test_what_is_no_http_is_refused_as_json(service: Service, data: bytes) -> None:
    answer = service.send(data)
    assert status_of(answer) in (400, 501)
    assert b"content-type: application/json" in answer.lower()


def test_a_body_that_is_announced_as_too_large_is_refused_before_it_comes(service: Service) -> None:
    answer = service.send(HEAD + b"content-length: 99999999\r\n\r\n")
    assert (status_of(answer), error_of(answer)) == (413, "the body is larger than 8388608 bytes")


def test_chunks_that_become_too_large_are_refused(start: Start) -> None:
    small = start("--body", "1000")
    chunk = b"100\r\n" + b" " * 256 + b"\r\n"
    answer = small.send(HEAD + b"transfer-encoding: chunked\r\n\r\n" + 8 * chunk)
    assert (status_of(answer), error_of(answer)) == (413, "the body is larger than 1000 bytes")


def test_a_compressed_body_is_refused(service: Service) -> None:
    status, _, body = service.ask("POST", "/forecast", b"x", {"Content-Encoding": "gzip"})
    assert (status, json.loads(body)["error"].startswith("Content-Encoding")) == (415, True)


SLOW = {
    "nothing": b"",
    "half a head": HEAD,
    "half a body": WHOLE[:-4],
    "chunks without an end": HEAD + b"transfer-encoding: chunked\r\n\r\n1\r\na\r\n",
    "a second request in part": WHOLE + HEAD,
}


def test_a_request_that_does_not_come_whole_is_given_up(start: Start) -> None:
    impatient = start("--receive", "0.3")
    for data in SLOW.values():
        began = time.monotonic()
        answer = impatient.send(data)
        assert time.monotonic() - began < 5
        last = answer[answer.rindex(b"HTTP/1.1") :]
        assert status_of(last) == 408
        assert error_of(last) == "the request was not there whole within 0.3 s"
    assert impatient.forecast(json.loads(BODY))


def test_a_body_byte_by_byte_is_given_up_in_the_end(start: Start) -> None:
    impatient = start("--receive", "0.3")
    with impatient.connect() as connection:
        connection.sendall(HEAD + b"content-length: 1000\r\n\r\n")
        for _ in range(3):
            time.sleep(0.05)
            connection.sendall(b" ")
        assert status_of(read_all(connection)) == 408


def test_a_connection_that_is_idle_between_requests_stays(start: Start) -> None:
    impatient = start("--receive", "0.2")
    with impatient.connect() as connection:
        for _ in range(2):
            connection.sendall(WHOLE)
            assert status_of(read_answer(connection)) == 200
            time.sleep(0.4)


def test_whoever_does_not_take_an_answer_is_hung_up_on(start: Start) -> None:
    impatient = start("--receive", "0.3")
    body = json.dumps({"series": [{"values": [1, 2, 3]}] * 1000, "horizon": 18}).encode()
    whole = len(impatient.ask("POST", "/forecast", body)[2])
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 16)
        connection.connect(("127.0.0.1", impatient.port))
        for _ in range(8):  # more than the buffers of both sides hold
            connection.sendall(HEAD + b"content-length: %d\r\n\r\n" % len(body) + body)
        time.sleep(2)
        assert len(read_all(connection)) < 8 * whole
    assert impatient.forecast(json.loads(BODY))


def test_a_connection_too_many_is_refused(start: Start) -> None:
    narrow = start("--connections", "2")
    with narrow.connect() as first, narrow.connect() as second:
        for connection in (first, second):
            connection.sendall(WHOLE)
            assert status_of(connection.recv(65536)) == 200
        answer = narrow.send(b"")
        assert (status_of(answer), b"retry-after: 1" in answer.lower()) == (503, True)
    assert narrow.forecast(json.loads(BODY))


def test_whoever_hangs_up_costs_nothing_more(start: Start) -> None:
    watched = start()
    with watched.connect() as connection:
        connection.sendall(WHOLE[:-4])
    end = time.monotonic() + 5
    while not any(line.get("status") == 499 for line in watched.log()):
        assert time.monotonic() < end
        time.sleep(0.01)
    assert watched.forecast(json.loads(BODY))
