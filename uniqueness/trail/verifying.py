"""Is the audit trail whole? Each entry's digest covers the entry before, so all are recomputed.

The columns are written as netstrings (`3:abc`, `-` for NULL) with commas between them, and the
trigger `audit_trail_is_chained` does the same: the two are checked against each other.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

_PAGE = 10_000
_READ = """
    SELECT id, previous, digest, ARRAY[
        id::text, to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), actor,
        user_id::text, key_id::text, host(address), request_id, via, action, subject, reason,
        before::text, after::text
    ]
    FROM uniqueness_auditentry WHERE id > %s ORDER BY id LIMIT %s
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """An entry and its digest, written down somewhere else when it was the last one."""

    id: int
    digest: bytes


@dataclass(slots=True, kw_only=True)
class Verdict:
    """What was found: how many entries there are, the last of them, and what is wrong."""

    entries: int = 0
    last: Anchor = field(default_factory=lambda: Anchor(id=0, digest=b""))
    wrong: list[str] = field(default_factory=list)


def verify(*, anchor: Anchor | None = None) -> Verdict:
    """Recompute all digests.

    :param anchor: must be among them; without one nobody sees that the newest entries are gone, or
        that whoever may do everything in the database wrote all of them anew
    """
    verdict = Verdict()
    anchored = anchor is None
    for entry_id, previous, digest, columns in _rows():
        _look(verdict, entry_id=entry_id, previous=bytes(previous))
        if digest_of(bytes(previous), columns) != bytes(digest):
            verdict.wrong.append(f"entry {entry_id} was changed")
        verdict.entries += 1
        verdict.last = Anchor(id=entry_id, digest=bytes(digest))
        anchored = anchored or verdict.last == anchor
    if anchor and not anchored:
        verdict.wrong.append(f"entry {anchor.id} is not there with the digest given")
    return verdict


def digest_of(previous: bytes, columns: list[str | None]) -> bytes:
    """Return an entry's digest (SHA-256, FIPS 180-4).

    :param columns: all but the two digests, as text
    """
    parts = [b"-" if text is None else _netstring(text.encode()) for text in columns]
    return hashlib.sha256(previous + b",".join(parts)).digest()


def _look(verdict: Verdict, *, entry_id: int, previous: bytes) -> None:
    """Compare an entry with the one before."""
    if entry_id != verdict.last.id + 1:
        verdict.wrong.append(f"entries {verdict.last.id + 1} to {entry_id - 1} are gone")
    elif previous != verdict.last.digest:
        verdict.wrong.append(f"entry {entry_id} does not follow entry {verdict.last.id}")


def _netstring(text: bytes) -> bytes:
    return b"%d:%b" % (len(text), text)


def _rows() -> Iterator[tuple[Any, ...]]:
    after = 0
    with connection.cursor() as cursor:
        while True:  # each page begins behind the last one
            cursor.execute(_READ, [after, _PAGE])
            rows = cursor.fetchall()
            yield from rows
            if len(rows) < _PAGE:
                return
            after = rows[-1][0]
