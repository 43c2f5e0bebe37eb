"""Card verification values by the algorithm that Visa (CVV) and Mastercard (CVC) share.

Three values differ by service code: the stripe's own, 000 (CVV2, CVC2), 999 (iCVV, chip CVC).

The order of the expiry date is not part of the algorithm. The stripe and the chip carry YYMM
(ISO/IEC 7813), so values verified against them take YYMM. For CVV2 it is the issuer's choice:
usually YYMM, sometimes MMYY as printed on the card; hence the parameter, and a field for each.

American Express has published no algorithm for its four-digit CID, so none is offered: a value
made by this one would look issued and never verify. Such cards keep their `fields.cvvs`.
"""

import numpy as np
from numpy.typing import NDArray

from generation.kernel.des import encrypt_blocks
from generation.kernel.digits import decimalise, digit_values, join, pack
from generation.kernel.formats import ExpiryForm, expiry_texts
from generation.kernel.issuer_keys import IssuerKeys

CVV_DIGITS = 3
_DATA_DIGITS = 32


def stripe_cvvs(
    keys: IssuerKeys,
    *,
    pans: NDArray[np.bytes_],
    expiry_months: NDArray[np.int32],
    service_codes: NDArray[np.bytes_],
) -> NDArray[np.bytes_]:
    """Give N values for the magnetic stripe: Visa CVV, Mastercard CVC 1; expiry as YYMM.

    :raises ValueError: if a PAN or service code has anything but ASCII digits
    """
    expiries = expiry_texts(expiry_months, form=ExpiryForm.YYMM)
    return _values(keys.cvk, pans=pans, expiries=expiries, service=service_codes)


def printed_cvvs(
    keys: IssuerKeys,
    *,
    pans: NDArray[np.bytes_],
    expiry_months: NDArray[np.int32],
    form: ExpiryForm = ExpiryForm.YYMM,
) -> NDArray[np.bytes_]:
    """Give N values for the signature panel: Visa CVV2, Mastercard CVC 2; service code 000.

    :param form: the issuer's order of the expiry date, YYMM or MMYY
    :raises ValueError: if it is another, or a PAN has anything but ASCII digits
    """
    if form not in (ExpiryForm.YYMM, ExpiryForm.MMYY):
        raise ValueError("the expiry date must be taken as YYMM or MMYY")
    return _values(
        keys.cvk, pans=pans, expiries=expiry_texts(expiry_months, form=form), service=b"000"
    )


def chip_cvvs(
    keys: IssuerKeys, *, pans: NDArray[np.bytes_], expiry_months: NDArray[np.int32]
) -> NDArray[np.bytes_]:
    """Give N values for the chip's tag 57: Visa iCVV, Mastercard chip CVC; service code 999.

    :raises ValueError: if a PAN has anything but ASCII digits
    """
    expiries = expiry_texts(expiry_months, form=ExpiryForm.YYMM)
    return _values(keys.cvk, pans=pans, expiries=expiries, service=b"999")


def _values(
    cvk: bytes,
    *,
    pans: NDArray[np.bytes_],
    expiries: NDArray[np.bytes_],
    service: bytes | NDArray[np.bytes_],
) -> NDArray[np.bytes_]:
    """Encrypt the first block under key A, XOR the second, encrypt under A and B, decimalise."""
    digits = digit_values(join(pans, expiries, service, count=pans.size))
    padded = np.pad(digits, ((0, 0), (0, _DATA_DIGITS - digits.shape[1])))
    data = pack(padded)
    first = encrypt_blocks(cvk[:8], data[:, :8])
    return decimalise(encrypt_blocks(cvk, first ^ data[:, 8:]), digits=CVV_DIGITS)
