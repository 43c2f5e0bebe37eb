"""Ledgers to audit, and the audit run as a command."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from jobs import states, work
from jobs.models import Job, Status
from jobs.upkeep import settling
from tests.support.work import LONG
from uniqueness.models import Card

WHATEVER_MOVES = {"while_minting": True}


def validate(**options: object) -> str:
    """The report; the audit must find nothing."""
    out = StringIO()
    call_command("validate_uniqueness", stdout=out, stderr=StringIO(), **WHATEVER_MOVES, **options)
    return out.getvalue()


def failures(**options: object) -> dict[str, list[str]]:
    """The failed checks with the offenders they name; no card number is among them."""
    out = StringIO()
    with pytest.raises(CommandError, match=r"^FAILED: .*Stop minting") as failure:
        call_command(
            "validate_uniqueness",
            json=True,
            stdout=out,
            stderr=StringIO(),
            while_minting=True,
            **options,
        )
    assert failure.value.returncode == 1
    assert not any(pan in out.getvalue() for pan in Card.objects.values_list("pan", flat=True))
    checks = json.loads(out.getvalue())["checks"]
    return {check["check"]: check["first"] for check in checks if check["ok"] is False}


def done(submit, **order: object) -> Job:
    """Submit the order and mint it all."""
    job = submit(**order)
    work.work(duration=LONG)
    return Job.objects.get(id=job.id)


def cancel_begun(job: Job) -> None:
    """Mint one chunk of the job, then cancel it."""
    work.execute(work.lease_in(job.id))
    cancel(job)


def cancel(job: Job) -> None:
    """Cancel the job, and give up what it holds."""
    states.move(job.id, to=Status.CANCELLING)
    states.move(job.id, to=Status.CANCELLED)
    settling.settle()
