"""Memory that is freed and taken again and again: glibc may keep it, which spares the system's page faults.

Both settings last as long as the process. Another C library than glibc is left as it is.
"""

import ctypes
import sys

# Of glibc's malloc.h.
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_MMAP_MAX = -1, -3, -4
LARGEST = 2**31 - 1
PIECE = 1 << 25  # bytes; the largest threshold that glibc takes
KEPT = 1 << 28  # bytes free at the end of the heap


def keep_freed_memory() -> bool:
    """Keep all that is freed, some 100 MB more: half of an update of a training is page faults otherwise."""
    return _set((M_MMAP_MAX, 0), (M_TRIM_THRESHOLD, LARGEST))


def reuse_small_pieces() -> bool:
    """Keep pieces of some megabytes, and return large arrays: for a command that works chunk by chunk."""
    return _set((M_MMAP_THRESHOLD, PIECE), (M_TRIM_THRESHOLD, KEPT))


def _set(*parameters: tuple[int, int]) -> bool:
    """Set parameters of malloc; False where the C library has none."""
    if not sys.platform.startswith("linux"):
        return False
    try:
        libc = ctypes.CDLL("libc.so.6")
        return all(libc.mallopt(*parameter) for parameter in parameters)
    except (OSError, AttributeError):  # musl
        return False
