"""Daphne with bounds, bodies, frames and answers at the client's pace, and the way to the views."""

from cardgen.server.handler import Handler
from cardgen.server.install import replace_classes

__all__ = ["Handler", "replace_classes"]
