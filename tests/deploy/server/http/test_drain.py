"""The end of a service: no request that was sent in good faith goes without an answer."""

from __future__ import annotations

import json
import signal
import threading
import time
from collections.abc import Callable

import pytest
from balancer import Balancer
from running import PATIENCE, Service, read_all

pytestmark = pytest.mark.slow

Start = Callable[..., Service]
BODY = json.dumps({"series": [{"values": [1, 2, 3]}]}).encode()
WHOLE = b"POST /forecast HTTP/1.1\r\nhost: localhost\r\ncontent-length: %d\r\n\r\n%b" % (len(BODY), BODY)


def test_first_it_is_not_ready_then_it_ends_with_0(start: Start) -> None:
    ending = start("--drain", "0.5")
    ending.process.send_signal(signal.SIGTERM)
    ending.wait_for("draining")
    assert ending.ask("GET", "/v2/health/ready")[0] == 503
    assert ending.ask("GET", "/v2/models/forecast/ready")[0] == 503
    assert ending.ask("GET", "/v2/health/live")[0] == 200
    status, headers, _ = ending.ask("POST", "/forecast", BODY)
    assert (status, headers["connection"]) == (200, "close")
    assert ending.process.wait(PATIENCE) == 0
    assert [line["event"] for line in ending.log()][-1] == "stopped"


def test_a_request_under_way_is_answered(start: Start) -> None:
    ending = start("--drain", "0", "--timeout", "20")
    body = {"series": [{"values": list(range(1, 23))}] * 10, "paths": 1000, "horizon": 18}
    found: list[int] = []
    asking = threading.Thread(target=lambda: found.append(ending.ask("POST", "/forecast", body)[0]))
    asking.start()
    time.sleep(0.2)
    assert ending.terminate() == 0
    asking.join()
    assert found == [200]


def test_ctrl_c_does_not_wait_for_balancers(start: Start) -> None:
    ending = start("--drain", "60")
    ending.process.send_signal(signal.SIGINT)
    assert ending.process.wait(PATIENCE) == 0


def test_a_second_signal_does_not_wait_either(start: Start) -> None:
    ending = start("--drain", "60")
    ending.process.send_signal(signal.SIGTERM)
    ending.wait_for("draining")
    ending.process.send_signal(signal.SIGTERM)
    assert ending.process.wait(PATIENCE) == 0


def test_a_rolling_restart_fails_no_request(start: Start) -> None:
    first = start("--drain", "0.4")
    with Balancer([first.port]) as balancer:
        statuses: list[int] = []
        stop = threading.Event()

        def ask() -> None:
            while not stop.is_set():
                statuses.append(balancer.ask("POST", "/forecast", BODY))

        threads = [threading.Thread(target=ask) for _ in range(4)]
        for thread in threads:
            thread.start()
        running = first
        for _ in range(2):
            following = start("--drain", "0.4")
            balancer.add(following.port)
            assert running.terminate() == 0
            balancer.remove(running.port)
            running = following
        stop.set()
        for thread in threads:
            thread.join()
    assert len(statuses) > 20
    assert set(statuses) == {200}


def test_connections_that_wait_at_the_end_are_answered(start: Start) -> None:
    ending = start("--drain", "0")
    connections = [ending.connect() for _ in range(40)]
    kept = ending.connect()
    kept.sendall(WHOLE)
    first = b""
    while not first.endswith(b"}"):  # head and body may come apart
        first += kept.recv(65536)
    assert first.startswith(b"HTTP/1.1 200")
    ending.process.send_signal(signal.SIGSTOP)  # what comes now waits to be accepted
    connections += [ending.connect() for _ in range(40)]
    ending.process.send_signal(signal.SIGTERM)
    ending.process.send_signal(signal.SIGCONT)
    ending.wait_for("draining")
    for connection in [*connections, kept]:
        connection.sendall(WHOLE)
    for connection in [*connections, kept]:
        answer = read_all(connection)
        assert answer.startswith(b"HTTP/1.1 200")
        assert b"connection: close" in answer
        connection.close()
    assert ending.process.wait(PATIENCE) == 0
