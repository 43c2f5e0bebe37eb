"""No card number stands in the text of a statement, whoever writes it.

Django puts values into the text on the client's side. From there they get into `pg_stat_activity`,
into the server's log and to whoever watches either. A statement with a value that looks like a
number is sent with its values apart: its text has `$1`.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.postgresql.base import ServerBindingCursor

_NUMBER = re.compile(r"[0-9](?:[ -]?[0-9]){11}")
"""Twelve digits or more (ISO/IEC 7812-1), grouped or not."""
_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
"""As text (RFC 9562); one in thirty has twelve digits in a row and is no number."""


def bind_numbers(*, connection: BaseDatabaseWrapper, **_: object) -> None:
    """Watch over a connection's statements (a receiver of Django's `connection_created`)."""
    if _bind not in connection.execute_wrappers:
        connection.execute_wrappers.append(_bind)


def _bind(
    execute: Callable[..., Any],
    sql: str,
    values: Any,
    many: bool,  # noqa: FBT001 (Django calls it)
    context: dict[str, Any],
) -> Any:
    """Give the statement a cursor that binds on the server, if a value may be a number."""
    if any(map(carry_number, values or () if many else (values,))):
        context["cursor"].cursor = _cursor(context["connection"].connection)
    return execute(sql, values, many, context)


def _cursor(to: Any) -> Any:
    make: Any = ServerBindingCursor  # its types are those of another driver
    return make(to)


def carry_number(values: Sequence[Any] | Mapping[str, Any] | None) -> bool:
    """Tell whether one of a statement's values may hold a card number."""
    return any(map(_may_hold, values.values() if isinstance(values, Mapping) else values or ()))


def _may_hold(value: object) -> bool:
    if isinstance(value, list) and value and isinstance(value[0], str):
        return any(map(_has_number, value))
    return isinstance(value, str) and _has_number(value)


def _has_number(text: str) -> bool:
    return _NUMBER.search(text) is not None and _UUID.fullmatch(text) is None
