"""Read a file or a data frame into a panel of ragged series."""

from forecaster.data.source import read_data

__all__ = ["read_data"]
