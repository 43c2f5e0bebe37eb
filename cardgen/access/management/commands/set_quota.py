"""Set what a user or an API key may order, or show it."""

import re
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import CommandError

from cardgen.access.models import ApiKey
from cardgen.access.quota_holders import key_named, of_key, of_user, orderer_of
from jobs import quotas
from jobs.quotas import MOST, Subject, Unit, limits_of, set_limits
from toolkit.actor import shell_user
from toolkit.command_line import ending_plainly, user_named
from toolkit.commands import OperatorCommand
from toolkit.exit_codes import ExitCode

_WORDS = {"none": 0, "default": None}


class Command(OperatorCommand):
    """Limits and use on stdout; what was changed stands in the audit trail."""

    help = (
        "Limit the cards a day (UTC) and the jobs at a time of a user or of an API key, or show"
        " them."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        who = parser.add_mutually_exclusive_group(required=True)
        who.add_argument("--for-user", help="whose limits: name of a user")
        who.add_argument(
            "--for-key", help="whose limits: id, name or first characters of an API key"
        )
        for unit in Unit:
            parser.add_argument(
                f"--{unit.replace('_', '-')}",
                type=_limit(most=MOST[unit]),
                metavar="N|none|default",
                help=f"1 to {MOST[unit]:,}; none: no limit at all; default: the setting for users,"
                " no limit for keys",
            )
        parser.add_argument("--reason", default="", help="stands in the audit trail")
        parser.add_argument("--show", action="store_true", help="change nothing")

    @ending_plainly()
    def handle(self, *_: object, **options: Any) -> None:
        """Set what is given, then show."""
        changes = {unit.value: _WORDS.get(options[unit], options[unit]) for unit in _given(options)}
        if options["show"] and changes:
            raise CommandError(
                "--show changes nothing: give limits or --show", returncode=ExitCode.BAD_REQUEST
            )
        holder = _holder(user=options["for_user"], key=options["for_key"])
        if changes:
            named = of_user(holder) if isinstance(holder, User) else of_key(holder)
            set_limits(holder=named, changes=changes, reason=options["reason"], actor=shell_user())
        self._show(holder)

    def _show(self, holder: User | ApiKey) -> None:
        by = orderer_of(holder)
        subject = Subject.USER if isinstance(holder, User) else Subject.KEY
        limits, now = limits_of(by), quotas.usage(by)
        for unit in Unit:
            limit, used = limits.get((subject, unit)), now.used[subject, unit]
            room = "limit none" if limit is None else f"limit {limit:,}"
            left = "" if limit is None else f"   left {max(0, limit - used):,}"
            self.stdout.write(f"{unit.value:<13}   {room}   used {used:,}{left}")
        self.stdout.write(f"cards_per_day starts again at {now.resets_at:%Y-%m-%d %H:%M} UTC")


def _holder(*, user: str | None, key: str | None) -> User | ApiKey:
    return key_named(key or "") if user is None else user_named(user)


def _given(options: dict[str, Any]) -> list[Unit]:
    return [unit for unit in Unit if options[unit] is not None]


def _limit(*, most: int) -> Callable[[str], int | str]:
    """Read a limit; zero is refused, since it could be meant as nothing or as everything."""

    def read(text: str) -> int | str:
        plain = re.sub(r"[,_]", "", text)
        if text in _WORDS:
            return text
        if re.fullmatch("[0-9]{1,18}", plain) and 1 <= int(plain) <= most:
            return int(plain)
        raise ArgumentTypeError(f"write a number from 1 to {most:,}, none or default, not {text!r}")

    return read
