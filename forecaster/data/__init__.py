"""Read a file or a data frame into a panel of ragged series.

In: a path or a frame, and what is asked of its columns. Out: a Panel, or an error that says where and what to
do. May import: forecaster.config, deploy.errors, deploy.columns, deploy.time.

    read            the stages from data to a panel; it catches complaints, once
    complaints      what is wrong with which rows, and what to do
    audience        the texts of errors: for a command line, for Python, for the user of a model
    columns         the columns that are asked for, against those that there are
    table           rows with every cell of its type, sorted by series and time
    understood      the facts of a panel, for people and for JSON
    files/          bytes and frames to cells
    times/          texts to moments and back
    understand/     which column is what, and rows onto the grid
    panel/          many series as flat arrays, and what is computed from these
"""

from deploy import ExtraMissingError, InputError
from deploy.columns import Columns
from deploy.errors import ConfigError, DataError
from forecaster.data.audience import Audience
from forecaster.data.files.frames import Frame, Types, types_of, with_types
from forecaster.data.files.source import Data, name_of
from forecaster.data.panel.panel import Panel
from forecaster.data.read import read_data, read_for_model
from forecaster.data.understood import Understood

__all__ = [
    "Audience",
    "Columns",
    "ConfigError",
    "Data",
    "DataError",
    "ExtraMissingError",
    "Frame",
    "InputError",
    "Panel",
    "Types",
    "Understood",
    "name_of",
    "read_data",
    "read_for_model",
    "types_of",
    "with_types",
]
