"""What the database server writes of a statement's values: looked at whenever a process starts.

Texts of statements hold no card number (`toolkit.bound_numbers`). Their values do, and PostgreSQL
can be told to write those too, or what it says of a row that it refuses.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.checks import CheckMessage
from django.core.checks import Warning as CheckWarning
from django.db import connections

_ASK = "SELECT name, setting FROM pg_settings WHERE name = ANY(%s)"
_SILENT = {
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_error_verbosity": "terse",
}
"""What must be so for this role, whatever else is logged."""
_PLANS = "auto_explain.log_min_duration"
_HINT = "Let an administrator of the server run: ALTER ROLE {role} SET {name} = {value};"


def told(*, databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Warn of each setting by which numbers get into the server's log (a check of Django)."""
    return [message for alias in databases or [] for message in _told(alias)]


def _told(alias: str) -> list[CheckMessage]:
    connection = connections[alias]
    with connection.cursor() as cursor:
        cursor.execute(_ASK, [[*_SILENT, _PLANS]])
        found = dict(cursor.fetchall())
    role = connection.settings_dict["USER"] or "…"
    return [
        CheckWarning(
            f"The database server may log card numbers: {name} is {found[name]}.",
            hint=_HINT.format(role=role, name=name, value=value),
            id="cardgen.W001",
        )
        for name, value in wanted(found).items()
    ]


def wanted(found: Mapping[str, str]) -> dict[str, str]:
    """List the settings that should be other ones, and what they should be."""
    wrong = {name: value for name, value in _SILENT.items() if found.get(name, value) != value}
    # A plan that was made for particular values quotes them.
    return wrong if found.get(_PLANS, "-1") == "-1" else wrong | {_PLANS: "-1"}
