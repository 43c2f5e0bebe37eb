"""Pages of exclusions, in the order of their numbers; those outside all ranges come last.

Imported numbers may be somebody's real cards. `check` tells everybody whether a number is ours, so
a list must not help to guess one: whoever may not see whole numbers sees no imported ones, and of
the others their IIN alone.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, islice
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.core.signing import b64_encode
from django.db.models import Q, QuerySet
from django.utils.crypto import salted_hmac

from generation.models import SLOTS_PER_RANGE, IssuerRange
from generation.schemes.text import iin_alone
from toolkit.near import did_you_mean
from toolkit.refusals import InvalidPage
from uniqueness.exclusions import outside
from uniqueness.models import Exclusion, ImportedToken

_MOST_COMPARED = 1_000
_OUTSIDE = "outside "
"""What the cursor of a number outside all ranges begins with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """An exclusion, wherever it is kept; `cursor` is where the list goes on behind it."""

    number: str
    reason: str
    source: str
    claimed_by: str | None
    slot: int | None
    created_at: datetime
    cursor: str


def page(
    *, user_id: int | None, limit: int, after: str = "", reason: str = "", source: str = ""
) -> tuple[list[Row], str]:
    """Return up to `limit` exclusions and the cursor of the next page (empty at the end).

    The cursor holds the last number, encrypted: it goes into a URL.

    :param user_id: of one who sees published numbers and own claims alone; None sees all
    :raises InvalidPage: if `after` is not a cursor
    """
    last = _opened(after) if after else ""
    asked = {name: text for name, text in (("reason", reason), ("source", source)) if text}
    rows = _inside(_visible_to(user_id).filter(**asked), after=last, most=limit + 1)
    if user_id is None and reason in ("", Exclusion.Reason.IMPORTED):
        rows = chain(rows, _outside(source=source, after=last, most=limit + 1))
    found = list(islice(rows, limit + 1))
    return found[:limit], _sealed(found[limit - 1].cursor) if len(found) > limit else ""


def wrong_source(source: str, *, user_id: int | None) -> str:
    """Say that nothing the user sees has that source; empty if something has.

    :param user_id: as of `page`
    """
    seen: list[QuerySet[Any]] = [_visible_to(user_id).order_by()]
    if user_id is None:
        seen.append(ImportedToken.objects.all())
    if any(rows.filter(source=source).exists() for rows in seen):
        return ""
    known = {
        name
        for rows in seen
        for name in rows.values_list("source", flat=True).distinct()[:_MOST_COMPARED]
    }
    return f"No exclusion that you may see has that source.{did_you_mean(source, sorted(known))}"


def _visible_to(user_id: int | None) -> QuerySet[Exclusion]:
    rows = Exclusion.objects.select_related("claimed_by").order_by("pan")
    if user_id is None:
        return rows
    return rows.filter(Q(reason=Exclusion.Reason.PUBLISHED) | Q(claimed_by=user_id))


def _inside(rows: QuerySet[Exclusion], *, after: str, most: int) -> Iterator[Row]:
    if after.startswith(_OUTSIDE):
        return
    for row in rows.filter(pan__gt=after)[:most]:
        yield Row(
            number=row.pan,
            reason=row.reason,
            source=row.source,
            claimed_by=row.claimed_by.get_username() if row.claimed_by else None,
            slot=row.slot,
            created_at=row.created_at,
            cursor=row.pan,
        )


def _outside(*, source: str, after: str, most: int) -> Iterator[Row]:
    rows = ImportedToken.objects.order_by("token")
    if source:
        rows = rows.filter(source=source)
    if after.startswith(_OUTSIDE):
        rows = rows.filter(token__gt=after.removeprefix(_OUTSIDE))
    found = list(rows[:most])
    for number, row in zip(outside.numbers_of(row.token for row in found), found, strict=True):
        yield Row(
            number=number,
            reason=Exclusion.Reason.IMPORTED,
            source=row.source,
            claimed_by=None,
            slot=None,
            created_at=row.created_at,
            cursor=f"{_OUTSIDE}{row.token}",
        )


def shown(rows: list[Row], *, whole: bool) -> list[dict[str, Any]]:
    """Show exclusions to a caller.

    :param whole: numbers as they stand, not their IIN alone
    """
    names = {issuer_range.pk: issuer_range.name for issuer_range in IssuerRange.objects.all()}
    return [
        {
            "number": row.number if whole else iin_alone(row.number),
            "reason": row.reason,
            "source": row.source,
            "claimed_by": row.claimed_by,
            "range": names.get((row.slot or 0) // SLOTS_PER_RANGE),
            "created_at": row.created_at,
        }
        for row in rows
    ]


def _sealed(cursor: str) -> str:
    return _cipher().encrypt(cursor.encode()).decode()


def _opened(cursor: str) -> str:
    try:
        return _cipher().decrypt(cursor.encode()).decode()
    except InvalidToken:
        raise InvalidPage("There is no such page: start again without `after`.") from None


def _cipher() -> Fernet:
    key = salted_hmac("uniqueness.excluded_pages", settings.SECRET_KEY, algorithm="sha256").digest()
    return Fernet(b64_encode(key) + b"=")
