"""Addresses of static files, under the path that a proxy put before this very request.

Django finds the path out once, before the first request, and so it would miss it.
"""

from django.contrib.staticfiles.storage import StaticFilesStorage
from django.urls import get_script_prefix


class RootedFiles(StaticFilesStorage):
    """Static files whose addresses follow the request."""

    def url(self, name: str | None) -> str:
        """Return the address of a file."""
        found, prefix = super().url(name), get_script_prefix()
        return found if found.startswith(prefix) else f"{prefix.rstrip('/')}{found}"
