import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from psec import des as psec_des
from psec.pin import generate_visa_pvv
from psec.pinblock import encode_pinblock_iso_0

from generation.kernel.issuer_keys import IssuerKeys
from generation.kernel.pins import clear_pin_blocks, encrypted_pin_blocks, pvvs
from tests.generation.kernel import reference_fields

DIGITS = "0123456789"
KEY = st.binary(min_size=16, max_size=16)
# psec wants at least 13 digits for a PIN block.
PAN = st.integers(13, 19).flatmap(lambda size: st.text(DIGITS, min_size=size, max_size=size))
PIN = st.integers(4, 12).flatmap(lambda size: st.text(DIGITS, min_size=size, max_size=size))

# psec asks for triple DES in ways that cryptography no longer likes; the kernel does not.
OLD_WAYS = "ignore::cryptography.utils.CryptographyDeprecationWarning"


def keys(*, pvk: bytes = bytes(16), zpk: bytes = bytes(16)) -> IssuerKeys:
    return IssuerKeys(cvk=bytes(16), pvk=pvk, zpk=zpk)


def column(*texts: str) -> np.ndarray:
    return np.array([text.encode() for text in texts])


@pytest.mark.parametrize(
    ("pvk", "pan", "pin", "pvv"),
    [
        # Test suite of cardutil.
        ("5CA64B3C22BEC347CA7E6609904BAAED", "4564320000980369", "2205", "3856"),
    ],
)
def test_published_pvv(pvk: str, pan: str, pin: str, pvv: str) -> None:
    values = pvvs(keys(pvk=bytes.fromhex(pvk)), pans=column(pan), pins=column(pin))
    assert values.tolist() == [pvv.encode()]


@pytest.mark.filterwarnings(OLD_WAYS)
@settings(deadline=None)
@given(pvk=KEY, pan=PAN, pin=PIN)
def test_pvv_agrees_with_psec(pvk: bytes, pan: str, pin: str) -> None:
    values = pvvs(keys(pvk=pvk), pans=column(pan), pins=column(pin))
    assert values.tolist() == [generate_visa_pvv(pvk, "1", pin[:4], pan).encode()]


def test_many_pvvs_agree_with_the_naive_rule() -> None:
    pvk, numbers = bytes(range(16)), range(0, 10**6, 331)
    pans = [f"4000{number:012d}" for number in numbers]
    pins = [f"{number % 10_000:04d}" for number in numbers]
    values = pvvs(keys(pvk=pvk), pans=column(*pans), pins=column(*pins))
    naive = [reference_fields.pvv(pvk, *row).encode() for row in zip(pans, pins, strict=True)]
    assert values.tolist() == naive


@pytest.mark.parametrize(
    ("pan", "pin", "block"),
    [
        # One widely published, no original source at hand, and that of cardutil's documentation.
        ("43219876543210987", "1234", "0412AC89ABCDEF67"),
        ("1111222233334444", "1234", "041226DDDCCCCBBB"),
    ],
)
def test_published_pin_block(pan: str, pin: str, block: str) -> None:
    assert clear_pin_blocks(pans=column(pan), pins=column(pin)).tolist() == [block.encode()]


@pytest.mark.filterwarnings(OLD_WAYS)
@settings(deadline=None)
@given(pan=PAN, pin=PIN)
def test_clear_pin_block_agrees_with_psec(pan: str, pin: str) -> None:
    blocks = clear_pin_blocks(pans=column(pan), pins=column(pin))
    assert blocks.tolist() == [encode_pinblock_iso_0(pin, pan).hex().upper().encode()]


@pytest.mark.filterwarnings(OLD_WAYS)
@settings(deadline=None)
@given(zpk=KEY, pan=PAN, pin=PIN)
def test_encrypted_pin_block_agrees_with_psec(zpk: bytes, pan: str, pin: str) -> None:
    blocks = encrypted_pin_blocks(keys(zpk=zpk), pans=column(pan), pins=column(pin))
    expected = psec_des.encrypt_tdes_ecb(zpk, encode_pinblock_iso_0(pin, pan))
    assert blocks.tolist() == [expected.hex().upper().encode()]


def test_pan_of_twelve_digits_is_filled_up_with_a_zero() -> None:
    blocks = clear_pin_blocks(pans=column("123456789012"), pins=column("1234"))
    assert blocks.tolist() == [f"{0x041234FFFFFFFFFF ^ 0x12345678901:016X}".encode()]


@pytest.mark.parametrize("pin", ["123", "1" * 13])
def test_pin_of_another_length_is_refused(pin: str) -> None:
    with pytest.raises(ValueError, match="4 to 12"):
        clear_pin_blocks(pans=column("4" * 16), pins=column(pin))


@pytest.mark.parametrize(("pan", "pin"), [("4" * 14 + "A4", "1234"), ("4" * 16, "123A")])
def test_letters_are_refused(pan: str, pin: str) -> None:
    with pytest.raises(ValueError, match="ASCII digits"):
        clear_pin_blocks(pans=column(pan), pins=column(pin))
    with pytest.raises(ValueError, match="ASCII digits"):
        pvvs(keys(), pans=column(pan), pins=column(pin))
