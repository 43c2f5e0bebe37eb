"""Proofs that somebody asked for: rows, which a thread beside the reconciler takes up."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class ProofRun(models.Model):
    """One proof, of everything or of one job: asked for, under way, or ended with a report.

    `beat_at` is when whoever makes it was last heard of: one that died leaves it to the next.
    """

    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    asked_at = models.DateTimeField(db_default=Now())
    job = models.UUIDField(null=True, help_text="this one alone; none: all cards")
    done = models.BigIntegerField(db_default=0, help_text="cards looked at")
    total = models.BigIntegerField(db_default=0, help_text="cards to look at, once that is known")
    beat_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    report = models.JSONField(null=True, help_text="as validate_uniqueness --json, and in words")
    trouble = models.TextField(blank=True, db_default="", help_text="why there is no report")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="one_proof_at_a_time",
                fields=["job"],
                condition=Q(finished_at=None),
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="proof_ends_with_a_report_or_a_reason",
                condition=Q(finished_at=None, report=None, trouble="")
                | Q(finished_at__isnull=False, report__isnull=False, trouble="")
                | (Q(finished_at__isnull=False, report=None) & ~Q(trouble="")),
            ),
        ]

    def __str__(self) -> str:
        return f"proof {self.pk} of {self.job or 'all cards'}"

    @property
    def percent(self) -> int:
        """How far it is, rounded down."""
        return self.done * 100 // self.total if self.total else 0

    @property
    def state(self) -> str:
        """One word: waiting, running, sound, wrong or failed."""
        if self.finished_at is None:
            return "running" if self.beat_at else "waiting"
        if self.report is None:
            return "failed"
        return "sound" if self.report["ok"] else "wrong"
