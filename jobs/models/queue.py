"""The queue as a whole: whether it is paused, and who serves it."""

from django.db import models
from django.db.models import Q


class Queue(models.Model):
    """Whether chunks are handed out at all; one row."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    paused = models.BooleanField(default=False)
    reason = models.TextField(blank=True)
    changed_by = models.CharField(max_length=150, blank=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name_plural = "queue"
        constraints = [models.CheckConstraint(name="there_is_one_queue", condition=Q(id=1))]

    def __str__(self) -> str:
        return "paused" if self.paused else "running"


class Role(models.TextChoices):
    """What a process is there for."""

    WORKER = "worker"
    RECONCILER = "reconciler"


class Worker(models.Model):
    """A process that serves the queue, and when it was last heard of (jobs.work.heartbeat)."""

    name = models.CharField(max_length=200, primary_key=True, help_text="host:pid")
    role = models.CharField(max_length=10, choices=Role.choices, db_default=Role.WORKER)
    version = models.CharField(max_length=40, db_default="", help_text="empty: before 0.9.0")
    seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.role} {self.name}"
