"""Beside the helpers of these tests, so that pytest finds them from the rooms below."""
