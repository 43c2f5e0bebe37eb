"""The settings in force, for people. What could be a secret is told to be set, and no more."""

import re
from collections.abc import Iterable
from datetime import timedelta

from django.conf import settings

from toolkit.wording import counted

_OURS = "CARDGEN_"
_SECRET = re.compile("KEY|SECRET|PASS|TOKEN|URL|TRACES")
_HIDDEN = "set; not shown"
_LARGE = 10_000


def in_force() -> list[tuple[str, str]]:
    """Return name and value of every setting of ours, by name."""
    names = sorted(name for name in dir(settings) if name.startswith(_OURS))
    return [(name, _shown(name, getattr(settings, name))) for name in names]


def _shown(name: str, value: object) -> str:
    if value in (None, "", b"", (), [], frozenset()):
        return "not set"
    return _HIDDEN if _SECRET.search(name) else _in_words(value)


def _in_words(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, timedelta):
        return _duration(value)
    if isinstance(value, int):
        return f"{value:,}" if value >= _LARGE else str(value)
    if isinstance(value, Iterable) and not isinstance(value, str):
        return ", ".join(sorted(map(str, value)))
    return str(value)


def _duration(value: timedelta) -> str:
    seconds = int(value.total_seconds())
    for size, unit in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds % size == 0 and seconds:
            return counted(seconds // size, unit)
    return counted(seconds, "second")
