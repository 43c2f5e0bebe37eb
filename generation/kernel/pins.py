"""Values made from a PIN: the Visa PVV and PIN blocks, under test keys."""

import numpy as np
from numpy.typing import NDArray

from generation.kernel.des import encrypt_blocks
from generation.kernel.digits import (
    Rows,
    column,
    decimalise,
    digit_values,
    join,
    pack,
    rows,
    spell_hex,
)
from generation.kernel.issuer_keys import IssuerKeys

PVKI = b"1"  # which pair of PIN verification keys; a test issuer has one
PVV_DIGITS = 4
_PAN_DIGITS = 12
_BLOCK_NIBBLES = 16
_PIN_LENGTHS = range(4, 13)  # ISO 9564-1


def pvvs(
    keys: IssuerKeys, *, pans: NDArray[np.bytes_], pins: NDArray[np.bytes_]
) -> NDArray[np.bytes_]:
    """Give N Visa PIN verification values (dtype S4) for PIN verification key index 1.

    Of the PAN the eleven digits before the check digit count, of the PIN the first four.

    :raises ValueError: if a PAN or PIN has anything but ASCII digits
    """
    accounts, starts = column(rows(pans)[:, -12:-1]), column(rows(pins)[:, :4])
    parameters = digit_values(join(accounts, PVKI, starts, count=pans.size))
    return decimalise(encrypt_blocks(keys.pvk, pack(parameters)), digits=PVV_DIGITS)


def clear_pin_blocks(*, pans: NDArray[np.bytes_], pins: NDArray[np.bytes_]) -> NDArray[np.bytes_]:
    """Give N PIN blocks of ISO 9564-1 format 0, not encrypted, in hexadecimal (dtype S16).

    :raises ValueError: if a PAN or PIN has anything but ASCII digits, or PINs not 4 to 12
    """
    return spell_hex(_format0(pans=pans, pins=pins))


def encrypted_pin_blocks(
    keys: IssuerKeys, *, pans: NDArray[np.bytes_], pins: NDArray[np.bytes_]
) -> NDArray[np.bytes_]:
    """Give N PIN blocks of ISO 9564-1 format 0 under the zone PIN key, in hexadecimal (S16).

    :raises ValueError: if a PAN or PIN has anything but ASCII digits, or PINs not 4 to 12
    """
    return spell_hex(encrypt_blocks(keys.zpk, _format0(pans=pans, pins=pins)))


def _format0(*, pans: NDArray[np.bytes_], pins: NDArray[np.bytes_]) -> Rows:
    """XOR the PIN field (0, length, PIN, Fs) with the PAN field (0000, twelve digits)."""
    length = pins.itemsize
    if length not in _PIN_LENGTHS:
        raise ValueError("a PIN block must have a PIN of 4 to 12 digits")
    nibbles = np.full((pans.size, _BLOCK_NIBBLES), 0xF, dtype=np.uint8)
    nibbles[:, :2] = 0, length
    nibbles[:, 2 : 2 + length] = digit_values(rows(pins))
    # A PAN of 12 digits has one less than asked for: what is missing on the left is zero.
    account = digit_values(rows(pans)[:, -_PAN_DIGITS - 1 : -1])
    nibbles[:, -account.shape[1] :] ^= account
    return pack(nibbles)
