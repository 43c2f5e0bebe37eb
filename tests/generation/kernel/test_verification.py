import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from generation.kernel.formats import ExpiryForm
from generation.kernel.issuer_keys import IssuerKeys
from generation.kernel.verification import chip_cvvs, printed_cvvs, stripe_cvvs
from tests.generation.kernel import reference_fields

DIGITS = "0123456789"
KEY = st.binary(min_size=16, max_size=16)
PAN = st.integers(12, 19).flatmap(lambda size: st.text(DIGITS, min_size=size, max_size=size))
MONTH = st.integers(2000 * 12, 2099 * 12 + 11)
SERVICE = st.text(DIGITS, min_size=3, max_size=3)

# psec asks for triple DES in ways that cryptography no longer likes; the kernel does not.
OLD_WAYS = "ignore::cryptography.utils.CryptographyDeprecationWarning"


def keys(cvk: bytes) -> IssuerKeys:
    return IssuerKeys(cvk=cvk, pvk=bytes(16), zpk=bytes(16))


def column(*texts: str) -> np.ndarray:
    return np.array([text.encode() for text in texts])


def months(*numbers: int) -> np.ndarray:
    return np.array(numbers, dtype=np.int32)


def yymm(month: int) -> str:
    return f"{month // 12 % 100:02d}{month % 12 + 1:02d}"


@pytest.mark.parametrize(
    ("cvk", "pan", "month", "service", "cvv"),
    [
        # Widely published; no original source at hand.
        ("0123456789ABCDEFFEDCBA9876543210", "4123456789012345", 1987 * 12, "101", "561"),
        # Documentation of psec.
        ("0123456789ABCDEFFEDCBA9876543210", "1234567890123456", 1999 * 12 + 11, "220", "170"),
    ],
)
def test_published_stripe_value(cvk: str, pan: str, month: int, service: str, cvv: str) -> None:
    values = stripe_cvvs(
        keys(bytes.fromhex(cvk)),
        pans=column(pan),
        expiry_months=months(month),
        service_codes=column(service),
    )
    assert values.tolist() == [cvv.encode()]


@pytest.mark.filterwarnings(OLD_WAYS)
@settings(deadline=None)
@given(cvk=KEY, pan=PAN, month=MONTH, service=SERVICE)
def test_stripe_value_agrees_with_psec(cvk: bytes, pan: str, month: int, service: str) -> None:
    values = stripe_cvvs(
        keys(cvk), pans=column(pan), expiry_months=months(month), service_codes=column(service)
    )
    assert values.tolist() == [
        reference_fields.cvv_by_psec(cvk, pan, yymm(month), service).encode()
    ]


@pytest.mark.filterwarnings(OLD_WAYS)
@settings(deadline=None)
@given(cvk=KEY, pan=PAN, month=MONTH)
@example(cvk=bytes(range(16)), pan="4000000000060475", month=2030 * 12)  # two digits in all
def test_printed_value_agrees_with_psec(cvk: bytes, pan: str, month: int) -> None:
    values = printed_cvvs(keys(cvk), pans=column(pan), expiry_months=months(month))
    assert values.tolist() == [reference_fields.cvv_by_psec(cvk, pan, yymm(month), "000").encode()]


@pytest.mark.filterwarnings(OLD_WAYS)
@settings(deadline=None)
@given(cvk=KEY, pan=PAN, month=MONTH)
def test_printed_value_takes_the_month_first_on_demand(cvk: bytes, pan: str, month: int) -> None:
    values = printed_cvvs(
        keys(cvk), pans=column(pan), expiry_months=months(month), form=ExpiryForm.MMYY
    )
    expiry = yymm(month)[2:] + yymm(month)[:2]
    assert values.tolist() == [reference_fields.cvv_by_psec(cvk, pan, expiry, "000").encode()]


@pytest.mark.filterwarnings(OLD_WAYS)
@settings(deadline=None)
@given(cvk=KEY, pan=PAN, month=MONTH)
def test_chip_value_agrees_with_psec(cvk: bytes, pan: str, month: int) -> None:
    values = chip_cvvs(keys(cvk), pans=column(pan), expiry_months=months(month))
    assert values.tolist() == [reference_fields.cvv_by_psec(cvk, pan, yymm(month), "999").encode()]


def test_many_rows_agree_with_the_naive_rule() -> None:
    key, pans = bytes(range(16)), [f"4000{number:012d}" for number in range(0, 10**6, 997)]
    values = chip_cvvs(keys(key), pans=column(*pans), expiry_months=months(*[24_000] * len(pans)))
    expected = [reference_fields.cvv(key, pan, "0001", "999").encode() for pan in pans]
    assert values.tolist() == expected


@pytest.mark.parametrize("form", [ExpiryForm.PRINTED, ExpiryForm.ISO])
def test_expiry_that_is_not_four_digits_is_refused(form: ExpiryForm) -> None:
    with pytest.raises(ValueError, match="YYMM or MMYY"):
        printed_cvvs(keys(bytes(16)), pans=column("4" * 16), expiry_months=months(1), form=form)


def test_pan_with_a_letter_is_refused() -> None:
    with pytest.raises(ValueError, match="ASCII digits"):
        chip_cvvs(keys(bytes(16)), pans=column("4" * 15 + "A"), expiry_months=months(1))


def test_no_cards_have_no_values() -> None:
    assert chip_cvvs(keys(bytes(16)), pans=column("4" * 16)[:0], expiry_months=months()).size == 0
