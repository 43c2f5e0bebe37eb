"""Daphne with bounds: bodies, frames, and answers at the client's pace."""

from cardgen.server.install import replace_classes

__all__ = ["replace_classes"]
