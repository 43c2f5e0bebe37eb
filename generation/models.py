"""Issuer ranges: where cards may be minted, and what may be said about their numbers."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.db import models
from django.db.models import Func, Q

SLOTS_PER_RANGE = 10**12
"""A packed slot is `range id * SLOTS_PER_RANGE + slot in range`; 12 free digits are the most."""


class Tier(models.TextChoices):
    """What may honestly be said about a number not being live (docs/tiers.md)."""

    RESERVED = "reserved", "reserved by the standard"
    SCHEME_TEST = "scheme_test", "owned by the scheme itself"
    BRAND_SHAPE = "brand_shape", "right shape only"
    OWNED = "owned", "owned by the operator"


class PrefixSpan(Func):
    """All 8-digit prefixes a range covers, kept apart by PAN length, as an int8range."""

    template = (
        "int8range(pan_length * 1000000000::bigint + rpad(iin, 8, '0')::bigint,"
        " pan_length * 1000000000::bigint + rpad(iin, 8, '9')::bigint, '[]')"
    )


class IssuerRange(models.Model):
    """One registered (IIN, PAN length), with its tier and where that claim comes from."""

    id = models.AutoField(primary_key=True)
    scheme = models.CharField(max_length=32, help_text="code in the scheme catalogue")
    iin = models.CharField(max_length=8, db_collation="C")
    pan_length = models.PositiveSmallIntegerField()
    tier = models.CharField(max_length=16, choices=Tier.choices)
    enabled = models.BooleanField(default=True)
    source = models.TextField(help_text="who says what the tier promises")
    statement = models.TextField(
        blank=True, help_text="for an owned range: what the administrator states, in words"
    )
    key_check_value = models.CharField(max_length=6)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                name="range_id_fits_packed_slot", condition=Q(id__gt=0, id__lt=9_000_000)
            ),
            models.CheckConstraint(
                name="iin_has_6_or_8_digits", condition=Q(iin__regex=r"^([0-9]{6}|[0-9]{8})$")
            ),
            models.CheckConstraint(
                name="pan_has_12_to_19_digits", condition=Q(pan_length__range=(12, 19))
            ),
            ExclusionConstraint(name="ranges_do_not_overlap", expressions=[(PrefixSpan(), "&&")]),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The name callers use: IIN and PAN length, such as `400000-16`."""
        return f"{self.iin}-{self.pan_length}"

    @property
    def capacity(self) -> int:
        """Number of slots, 10^(free digits)."""
        return int(10 ** (self.pan_length - len(self.iin) - 1))

    @property
    def first_slot(self) -> int:
        """Packed slot of the range's slot 0."""
        return int(self.pk) * SLOTS_PER_RANGE


class SequentialWindow(models.Model):
    """A window whose PANs count up with its slots; it is never minted in the permuted order."""

    issuer_range = models.ForeignKey(
        IssuerRange, on_delete=models.PROTECT, related_name="sequential_windows"
    )
    window = models.BigIntegerField(help_text="slot in the range // 10^6")

    class Meta:
        constraints = [
            models.UniqueConstraint(name="one_order_per_window", fields=["issuer_range", "window"])
        ]

    def __str__(self) -> str:
        return f"window {self.window} of {self.issuer_range}"


class TierSwitch(models.Model):
    """A tier that an administrator switched on or off; the audit trail says who and why."""

    tier = models.CharField(max_length=16, primary_key=True, choices=Tier.choices)
    enabled = models.BooleanField()
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = "tier"

    def __str__(self) -> str:
        return f"{self.tier}: {'on' if self.enabled else 'off'}"
