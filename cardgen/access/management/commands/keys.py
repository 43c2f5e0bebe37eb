"""List API keys."""

from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.utils import timezone

from cardgen.access.models import ApiKey
from toolkit import tables
from toolkit.command_line import ending_plainly, user_named, whole
from toolkit.commands import OperatorCommand

_COLUMNS = ("id", "user", "name", "begins with", "scopes", "expires", "last used", "state")


class Command(OperatorCommand):
    """Shows everything of a key but the key."""

    help = "List API keys, the newest first, never the keys themselves."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--user", help="of this user alone")
        parser.add_argument("--most", type=whole(least=1, most=10_000), default=100)

    @ending_plainly()
    def handle(self, *_: object, **options: Any) -> None:
        """Show them."""
        found = ApiKey.objects.select_related("user").order_by("-id")
        if options["user"]:
            found = found.filter(user=user_named(options["user"]))
        tables.show(_COLUMNS, [_row(key) for key in found[: options["most"]]])


def _row(key: ApiKey) -> list[object]:
    moments = [_shown(key.expires_at), _shown(key.last_used_at)]
    known = [str(key.pk), key.user.username, key.name, key.prefix, " ".join(key.scopes)]
    return [*known, *moments, _state(key)]


def _shown(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC" if moment else "-"


def _state(key: ApiKey) -> str:
    if key.revoked_at:
        return "revoked"
    if key.expires_at and key.expires_at <= timezone.now():
        return "expired"
    if not key.user.is_active:
        return "user is off"
    return "suspended" if key.is_suspended else "works"
