"""Series out of a file or out of a data frame, by one call."""

from __future__ import annotations

from pathlib import Path
from typing import TypeAlias

from forecaster.config import Asked
from forecaster.data.files.frames import Frame, read_frame
from forecaster.data.panel.panel import Panel
from forecaster.data.read import read_panel

ALL_FOUND = Asked()
Data: TypeAlias = Path | Frame


def read_data(data: Data, asked: Asked = ALL_FOUND, *, keeps_level: bool = False) -> Panel:
    """The series of a file or of a frame. Raises as read_panel and read_frame."""
    if isinstance(data, Path):
        return read_panel(data, asked, keeps_level=keeps_level)
    return read_frame(data, asked, keeps_level=keeps_level)


def name_of(data: Data) -> str:
    """What messages call it: the path as it was given, or that it is a frame."""
    return str(data) if isinstance(data, Path) else "the frame"
