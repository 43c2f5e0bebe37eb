"""Daily figures, added up as somebody wants them; neither cards, chunks nor jobs are read.

What is read grows with days, owners and ranges, never with cards.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from django.contrib.auth.models import User
from django.db import connection

from jobs.statistics.periods import Period
from jobs.watching import teams_of
from toolkit.rights import Right, has_right


class Dimension(StrEnum):
    """What figures can be told apart by."""

    DAY = "day"
    SCHEME = "scheme"
    RANGE = "range"
    TIER = "tier"
    OWNER = "owner"
    TEAM = "team"


# Texts in C collation, so that a page goes on exactly behind the one before.
_SQL = {
    Dimension.DAY: "to_char(f.day, 'YYYY-MM-DD')",
    Dimension.SCHEME: "r.scheme",
    Dimension.RANGE: "r.iin || '-' || r.pan_length",
    Dimension.TIER: "r.tier",
    Dimension.OWNER: "u.username",
    Dimension.TEAM: "coalesce(t.name, '')",
}
_FROM = """
    FROM jobs_dailyfigure f JOIN generation_issuerrange r ON r.id = f.issuer_range_id
        JOIN auth_user u ON u.id = f.owner_id LEFT JOIN jobs_team t ON t.id = f.team_id
    WHERE f.day BETWEEN %(first)s AND %(last)s AND {seen}
"""
_SEEN = {
    True: "true",
    False: "(f.owner_id = %(user)s OR f.team_id = ANY(%(teams)s))",
}
_LATEST = "SELECT max(f.day) {rows}"
# Everybody's rows are read from the newest day back: the first that fits ends it.
_LATEST_OF_ALL = "SELECT max(day) FROM (SELECT f.day {rows} ORDER BY f.day DESC LIMIT 1) AS newest"
_GROUPED = """
    SELECT {columns}, sum(cards) FROM (SELECT {named}, f.cards {rows}) AS told
    WHERE {beyond} GROUP BY {columns} ORDER BY {columns} LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Whose figures of which days; `only` has the values of dimensions that are asked for."""

    user: User
    period: Period
    only: dict[Dimension, str]


def latest_day(wanted: Wanted) -> date | None:
    """Find the last day that has cards, if there is one."""
    rows, values = _rows(wanted)
    of_all = _sees_all(wanted) and not wanted.only.keys() & {Dimension.OWNER, Dimension.TEAM}
    statement = _LATEST_OF_ALL if of_all else _LATEST
    day: date | None = _run(statement.format(rows=rows), values)[0][0]
    return day


def grouped(
    wanted: Wanted, *, by: Sequence[Dimension], after: Sequence[str] = (), limit: int
) -> list[tuple[list[str], int]]:
    """Add up the cards by the dimensions; return values and cards, in the order of the values.

    :param after: the values behind which to begin, as many as dimensions
    """
    rows, values = _rows(wanted)
    statement = _GROUPED.format(
        rows=rows,
        columns=", ".join(by),
        named=", ".join(f'({_SQL[one]}) COLLATE "C" AS {one}' for one in by),
        beyond=f"({', '.join(by)}) > ({', '.join(_names(by))})" if after else "true",
    )
    values |= {"limit": limit} | {f"after_{one}": at for one, at in zip(by, after, strict=False)}
    return [(list(told), int(cards)) for *told, cards in _run(statement, values)]


def _names(by: Sequence[Dimension]) -> list[str]:
    return [f"%(after_{one})s" for one in by]


def _sees_all(wanted: Wanted) -> bool:
    return has_right(wanted.user, Right.ALL_JOBS)


def _rows(wanted: Wanted) -> tuple[str, dict[str, Any]]:
    """Give the rows that the user may see as a part of a statement, and its values."""
    everybodys = _sees_all(wanted)
    seen = [_SEEN[everybodys], *(f"({_SQL[one]}) = %({one})s" for one in wanted.only)]
    values: dict[str, Any] = {one.value: value for one, value in wanted.only.items()}
    values |= {"first": wanted.period.first, "last": wanted.period.last}
    if not everybodys:
        values |= {"user": wanted.user.pk, "teams": teams_of(wanted.user)}
    return _FROM.format(seen=" AND ".join(seen)), values


def _run(statement: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())
