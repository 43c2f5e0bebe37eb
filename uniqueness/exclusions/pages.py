"""Pages of exclusions, in the order of their numbers."""

from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.core.signing import b64_encode
from django.utils.crypto import salted_hmac

from generation.models import SLOTS_PER_RANGE, IssuerRange
from generation.schemes.text import mask
from toolkit.refusals import InvalidPage
from uniqueness.models import Exclusion


def page(
    *, limit: int, after: str = "", reason: str = "", source: str = ""
) -> tuple[list[Exclusion], str]:
    """Return up to `limit` exclusions and the cursor of the next page (empty at the end).

    The cursor is the last number, encrypted: it goes into a URL.

    :raises InvalidPage: if `after` is not a cursor
    """
    found = Exclusion.objects.order_by("pan")
    if after:
        found = found.filter(pan__gt=_opened(after))
    if reason:
        found = found.filter(reason=reason)
    if source:
        found = found.filter(source=source)
    rows = list(found[: limit + 1])
    return rows[:limit], _sealed(rows[limit - 1].pan) if len(rows) > limit else ""


def shown(rows: list[Exclusion], *, whole: bool) -> list[dict[str, Any]]:
    """Show exclusions to a caller.

    :param whole: numbers as they stand, not masked
    """
    names = {issuer_range.pk: issuer_range.name for issuer_range in IssuerRange.objects.all()}
    return [
        {
            "number": row.pan if whole else mask(row.pan),
            "reason": row.reason,
            "source": row.source,
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
