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


class InvalidPage(Refusal):
    """The page asked for is not one this API pointed to."""

    code = "invalid_cursor"
