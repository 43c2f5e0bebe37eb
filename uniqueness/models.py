"""The storage behind "no number twice". The constraints here decide; everything else is a hint."""

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, BigIntegerRangeField
from django.db import models
from django.db.models import BigIntegerField, F, Func, Q
from django.db.models.functions import Now

from generation.models import IssuerRange


def _bound(function: str) -> Func:
    return Func(F("span"), function=function, output_field=BigIntegerField())


class Pool(models.Model):
    """How far a range is handed out: every slot below `next_slot` may have been given away.

    A trigger refuses to move `next_slot` back (migration 0002).
    """

    issuer_range = models.OneToOneField(
        IssuerRange, on_delete=models.PROTECT, primary_key=True, related_name="pool"
    )
    next_slot = models.BigIntegerField(default=0, help_text="slot in the range, not packed")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="pool_cursor_is_not_negative", condition=Q(next_slot__gte=0)
            )
        ]

    def __str__(self) -> str:
        return f"{self.issuer_range} at {self.next_slot}"


class Reservation(models.Model):
    """A span of packed slots below the cursor, and what became of it.

    Held for one owner, who alone may write cards there; used, when the owner is done with it; or
    free: set aside once, holds no card, and may be held again.
    """

    class State(models.TextChoices):
        """What the span is good for."""

        HELD = "held"
        USED = "used"
        FREE = "free"

    issuer_range = models.ForeignKey(IssuerRange, on_delete=models.PROTECT, related_name="+")
    span = BigIntegerRangeField(help_text="packed slots, half open")
    state = models.CharField(max_length=4, choices=State.choices, default=State.HELD)
    owner = models.UUIDField(db_index=True, null=True, help_text="id of the job")
    sequential = models.BooleanField(default=False, help_text="lies in sequential windows")
    stock = models.BooleanField(
        db_default=False, help_text="of a web process, for small orders; a large one may take it"
    )
    issued = models.BigIntegerField(default=0, help_text="cards written in the span")
    holes = ArrayField(
        models.BigIntegerField(),
        null=True,
        help_text="packed slots stepped over; null: who reads must ask the ledger",
    )
    purged = models.BooleanField(default=False, help_text="its cards are deleted, not their slots")
    created_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField(null=True, help_text="when nobody cares for it any more")

    class Meta:
        indexes = [
            models.Index(name="free_spans", fields=["issuer_range"], condition=Q(state="free")),
            models.Index(name="purged_spans", fields=["id"], condition=Q(purged=True)),
            models.Index(name="held_spans", fields=["expires_at"], condition=Q(state="held")),
        ]
        constraints = [
            ExclusionConstraint(name="reservations_are_disjoint", expressions=[(F("span"), "&&")]),
            models.CheckConstraint(
                name="reservation_is_not_empty", condition=Q(span__isempty=False)
            ),
            models.CheckConstraint(
                name="reservation_has_an_owner_unless_free",
                condition=Q(state="free", owner=None) | (~Q(state="free") & ~Q(owner=None)),
            ),
            models.CheckConstraint(
                name="reservation_never_holds_more_cards_than_slots",
                condition=Q(issued__gte=0, issued__lte=_bound("upper") - _bound("lower")),
            ),
            models.CheckConstraint(
                name="reservation_never_counts_a_hole_as_a_card",
                condition=Q(holes=None)
                | Q(
                    holes__len__lte=_bound("upper") - _bound("lower") - F("issued"),
                ),
            ),
            models.CheckConstraint(
                name="only_used_spans_are_purged", condition=Q(purged=False) | Q(state="used")
            ),
            models.CheckConstraint(
                name="free_spans_hold_no_card", condition=~Q(state="free") | Q(issued=0)
            ),
            models.CheckConstraint(
                name="reservation_expires_only_while_held",
                condition=Q(state="held", expires_at__isnull=False)
                | (~Q(state="held") & Q(expires_at=None)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.span}, {self.state}"


class Promise(models.Model):
    """Numbers of a range that an accepted job may still set aside (uniqueness.pool.promises)."""

    issuer_range = models.ForeignKey(IssuerRange, on_delete=models.PROTECT, related_name="+")
    owner = models.UUIDField(help_text="id of the job")
    count = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="one_promise_per_owner_and_range", fields=["owner", "issuer_range"]
            ),
            models.CheckConstraint(name="promise_is_of_a_number", condition=Q(count__gte=1)),
        ]

    def __str__(self) -> str:
        return f"{self.count} of {self.issuer_range}"


class Card(models.Model):
    """The ledger: one row for every issued card, written by COPY only (uniqueness.ledger).

    No foreign key, no trigger, no job column: each extra index costs more than everything else.
    """

    slot = models.BigIntegerField(primary_key=True, help_text="range id * 10^12 + slot in range")
    pan = models.CharField(max_length=19, db_collation="C")
    expiry = models.DateField(help_text="last day of the expiry month")
    cvv = models.CharField(max_length=4)

    class Meta:
        db_table = "uniqueness_ledger"
        constraints = [
            models.UniqueConstraint(name="one_card_per_pan", fields=["pan"]),
            models.CheckConstraint(
                name="slot_is_packed_with_a_range", condition=Q(slot__gte=10**12)
            ),
        ]

    def __str__(self) -> str:
        return f"card in slot {self.slot}"


class Exclusion(models.Model):
    """A PAN that must never be minted at random.

    `slot` is set where it lies in a registered range: the one the permuted order gives it, in
    sequential windows too, so that it never changes.
    """

    class Reason(models.TextChoices):
        """Where the exclusion comes from."""

        PUBLISHED = "published", "published by a payment provider"
        IMPORTED = "imported", "imported"
        CLAIMED = "claimed", "claimed by hand"

    pan = models.CharField(max_length=19, primary_key=True, db_collation="C")
    slot = models.BigIntegerField(null=True, unique=True, help_text="packed slot")
    reason = models.CharField(max_length=16, choices=Reason.choices)
    source = models.TextField()
    owner = models.UUIDField(null=True, help_text="of a claimed one: id of the job")
    claimed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        db_index=False,
        related_name="+",
    )
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [
            models.Index(name="claimed_slots", fields=["slot"], condition=Q(owner__isnull=False)),
            models.Index(
                name="numbers_claimed_by_a_user",
                fields=["claimed_by", "pan"],
                condition=Q(claimed_by__isnull=False),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="claimed_numbers_have_an_owner",
                condition=Q(reason="claimed", owner__isnull=False)
                | (~Q(reason="claimed") & Q(owner=None, claimed_by=None)),
            )
        ]

    def __str__(self) -> str:
        return f"excluded number ({self.reason})"


class ImportedToken(models.Model):
    """An imported number outside all registered ranges, as a token (uniqueness.exclusions.outside).

    It may be a real card: its digits stand nowhere.
    """

    token = models.UUIDField(primary_key=True, help_text="the number, enciphered")
    source = models.TextField()
    created_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return "imported number outside all ranges"


class CardImport(models.Model):
    """Cards of another system, brought in part by part (uniqueness.exclusions.moving).

    `name` is the source of its numbers. `digest` tells whether a file begins with the `records`
    that are in already.
    """

    name = models.CharField(max_length=200, primary_key=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    records = models.BigIntegerField(default=0, help_text="of the file, done so far")
    digest = models.BinaryField(max_length=32, default=b"", help_text="SHA-256 of their numbers")
    figures = models.JSONField(default=dict, help_text="what became of them")
    started_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"cards of {self.name}"


class AuditEntry(models.Model):
    """Who did what, and why. Triggers number, date and chain the rows, and refuse to change them.

    `digest` is SHA-256 over the digest of the entry before and all other columns
    (`uniqueness.trail.verifying`). The ids have no gap.
    """

    at = models.DateTimeField(db_default=Now())
    actor = models.CharField(max_length=150, help_text="name of the user")
    user_id = models.BigIntegerField(null=True, help_text="none: somebody without an account")
    key_id = models.BigIntegerField(null=True, help_text="of the API key, if one was sent")
    address = models.GenericIPAddressField(null=True, help_text="of the client")
    request_id = models.CharField(
        max_length=64, blank=True, db_default="", help_text="the log has more under it"
    )
    via = models.CharField(
        max_length=16, db_default="system", help_text="the way in: toolkit.actor.Via"
    )
    action = models.CharField(max_length=64)
    subject = models.CharField(max_length=64)
    reason = models.TextField()
    before = models.JSONField(null=True, help_text="what was changed, as it was")
    after = models.JSONField(null=True, help_text="and as it is since")
    previous = models.BinaryField(max_length=32, db_default=b"", help_text="the digest before")
    digest = models.BinaryField(max_length=32, db_default=b"", help_text="SHA-256")

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "audit entries"
        indexes = [
            models.Index(name="audit_by_actor", fields=["actor", "-id"]),
            models.Index(name="audit_by_action", fields=["action", "-id"]),
            models.Index(name="audit_by_subject", fields=["subject", "-id"]),
            models.Index(name="audit_by_time", fields=["at"]),
            models.Index(
                name="audit_by_request", fields=["request_id"], condition=~Q(request_id="")
            ),
        ]
        constraints = [
            models.CheckConstraint(name="audit_entry_has_a_reason", condition=~Q(reason=""))
        ]

    def __str__(self) -> str:
        return f"{self.actor}: {self.action} {self.subject}"


class Renewal(models.Model):
    """The same PAN on a new card: the next PAN sequence number (EMV tag 5F34), later, other CVV.

    No foreign key to the ledger: cards may be purged, their renewals stay told apart.
    """

    slot = models.BigIntegerField(help_text="packed slot of the card")
    psn = models.PositiveSmallIntegerField(help_text="1 for the first renewal")
    expiry = models.DateField(help_text="last day of the expiry month")
    cvv = models.CharField(max_length=4)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(name="one_renewal_per_sequence", fields=["slot", "psn"]),
            models.CheckConstraint(name="psn_is_1_to_99", condition=Q(psn__range=(1, 99))),
        ]

    def __str__(self) -> str:
        return f"renewal {self.psn} of slot {self.slot}"


class WindowFilter(models.Model):
    """What is promised of a window's Bloom filter (uniqueness.bloom): that of `digest` is complete.

    Minters take the promise back before they write a card into the window.
    """

    window = models.BigIntegerField(primary_key=True, help_text="packed slot // 10^6")
    version = models.PositiveIntegerField(help_text="counts how often it was sealed")
    cards = models.PositiveIntegerField(help_text="in the version sealed last")
    strays = models.PositiveIntegerField(
        help_text="of these, cards whose number does not begin like the window's: negative ones"
    )
    digest = models.BinaryField(null=True, help_text="BLAKE2b-256 of its 2 MiB; null: not sealed")
    sealed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="filters_were_sealed_once", condition=Q(version__gt=0))
        ]

    def __str__(self) -> str:
        return f"filter of window {self.window}, version {self.version}"
