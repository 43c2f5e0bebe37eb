"""Imports of other systems' cards, to be looked at."""

from uniqueness.models import CardImport

_SHOWN = 10


def recent_imports() -> list[CardImport]:
    """Return the last imports, the newest first, with what became of their numbers."""
    return list(CardImport.objects.select_related("owner").order_by("-started_at")[:_SHOWN])
