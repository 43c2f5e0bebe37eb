"""Jobs, their items and chunks. The rows are the queue: Celery only rings a bell."""

from uuid import uuid4

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from generation.kernel.defects import Defect
from generation.kernel.details import (
    ADDRESS,
    ADDRESS_LENGTH,
    PIN_LENGTHS,
    POSTCODE,
    POSTCODE_LENGTH,
    SERVICE_CODE,
    Details,
    Rule,
)
from generation.kernel.spec import Profile
from generation.models import IssuerRange
from generation.recipes import Recipe
from jobs.models.team import Team
from toolkit import spans, tracing
from uniqueness.slots import Span


class Status(models.TextChoices):
    """States of a job; `jobs.states.ALLOWED` holds the moves."""

    QUEUED = "queued"
    RUNNING = "running"
    PAUSED = "paused"
    CANCELLING = "cancelling"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Priority(models.TextChoices):
    """How soon a job's chunks come up; waiting counts more the higher it is, so none starves."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"


def _empty_or(field: str, *, rule: Rule) -> Q:
    """A text that is not set, or keeps the rule."""
    return Q(**{field: ""}) | Q(**{f"{field}__regex": f"^({rule.pattern})$"})


class Job(models.Model):
    """What somebody asked for, how far it is, and how the cards' fields are chosen."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="jobs"
    )
    # Its index has the jobs of teams alone: most have none, and small orders write every index.
    team = models.ForeignKey(
        Team, null=True, on_delete=models.PROTECT, related_name="jobs", db_index=False
    )
    label = models.CharField(max_length=200, blank=True)
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.QUEUED)
    requested = models.BigIntegerField()
    produced = models.BigIntegerField(default=0)
    version = models.BigIntegerField(default=1)
    error_code = models.CharField(max_length=64, blank=True)
    error = models.TextField(blank=True)
    first_month = models.IntegerField(help_text="earliest expiry, year * 12 + month - 1")
    months = models.IntegerField(help_text="number of expiry months to choose from")
    cvv = models.CharField(max_length=4, blank=True, help_text="the same for every card, if set")
    cardholder_name = models.CharField(
        max_length=26, blank=True, help_text="the same for every card, if set"
    )
    address = models.CharField(
        max_length=ADDRESS_LENGTH, blank=True, help_text="the same for every card, if set"
    )
    postcode = models.CharField(
        max_length=POSTCODE_LENGTH, blank=True, help_text="the same for every card, if set"
    )
    service_code = models.CharField(
        max_length=3, blank=True, help_text="the same for every card, if set"
    )
    pin_length = models.PositiveSmallIntegerField(default=PIN_LENGTHS[0], help_text="digits")
    month = models.IntegerField(default=0, help_text="what counts as now, year * 12 + month - 1")
    distinct_last_four = models.BooleanField(default=False)
    sequential = models.BooleanField(default=False, help_text="numbers count up")
    defect = models.CharField(max_length=16, blank=True, help_text="what is wrong with the cards")
    fields = ArrayField(
        models.CharField(max_length=32), default=list, blank=True, help_text="none: the usual ones"
    )
    priority = models.CharField(
        max_length=8, choices=Priority.choices, default=Priority.NORMAL, db_default=Priority.NORMAL
    )
    deadline = models.DateTimeField(null=True, help_text="fails if it is not finished by then")
    idempotency_key = models.CharField(max_length=255, null=True)  # noqa: DJ001 (NULL is not unique)
    idempotency_route = models.CharField(max_length=64, blank=True)
    fingerprint = models.BinaryField(max_length=32, default=b"", help_text="SHA-256 of the request")
    # Not a foreign key: API keys belong to the layer above.
    api_key_id = models.BigIntegerField(null=True, help_text="of the API key that ordered it")
    counted_from = models.DateTimeField(db_default=Now(), help_text="the day its cards count on")
    counted_before = models.BigIntegerField(db_default=0, help_text="cards of earlier days")
    request_id = models.CharField(
        max_length=tracing.MOST_CHARACTERS, default=tracing.request_id, blank=True
    )
    trace_parent = models.CharField(
        max_length=spans.TRACE_PARENT_LENGTH,
        default=spans.trace_parent,
        db_default="",
        blank=True,
        help_text="W3C Trace Context: the span that ordered it",
    )
    created_at = models.DateTimeField(db_default=Now())
    started_at = models.DateTimeField(null=True)
    running_since = models.DateTimeField(null=True, help_text="when it last began or went on")
    running_from = models.BigIntegerField(db_default=0, help_text="cards it had by then")
    progressed_at = models.DateTimeField(null=True, help_text="when the last chunk was committed")
    finished_at = models.DateTimeField(null=True)
    purged_at = models.DateTimeField(null=True, help_text="when its cards were deleted")

    class Meta:
        indexes = [
            models.Index(name="job_by_owner", fields=["owner", "-created_at", "-id"]),
            models.Index(
                name="job_by_team",
                fields=["team", "-created_at", "-id"],
                condition=Q(team__isnull=False),
            ),
            models.Index(name="job_by_age", fields=["-created_at", "-id"]),
            models.Index(
                name="job_active",
                fields=["created_at"],
                condition=Q(status__in=["queued", "running"]),
            ),
            models.Index(name="job_counted", fields=["owner", "counted_from"]),
            models.Index(
                name="job_unended",
                fields=["owner"],
                condition=Q(status__in=["queued", "running", "paused", "cancelling"]),
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                name="one_job_per_idempotency_key",
                fields=["owner", "idempotency_route", "idempotency_key"],
            ),
            models.CheckConstraint(name="job_asks_for_a_card", condition=Q(requested__gte=1)),
            models.CheckConstraint(
                name="job_never_overproduces", condition=Q(produced__range=(0, F("requested")))
            ),
            models.CheckConstraint(
                name="job_counts_no_card_twice",
                condition=Q(counted_before__range=(0, F("produced"))),
            ),
            models.CheckConstraint(
                name="job_succeeds_only_when_complete",
                condition=~Q(status="succeeded") | Q(produced=F("requested")),
            ),
            models.CheckConstraint(
                name="job_has_a_plain_address", condition=_empty_or("address", rule=ADDRESS)
            ),
            models.CheckConstraint(
                name="job_has_a_plain_postcode", condition=_empty_or("postcode", rule=POSTCODE)
            ),
            models.CheckConstraint(
                name="job_has_a_service_code_of_iso_7813",
                condition=_empty_or("service_code", rule=SERVICE_CODE),
            ),
            models.CheckConstraint(
                name="job_has_a_pin_length_of_iso_9564",
                condition=Q(pin_length__range=(PIN_LENGTHS[0], PIN_LENGTHS[-1])),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.id} ({self.status})"

    @property
    def recipe(self) -> Recipe:
        """How this job's cards are made."""
        profile = Profile(
            first_month=self.first_month,
            months=self.months,
            cvv=self.cvv or None,
            cardholder_name=self.cardholder_name or None,
        )
        details = Details(
            address=self.address or None,
            postcode=self.postcode or None,
            service_code=self.service_code or None,
            pin_length=self.pin_length,
        )
        defect = Defect(self.defect) if self.defect else None
        return Recipe(
            profile=profile,
            month=self.month,
            details=details,
            defect=defect,
            sequential=self.sequential,
        )


class Item(models.Model):
    """One line of a job: so many cards of one issuer range."""

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="items")
    position = models.PositiveSmallIntegerField()
    issuer_range = models.ForeignKey(IssuerRange, on_delete=models.PROTECT, related_name="+")
    count = models.BigIntegerField()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(name="one_item_per_position", fields=["job", "position"])
        ]

    def __str__(self) -> str:
        return f"{self.count} of {self.issuer_range}"


class ChunkState(models.TextChoices):
    """States of a chunk."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    DROPPED = "dropped"
    PURGED = "purged"


MADE = (ChunkState.DONE, ChunkState.PURGED)
"""Chunks whose cards count for good."""


class Chunk(models.Model):
    """A span of slots minted and recorded in one transaction; `epoch` fences late writers."""

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="chunks")
    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="chunks")
    first_slot = models.BigIntegerField(help_text="packed")
    end_slot = models.BigIntegerField(help_text="packed, not included")
    slots = ArrayField(
        models.BigIntegerField(), null=True, help_text="the slots to mint, packed; null is all"
    )
    wanted = models.IntegerField(help_text="slots less the exclusions known at reservation")
    produced = models.IntegerField(default=0)
    state = models.CharField(max_length=8, choices=ChunkState.choices, default=ChunkState.WAITING)
    epoch = models.IntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField(db_default=Now(), help_text="next attempt")
    lease_until = models.DateTimeField(null=True)
    done_at = models.DateTimeField(
        null=True, help_text="when its cards were written; none before 0.10"
    )
    worker = models.CharField(max_length=200, blank=True)
    backend_pid = models.IntegerField(null=True, help_text="of the worker's database connection")
    backend_start = models.DateTimeField(null=True, help_text="a pid alone may be another's soon")
    error = models.TextField(blank=True, help_text="of the last attempt that failed")

    class Meta:
        indexes = [
            models.Index(name="chunk_waiting", fields=["job", "id"], condition=Q(state="waiting")),
            models.Index(name="chunk_leases", fields=["lease_until"], condition=Q(state="running")),
        ]
        constraints = [
            models.UniqueConstraint(
                name="one_live_chunk_per_slot",
                fields=["first_slot"],
                condition=Q(state__in=["waiting", "running", "done"], slots=None),
            ),
            models.CheckConstraint(
                name="chunk_never_overproduces", condition=Q(produced__range=(0, F("wanted")))
            ),
            models.CheckConstraint(
                name="chunk_has_slots_for_all_wanted",
                condition=Q(wanted__gte=0, wanted__lte=F("end_slot") - F("first_slot")),
            ),
            models.CheckConstraint(
                name="chunk_has_a_lease_only_while_running",
                condition=Q(state="running", lease_until__isnull=False)
                | (~Q(state="running") & Q(lease_until__isnull=True)),
            ),
        ]

    def __str__(self) -> str:
        return f"chunk {self.pk} of {self.job_id}"

    @property
    def span(self) -> Span:
        """The chunk's packed slots."""
        return Span(self.first_slot, self.end_slot)


FINAL = frozenset({Status.SUCCEEDED, Status.FAILED, Status.CANCELLED})
UNENDED = frozenset(Status) - FINAL
"""What the index `job_unended` has; PostgreSQL does not see that "none of FINAL" is the same."""
