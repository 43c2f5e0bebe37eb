"""Past days need no stripes: nobody writes to them any more."""

from datetime import timedelta

from django.db import connection
from django.utils import timezone

_KEPT = timedelta(days=2)
_FOLD = """
    WITH past AS (
        DELETE FROM jobs_dailyfigure WHERE stripe > 0 AND day < %(day)s
        RETURNING day, owner_id, team_id, issuer_range_id, cards)
    INSERT INTO jobs_dailyfigure AS counted
        (day, owner_id, team_id, issuer_range_id, stripe, cards)
    SELECT day, owner_id, team_id, issuer_range_id, 0, sum(cards) FROM past
    GROUP BY 1, 2, 3, 4 ORDER BY 2, 1, 4, 3
    ON CONFLICT (owner_id, day, issuer_range_id, team_id, stripe)
        DO UPDATE SET cards = counted.cards + excluded.cards
"""


def fold() -> None:
    """Add up the rows of past days: one for each owner, team and range stays."""
    with connection.cursor() as cursor:
        cursor.execute(_FOLD, {"day": (timezone.now() - _KEPT).date()})
