"""Tokens stand for PANs, and only who has the key can turn them back."""

import numpy as np
import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given
from hypothesis import strategies as st

from uniqueness.cache import cache_keys, pans_of, tokens

pans = st.text("0123456789", min_size=1, max_size=19)


@given(st.lists(pans, max_size=30))
def test_tokens_turn_back_into_the_numbers(texts):
    column = np.array(texts, dtype="S19")
    assert pans_of(tokens(column)).astype(str).tolist() == texts


@given(st.lists(pans, min_size=2, max_size=30, unique=True))
def test_different_numbers_have_different_tokens(texts):
    assert len(set(tokens(np.array(texts, dtype="S19")).tolist())) == len(texts)


@pytest.mark.parametrize("pan", ["0" * 19, "9" * 19, "000000000000", "4111111111111111", "7"])
def test_a_token_is_one_aes_block_of_length_and_value(pan):
    encryptor = Cipher(algorithms.AES(cache_keys().token), modes.ECB()).encryptor()
    block = len(pan).to_bytes(8, "big") + int(pan).to_bytes(8, "big")
    assert tokens(np.array([pan], dtype="S25")).tolist() == [encryptor.update(block)]


def test_the_width_of_the_column_says_nothing():
    assert tokens(np.array([b"4111"], "S4")) == tokens(np.array([b"4111"], "S30"))


def test_another_master_key_gives_other_tokens(settings):
    column = np.array([b"4111111111111111"])
    before = tokens(column)
    settings.CARDGEN_MASTER_KEY = bytes(32)
    assert tokens(column) != before
    assert pans_of(before).tolist() == [b""]


def test_what_is_no_token_is_no_number():
    foreign = np.frombuffer(bytes(range(160)), dtype="V16")
    assert pans_of(foreign).tolist() == [b""] * 10


def test_a_length_that_does_not_fit_the_value_is_no_number():
    encryptor = Cipher(algorithms.AES(cache_keys().token), modes.ECB()).encryptor()
    blocks = [(0, 0), (1, 10), (18, 10**18), (19, 10**19), (20, 1), (2**63, 1), (2, 99)]
    plain = b"".join(part.to_bytes(8, "big") for block in blocks for part in block)
    found = pans_of(np.frombuffer(encryptor.update(plain), dtype="V16"))
    assert found.tolist() == [b""] * 6 + [b"99"]


@pytest.mark.parametrize(
    "bad", [b"", b"4" * 20, b"411 1", b"4111x", b"-411", b"+411", b"4_11", b"4\x001", b"\xd9\xa1"]
)
def test_anything_but_digits_is_refused_without_being_quoted(bad):
    with pytest.raises(ValueError, match="a number must") as refused:
        tokens(np.array([b"4111111111111111", bad], dtype="S20"))
    assert "4111" not in str(refused.value)
