import pytest

from generation.kernel.keys import RangeKeys, derive
from generation.kernel.spec import Profile, RangeSpec
from tests.generation.kernel import reference
from tests.generation.kernel.cards import MASTER_KEY, SPECS, spec_of

KEYS = derive(MASTER_KEY, iin="400000", pan_length=16)


def test_keys_agree_with_the_reference() -> None:
    assert KEYS.permutation == reference.hkdf(MASTER_KEY, b"cardgen/1/permutation/400000/16", 32)
    assert KEYS.fields == reference.hkdf(MASTER_KEY, b"cardgen/1/fields/400000/16", 32)


def test_check_value_is_three_bytes_of_the_encrypted_zero_block() -> None:
    key = reference.hkdf(MASTER_KEY, b"cardgen/1/check value/400000/16", 32)
    assert KEYS.check_value == reference.aes(key, bytes(16))[:3].hex().upper()


def test_every_range_and_purpose_has_its_own_key() -> None:
    keys = [key for spec in SPECS for key in (spec.keys.permutation, spec.keys.fields)]
    assert len(set(keys)) == 2 * len(SPECS)


def test_another_master_key_shows_in_the_check_value() -> None:
    other = derive(bytes(32), iin="400000", pan_length=16)
    assert other.check_value != KEYS.check_value


@pytest.mark.parametrize("shown", [KEYS, spec_of("400000", 16)])
def test_keys_never_appear_in_repr(shown: object) -> None:
    for key in (KEYS.permutation, KEYS.fields):
        assert repr(key) not in repr(shown)
        assert key.hex() not in repr(shown).lower()
    assert KEYS.check_value in repr(shown)


@pytest.mark.parametrize("size", [0, 16, 31, 33])
def test_master_key_of_another_size_is_refused(size: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        derive(bytes(size), iin="400000", pan_length=16)


def test_range_keys_of_another_size_are_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        RangeKeys(permutation=bytes(32), fields=bytes(16), check_value="000000")


def test_sizes_of_a_long_range() -> None:
    spec = spec_of("400000", 16)
    sizes = (spec.free_digits, spec.capacity, spec.window_slots, spec.windows)
    assert sizes == (9, 10**9, 10**6, 1000)


def test_sizes_of_a_short_range() -> None:
    spec = spec_of("00000000", 12)
    sizes = (spec.free_digits, spec.capacity, spec.window_slots, spec.windows)
    assert sizes == (3, 1000, 1000, 1)


@pytest.mark.parametrize(
    ("iin", "pan_length", "cvv_length"),
    [
        ("40000", 16, 3),
        ("4000000", 16, 3),
        ("400000000", 16, 3),
        ("40000x", 16, 3),
        ("40000٨", 16, 3),
        ("", 16, 3),
        ("400000", 11, 3),
        ("400000", 20, 3),
        ("400000", 16, 2),
        ("400000", 16, 5),
    ],
)
def test_impossible_range_is_refused(iin: str, pan_length: int, cvv_length: int) -> None:
    with pytest.raises(ValueError, match="must"):
        RangeSpec(iin=iin, pan_length=pan_length, keys=KEYS, cvv_length=cvv_length)


@pytest.mark.parametrize(
    "wrong",
    [
        {"months": 0},
        {"first_month": -1},
        {"first_month": 10_000 * 12},
        {"cvv": "12"},
        {"cvv": "12345"},
        {"cvv": "12x"},
        {"cvv": "12٨"},
        {"cardholder_name": "X"},
        {"cardholder_name": "X" * 27},
        {"cardholder_name": "ZOË"},
        {"cardholder_name": "A\nB"},
    ],
)
def test_impossible_profile_is_refused(wrong: dict[str, int | str]) -> None:
    with pytest.raises(ValueError, match="must"):
        Profile(**{"first_month": 24_000, "months": 12, **wrong})
