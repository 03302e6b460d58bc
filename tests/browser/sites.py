"""The site of the documentation, built as `make site` does, behind a server of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ROOT / "tests" / "node" / "node_modules"  # of npm


@dataclass(frozen=True)
class Site:
    """A folder of pages, and where they are shown."""

    folder: Path
    address: str  # ends in /

    def pages(self) -> list[str]:
        """The address of every page, below that of the site."""
        found = sorted(self.folder.rglob("*.html"))
        return [path.relative_to(self.folder).as_posix().removesuffix("index.html") for path in found]


class Quiet(SimpleHTTPRequestHandler):
    """Files of a folder; nothing is said of requests."""

    def log_message(self, *arguments: object) -> None: ...


@contextmanager
def shown(folder: Path) -> Iterator[Site]:
    """Build the site into a folder, and serve it on loopback."""
    command = [sys.executable, "-m", "mkdocs", "build", "--quiet", "--site-dir", str(folder)]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1", "PYTHONPATH": str(ROOT)}
    subprocess.run(command, cwd=ROOT, env=environment, check=True)
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield Site(folder, f"http://127.0.0.1:{server.server_port}/")
        finally:
            server.shutdown()
            thread.join()
