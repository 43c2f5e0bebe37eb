"""The admin is a window: look, do not touch. The lowest application holds what all share."""

from functools import cached_property
from typing import Any

from django.contrib import admin
from django.core.paginator import Paginator
from django.http import HttpRequest

from generation.models import IssuerRange

_MOST_ROWS = 10_000


class BoundedPaginator(Paginator):  # type: ignore[type-arg]
    """Pages of at most 10,000 rows: nobody leafs further, and counting a ledger takes minutes."""

    @cached_property
    def count(self) -> int:
        """Count no further than the last row shown."""
        rows: Any = self.object_list
        return int(rows[:_MOST_ROWS].count())


class Window(admin.ModelAdmin):  # type: ignore[type-arg]
    """Read-only, without full counts."""

    paginator = BoundedPaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER  # a facet is a full count for each choice of a filter
    list_per_page = 50

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody adds here."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody changes here."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody deletes here."""
        return False


@admin.register(IssuerRange)
class IssuerRangeAdmin(Window):
    """Ranges are registered and enabled by commands, which ask for a reason."""

    list_display = ["name", "scheme", "tier", "enabled", "room", "source"]
    list_filter = ["tier", "enabled", "scheme"]
    search_fields = ["iin", "scheme"]

    @admin.display(description="capacity")
    def room(self, issuer_range: IssuerRange) -> str:
        """How many numbers the range has in all."""
        return f"{issuer_range.capacity:,}"
