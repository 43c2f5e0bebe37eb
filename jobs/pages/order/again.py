"""A job's order as a filled-in form: the same again, but."""

from typing import Any

from generation.fields import DEFAULT
from jobs.models import Job
from jobs.pages.order.curl import body_of
from jobs.pages.order.form import OrderForm

_SAME = (
    *("label", "team", "cvv", "cardholder_name", "defect", "ordering", "priority"),
    *("address", "postcode", "service_code", "pin_length"),
)


def form_of(job: Job) -> OrderForm:
    """Fill the form with what the job was ordered with; of several lines, with the first."""
    body, item = body_of(job), next(iter(job.items.all()))
    values = {name: str(body[name]) for name in _SAME if name in body}
    values |= {"scheme": item.issuer_range.scheme, "count": f"{item.count:,}"}
    values |= {"distinct_last_four": "on"} if job.distinct_last_four else {}
    return OrderForm(values=values | _expiry(body), fields=tuple(job.fields) or DEFAULT)


def _expiry(body: dict[str, Any]) -> dict[str, str]:
    expiry = body.get("expiry", {})
    if isinstance(expiry, str):
        return {"expiry_month": expiry}
    ends = {"expiry_min": "min_months", "expiry_max": "max_months"}
    return {field: str(expiry[end]) for field, end in ends.items() if end in expiry}
