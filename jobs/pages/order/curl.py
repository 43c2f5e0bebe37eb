"""The REST request that asks for the same as a job or a form, as a line for a shell."""

import json
import shlex
from typing import Any

from generation.kernel.details import PIN_LENGTHS
from generation.months import first_day, month_number
from jobs.models import Item, Job, Priority
from jobs.orders.serializers import DEFAULT_EXPIRY

_AS_THEY_ARE = (
    *("cvv", "cardholder_name", "address", "postcode", "service_code"),
    *("fields", "defect", "distinct_last_four", "label"),
)


def curl(body: dict[str, Any], *, url: str) -> str:
    """Write a `curl` command; the key comes from the environment, never from the page."""
    text = json.dumps(body, separators=(", ", ": "))
    return (
        f"curl -X POST {shlex.quote(url)} \\\n"
        '  -H "Authorization: Bearer $CARDGEN_API_KEY" \\\n'
        '  -H "Content-Type: application/json" \\\n'
        f"  -d {shlex.quote(text)}"
    )


def body_of(job: Job) -> dict[str, Any]:
    """The JSON body of an order for the same."""
    lines = [_line(item) for item in job.items.all()]
    body: dict[str, Any] = lines[0] if len(lines) == 1 else {"items": lines}
    expiry = _expiry(job)
    given = {name: getattr(job, name) for name in _AS_THEY_ARE}
    body |= {"expiry": expiry} if expiry != DEFAULT_EXPIRY else {}
    body |= {"pin_length": job.pin_length} if job.pin_length != PIN_LENGTHS[0] else {}
    body |= {"ordering": "sequential"} if job.sequential else {}
    body |= {"priority": str(job.priority)} if job.priority != Priority.NORMAL else {}
    body |= {"team": job.team.name} if job.team else {}
    return body | {name: value for name, value in given.items() if value}


def _line(item: Item) -> dict[str, Any]:
    return {"scheme": item.issuer_range.scheme, "count": item.count}


def _expiry(job: Job) -> str | dict[str, int]:
    """One month as it is, a window in months from the one the job was made in."""
    if job.months == 1:
        return f"{first_day(job.first_month):%Y-%m}"
    earliest = job.first_month - month_number(job.created_at.date())
    return {"min_months": earliest, "max_months": earliest + job.months - 1}
