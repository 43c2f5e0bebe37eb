"""Make the first API key."""

from typing import Any

from django.conf import settings

from cardgen.access.first import BOOTSTRAP_USER, ensure_bootstrap_key
from toolkit.command_line import ending_plainly
from toolkit.commands import OperatorCommand


class Command(OperatorCommand):
    """Idempotent: run it after `migrate`. The key itself is written nowhere."""

    help = "Make the API key of CARDGEN_BOOTSTRAP_KEY if there is no key at all yet."

    @ending_plainly()
    def handle(self, *_: object, **__: Any) -> None:
        """Make it, and say what was done."""
        role = settings.CARDGEN_BOOTSTRAP_ROLE.lower()
        if ensure_bootstrap_key():
            self.stderr.write(f"API key made for the user '{BOOTSTRAP_USER}', a {role}")
        elif settings.CARDGEN_BOOTSTRAP_KEY:
            self.stderr.write("There are API keys already: CARDGEN_BOOTSTRAP_KEY made none")
