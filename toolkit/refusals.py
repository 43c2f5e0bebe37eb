"""What all refusals share."""

from typing import ClassVar


class Refusal(Exception):
    """A request refused with nothing changed.

    `code` is stable and documented in `docs/errors.md`; `facts` are shown to the caller beside it.
    The outside maps codes to HTTP statuses and exit codes.
    """

    code: ClassVar[str] = "refused"

    def __init__(self, detail: str, **facts: object) -> None:
        super().__init__(detail)
        self.detail = detail
        self.facts = facts


class Mistake(Refusal):
    """A refusal of what the caller wrote: no state of the system would take it.

    Commands end with another exit code then (`toolkit/exit_codes.py`); HTTP makes no difference.
    """


class UnsafeToGoOn(Exception):
    """The installation must be put right first: going on would do harm."""


class InvalidPage(Mistake):
    """The page asked for is not one this API pointed to."""

    code = "invalid_cursor"
