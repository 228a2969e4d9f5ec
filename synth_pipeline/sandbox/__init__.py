"""Runners execute generator code behind a boundary."""
