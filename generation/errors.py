"""Refusals: what was asked cannot be done, and the caller can do something about it."""

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


class UnknownScheme(Refusal):
    """No such scheme in the catalogue."""

    code = "unknown_scheme"


class UnregisteredIin(Refusal):
    """No issuer range is registered under that name or IIN."""

    code = "unregistered_iin"


class RangeDisabled(Refusal):
    """The range, or every range of the scheme, is switched off."""

    code = "range_disabled"


class MasterKeyMismatch(Exception):
    """The master key is not the one this range was made with: going on would repeat numbers."""
