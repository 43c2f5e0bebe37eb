"""How a number is shown: in its scheme's groups, or with its middle hidden."""

from itertools import accumulate, pairwise

from generation.schemes.detection import detect
from generation.schemes.model import in_fours

_SHORT_IIN = 6
_LONG_IIN_FROM = 16
_HIDDEN = 4


def group(pan: str, *, shown: str = "") -> str:
    """Write a PAN in its scheme's groups: `3782 822463 10005`. `shown` stands in for the digits.

    :raises ValueError: if the text is not ASCII digits
    """
    scheme = detect(pan)
    grouping = scheme.grouping(len(pan)) if scheme else in_fours(len(pan))
    cuts = accumulate(map(int, grouping.split("-")), initial=0)
    return " ".join((shown or pan)[first:end] for first, end in pairwise(cuts))


def visible_iin(pan: str) -> str:
    """The part of a PAN that may be shown as its IIN: 8 digits of 16 or more, 6 of fewer.

    PCI DSS 3.4.1 lets that much and the last four be seen (8-digit IINs: PCI SSC FAQ 1091).
    """
    length = 8 if len(pan) >= _LONG_IIN_FROM else _SHORT_IIN
    return pan[: min(length, max(0, len(pan) - _HIDDEN))]


def iin_alone(pan: str) -> str:
    """Hide all but the first six digits: nothing to guess a number from."""
    return pan[:_SHORT_IIN] + "*" * (len(pan) - _SHORT_IIN)


def mask(pan: str) -> str:
    """Hide the middle: IIN, stars, last four. At least four digits stay hidden in short numbers."""
    head = visible_iin(pan)
    tail = min(4, max(0, len(pan) - len(head) - _HIDDEN))
    stars = "*" * (len(pan) - len(head) - tail)
    return head + stars + pan[len(pan) - tail :]
