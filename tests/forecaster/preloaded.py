"""`forecaster` in a process of its own that starts at once: one that has loaded the libraries forks it.

Most of a small command is what it imports, seconds of it. `preloaded.py serve SOCKET` imports it once;
`preloaded.py call SOCKET ARGUMENTS` is then a command with the folder, environment, standard streams, signals
and exit code of a fresh process. Tests of what a fresh process loads, and of SIGKILL, start a real one.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
from contextlib import suppress

LOADED = (
    *("forecaster.cli", "forecaster.estimator", "forecaster.workflows.fit", "forecaster.workflows.evaluate"),
    *("forecaster.workflows.export", "forecaster.workflows.forecast", "forecaster.workflows.inspect"),
    *("forecaster.show.fit_progress", "forecaster.show.report.page", "matplotlib.backends.backend_svg"),
)
FORWARDED = (signal.SIGINT, signal.SIGTERM)


def call(place: str, arguments: list[str]) -> int:
    """Ask the server for a command, and return how it ended: an exit code, or -number of a signal."""
    import json

    caller = socket.socket(socket.AF_UNIX)
    caller.connect(place)
    for number in FORWARDED:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, lambda number, _: caller.send(bytes([number])))
    request = json.dumps([arguments, os.getcwd(), dict(os.environ)]) + "\n"  # noqa: PTH109 - pathlib takes long
    socket.send_fds(caller, [request.encode()], [0, 1, 2])
    return int(caller.recv(8))


def serve(place: str) -> None:
    """Fork a process for each caller, until the standard input is closed."""
    import gc
    import importlib
    import select

    for name in LOADED:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()  # so that pages are shared
    ended, ending = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(ending, warn_on_full_buffer=False)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(place)
    listener.listen()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    running: dict[socket.socket, int] = {}
    while True:
        readable = select.select([sys.stdin, ended, listener, *running], [], [])[0]
        if sys.stdin in readable:
            break
        if ended in readable:
            os.read(ended, 4096)
            _report(running)
        if listener in readable:
            caller = listener.accept()[0]
            running[caller] = _start(caller, [listener, *running])
        for caller in running.keys() & set(readable):
            for number in caller.recv(64) or [signal.SIGKILL]:  # a caller that is no longer there
                os.kill(running[caller], number)
    for process in running.values():
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)


def _report(running: dict[socket.socket, int]) -> None:
    """Tell the callers of processes that have ended how they did."""
    for caller, process in list(running.items()):
        found, status = os.waitpid(process, os.WNOHANG)
        if found:
            del running[caller]
            with caller, suppress(OSError):  # of a caller that was killed
                caller.send(str(os.waitstatus_to_exitcode(status)).encode())


def _start(caller: socket.socket, others: list[socket.socket]) -> int:
    """Fork the process of a caller, and return its number."""
    import json

    request, streams, *_ = socket.recv_fds(caller, 1 << 16, 3)
    while not request.endswith(b"\n"):
        request += caller.recv(1 << 16)
    if process := os.fork():
        for stream in streams:
            os.close(stream)
        return process
    for other in (caller, *others):
        other.close()
    code = 1
    try:
        code = _command(*json.loads(request), streams)
    finally:
        os._exit(code)


def _command(arguments: list[str], folder: str, environment: dict[str, str], streams: list[int]) -> int:
    """Run a command as the process that this one becomes; return the exit code."""
    import atexit
    import io
    import traceback

    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.stdin = open(0, closefd=False)  # noqa: SIM115 - as long as the process
    unbuffered = bool(environment.get("PYTHONUNBUFFERED"))
    for name, number, errors in (("stdout", 1, "strict"), ("stderr", 2, "backslashreplace")):
        binary = open(number, "wb", 0 if unbuffered else -1, closefd=False)  # noqa: SIM115
        by_line = number == 2 or binary.isatty()
        text = io.TextIOWrapper(binary, errors=errors, line_buffering=by_line, write_through=unbuffered)
        setattr(sys, name, text)
    from forecaster.__main__ import main

    sys.argv = ["forecaster", *arguments]
    code = 0
    try:
        main()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:  # noqa: BLE001 - as Python ends
        traceback.print_exc()
        code = 1
    atexit._run_exitfuncs()
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:
        return 120
    return code


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve(sys.argv[2])
    else:
        status = call(sys.argv[2], sys.argv[3:])
        if status < 0:
            signal.signal(-status, signal.SIG_DFL)
            os.kill(os.getpid(), -status)
        os._exit(status)
