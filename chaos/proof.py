"""R23, after every scenario: nothing twice, nothing lost, every card the one that its key gives."""

from collections.abc import Mapping
from types import MappingProxyType
from uuid import UUID

from django.db import connection

from chaos.outcome import Outcome
from jobs import proof
from jobs.models import FINAL, Job, Status
from toolkit.wording import counted
from uniqueness.proof.findings import Check
from uniqueness.proof.scope import Extent

_COUNTS = "SELECT count(*), count(DISTINCT pan) FROM uniqueness_ledger"
_NAMED = 10  # of the jobs that ended short; the rest is counted
_SHORT = "jobs_ended_short_as_meant"


def prove(outcome: Outcome, *, accepted: Mapping[UUID, int] = MappingProxyType({})) -> None:
    """Read every card and count it, re-mint it, and look at every index and counter.

    :param accepted: cards by job, as the scenario was told: a job that has gone is owed too
    """
    jobs = list(Job.objects.order_by("created_at", "id"))
    gone = accepted.keys() - {job.id for job in jobs}
    owed = sum(_owed(outcome, job) for job in jobs) + sum(accepted[job_id] for job_id in gone)
    outcome.expect(not gone, f"{counted(len(gone), 'accepted job is', 'accepted jobs are')} gone")
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS)
        cards, distinct = cursor.fetchone()
    outcome.cards = cards
    outcome.duplicates = cards - distinct
    outcome.lost = owed - distinct
    outcome.expect(outcome.duplicates == 0, f"numbers there twice: {outcome.duplicates:,}")
    outcome.expect(outcome.lost == 0, f"{counted(owed, 'card')} promised, {distinct:,} there")
    _see_evidence(outcome)


def _owed(outcome: Outcome, job: Job) -> int:
    """What a job owes: all that was asked, unless the scenario itself made it end short of that."""
    how = job.error_code or str(job.status)
    if job.status == Status.SUCCEEDED:
        return job.requested
    if job.status in FINAL and how in outcome.leave.get(str(job.id), ()):
        outcome.facts[_SHORT] = int(outcome.facts.get(_SHORT, 0)) + 1
        return job.produced
    outcome.jobs_failed += 1
    if outcome.jobs_failed <= _NAMED:
        ended = f"ended by {how}" if job.status in FINAL else f"is still {how}"
        cards = f"with {job.produced:,} of {job.requested:,} cards"
        outcome.problems.append(f"job {job.id} {ended} {cards}: {job.error}".rstrip(": "))
    return job.requested


def _see_evidence(outcome: Outcome) -> None:
    report = proof.prove(scope=Extent(), while_minting=True, threads=2)
    for check in report.failed:
        first = "; ".join(report.findings.names[check][:3])
        wrong = report.findings.counts[check]
        outcome.problems.append(f"validate_uniqueness: not so: {check} ({wrong:,}: {first})")
    left_out = report.omitted.get(Check.STRUCTURE)
    outcome.facts["amcheck"] = left_out or "clean"
