"""Series out of a file or out of a data frame, by one call."""

from __future__ import annotations

from pathlib import Path
from typing import TypeAlias

from forecaster.data.columns import ColumnChoice
from forecaster.data.files.frames import Frame, read_frame
from forecaster.data.panel.panel import Panel
from forecaster.data.read import read_panel

Data: TypeAlias = Path | Frame


def read_data(data: Data, choice: ColumnChoice) -> Panel:
    """The series of a file or of a frame. Raises as read_panel and read_frame."""
    return read_panel(data, choice) if isinstance(data, Path) else read_frame(data, choice)


def name_of(data: Data) -> str:
    """What messages call it: the path as it was given, or that it is a frame."""
    return str(data) if isinstance(data, Path) else "the frame"
