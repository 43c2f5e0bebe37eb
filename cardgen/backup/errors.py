"""Why there is no backup, or nothing is restored."""

from toolkit.refusals import Refusal


class NotBackedUp(Refusal):
    """No backup was made; those that are there are whole."""

    code = "not_backed_up"


class NotRestored(Refusal):
    """The database is as it was."""

    code = "not_restored"
