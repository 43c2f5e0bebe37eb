"""Find entries of the audit trail: who, what, about what, when, and in which request."""

from dataclasses import asdict, dataclass
from datetime import datetime

from django.db.models import QuerySet

from uniqueness.models import AuditEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What to look for; what is None is not asked. Names are compared whole, for the indexes.

    :param since: the first moment
    :param until: the moment after the last one
    """

    actor: str | None = None
    action: str | None = None
    subject: str | None = None
    request_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None


def find(search: Search) -> QuerySet[AuditEntry]:
    """Return the entries, newest first."""
    columns = {"since": "at__gte", "until": "at__lt"}
    asked = {columns.get(name, name): value for name, value in asdict(search).items()}
    return AuditEntry.objects.filter(**{k: v for k, v in asked.items() if v is not None})
