"""Somebody who acts in a test, and what the audit trail says of it."""

from django.db.models import QuerySet

from toolkit.actor import Actor, Via
from uniqueness.models import AuditEntry


def somebody(name: str = "me") -> Actor:
    """Somebody by name, on the command line."""
    return Actor(name=name, via=Via.COMMAND)


def entries() -> QuerySet[AuditEntry]:
    """What the trail says, but for who signed in to do it, and the keys that fixtures make."""
    return AuditEntry.objects.exclude(action__startswith="sign_").exclude(action="make_key")
