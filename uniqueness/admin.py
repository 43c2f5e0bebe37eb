"""The storage in the admin: pools, reservations, exclusions and the ledger, all windows.

No search by number: it would put the number into the URL, and from there into logs.
"""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.text import Truncator

from generation.admin import Window
from generation.models import SLOTS_PER_RANGE, IssuerRange
from uniqueness import range_admin  # noqa: F401 (registers its windows)
from uniqueness.models import Card, Exclusion, Pool, Reservation


@admin.register(Pool)
class PoolAdmin(Window):
    """How far each range is handed out."""

    list_display = ["issuer_range", "scheme", "handed_out", "room"]
    list_select_related = ["issuer_range"]

    @admin.display(ordering="issuer_range__scheme")
    def scheme(self, pool: Pool) -> str:
        """The range's scheme."""
        return pool.issuer_range.scheme

    @admin.display(ordering="next_slot")
    def handed_out(self, pool: Pool) -> str:
        """Slots below the cursor."""
        return f"{pool.next_slot:,}"

    @admin.display(description="capacity")
    def room(self, pool: Pool) -> str:
        """All slots of the range."""
        return f"{pool.issuer_range.capacity:,}"


@admin.register(Reservation)
class ReservationAdmin(Window):
    """Spans set aside, newest first; `owner` is the job."""

    list_display = ["id", "issuer_range", "span", "owner", "created_at"]
    list_select_related = ["issuer_range"]
    list_filter = ["issuer_range"]
    search_fields = ["owner__exact"]
    ordering = ["-id"]


@admin.register(Exclusion)
class ExclusionAdmin(Window):
    """Numbers never minted, masked, as an imported one may be somebody's; a link would hold it."""

    list_display = ["masked", "why", "where", "created_at"]
    list_display_links = None
    list_filter = ["reason"]
    fields = ["masked", "slot", "reason", "source", "created_at"]

    @admin.display(description="reason", ordering="reason")
    def why(self, exclusion: Exclusion) -> str:
        """The reason's code; its label would fill the page."""
        return exclusion.reason

    @admin.display(description="source")
    def where(self, exclusion: Exclusion) -> str:
        """The beginning of the source."""
        return Truncator(exclusion.source).chars(70)

    @admin.display(description="number")
    def masked(self, exclusion: Exclusion) -> str:
        """First six and last four digits (PCI DSS 3.4)."""
        pan = exclusion.pan
        return f"{pan[:6]}{'•' * (len(pan) - 10)}{pan[-4:]}"


class RangeFilter(admin.SimpleListFilter):
    """One range's part of the ledger: a stretch of the primary key."""

    title = "issuer range"
    parameter_name = "range"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Every registered range."""
        return [(str(found.pk), found.name) for found in IssuerRange.objects.all()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Card]) -> QuerySet[Card]:
        """Narrow the slots."""
        if not (self.value() or "").isdigit():
            return queryset
        first = int(self.value() or 0) * SLOTS_PER_RANGE
        return queryset.filter(slot__gte=first, slot__lt=first + SLOTS_PER_RANGE)


@admin.register(Card)
class CardAdmin(Window):
    """The ledger, in the order of the primary key from its end: the newest cards of each range."""

    list_display = ["slot", "pan", "expiry", "cvv"]
    list_filter = [RangeFilter]
    ordering = ["-slot"]
    sortable_by = ["slot"]
