"""What a minter does about the filters of its windows: un-seal them before COPY.

Nearly always all slots lie in one window; only claimed numbers are spread over several.
"""

from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from toolkit.pipeline import Send
from uniqueness.locks import Space
from uniqueness.slots import WINDOW

# Two statements: an UPDATE reads the state of the moment it begins, so in the statement that waits
# for a sealer it would not see what that one sealed. Rows are locked in one order by all.
_HOLD_OFF_SEALING = """
    SELECT pg_advisory_xact_lock_shared(%(filters)s, hashint8(asked))
    FROM unnest(%(windows)s::bigint[]) asked
"""
_UNSEAL = """
    UPDATE uniqueness_windowfilter SET digest = NULL WHERE "window" IN (
        SELECT "window" FROM uniqueness_windowfilter
        WHERE "window" = ANY(%(windows)s::bigint[]) AND digest IS NOT NULL
        ORDER BY "window" FOR NO KEY UPDATE)
"""


def before_record(slots: NDArray[np.int64]) -> None:
    """Say that this transaction will write into these packed slots: their filters lack cards then.

    One round trip. Call it before the rows are written, and before a range is locked; a roll-back
    takes it back.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"{_HOLD_OFF_SEALING};{_UNSEAL}", _values(slots))


def hold_off_sealing(slots: NDArray[np.int64], *, send: Send) -> None:
    """Send the first half of `before_record`, before a statement that has `unsealing` as a part."""
    send(_HOLD_OFF_SEALING, _values(slots))


def unsealing(slots: NDArray[np.int64]) -> tuple[str, dict[str, Any]]:
    """Give the other half as a part of another statement, and its values."""
    return _UNSEAL, _values(slots)


def _values(slots: NDArray[np.int64]) -> dict[str, Any]:
    return {"filters": int(Space.FILTERS), "windows": _windows(slots)}


def _windows(slots: NDArray[np.int64]) -> list[int]:
    if slots.size == 0:
        return []
    first, last = int(slots.min()) // WINDOW, int(slots.max()) // WINDOW
    return [first] if first == last else np.unique(slots // WINDOW).tolist()
