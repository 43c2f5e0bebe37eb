"""Pages of exclusions, in the order of their numbers.

Imported numbers may be somebody's real cards. `check` tells everybody whether a number is ours, so
a list must not help to guess one: whoever may not see whole numbers sees no imported ones, and of
the others their IIN alone.
"""

from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.core.signing import b64_encode
from django.db.models import Q, QuerySet
from django.utils.crypto import salted_hmac

from generation.models import SLOTS_PER_RANGE, IssuerRange
from generation.schemes.text import iin_alone
from toolkit.refusals import InvalidPage
from uniqueness.models import Exclusion


def page(
    *, visible: QuerySet[Exclusion], limit: int, after: str = "", reason: str = "", source: str = ""
) -> tuple[list[Exclusion], str]:
    """Return up to `limit` of the exclusions and the cursor of the next page (empty at the end).

    The cursor is the last number, encrypted: it goes into a URL.

    :raises InvalidPage: if `after` is not a cursor
    """
    found = visible.select_related("claimed_by").order_by("pan")
    if after:
        found = found.filter(pan__gt=_opened(after))
    if reason:
        found = found.filter(reason=reason)
    if source:
        found = found.filter(source=source)
    rows = list(found[: limit + 1])
    return rows[:limit], _sealed(rows[limit - 1].pan) if len(rows) > limit else ""


def of_everybody() -> QuerySet[Exclusion]:
    """All exclusions, for those who may see whole numbers."""
    return Exclusion.objects.all()


def visible_to(user_id: int) -> QuerySet[Exclusion]:
    """What any user may know of: published numbers, and those that the user has claimed."""
    published = Q(reason=Exclusion.Reason.PUBLISHED)
    return Exclusion.objects.filter(published | Q(claimed_by=user_id))


def shown(rows: list[Exclusion], *, whole: bool) -> list[dict[str, Any]]:
    """Show exclusions to a caller.

    :param whole: numbers as they stand, not their IIN alone
    """
    names = {issuer_range.pk: issuer_range.name for issuer_range in IssuerRange.objects.all()}
    return [
        {
            "number": row.pan if whole else iin_alone(row.pan),
            "reason": row.reason,
            "source": row.source,
            "claimed_by": row.claimed_by.get_username() if row.claimed_by else None,
            "range": names.get((row.slot or 0) // SLOTS_PER_RANGE),
            "created_at": row.created_at,
        }
        for row in rows
    ]


def _sealed(pan: str) -> str:
    return _cipher().encrypt(pan.encode()).decode()


def _opened(cursor: str) -> str:
    try:
        return _cipher().decrypt(cursor.encode()).decode()
    except InvalidToken:
        raise InvalidPage("There is no such page: start again without `after`.") from None


def _cipher() -> Fernet:
    key = salted_hmac("uniqueness.excluded_pages", settings.SECRET_KEY, algorithm="sha256").digest()
    return Fernet(b64_encode(key) + b"=")
