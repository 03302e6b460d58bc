"""One thread for every test, and for every process that one starts."""

from __future__ import annotations

import os

# Tiny networks on several threads wait for each other; torch reads it when it is loaded.
os.environ.setdefault("OMP_NUM_THREADS", "1")
