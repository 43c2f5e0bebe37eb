"""Every field a card can be shown with, by name (docs/cards.md): pure functions of the slot.

The registry is the one place that knows a field's name, standard and example; `fields` of an order,
file columns and the documentation all come from it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from generation.batch import LONG_PAN, Batch
from generation.kernel import details as kernel
from generation.kernel import formats, pins, tracks, verification
from generation.kernel.defects import Defect
from toolkit.refusals import Mistake

Column = bytes | NDArray[np.bytes_]
DISFIGURED = frozenset({Defect.TOO_SHORT, Defect.TOO_LONG, Defect.NON_DIGIT})
_NUMBERS = np.arange(10_000).astype("S4")


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field: how to work its column out, and what it is."""

    column: Callable[[Batch], Column]
    standard: str
    example: str
    number: bool = False


def _grouped(batch: Batch) -> Column:
    return formats.grouped_pans(batch.cards.pans, grouping=batch.grouping)


def _masked(batch: Batch) -> Column:
    # Of a shorter PAN, eight digits and the last four would leave three hidden, or none.
    whole_iin = batch.cards.pans.itemsize >= LONG_PAN
    return formats.masked_pans(
        batch.cards.pans, first=len(batch.issuer_range.iin) if whole_iin else 6
    )


def _month(batch: Batch) -> Column:
    return _NUMBERS[batch.cards.expiry_months % 12 + 1]


def _expiry(form: formats.ExpiryForm) -> Callable[[Batch], Column]:
    return lambda batch: formats.expiry_texts(batch.cards.expiry_months, form=form)


def _year(batch: Batch) -> Column:
    return _NUMBERS[batch.cards.expiry_months // 12]


def _public(
    value: Callable[[Batch], NDArray[np.bytes_]],
) -> Callable[[Batch], Column]:
    """Leave the column empty where the scheme has published no algorithm."""
    return lambda batch: value(batch) if batch.has_public_cvv else b""


def _chip(batch: Batch) -> NDArray[np.bytes_]:
    return verification.chip_cvvs(
        batch.issuer_keys, pans=batch.cards.pans, expiry_months=batch.cards.expiry_months
    )


def _track1(batch: Batch) -> NDArray[np.bytes_]:
    return tracks.track1(
        pans=batch.cards.pans,
        names=batch.names,
        expiry_months=batch.cards.expiry_months,
        service_codes=batch.service_codes,
        discretionary=tracks.discretionary1(pvvs=batch.pvvs, cvvs=batch.stripe_cvvs),
    )


def _track2(batch: Batch) -> NDArray[np.bytes_]:
    return tracks.track2(
        pans=batch.cards.pans,
        expiry_months=batch.cards.expiry_months,
        service_codes=batch.service_codes,
        discretionary=tracks.discretionary2(pvvs=batch.pvvs, cvvs=batch.stripe_cvvs),
    )


def _tag57(batch: Batch) -> Column:
    cvvs = _chip(batch) if batch.has_public_cvv else batch.stripe_cvvs
    return tracks.track2_equivalent(
        pans=batch.cards.pans,
        expiry_months=batch.cards.expiry_months,
        service_codes=batch.service_codes,
        discretionary=tracks.discretionary2(pvvs=batch.pvvs, cvvs=cvvs),
    )


def _issuer_cvv2(form: formats.ExpiryForm) -> Callable[[Batch], Column]:
    return _public(
        lambda batch: verification.printed_cvvs(
            batch.issuer_keys,
            pans=batch.cards.pans,
            expiry_months=batch.cards.expiry_months,
            form=form,
        )
    )


def _address(batch: Batch) -> Column:
    return kernel.addresses(batch.spec, slots=batch.cards.slots, details=batch.recipe.details)


def _postcode(batch: Batch) -> Column:
    return kernel.postcodes(batch.spec, slots=batch.cards.slots, details=batch.recipe.details)


_ISO7812, _ISO7813 = "ISO/IEC 7812-1", "ISO/IEC 7813"
_CVV = "Visa CVV / Mastercard CVC algorithm, triple DES, expiry as"
_VISA_CVV = f"{_CVV} YYMM"
_Form = formats.ExpiryForm

FIELDS: dict[str, Field] = {
    "pan": Field(column=lambda b: b.cards.pans, standard=_ISO7812, example="4761738479099745"),
    "pan_grouped": Field(column=_grouped, standard="as embossed", example="4761 7384 7909 9745"),
    "pan_masked": Field(column=_masked, standard="PCI DSS 3.4.1", example="476173******9745"),
    "last_four": Field(
        column=lambda b: formats.last_fours(b.cards.pans), standard="as on receipts", example="9745"
    ),
    "scheme": Field(
        column=lambda b: b.issuer_range.scheme.encode(),
        standard="code of the scheme",
        example="visa",
    ),
    "iin": Field(column=lambda b: b.issuer_range.iin.encode(), standard=_ISO7812, example="476173"),
    "tier": Field(
        column=lambda b: b.issuer_range.tier.encode(),
        standard="[what is promised](tiers.md)",
        example="scheme_test",
    ),
    "expiry_month": Field(column=_month, standard="1 to 12", example="8", number=True),
    "expiry_year": Field(column=_year, standard="four digits", example="2028", number=True),
    "expiry": Field(column=_expiry(_Form.PRINTED), standard="as printed", example="08/28"),
    "expiry_yymm": Field(column=_expiry(_Form.YYMM), standard=_ISO7813, example="2808"),
    "cvv": Field(
        column=lambda b: b.cards.cvvs, standard="CVV2, CVC2, CID, … as printed", example="325"
    ),
    "cardholder_name": Field(
        column=lambda b: b.names,
        standard=f"{_ISO7813}, 2 to 26 characters",
        example="DIEGO CAMPBELL",
    ),
    "address": Field(column=_address, standard="AVS address line", example="901 KESTREL COURT"),
    "postcode": Field(column=_postcode, standard="AVS postcode", example="19488"),
    "service_code": Field(column=lambda b: b.service_codes, standard=_ISO7813, example="201"),
    "psn": Field(
        column=lambda b: f"{b.sequence:02d}".encode(), standard="EMV tag 5F34", example="00"
    ),
    "track1": Field(
        column=_track1,
        standard=f"{_ISO7813} format B, with LRC",
        example="%B4761738479099745^CAMPBELL/DIEGO            ^28082011756500869000000?=",
    ),
    "track1_data": Field(
        column=lambda b: tracks.data(_track1(b)),
        standard="ISO 8583 field 45: track 1 without sentinels and LRC",
        example="B4761738479099745^CAMPBELL/DIEGO            ^28082011756500869000000",
    ),
    "track2": Field(
        column=_track2,
        standard=f"{_ISO7813}, with LRC",
        example=";4761738479099745=280820117565869?;",
    ),
    "track2_data": Field(
        column=lambda b: tracks.data(_track2(b)),
        standard="ISO 8583 field 35: track 2 without sentinels and LRC",
        example="4761738479099745=280820117565869",
    ),
    "track2_equivalent": Field(
        column=_tag57,
        standard="EMV tag 57",
        example="4761738479099745D280820117565255",  # pragma: allowlist secret
    ),
    "pin": Field(column=lambda b: b.pins, standard="ISO 9564-1, 4 to 12 digits", example="1892"),
    "pin_block": Field(
        column=lambda b: pins.encrypted_pin_blocks(b.issuer_keys, pans=b.cards.pans, pins=b.pins),
        standard="ISO 9564-1 format 0 under the test ZPK, hexadecimal",
        example="12603746094D1EE2",  # pragma: allowlist secret
    ),
    "pin_block_clear": Field(
        column=lambda b: pins.clear_pin_blocks(pans=b.cards.pans, pins=b.pins),
        standard="ISO 9564-1 format 0, not encrypted, hexadecimal",
        example="041885C7B86F668B",  # pragma: allowlist secret
    ),
    "issuer_cvv": Field(column=_public(lambda b: b.stripe_cvvs), standard=_VISA_CVV, example="869"),
    "issuer_cvv2": Field(
        column=_issuer_cvv2(_Form.YYMM), standard=f"{_VISA_CVV}, service code 000", example="010"
    ),
    "issuer_cvv2_mmyy": Field(
        column=_issuer_cvv2(_Form.MMYY),
        standard=f"{_CVV} MMYY, service code 000",
        example="604",
    ),
    "issuer_icvv": Field(
        column=_public(_chip), standard=f"{_VISA_CVV}, service code 999", example="255"
    ),
    "pvv": Field(column=lambda b: b.pvvs, standard="Visa PVV, PVKI 1", example="7565"),
}
DEFAULT = ("pan", "scheme", "expiry_month", "expiry_year", "cvv", "cardholder_name", "tier")

_OF_A_WHOLE_NUMBER = frozenset(FIELDS) - {
    *DEFAULT,
    *("iin", "expiry", "expiry_yymm", "address", "postcode", "service_code", "psn", "pin"),
}


class FieldImpossible(Mistake):
    """A card with that defect cannot have that field."""

    code = "field_impossible"


def possible_fields(defect: Defect | None) -> list[str]:
    """Name every field that cards with the defect have, in the order of docs/cards.md."""
    missing = _OF_A_WHOLE_NUMBER if defect in DISFIGURED else frozenset()
    return [name for name in FIELDS if name not in missing]


def check_fields(names: Sequence[str], *, defect: Defect | None) -> None:
    """Let only fields through that cards with the defect can have.

    :raises FieldImpossible: for one that is worked out from a whole number, where there is none
    """
    wrong = sorted(_OF_A_WHOLE_NUMBER.intersection(names))
    if wrong and defect in DISFIGURED:
        raise FieldImpossible(
            f"A card with the defect {defect} has no {', '.join(wrong)}: its number is not whole.",
            fields=wrong,
        )
