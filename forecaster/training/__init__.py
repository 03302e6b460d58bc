"""Fitting: the loop and its curricula."""
