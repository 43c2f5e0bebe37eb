"""An order as a filled-in form: of a job, the same again, but; or of a profile."""

from collections.abc import Iterator
from typing import Any

from rest_framework.serializers import BooleanField

from generation.errors import UnknownScheme
from generation.fields import DEFAULT
from generation.ranges import registered
from generation.schemes import code_of
from jobs.models import Job
from jobs.pages.order.curl import body_of
from jobs.pages.order.form import OrderForm

_SAME = (
    *("label", "team", "cvv", "cardholder_name", "defect", "ordering", "priority"),
    *("address", "postcode", "service_code", "pin_length"),
)

_YES = BooleanField.TRUE_VALUES


def form_of(job: Job) -> OrderForm:
    """Fill the form with what the job was ordered with; of several lines, with the first."""
    return filled_in(body_of(job))


def filled_in(body: dict[str, Any]) -> OrderForm:
    """Fill the form with the body of an order; of several lines, with the first."""
    line = _lines(body)[0]
    values = {name: str(body[name]) for name in _SAME if body.get(name)}
    values |= _source(line) | {"count": f"{line['count']:,}"}
    values |= {"distinct_last_four": "on"} if body.get("distinct_last_four") in _YES else {}
    return OrderForm(values=values | _expiry(body), fields=tuple(body.get("fields", ())) or DEFAULT)


def left_out(body: dict[str, Any]) -> Iterator[str]:
    """Tell what of an order the form has no place for."""
    if len(_lines(body)) > 1:
        yield f"The form has one line: this is the first of {len(_lines(body))}."
    if body.get("deadline"):
        yield "The form has no deadline: the profile's is left out."


def _lines(body: dict[str, Any]) -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = body.get("items") or [body]
    return lines


def _source(line: dict[str, Any]) -> dict[str, str]:
    """The scheme and the range as the form has them: it shows a range below its scheme."""
    if "range" in line:
        name = str(line["range"]).strip()  # 400000 is as good as "400000" in an order
        found = registered(name).first()
        return {"range": found.name, "scheme": found.scheme} if found else {"range": name}
    try:
        return {"scheme": code_of(line["scheme"])}
    except UnknownScheme:
        return {"scheme": line["scheme"].strip()}


def _expiry(body: dict[str, Any]) -> dict[str, str]:
    expiry = body.get("expiry", {})
    if isinstance(expiry, str):
        return {"expiry_month": expiry}
    ends = {"expiry_min": "min_months", "expiry_max": "max_months"}
    return {field: str(expiry[end]) for field, end in ends.items() if end in expiry}
