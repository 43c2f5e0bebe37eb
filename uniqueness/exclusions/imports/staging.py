"""The tables of one import, gone at its end, and the set-based work on them.

Only `recheck` runs while minting waits. So the slow parts come before: comparing with the ledger,
and inserting, which nobody sees until the commit.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from generation.kernel.defects import UNKNOWN_PREFIX
from generation.models import SLOTS_PER_RANGE, IssuerRange
from generation.ranges import slots_of
from generation.schemes.text import mask
from toolkit.database import copy_in
from uniqueness import locks
from uniqueness.exclusions.imports.report import MOST_LISTED, IssuedBefore
from uniqueness.models import Exclusion
from uniqueness.pool.owners import owners_of
from uniqueness.slots import WINDOW

_CREATE = """
    CREATE TEMPORARY TABLE import_read
        (pan varchar(19) COLLATE "C", slot bigint, details bigint) ON COMMIT DROP;
    CREATE TEMPORARY TABLE import_issued
        (pan varchar(19) COLLATE "C", owner uuid, late boolean) ON COMMIT DROP;
    CREATE TEMPORARY TABLE import_outside (token uuid, details bigint) ON COMMIT DROP;
    SET LOCAL work_mem = '128MB';
"""
_DROP = """
    DROP TABLE import_read, import_outside, import_issued, import_numbers, import_added,
        import_suspects
"""
_COPY = "COPY import_read (pan, slot, details) FROM STDIN"
_COPY_OUTSIDE = "COPY import_outside (token, details) FROM STDIN"
_COUNT_OUTSIDE = """
    SELECT count(*), count(*) FILTER (WHERE differs) FROM (
        SELECT min(details) <> max(details) AS differs FROM import_outside GROUP BY token
    ) numbers
"""
_ADD_OUTSIDE = """
    INSERT INTO uniqueness_importedtoken (token, source)
    SELECT DISTINCT token, %s FROM import_outside ORDER BY 1 ON CONFLICT DO NOTHING
"""
_DISTINCT = """
    CREATE TEMPORARY TABLE import_numbers ON COMMIT DROP AS
        SELECT pan, nullif(min(slot), -1) AS slot, min(details) <> max(details) AS differs
        FROM import_read GROUP BY pan ORDER BY pan;
    ANALYZE import_numbers;
    SELECT count(*), count(*) FILTER (WHERE differs) FROM import_numbers;
"""
_ISSUED = """
    WITH cards AS MATERIALIZED (
        SELECT pan, slot FROM uniqueness_ledger WHERE pan IN (SELECT pan FROM {numbers}))
    INSERT INTO import_issued
    SELECT pan, (SELECT owner FROM uniqueness_reservation WHERE span @> cards.slot), %s FROM cards
"""
_SET_ISSUED_ASIDE = """
    ANALYZE import_issued;
    DELETE FROM import_numbers n USING import_issued i WHERE i.pan = n.pan;
"""
# Cards that were deleted: what the pool and the exclusions of claimed numbers know of them.
_CLAIMED = """
    INSERT INTO import_issued SELECT e.pan, e.owner, false
    FROM uniqueness_exclusion e JOIN import_numbers USING (pan) WHERE e.owner IS NOT NULL
"""
_HAS_PURGED = "SELECT EXISTS (SELECT FROM uniqueness_reservation WHERE purged)"
_BY_SLOT = "CREATE INDEX ON import_numbers (slot); ANALYZE import_numbers;"
_PURGED = """
    INSERT INTO import_issued SELECT n.pan, r.owner, false
    FROM uniqueness_reservation r JOIN import_numbers n
        ON n.slot >= lower(r.span) AND n.slot < upper(r.span)
    WHERE r.purged AND NOT r.sequential
"""
# A window has the same numbers in either order: those of the window are candidates.
_PURGED_IN_SEQUENCE = """
    SELECT DISTINCT r.issuer_range_id, n.pan FROM uniqueness_reservation r JOIN import_numbers n
        ON n.slot >= lower(r.span) - lower(r.span) %% %(window)s
        AND n.slot < upper(r.span) - upper(r.span) %% %(window)s + %(window)s
    WHERE r.purged AND r.sequential
"""
_THESE = """
    INSERT INTO import_issued SELECT pan, owner, false
    FROM unnest(%s::text[], %s::uuid[]) AS given (pan, owner)
"""
_FROM_SOURCE = """
    SELECT (
        SELECT count(*) FROM import_numbers JOIN uniqueness_exclusion USING (pan)
        WHERE source = %(source)s
    ) + (
        SELECT count(DISTINCT token) FROM import_outside
        JOIN uniqueness_importedtoken USING (token) WHERE source = %(source)s
    )
"""
_NEW = """
    CREATE TEMPORARY TABLE import_added ON COMMIT DROP AS
        SELECT pan, slot FROM import_numbers n
        WHERE NOT EXISTS (SELECT FROM uniqueness_exclusion e WHERE e.pan = n.pan)
        ORDER BY pan;
    CREATE INDEX ON import_added (slot);
    CREATE INDEX ON import_added (left(pan, 6)) WHERE slot IS NULL;
    ANALYZE import_added;
"""
# Without ON CONFLICT, which takes 2.6 times as long: nobody else inserts now. Sorted: a temporary
# table is read as it was written.
_ADD = """
    INSERT INTO uniqueness_exclusion (pan, slot, reason, source)
    SELECT pan, slot, %s, %s FROM import_added
"""
# A card issued meanwhile lies below the cursor. Or its number is nobody's good one: negative cards
# keep the prefix of their range, or have one of their own.
_SUSPECTS = """
    SELECT a.pan FROM uniqueness_pool p
    JOIN import_added a ON a.slot >= p.issuer_range_id * %(slots)s
        AND a.slot < p.issuer_range_id * %(slots)s + p.next_slot
    UNION ALL SELECT a.pan FROM (SELECT DISTINCT left(iin, 6) AS iin FROM generation_issuerrange) r
    JOIN import_added a ON a.slot IS NULL AND left(a.pan, 6) = r.iin
    UNION ALL SELECT pan FROM import_added
    WHERE slot IS NULL AND left(pan, 6) >= %(unknown)s AND left(pan, 6) < %(unknown)s || ':'
"""
# A range that is new may have brought in numbers that were imported outside.
_ALL_SUSPECTS = """
    SELECT pan FROM import_added UNION
    SELECT pan FROM uniqueness_ledger
    WHERE pan IN (SELECT pan FROM uniqueness_exclusion WHERE reason = 'imported')
"""
_SUSPECT = """
    CREATE TEMPORARY TABLE import_suspects ON COMMIT DROP AS {suspects};
    ANALYZE import_suspects;
"""
_TAKE_BACK = """
    DELETE FROM uniqueness_exclusion e USING import_issued i WHERE i.late AND e.pan = i.pan
"""
_BY_JOB = "SELECT owner, count(*) FROM import_issued GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT %s"
_FIRST = "SELECT pan, owner FROM import_issued ORDER BY pan LIMIT %s"


@contextmanager
def tables() -> Iterator[None]:
    """Have the tables of one import, within the caller's transaction."""
    _run(_CREATE)
    yield
    _run(_DROP)


def copy(pans: NDArray[np.bytes_], *, slots: NDArray[np.int64], details: NDArray[np.int64]) -> None:
    """Take a block of numbers (S19), their packed slots, -1 for none, and hashes of the rest."""
    rows = zip(pans.tolist(), slots.tolist(), details.tolist(), strict=True)
    copy_in(_COPY, b"".join([b"%b\t%d\t%d\n" % row for row in rows]))


def copy_outside(tokens: Iterable[UUID], *, details: NDArray[np.int64]) -> None:
    """Take the tokens of numbers that lie outside all ranges."""
    rows = zip(tokens, details.tolist(), strict=True)
    copy_in(_COPY_OUTSIDE, "".join([f"{token}\t{hashed}\n" for token, hashed in rows]).encode())


def sort_out() -> tuple[int, int]:
    """Drop numbers that came twice; return how many are left, and of how many details differed."""
    (inside, differing), (outside, others) = _run(_DISTINCT)[0], _run(_COUNT_OUTSIDE)[0]
    return int(inside + outside), int(differing + others)


def count_from(source: str) -> int:
    """Count the numbers that were imported from the source before."""
    return int(_run(_FROM_SOURCE, {"source": source})[0][0])


def find_issued() -> int:
    """Find the numbers that cards have, or had before they were purged; return how many."""
    found = _change(_ISSUED.format(numbers="import_numbers"), [False])
    _run(_SET_ISSUED_ASIDE)
    gone = _change(_CLAIMED) + _find_purged()
    if gone:
        _run(_SET_ISSUED_ASIDE)
    return found + gone


def _find_purged() -> int:
    if not _run(_HAS_PURGED)[0][0]:
        return 0
    _run(_BY_SLOT)
    return _change(_PURGED) + _find_purged_in_sequence()


def _find_purged_in_sequence() -> int:
    candidates = defaultdict[int, list[str]](list)
    for pk, pan in _run(_PURGED_IN_SEQUENCE, {"window": WINDOW}):
        candidates[pk].append(pan)
    theirs: list[tuple[str, UUID]] = []
    for one in IssuerRange.objects.filter(pk__in=candidates):
        pans = candidates[one.pk]
        slots = (slots_of(one, pans=pans) + one.first_slot).tolist()
        owners = owners_of(slots, purged=True)
        theirs += [
            (pan, owners[slot]) for pan, slot in zip(pans, slots, strict=True) if slot in owners
        ]
    return _change(_THESE, [[pan for pan, _ in theirs], [owner for _, owner in theirs]])


def add(*, source: str) -> int:
    """Exclude what is neither known nor issued; return how many."""
    locks.add_exclusions()
    _run(_NEW)
    return _change(_ADD, [Exclusion.Reason.IMPORTED, source]) + _change(_ADD_OUTSIDE, [source])


def recheck(*, ranges_changed: bool) -> int:
    """Take back what was issued since `find_issued`; return how many. The gate must be closed."""
    suspects = _ALL_SUSPECTS if ranges_changed else _SUSPECTS
    limits = {"slots": SLOTS_PER_RANGE, "unknown": UNKNOWN_PREFIX}
    _run(_SUSPECT.format(suspects=suspects), limits)
    if not _change(_ISSUED.format(numbers="import_suspects"), [True]):
        return 0
    return _change(_TAKE_BACK)


def issued() -> IssuedBefore:
    """Sum up the issued numbers by job, and mask the first of them."""
    first = [(mask(pan), owner) for pan, owner in _run(_FIRST, [MOST_LISTED])]
    return IssuedBefore(by_job=_run(_BY_JOB, [MOST_LISTED]), listed=first)


def _run(sql: str, parameters: Any = None) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        while cursor.description is None and cursor.nextset():
            pass
        return cursor.fetchall() if cursor.description else []


def _change(sql: str, parameters: Any = None) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return int(cursor.rowcount)
