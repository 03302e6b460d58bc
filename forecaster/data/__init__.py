"""Data files into panels of ragged series."""
