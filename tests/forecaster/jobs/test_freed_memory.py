"""Settings of malloc, each in a process of its own, which they last as long as."""

from __future__ import annotations

import subprocess
import sys

import pytest

FAULTS = """
import resource
import numpy as np
from forecaster.jobs.freed_memory import {setting} as set_memory
assert set_memory()
np.ones(1 << 20)
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(50):
    np.ones(1 << 20)  # 8 MB
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="glibc is that of Linux")
@pytest.mark.parametrize("setting", ["keep_freed_memory", "reuse_small_pieces"])
def test_what_is_freed_is_taken_again_without_a_page_fault_for_each_page(setting: str) -> None:
    program = FAULTS.format(setting=setting)
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert int(done.stdout) < 2 * 2048  # pages of one array; without the setting it is 50 times as many
