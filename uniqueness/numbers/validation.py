"""What can be said of any number without asking the ledger: scheme, length, check digit, tier."""

from dataclasses import dataclass

import numpy as np

from generation import published
from generation.kernel.luhn import check_digits
from generation.models import IssuerRange
from generation.schemes import detection, model, registry
from generation.schemes import text as scheme_text

PUBLISHED = "published"
_LENGTHS = range(12, 20)  # ISO/IEC 7812-1, where no scheme says more
Places = dict[tuple[str, int], IssuerRange]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One number, masked; `check_digit` is what its last digit should be by Luhn."""

    masked: str
    luhn_valid: bool
    check_digit: str
    luhn_required: bool
    scheme: model.Scheme | None
    length_valid: bool
    iin: str
    tier: str | None
    issuer_range: IssuerRange | None

    @property
    def groupings(self) -> tuple[str, ...]:
        """Every usual way to write it, the embossed one first; none without a scheme."""
        return self.scheme.groupings(len(self.masked)) if self.scheme else ()


def validate(numbers: list[str]) -> list[Verdict]:
    """Judge numbers (ASCII digits) in the order given, with one query and one Luhn pass."""
    places = {(row.iin, row.pan_length): row for row in IssuerRange.objects.all()}
    checks = _check_digits(numbers)
    return [_verdict(*pair, places) for pair in zip(numbers, checks, strict=True)]


def _verdict(number: str, check_digit: str, places: Places) -> Verdict:
    span = detection.range_of(number)
    issuer_range = _issuer_range(number, places)
    return Verdict(
        masked=scheme_text.mask(number),
        luhn_valid=number[-1] == check_digit,
        check_digit=check_digit,
        luhn_required=bool(span and span.luhn is model.Luhn.REQUIRED),
        scheme=registry.get(span.scheme) if span else None,
        length_valid=len(number) in (span.pan_lengths if span else _LENGTHS),
        iin=scheme_text.visible_iin(number),
        tier=_tier(number, issuer_range),
        issuer_range=issuer_range,
    )


def _issuer_range(number: str, places: Places) -> IssuerRange | None:
    """Ranges do not overlap (`ranges_do_not_overlap`): at most one of the two is there."""
    found = (places.get((number[:digits], len(number))) for digits in (6, 8))
    return next(filter(None, found), None)


def _tier(number: str, issuer_range: IssuerRange | None) -> str | None:
    """A published number keeps its provider's meaning even inside a registered range."""
    if published.of_number(number):
        return PUBLISHED
    return issuer_range.tier if issuer_range else None


def _check_digits(numbers: list[str]) -> str:
    """Work out every check digit at once. Zeros in front do not change a Luhn sum."""
    width = max(map(len, numbers), default=0)
    text = "".join(number.rjust(width, "0") for number in numbers)
    digits = np.frombuffer(text.encode(), dtype=np.uint8).reshape(len(numbers), width) - ord("0")
    return bytes(check_digits(digits[:, :-1]) + ord("0")).decode()
