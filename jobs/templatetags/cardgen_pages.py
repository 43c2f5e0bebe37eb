"""Numbers and durations as people read them; `static/cardgen/format.js` does the same."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from generation import schemes, tiers
from jobs.watching import Fold
from toolkit.rights import Right, has_right
from toolkit.version import VERSION

register = template.Library()


@register.filter
def may(user: object, right: str) -> bool:
    """Whether the user has a right, by its name."""
    return has_right(user, Right(right))


@register.filter
def thousands(number: int) -> str:
    """1234567 → 1,234,567."""
    return f"{number:,}"


@register.filter
def rate(per_second: float | None) -> str:
    """Cards per second, a dash while unknown."""
    return "—" if per_second is None else f"{per_second:,.0f}/s"


@register.filter
def duration(seconds: float | None) -> str:
    """75.2 → 1 min 16 s; a dash while unknown."""
    if seconds is None:
        return "—"
    whole = int(-(-seconds // 1))
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


@register.filter
def percent(produced: int, requested: int) -> int:
    """Whole per cent, rounded down: 100 means finished."""
    return produced * 100 // requested


@register.filter
def grouped(pan: str) -> str:
    """A card number as it is printed: 4-6-5 for 15 digits (Amex), groups of four otherwise."""
    if len(pan) == 15:
        return f"{pan[:4]} {pan[4:10]} {pan[10:]}"
    return " ".join(pan[start : start + 4] for start in range(0, len(pan), 4))


@register.filter
def scheme_name(code: str) -> str:
    """The scheme's name for people."""
    return schemes.name_of(code)


@register.filter
def promise(tier: str) -> str:
    """What the tier promises, in words."""
    return tiers.PROMISES.get(tier, "")


@register.filter
def short_id(job_id: UUID) -> str:
    """The first eight digits of an id: enough to tell jobs apart, and to search for."""
    return job_id.hex[:8]


@register.filter
def orders_of(fold: Fold) -> str:
    """The search, as a query, that lists the orders of a folded line one by one."""
    return urlencode({"key": fold.api_key_id, "hour": fold.hour.isoformat()})


_SHOWN = {
    "age": "%-d %b, %H:%M UTC",
    "time": "%H:%M UTC",
    "second": "%H:%M:%S UTC",
    "full": "%-d %b %Y, %H:%M:%S UTC",
}


@register.simple_tag
def moment(at: datetime, form: str) -> SafeString:
    """A time that `moments.js` words: its age, or the hour of the reader's zone; UTC without."""
    shown = at.strftime(_SHOWN[form])
    return format_html(
        '<time datetime="{}" data-moment="{}">{}</time>', at.isoformat(), form, shown
    )


@register.simple_tag
def version() -> str:
    """This installation's version."""
    return VERSION


@register.simple_tag(takes_context=True)
def here(context: dict[str, Any], *pages: str) -> str:
    """Mark a link of the navigation that leads to where its reader is."""
    match = context["request"].resolver_match
    return format_html(' aria-current="{}"', "page") if match and match.view_name in pages else ""
