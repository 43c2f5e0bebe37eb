"""Daphne with bounds, a pace, a shared socket and a clean end, and the way to the views."""

from cardgen.server.handler import Handler
from cardgen.server.install import replace_classes

__all__ = ["Handler", "replace_classes"]
