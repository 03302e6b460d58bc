"""What a service and the process of a model say to each other arrives as it was, or is refused."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator

import numpy as np
import pytest

from deploy.errors import BundleError, InputError, RuntimeMissingError
from deploy.request.inputs import Request
from deploy.server.models.frames import (
    KNOWN,
    read_error,
    receive,
    request_arrays,
    request_of,
    send,
    write_error,
)

Pair = tuple[socket.socket, socket.socket]


@pytest.fixture
def pair() -> Iterator[Pair]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def test_a_frame_arrives_as_it_was(pair: Pair) -> None:
    arrays = {
        "float32": np.array([[1.5, np.nan], [-np.inf, 0.1]], np.float32),
        "float64": np.arange(6.0)[::2],
        "int64": np.array([[[2**62]]]),
        "empty": np.zeros((0, 3)),
        "bytes": np.frombuffer(b"\0\xff", np.uint8),
    }
    send(pair[0], {"do": "é", "numbers": [1, None]}, arrays)
    send(pair[0], {}, {})
    content, found = receive(pair[1])
    assert content == {"do": "é", "numbers": [1, None]}
    assert list(found) == list(arrays)
    for name, array in arrays.items():
        assert (found[name].dtype, found[name].shape) == (array.dtype, array.shape)
        np.testing.assert_array_equal(found[name], array)
    assert receive(pair[1]) == ({}, {})


@pytest.mark.parametrize(
    "head",
    [
        b"[",
        b"[]",
        b'{"content": {}}',
        b'{"content": {}, "arrays": [["a", "|O", [1]]]}',
        b'{"content": {}, "arrays": [["a", "<f8", [-1]]]}',
        b'{"content": {}, "arrays": [["a", "<f8", [1073741824, 1073741824]]]}',
        b'{"content": {}, "arrays": [["a", "<f8", ["x"]]]}',
    ],
)
def test_what_is_no_frame_is_refused(pair: Pair, head: bytes) -> None:
    pair[0].sendall(len(head).to_bytes(4, "big") + head + bytes(64))
    with pytest.raises(ConnectionError, match="frame"):
        receive(pair[1])


def test_a_frame_that_is_cut_is_the_end(pair: Pair) -> None:
    head = json.dumps({"content": {}, "arrays": [["a", "<f8", [2]]]}).encode()
    pair[0].sendall(len(head).to_bytes(4, "big") + head + bytes(8))
    pair[0].close()
    with pytest.raises(ConnectionResetError, match="has ended"):
        receive(pair[1])


def test_a_request_has_the_same_tensors_on_the_other_side() -> None:
    lengths = np.array([1, 2])
    history = {"history": np.ones((2, 3)), "lengths": lengths}
    request = Request(5, history, {"history": np.zeros(1)}, None, np.array([1e12, 0.0]))
    found = request_of(5, {**request_arrays(request, "7/"), "8/history/lengths": lengths}, "7/")
    assert found.horizon == 5
    assert {name: array.tolist() for name, array in found.history.items()} == {
        "history": [[1.0] * 3] * 2,
        "lengths": [1, 2],
    }
    assert found.future["history"].tolist() == [0.0]
    assert found.levels.tolist() == [1e12, 0.0]


@pytest.mark.parametrize("kind", KNOWN)
def test_an_error_keeps_its_class_and_its_text(kind: type[Exception]) -> None:
    found = read_error(write_error(kind("series 3: it's none")))
    assert (type(found), str(found)) == (kind, "series 3: it's none")


def test_an_error_of_an_unknown_class_names_it() -> None:
    found = read_error(write_error(MemoryError("no room")))
    assert (type(found), str(found)) == (RuntimeError, "MemoryError: no room")
    assert {InputError, BundleError, RuntimeMissingError} <= set(KNOWN)
