"""Refusals: what was asked cannot be done, and the caller can do something about it."""

from toolkit.refusals import Refusal


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
