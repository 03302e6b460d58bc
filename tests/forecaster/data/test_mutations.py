"""Files that were damaged at random end in a panel or in one clear message, never in anything else."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from deploy.errors import ConfigError, DataError
from forecaster.config import Asked
from forecaster.data import read_data

pytestmark = pytest.mark.slow

# `make test-long` sets it to 20,000.
MUTATIONS = int(os.environ.get("MUTATIONS", "400"))
DAYS = [f"2024-01-{day:02d}" for day in range(1, 29)]

GOOD = {
    "single": "date,y\n" + "".join(f"{day},{n * 1.5}\n" for n, day in enumerate(DAYS)),
    "panel": "time,shop,y,k\n"
    + "".join(f"{day} 12:00,{shop},{n},{n % 3}\n" for shop in "ab" for n, day in enumerate(DAYS)),
    "wide": "day;a;b\n" + "".join(f"{day};{n},5;{n * 2},25\n" for n, day in enumerate(DAYS)),
    "rows": "id,V1,V2,V3,V4\n" + "".join(f"s{n},{n},{n + 1},{n + 2},\n" for n in range(9)),
    "quoted": "date,name,y\n" + "".join(f'{day},"a ""b"", c",{n}\n' for n, day in enumerate(DAYS)),
    "seconds": "t,y\n" + "".join(f"{1_700_000_000 + 3600 * n},{n}\n" for n in range(30)),
}
BYTES = b'0123456789.,;:"-+\n\t eENa\x00\xff=|/'


def flip_bytes(content: bytes, draw: np.random.Generator) -> bytes:
    changed = bytearray(content)
    for place in draw.integers(len(content), size=draw.integers(1, 4)):
        changed[place] = BYTES[draw.integers(len(BYTES))]
    return bytes(changed)


def cut_out(content: bytes, draw: np.random.Generator) -> bytes:
    begin, end = sorted(draw.integers(len(content) + 1, size=2))
    return content[:begin] + content[end:]


def shuffle_rows(content: bytes, draw: np.random.Generator) -> bytes:
    lines = content.splitlines(keepends=True)
    return b"".join(lines[place] for place in draw.integers(len(lines), size=len(lines)))


def shuffle_cells(content: bytes, draw: np.random.Generator) -> bytes:
    lines = [line.split(b",") for line in content.splitlines()]
    row = lines[draw.integers(len(lines))]
    row[:] = [row[place] for place in draw.integers(len(row), size=len(row) + draw.integers(-1, 2))]
    return b"\n".join(b",".join(line) for line in lines)


def repeat_part(content: bytes, draw: np.random.Generator) -> bytes:
    begin, end = sorted(draw.integers(len(content) + 1, size=2))
    return content[:end] + content[begin:]


MUTATE: list[Callable[[bytes, np.random.Generator], bytes]] = [
    flip_bytes,
    cut_out,
    shuffle_rows,
    shuffle_cells,
    repeat_part,
]


@pytest.mark.parametrize("name", GOOD)
def test_a_good_file_is_read(tmp_path: Path, name: str) -> None:
    path = tmp_path / "data.csv"
    path.write_text(GOOD[name])
    assert read_data(path, Asked()).lengths().min() >= 3


@pytest.mark.parametrize("name", GOOD)
def test_a_damaged_file_ends_in_a_panel_or_in_one_message(tmp_path: Path, name: str) -> None:
    path, content = tmp_path / "data.csv", GOOD[name].encode()
    for seed in range(MUTATIONS // len(GOOD)):
        draw = np.random.default_rng([seed, len(name)])
        damaged = MUTATE[draw.integers(len(MUTATE))](content, draw)
        path.write_bytes(damaged)
        message = outcome(path, f"seed {seed}: {damaged!r}")
        assert len(message) < 2000, damaged


def outcome(path: Path, case: str) -> str:
    """What the reader says of a file, "" if it reads it."""
    try:
        panel = read_data(path, Asked())
    except (DataError, ConfigError) as error:
        return str(error) or case * 2000
    except Exception as error:
        raise AssertionError(case) from error
    return "" if (panel.lengths() >= 1).all() else case * 2000
