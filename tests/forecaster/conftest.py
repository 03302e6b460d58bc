"""One thread for every test, and for every process that one starts."""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # tiny networks on many threads wait for each other; read when torch loads
