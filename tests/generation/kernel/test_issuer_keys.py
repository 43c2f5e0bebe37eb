import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from psec import des as psec_des

from generation.kernel import des
from generation.kernel.issuer_keys import IssuerKeys, derive_issuer_keys
from tests.generation.kernel import reference
from tests.generation.kernel.cards import MASTER_KEY, RANGES

KEYS = derive_issuer_keys(MASTER_KEY, iin="400000", pan_length=16)
NAMES = ("cvk", "pvk", "zpk")

# psec asks for triple DES in ways that cryptography no longer likes; the kernel does not.
OLD_WAYS = "ignore::cryptography.utils.CryptographyDeprecationWarning"


@pytest.mark.filterwarnings(OLD_WAYS)
@settings(deadline=None)
@given(size=st.sampled_from([8, 16]), data=st.data())
def test_des_agrees_with_psec(size: int, data: st.DataObject) -> None:
    key = data.draw(st.binary(min_size=size, max_size=size))
    blocks = data.draw(st.lists(st.binary(min_size=8, max_size=8), min_size=1, max_size=4))
    rows = np.frombuffer(b"".join(blocks), dtype=np.uint8).reshape(-1, 8)
    expected = [psec_des.encrypt_tdes_ecb(key, block) for block in blocks]
    assert des.encrypt_blocks(key, rows).tobytes() == b"".join(expected)


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("0123456789ABCDEF", "D5D44F"),
        ("0123456789ABCDEFFEDCBA9876543210", "08D7B4"),
    ],
)
def test_published_check_value(key: str, expected: str) -> None:
    assert des.check_value(bytes.fromhex(key)) == expected


@pytest.mark.filterwarnings(OLD_WAYS)
@settings(deadline=None)
@given(key=st.binary(min_size=16, max_size=16))
def test_check_value_agrees_with_psec(key: bytes) -> None:
    assert des.check_value(key) == psec_des.generate_kcv(key, 3).hex().upper()


@pytest.mark.filterwarnings(OLD_WAYS)
@settings(deadline=None)
@given(key=st.binary(max_size=32))
def test_parity_agrees_with_psec(key: bytes) -> None:
    assert des.with_odd_parity(key) == psec_des.adjust_key_parity(key)


@pytest.mark.parametrize("size", [0, 7, 24, 32])
def test_des_key_of_another_size_is_refused(size: int) -> None:
    with pytest.raises(ValueError, match="8 or 16 bytes"):
        des.encrypt_blocks(bytes(size), np.zeros((1, 8), dtype=np.uint8))


@pytest.mark.parametrize("name", NAMES)
def test_keys_agree_with_the_reference(name: str) -> None:
    info = f"cardgen/1/issuer/{name}/400000/16".encode()
    expected = psec_des.adjust_key_parity(reference.hkdf(MASTER_KEY, info, 16))
    assert getattr(KEYS, name) == expected


@pytest.mark.parametrize("name", NAMES)
def test_keys_have_odd_parity_and_two_halves(name: str) -> None:
    key = getattr(KEYS, name)
    assert all(byte.bit_count() % 2 for byte in key)
    assert key[:8] != key[8:]


def test_every_range_and_purpose_has_its_own_key() -> None:
    every = [derive_issuer_keys(MASTER_KEY, iin=row[0], pan_length=row[1]) for row in RANGES]
    keys = {getattr(keys, name) for keys in every for name in NAMES}
    assert len(keys) == 3 * len(RANGES)


@pytest.mark.filterwarnings(OLD_WAYS)
def test_check_values_are_those_of_the_keys_and_their_halves() -> None:
    parts = {"cvk": KEYS.cvk, "pvk": KEYS.pvk, "zpk": KEYS.zpk}
    parts |= {"cvk_a": KEYS.cvk[:8], "cvk_b": KEYS.cvk[8:]}
    parts |= {"pvk_a": KEYS.pvk[:8], "pvk_b": KEYS.pvk[8:]}
    expected = {name: psec_des.generate_kcv(key, 3).hex().upper() for name, key in parts.items()}
    assert KEYS.check_values == expected


def test_keys_never_appear_in_repr() -> None:
    for name in NAMES:
        key = getattr(KEYS, name)
        assert repr(key) not in repr(KEYS)
        assert key.hex() not in repr(KEYS).lower()


@pytest.mark.parametrize("size", [0, 16, 33])
def test_master_key_of_another_size_is_refused(size: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        derive_issuer_keys(bytes(size), iin="400000", pan_length=16)


@pytest.mark.parametrize("name", NAMES)
def test_issuer_key_of_another_size_is_refused(name: str) -> None:
    keys = dict.fromkeys(NAMES, bytes(16)) | {name: bytes(24)}
    with pytest.raises(ValueError, match="16 bytes"):
        IssuerKeys(**keys)
