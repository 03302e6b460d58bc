"""`python -m deploy.server --health`: whether a service is ready, as the exit code that containers want."""

import os
import sys
from http.client import HTTPConnection, HTTPException
from pathlib import Path

READY_PATH = "/v2/health/ready"
TIMEOUT = 3.0  # seconds; a service that is full answers its probes
ANY_ADDRESS = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}
# The first process of a container, which is the service in the image of the Dockerfile.
FIRST_PROCESS = Path("/proc/1/cmdline")
MODULE = "deploy.server"


def service_arguments(process: Path = FIRST_PROCESS) -> list[str]:
    """Return the arguments of the service that is the first process here; none if it is something else.

    So a health check follows a `--port` and a `--host` that the container was started with.
    """
    try:
        words = [os.fsdecode(word) for word in process.read_bytes().split(b"\0")[:-1]]
    except OSError:
        return []
    return words[words.index(MODULE) + 1 :] if MODULE in words else []


def check_health(host: str, port: int) -> int:
    """Ask a service whether it is ready, past any proxy; return 0 if it is, else 1, and say why not."""
    host = ANY_ADDRESS.get(host, host)
    connection = HTTPConnection(host, port, timeout=TIMEOUT)
    try:
        connection.request("GET", READY_PATH)
        status = connection.getresponse().status
    except (OSError, HTTPException) as error:
        sys.stderr.write(f"{host}:{port} does not answer: {error or type(error).__name__}\n")
        return 1
    finally:
        connection.close()
    if status != 200:
        sys.stderr.write(f"{host}:{port} is not ready: {status}\n")
    return int(status != 200)
