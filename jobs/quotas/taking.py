"""Counts cards that came with the answer: no order has to look through all those before it."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from jobs.models import TakenAtOnce
from jobs.quotas.limits import Orderer

_KEPT = timedelta(days=2)
_STRIPES = 16
_TAKE = """
    INSERT INTO jobs_takenatonce AS taken (owner_id, api_key_id, day, stripe, cards)
    SELECT %(orderer)s, %(key)s::bigint, (statement_timestamp() AT TIME ZONE 'UTC')::date,
        pg_backend_pid() %% %(stripes)s, %(cards)s FROM {source}
    ON CONFLICT (owner_id, day, api_key_id, stripe)
        DO UPDATE SET cards = taken.cards + excluded.cards
"""


def counting_part(by: Orderer, *, cards: int, source: str) -> tuple[str, Mapping[str, Any]]:
    """Give what counts the cards as a part of a statement, and its values.

    The job counted so must not count by its row as well: see `Job.counted_before`.

    :param source: the part that has one row if they are taken, and none otherwise
    """
    values = {
        "orderer": by.user_id,
        "key": by.api_key_id,
        "stripes": _STRIPES,
        "cards": cards,
    }
    return _TAKE.format(source=source), values


def take(by: Orderer, *, cards: int) -> None:
    """Count the cards, in the caller's transaction."""
    with connection.cursor() as cursor:
        cursor.execute(*counting_part(by, cards=cards, source="(SELECT) AS once"))


def forget() -> int:
    """Delete counts that no question about today can need; return how many."""
    day = (timezone.now() - _KEPT).date()
    deleted, _ = TakenAtOnce.objects.filter(day__lt=day).delete()
    return deleted
