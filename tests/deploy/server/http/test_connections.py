"""Requests as bytes: slow, broken, too large, in chunks, in rows."""

from __future__ import annotations

import contextlib
import json
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest
from running import BUNDLES, Service, read_all

from deploy.server.http.room import SPARE

pytestmark = pytest.mark.slow

Start = Callable[..., Service]
BODY = b'{"series":[{"values":[1,2,3]}]}'
HEAD = b"POST /forecast HTTP/1.1\r\nhost: localhost\r\n"
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
    answer = service.send(WHOLE + WHOLE + WHOLE.replace(HEAD, HEAD + LAST))
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


PROBE = b"GET /v2/health/live HTTP/1.1\r\nhost: localhost\r\n\r\n"


def test_a_connection_too_many_is_refused_unless_it_is_a_probe(start: Start) -> None:
    narrow = start("--connections", "2")
    with narrow.connect() as first, narrow.connect() as second:
        for connection in (first, second):
            connection.sendall(WHOLE[:-4])
        time.sleep(0.2)
        answer = narrow.send(WHOLE)
        assert (status_of(answer), b"retry-after: 1" in answer.lower()) == (503, True)
        probed = narrow.send(PROBE)
        assert (status_of(probed), b"connection: close" in probed.lower()) == (200, True)
        first.sendall(WHOLE[-4:])
        assert status_of(read_answer(first)) == 200
    assert narrow.forecast(json.loads(BODY))


def test_who_waits_longest_leaves_for_the_next(start: Start) -> None:
    narrow = start("--connections", "1")
    with contextlib.ExitStack() as stack:
        first, second, *_, last = [stack.enter_context(narrow.connect()) for _ in range(1 + SPARE + 1)]
        last.sendall(WHOLE)
        assert status_of(read_answer(last)) == 200
        assert first.recv(1) == b""
        second.sendall(WHOLE)
        assert status_of(read_answer(second)) == 200


def test_idle_sockets_beyond_the_files_keep_nobody_out(tmp_path: Path) -> None:
    few = Service(tmp_path, str(BUNDLES / "plain"), files=120)
    sockets = [few.connect() for _ in range(300)]
    try:
        assert few.ask("GET", "/v2/health/live")[0] == 200
        assert few.forecast(json.loads(BODY))
        events = [line["event"] for line in few.log()]
        assert events.count("warning") == 1  # fewer files than connections
        assert len(events) < 10
    finally:
        for connection in sockets:
            connection.close()
        few.kill()


def test_whoever_hangs_up_costs_nothing_more(start: Start) -> None:
    watched = start()
    with watched.connect() as connection:
        connection.sendall(WHOLE[:-4])
    end = time.monotonic() + 5
    while not any(line.get("status") == 499 for line in watched.log()):
        assert time.monotonic() < end
        time.sleep(0.01)
    assert watched.forecast(json.loads(BODY))


LENGTHS = b"content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n"
TWO_ENDS = {
    "both": HEAD + LENGTHS,
    "chunks of HTTP/1.0": HEAD.replace(b"1.1", b"1.0") + b"transfer-encoding: chunked\r\n\r\n0\r\n\r\n",
}


@pytest.mark.parametrize("data", TWO_ENDS.values(), ids=TWO_ENDS)
def test_a_body_of_two_ends_is_refused_and_is_the_last(service: Service, data: bytes) -> None:
    answer = service.send(data + PROBE)
    assert (status_of(answer), answer.count(b"HTTP/1.1")) == (400, 1)
    assert "Transfer-Encoding" in error_of(answer)


@pytest.mark.parametrize("path", ["/forecast", "/v2/models/plain/infer"])
def test_who_sends_too_much_sees_413_and_no_reset(service: Service, path: str) -> None:
    body = b" " * (64 << 20)  # more than buffers hold
    status, _, content = service.ask("POST", path, body)
    assert (status, json.loads(content)) == (413, {"error": "the body is larger than 8388608 bytes"})
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(f"http://127.0.0.1:{service.port}{path}", body)
    with caught.value as refused:
        assert refused.code == 413


@pytest.mark.parametrize(("path", "status"), [("/nothing", 404), ("/models", 405)])
def test_who_sends_much_in_a_last_request_sees_why_it_is_refused(
    service: Service, path: str, status: int
) -> None:
    assert service.ask("POST", path, b" " * (64 << 20), {"Connection": "close"})[0] == status


def test_tiny_chunks_without_end_are_refused(service: Service) -> None:
    answer = service.send(HEAD + b"transfer-encoding: chunked\r\n\r\n" + b"1\r\na\r\n" * 10_000)
    assert status_of(answer) == 400
    assert "chunks of 1.0 bytes on average, expected 8 or more" in error_of(answer)


def test_chunks_are_read_no_further_once_the_token_is_missed(start: Start) -> None:
    guarded = start(FORECASTER_TOKEN="a-token-of-some-length")
    answer = guarded.send(HEAD + b"transfer-encoding: chunked\r\n\r\n" + b"1\r\na\r\n" * 100)
    assert (status_of(answer), b"connection: close" in answer.lower()) == (401, True)


def test_answers_that_nobody_takes_have_a_bound_in_all(start: Start) -> None:
    bounded = start("--answers", "1")  # alone, an answer of any size may wait
    body = json.dumps({"series": [{"values": [1, 2, 3]}] * 1000, "horizon": 18, "paths": 10}).encode()
    whole = len(bounded.ask("POST", "/forecast", body)[2])
    readers = []
    for number in range(2):
        reader = socket.socket()
        reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 14)
        reader.settimeout(20)
        reader.connect(("127.0.0.1", bounded.port))
        readers.append(reader)
        for _ in range(4):  # more than the buffers of both sides hold
            reader.sendall(HEAD + b"content-length: %d\r\n\r\n" % len(body) + body)
        wait_for_answers(bounded, 3 + 2 * number)  # one is in the buffers, one waits
    first, second = (read_until(reader, 4 * whole) for reader in readers)
    assert first < 4 * whole <= second


def wait_for_answers(service: Service, count: int) -> None:
    """Until so many requests are answered."""
    end = time.monotonic() + 20
    while sum(line["event"] == "request" for line in service.log()) < count:
        assert time.monotonic() < end
        time.sleep(0.01)


def read_until(connection: socket.socket, enough: int) -> int:
    """The bytes that come, until there are enough or no more."""
    found = 0
    with contextlib.suppress(ConnectionResetError):
        while found < enough and (part := connection.recv(1 << 20)):
            found += len(part)
    connection.close()
    return found
