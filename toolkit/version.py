"""Which cardgen this is: `pyproject.toml`, pages and heartbeats have it from here."""

VERSION = "0.9.0"
"""Semantic version (semver.org)."""
