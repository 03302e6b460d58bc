"""Data files into panels of ragged series."""

__all__: list[str] = []
