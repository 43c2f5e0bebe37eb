"""R23, after every scenario: nothing twice, nothing lost, every card the one that its key gives."""

from django.db import connection
from django.db.models import Case, F, Sum, When

from cardgen.chaos.outcome import Outcome
from jobs.audit.service import audit
from jobs.models import Job, Status
from uniqueness.audit.findings import Check
from uniqueness.audit.scope import Scope

_COUNTS = "SELECT count(*), count(DISTINCT pan) FROM uniqueness_ledger"


def prove(outcome: Outcome) -> None:
    """Read every card and count it, re-mint it, and look at every index and counter."""
    asked = _asked()
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS)
        cards, distinct = cursor.fetchone()
    outcome.cards = cards
    outcome.duplicates = cards - distinct
    outcome.lost = asked - distinct
    outcome.expect(outcome.duplicates == 0, f"{outcome.duplicates} numbers are there twice")
    outcome.expect(outcome.lost == 0, f"{asked:,} cards were promised, {distinct:,} are there")
    _audit(outcome)


def _asked() -> int:
    """What jobs owe: all that was asked if they succeeded, else what they say they produced."""
    owed = Case(When(status=Status.SUCCEEDED, then=F("requested")), default=F("produced"))
    return int(Job.objects.aggregate(n=Sum(owed))["n"] or 0)


def _audit(outcome: Outcome) -> None:
    report = audit(scope=Scope(), threads=2)
    for check in report.failed:
        first = "; ".join(report.findings.names[check][:3])
        wrong = report.findings.counts[check]
        outcome.problems.append(f"validate_uniqueness: not so: {check} ({wrong:,}: {first})")
    left_out = report.omitted.get(Check.STRUCTURE)
    outcome.facts["amcheck"] = left_out or "clean"
