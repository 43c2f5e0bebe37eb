"""The admin is a window: look, do not touch. The lowest application holds what all share."""

from functools import cached_property
from typing import Any

from django.contrib import admin
from django.core.paginator import Paginator
from django.http import HttpRequest

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
