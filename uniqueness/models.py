"""The storage behind "no number twice". The constraints here decide; everything else is a hint."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import BigIntegerRangeField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from generation.models import IssuerRange


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
    """A span of packed slots set aside for one owner before minting."""

    issuer_range = models.ForeignKey(IssuerRange, on_delete=models.PROTECT, related_name="+")
    span = BigIntegerRangeField(help_text="packed slots, half open")
    owner = models.UUIDField(db_index=True, help_text="id of the job")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            ExclusionConstraint(name="reservations_are_disjoint", expressions=[(F("span"), "&&")]),
            models.CheckConstraint(
                name="reservation_is_not_empty", condition=Q(span__isempty=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.span} for {self.owner}"


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
    """A PAN that must never be minted; `slot` is set where it lies in a registered range."""

    class Reason(models.TextChoices):
        """Where the exclusion comes from."""

        PUBLISHED = "published", "published by a payment provider"
        IMPORTED = "imported", "imported"

    pan = models.CharField(max_length=19, primary_key=True, db_collation="C")
    slot = models.BigIntegerField(null=True, unique=True, help_text="packed slot")
    reason = models.CharField(max_length=16, choices=Reason.choices)
    source = models.TextField()
    created_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"excluded number ({self.reason})"


class AuditEntry(models.Model):
    """Who changed what may be minted, and why. A trigger refuses changes and deletions."""

    at = models.DateTimeField(db_default=Now())
    actor = models.CharField(max_length=150, help_text="name of the user")
    action = models.CharField(max_length=64)
    subject = models.CharField(max_length=64)
    reason = models.TextField()

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "audit entries"
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
