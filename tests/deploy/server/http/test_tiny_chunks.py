"""Bodies in chunks: the same bytes as h11 reads, in fewer events."""

from __future__ import annotations

import random

import h11
import pytest

from deploy.server.http.chunks import LEAST_MEAN, MANY, Parser

HEAD = b"POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n"
LAST = b"0\r\n\r\n"


def events_of(parser: h11.Connection, data: bytes, cuts: list[int]) -> list[h11.Event]:
    """All events of bytes that come in parts."""
    found = []
    for start, end in zip([0, *cuts], [*cuts, len(data)], strict=True):
        parser.receive_data(data[start:end])
        while (event := parser.next_event()) not in (h11.NEED_DATA, h11.PAUSED):
            found.append(event)
    return found


def content(events: list[h11.Event]) -> bytes:
    return b"".join(event.data for event in events if isinstance(event, h11.Data))


def test_small_chunks_are_one_event() -> None:
    events = events_of(Parser(h11.SERVER), HEAD + 2000 * b"1\r\na\r\n" + LAST, [])
    assert [type(event) for event in events] == [h11.Request, h11.Data, h11.EndOfMessage]
    assert content(events) == 2000 * b"a"


def test_in_whatever_parts_it_comes_it_is_what_h11_reads() -> None:
    choice = random.Random(1)
    for _ in range(300):
        body = HEAD
        for _ in range(choice.randrange(6)):
            chunk = choice.randbytes(choice.randrange(1, 40))
            extension = choice.choice([b"", b"", b";a=b", b" ;a"])
            body += b"%x%b\r\n%b\r\n" % (len(chunk), extension, chunk)
        body += choice.choice([LAST, b"0\r\nx: y\r\n\r\n", b"", b"zz\r\n", b"3\r\nabcd\r\n"])
        cuts = sorted(choice.sample(range(1, len(body)), choice.randrange(4)))
        found = []
        for parser in (Parser(h11.SERVER), h11.Connection(h11.SERVER)):
            try:
                events = events_of(parser, body, cuts)
                found.append((content(events), type(events[-1])))
            except h11.RemoteProtocolError as error:
                found.append(str(error))
        assert found[0] == found[1]


def test_a_request_after_the_chunks_is_left_for_later() -> None:
    parser = Parser(h11.SERVER)
    events_of(parser, HEAD + b"1\r\na\r\n" + LAST + HEAD, [])
    assert parser.trailing_data[0] == HEAD


@pytest.mark.parametrize(("size", "is_taken"), [(1, False), (LEAST_MEAN - 1, False), (LEAST_MEAN, True)])
def test_many_chunks_have_to_be_large_enough(size: int, is_taken: bool) -> None:
    parser, chunk = Parser(h11.SERVER), b"%x\r\n%b\r\n" % (size, size * b"a")
    events_of(parser, HEAD + MANY * chunk, [])
    if is_taken:
        assert content(events_of(parser, chunk + LAST, [])) == size * b"a"
        return
    with pytest.raises(h11.RemoteProtocolError, match=rf"chunks of {size}.0 bytes on average"):
        events_of(parser, chunk, [])
    assert "on average" in parser.fault
