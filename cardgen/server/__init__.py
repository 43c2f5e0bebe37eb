"""Daphne with bounds, a pace and a shared socket, and the way from it to the views."""

from cardgen.server.handler import Handler
from cardgen.server.install import replace_classes

__all__ = ["Handler", "replace_classes"]
