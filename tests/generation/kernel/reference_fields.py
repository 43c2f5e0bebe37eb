"""A slow second opinion on tracks and issuer values, from the standards; no kernel code in it."""

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from psec.cvv import generate_cvv

from tests.generation.kernel import reference

TRACK1 = [chr(code) for code in range(0x20, 0x60)]
TRACK2 = list("0123456789:;<=>?")


def des(key: bytes, block: bytes) -> bytes:
    return Cipher(TripleDES((key + key + key)[:24]), modes.ECB()).encryptor().update(block)


def lrc(record: str, alphabet: list[str]) -> str:
    """Give the character that makes the ones in each bit of the whole record even in number."""
    width = (len(alphabet) - 1).bit_length()
    ones = [sum(alphabet.index(char) >> bit & 1 for char in record) for bit in range(width)]
    return alphabet[sum((count % 2) << bit for bit, count in enumerate(ones))]


def track1(pan: str, name: str, expiry: str, service: str, discretionary: str) -> str:
    words = name.split(" ")
    written = f"{words[-1]}/{' '.join(words[:-1])}"
    record = f"%B{pan}^{written:26}^{expiry}{service}{discretionary}?"
    return record + lrc(record, TRACK1)


def track2(pan: str, expiry: str, service: str, discretionary: str) -> str:
    record = f";{pan}={expiry}{service}{discretionary}?"
    return record + lrc(record, TRACK2)


def tag57(pan: str, expiry: str, service: str, discretionary: str) -> str:
    text = f"{pan}D{expiry}{service}{discretionary}"
    return text + "F" * (len(text) % 2)


def decimals(block: bytes, count: int) -> str:
    text = block.hex()
    found = [char for char in text if char in "0123456789"]
    found += [str("abcdef".index(char)) for char in text if char in "abcdef"]
    return "".join(found[:count])


def cvv(cvk: bytes, pan: str, expiry: str, service: str) -> str:
    data = bytes.fromhex((pan + expiry + service).ljust(32, "0"))
    first = des(cvk[:8], data[:8])
    second = bytes(x ^ y for x, y in zip(first, data[8:], strict=True))
    return decimals(des(cvk, second), 3)


def cvv_by_psec(cvk: bytes, pan: str, expiry: str, service: str) -> str:
    """Give psec's value; where digits are too few (1 in 18,000) letters follow, and psec stops."""
    told = generate_cvv(cvk, pan, expiry, service)
    return told + cvv(cvk, pan, expiry, service)[len(told) :]


def pvv(pvk: bytes, pan: str, pin: str) -> str:
    return decimals(des(pvk, bytes.fromhex(pan[-12:-1] + "1" + pin[:4])), 4)


def words(master: bytes, iin: str, length: int, slot: int, low: int) -> list[int]:
    """Give the four words of the AES block (slot, low)."""
    key = reference.hkdf(master, f"cardgen/1/fields/{iin}/{length}".encode(), 32)
    block = reference.aes(key, slot.to_bytes(8, "big") + low.to_bytes(8, "big"))
    return [int.from_bytes(block[start : start + 4], "big") for start in range(0, 16, 4)]
