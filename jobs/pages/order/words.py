"""An order as its page tells it: what was asked for besides the number of cards."""

from collections.abc import Iterator

from generation.kernel.details import PIN_LENGTHS
from generation.months import first_day
from jobs.models import Job, Priority
from jobs.pages.order.choices import DEFECTS


def order_words(job: Job) -> list[tuple[str, str]]:
    """List name and value of everything the order chose; the expiry always."""
    return [("Expiry", _expiry(job)), *((name, value) for name, value in _options(job) if value)]


def _options(job: Job) -> Iterator[tuple[str, str]]:
    yield "Team", job.team.name if job.team else ""
    yield "Negative cards", DEFECTS.get(job.defect, job.defect)
    yield "Last four digits", "no two cards alike" if job.distinct_last_four else ""
    yield "CVV", job.cvv
    yield "Name", job.cardholder_name
    yield "Address", job.address
    yield "Postcode", job.postcode
    yield "Service code", job.service_code
    yield "PIN", f"{job.pin_length} digits" if job.pin_length != PIN_LENGTHS[0] else ""
    yield "Order of the numbers", "sequential" if job.sequential else ""
    yield "Fields", ", ".join(job.fields)
    yield "Priority", job.priority if job.priority != Priority.NORMAL else ""
    yield "Deadline", f"{job.deadline:%d %B %Y, %H:%M} UTC" if job.deadline else ""


def _expiry(job: Job) -> str:
    last = f"{first_day(job.first_month + job.months - 1):%B %Y}"
    return last if job.months == 1 else f"{first_day(job.first_month):%B %Y} to {last}"
