"""Imported numbers outside all registered ranges: kept as tokens, never as digits.

They may be real cards, and nothing here will ever mint one. A token (`uniqueness.cache.tokens`,
under a key of its own from the master key) tells equal numbers, all that `check` and imports ask.
Whoever reads the database or a backup of it without the master key reads no number. Once a range is
registered over some, they are turned back and placed.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from uuid import UUID

import numpy as np
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connection
from numpy.typing import NDArray

from generation.kernel.defects import UNKNOWN_PREFIX
from generation.kernel.keys import hkdf
from generation.models import IssuerRange
from uniqueness import cache
from uniqueness.models import Exclusion, ImportedToken

Pans = NDArray[np.bytes_]
_BLOCK = 50_000
_IIN = 6
"""Digits by which negative cards, too, lie under the IIN of a range."""
_MOVE = """
    INSERT INTO uniqueness_exclusion (pan, reason, source, created_at)
    SELECT pan, 'imported', source, created_at
    FROM unnest(%s::text[], %s::uuid[]) AS given (pan, token)
    JOIN uniqueness_importedtoken USING (token) ORDER BY pan ON CONFLICT DO NOTHING
"""


def lie_outside(
    pans: Pans, *, ranges: Iterable[IssuerRange], using: str = DEFAULT_DB_ALIAS
) -> NDArray[np.bool_]:
    """Tell which of N PANs (S19) no range and no negative card can have, and nobody publishes."""
    iins = np.array([one.iin[:_IIN] for one in ranges], dtype=f"S{_IIN}")
    of_all = Exclusion.objects.using(using)
    published = of_all.filter(slot=None, reason=Exclusion.Reason.PUBLISHED)
    known = np.array([pan.encode() for pan in published.values_list("pan", flat=True)], "S19")
    ours = np.isin(pans.astype(f"S{_IIN}"), iins) | np.isin(pans, known)
    outside: NDArray[np.bool_] = ~ours & ~np.char.startswith(pans, UNKNOWN_PREFIX.encode())
    return outside


def tokens_of(pans: Pans) -> list[UUID]:
    """Give N PANs (S19) their tokens."""
    return [UUID(bytes=token.tobytes()) for token in cache.tokens(pans, key=_key())]


def numbers_of(tokens: Iterable[UUID]) -> list[str]:
    """Turn tokens back into PANs."""
    column = np.frombuffer(b"".join(token.bytes for token in tokens), dtype="V16")
    return [pan.decode() for pan in cache.pans_of(column, key=_key()).tolist()]


def imported(pans: Pans) -> dict[bytes, str]:
    """Tell which of N PANs (S19) are kept here, and their sources."""
    tokens = dict(zip(tokens_of(pans), pans.tolist(), strict=True))
    found = ImportedToken.objects.filter(token__in=tokens).values_list("token", "source")
    return {tokens[token]: source for token, source in found}


def bring_in(ranges: Iterable[IssuerRange]) -> None:
    """Turn back the numbers under the IINs of these ranges; `place` works out their slots.

    The gate must be closed.
    """
    iins = tuple({one.iin[:_IIN] for one in ranges})
    for tokens in _blocks():
        numbers = zip(numbers_of(tokens), tokens, strict=True)
        moving = [(pan, token) for pan, token in numbers if pan.startswith(iins)]
        if moving:
            _move([pan for pan, _ in moving], [token for _, token in moving])


def _move(pans: list[str], tokens: list[UUID]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_MOVE, [pans, tokens])
    ImportedToken.objects.filter(token__in=tokens).delete()


def _blocks() -> Iterator[list[UUID]]:
    rows = ImportedToken.objects.order_by("token").values_list("token", flat=True)
    tokens = list(rows[:_BLOCK])
    while tokens:
        yield tokens
        tokens = list(rows.filter(token__gt=tokens[-1])[:_BLOCK])


def _key() -> bytes:
    return _derived(settings.CARDGEN_MASTER_KEY)


@lru_cache(maxsize=4)
def _derived(master_key: bytes) -> bytes:
    return hkdf(master_key, info="cardgen/1/exclusions/token")
