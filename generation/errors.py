"""Refusals: what was asked cannot be done, and the caller can do something about it."""

from toolkit.refusals import Mistake, Refusal, UnsafeToGoOn


class UnknownScheme(Mistake):
    """No such scheme in the catalogue."""

    code = "unknown_scheme"


class UnregisteredIin(Mistake):
    """No issuer range is registered under that name or IIN."""

    code = "unregistered_iin"


class RangeDisabled(Refusal):
    """The range, or every range of the scheme, is switched off."""

    code = "range_disabled"


class MasterKeyMismatch(UnsafeToGoOn):
    """The master key is not the one this range was made with: going on would repeat numbers."""
