"""The storage in the admin: pools, reservations, exclusions and the ledger, all windows.

No search by number: it would put the number into the URL, and from there into logs.
"""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from generation.models import SLOTS_PER_RANGE, IssuerRange
from toolkit.admin import Window, row_link
from uniqueness.exclusions import admin as exclusions_admin  # noqa: F401 (registers its window)
from uniqueness.models import Card, Pool, Reservation
from uniqueness.pool.owners import owners_of
from uniqueness.registry import range_admin, tier_admin  # noqa: F401 (register their windows)
from uniqueness.trail import admin as trail_admin  # noqa: F401 (registers its window)


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

    list_display = ["id", "issuer_range", "slots", "state", "of_job", "created_at"]
    list_select_related = ["issuer_range"]
    list_filter = ["issuer_range"]
    search_fields = ["owner__exact"]
    search_help_text = "A whole job id."
    ordering = ["-id"]

    @admin.display(description="slots of the range")
    def slots(self, reservation: Reservation) -> str:
        """The first and the last of them."""
        first = reservation.issuer_range.first_slot
        start, end = reservation.span.lower - first, reservation.span.upper - first
        return f"{start:,} to {end - 1:,}"

    @admin.display(description="job")
    def of_job(self, reservation: Reservation) -> str:
        """The way to its job."""
        return row_link("jobs_job", reservation.owner)


class RangeFilter(admin.SimpleListFilter):
    """One range's part of the ledger: a stretch of the primary key."""

    title = "issuer range"
    parameter_name = "range"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Every registered range."""
        return [(str(found.pk), found.name) for found in IssuerRange.objects.all()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Card]) -> QuerySet[Card]:
        """Narrow the slots."""
        if self.value() not in dict(self.lookup_choices):
            return queryset
        first = int(self.value() or 0) * SLOTS_PER_RANGE
        return queryset.filter(slot__gte=first, slot__lt=first + SLOTS_PER_RANGE)


@admin.register(Card)
class CardAdmin(Window):
    """The ledger, in the order of the primary key from its end: the newest cards of each range."""

    change_list_template = "admin/uniqueness/card/change_list.html"
    list_display = ["slot", "pan", "expiry", "cvv", "of_job"]
    list_filter = [RangeFilter]
    ordering = ["-slot"]
    sortable_by = ["slot"]

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Find the jobs of all cards of a page at once."""
        shown = super().get_changelist_instance(request)
        shown.result_list = list(shown.result_list)
        owners = owners_of(card.slot for card in shown.result_list)
        for card in shown.result_list:
            card.owner = owners.get(card.slot)
        return shown

    @admin.display(description="job")
    def of_job(self, card: Card) -> str:
        """The way to its job; a claimed card may be another's."""
        return row_link("jobs_job", getattr(card, "owner", None))
