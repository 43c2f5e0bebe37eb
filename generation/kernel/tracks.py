"""What is on the magnetic stripe, ISO/IEC 7813, and in the chip in its place (EMV tag 57).

Discretionary data is the issuer's own; this is the layout commonly published for Visa cards:

* track 2 and tag 57: PVKI (1 digit), PVV (4), CVV or in the chip iCVV (3);
* track 1: PVKI (1), PVV (4), then eleven digits of the scheme: 00, CVV (3), 000000.

On the stripe a record stands between sentinels, with its check behind them; messages carry the data
alone.
"""

import numpy as np
from numpy.typing import NDArray

from generation.kernel.digits import Rows, column, digit_values, join, pack, rows, spell_hex
from generation.kernel.formats import ExpiryForm, expiry_texts
from generation.kernel.pins import PVKI
from generation.kernel.spec import NAME_LENGTHS

TRACK1_LENGTH = 79
TRACK2_LENGTH = 40
TAG57_BYTES = 19
BLANK_NAME = " /"
"""What cards give over the air in place of a name (EMV tag 5F20), already in the stripe's order."""

_NAME = NAME_LENGTHS[-1]
_SPACE = ord(" ")  # the first character of ISO/IEC 7811's alphanumeric set
_ZERO = ord("0")  # the first of its numeric set


def _name_table() -> bytes:
    """Map every byte to what track 1 has for it: capitals, and a space for what it has not."""
    table = bytearray(b" " * 256)
    for letter in map(chr, range(_SPACE, 0x80)):
        # Its own separators may not stand in a name; the alphabet ends before 0x60.
        if letter not in "%?^/" and ord(letter.upper()) < 0x60:
            table[ord(letter)] = ord(letter.upper())
    return bytes(table)


_NAME_TABLE = _name_table()


def track1(
    *,
    pans: NDArray[np.bytes_],
    names: NDArray[np.bytes_],
    expiry_months: NDArray[np.int32],
    service_codes: NDArray[np.bytes_],
    discretionary: NDArray[np.bytes_],
) -> NDArray[np.bytes_]:
    """Write N track 1 records, ISO/IEC 7813 format B, with their LRC (ISO/IEC 7811-2).

    `%B PAN ^ LAST/FIRST, 26 characters ^ YYMM service code, discretionary data ? LRC`

    :raises ValueError: if a record has over 79 characters or one that track 1 does not know
    """
    expiries = expiry_texts(expiry_months, form=ExpiryForm.YYMM)
    parts = (b"%B", pans, b"^", track_names(names), b"^", expiries, service_codes, discretionary)
    records = join(*parts, b"?", count=pans.size)
    return _with_lrc(records, first=_SPACE, values=64, limit=TRACK1_LENGTH)


def track2(
    *,
    pans: NDArray[np.bytes_],
    expiry_months: NDArray[np.int32],
    service_codes: NDArray[np.bytes_],
    discretionary: NDArray[np.bytes_],
) -> NDArray[np.bytes_]:
    """Write N track 2 records, ISO/IEC 7813, with their LRC (ISO/IEC 7811-2).

    `; PAN = YYMM service code, discretionary data ? LRC`

    :raises ValueError: if a record has over 40 characters or one that track 2 does not know
    """
    expiries = expiry_texts(expiry_months, form=ExpiryForm.YYMM)
    parts = (b";", pans, b"=", expiries, service_codes, discretionary, b"?")
    records = join(*parts, count=pans.size)
    return _with_lrc(records, first=_ZERO, values=16, limit=TRACK2_LENGTH)


def track2_equivalent(
    *,
    pans: NDArray[np.bytes_],
    expiry_months: NDArray[np.int32],
    service_codes: NDArray[np.bytes_],
    discretionary: NDArray[np.bytes_],
) -> NDArray[np.bytes_]:
    """Write N values of EMV tag 57 (EMV Book 3) in hexadecimal: D for =, F to fill a byte.

    :raises ValueError: if a value has over 19 bytes or characters that are not digits
    """
    expiries = expiry_texts(expiry_months, form=ExpiryForm.YYMM)
    before = digit_values(rows(pans))
    after = digit_values(join(expiries, service_codes, discretionary, count=pans.size))
    odd = (before.shape[1] + 1 + after.shape[1]) % 2
    mark = np.full((pans.size, 1), 0xD, dtype=np.uint8)
    filler = np.full((pans.size, odd), 0xF, dtype=np.uint8)
    packed = pack(np.concatenate([before, mark, after, filler], axis=1))
    if packed.shape[1] > TAG57_BYTES:
        raise ValueError(f"tag 57 must have at most {TAG57_BYTES} bytes")
    return spell_hex(packed)


def data(records: NDArray[np.bytes_]) -> NDArray[np.bytes_]:
    """Take N records of one track as ISO 8583 carries them, without sentinels and LRC.

    Track 1 is field 45 with up to 76 characters, track 2 is field 35 with up to 37.
    """
    return column(rows(records)[:, 1:-2])


def discretionary1(*, pvvs: NDArray[np.bytes_], cvvs: NDArray[np.bytes_]) -> NDArray[np.bytes_]:
    """Lay out the discretionary data of N track 1 records (dtype S16): see above."""
    return column(join(PVKI, pvvs, b"00", cvvs, b"000000", count=pvvs.size))


def discretionary2(*, pvvs: NDArray[np.bytes_], cvvs: NDArray[np.bytes_]) -> NDArray[np.bytes_]:
    """Lay out the discretionary data of N track 2 records or tags 57 (dtype S8): see above."""
    return column(join(PVKI, pvvs, cvvs, count=pvvs.size))


def track_names(names: NDArray[np.bytes_]) -> NDArray[np.bytes_]:
    """Turn N names "FIRST LAST" into "LAST/FIRST" of ISO/IEC 7813, padded to 26 characters.

    A name with one "/" is in that order already. What track 1 cannot hold becomes a space, what is
    beyond 26 characters is cut off.

    :raises ValueError: if a name has nothing that track 1 can hold
    """
    texts = names.tolist()
    # Few different names: each is turned once, and a card costs one look-up.
    turned = {text: _track_name(text) for text in set(texts)}
    return np.array([turned[text] for text in texts], dtype=f"S{_NAME}")


def _track_name(name: bytes) -> bytes:
    if name == BLANK_NAME.encode():
        return name.ljust(_NAME)
    if name.count(b"/") == 1:
        last, first = (part.translate(_NAME_TABLE).strip() for part in name.split(b"/"))
    else:
        first, _, last = name.translate(_NAME_TABLE).strip().rpartition(b" ")
    if not last:
        raise ValueError("a name must have a character that track 1 knows")
    # The separator must not be cut off, not even after a last name of 26 letters.
    return (last[: _NAME - 1] + b"/" + first)[:_NAME].ljust(_NAME)


def _with_lrc(records: Rows, *, first: int, values: int, limit: int) -> NDArray[np.bytes_]:
    """Append the longitudinal redundancy check (ISO/IEC 7811-2), sentinels included.

    Each of its data bits makes the number of ones in that bit of all characters even; its own
    parity bit is that of the character, as everywhere, so the printable form has it too.
    """
    if records.shape[1] + 1 > limit:
        raise ValueError(f"the record must have at most {limit} characters")
    codes = records - np.uint8(first)
    if codes.size and codes.max() >= values:
        raise ValueError("the record has characters that the track does not know")
    checks = np.bitwise_xor.reduce(codes, axis=1, keepdims=True) + np.uint8(first)
    return column(np.concatenate([records, checks], axis=1))
