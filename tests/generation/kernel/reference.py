"""A slow second opinion, written from the standards with Python integers; shares no kernel code."""

import hashlib
import hmac

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes


def aes(key: bytes, block: bytes) -> bytes:
    return Cipher(algorithms.AES(key), modes.ECB()).encryptor().update(block)


def prf(key: bytes, message: bytes) -> bytes:
    state = bytes(16)
    for start in range(0, len(message), 16):
        block = message[start : start + 16]
        state = aes(key, bytes(x ^ y for x, y in zip(state, block, strict=True)))
    return state


def ff1_encrypt(key: bytes, tweak: bytes, text: str) -> str:
    """SP 800-38G algorithm 7, step by step, radix 10."""
    n, t = len(text), len(tweak)
    u = n // 2
    v = n - u
    a, b = text[:u], text[u:]
    bits = (10**v - 1).bit_length()
    size = -(-bits // 8)
    d = 4 * -(-size // 4) + 4
    p = b"\x01\x02\x01" + (10).to_bytes(3, "big") + bytes([10, u % 256])
    p += n.to_bytes(4, "big") + t.to_bytes(4, "big")
    for i in range(10):
        q = tweak + bytes((-t - size - 1) % 16) + bytes([i]) + int(b).to_bytes(size, "big")
        y = int.from_bytes(prf(key, p + q)[:d], "big")
        m = u if i % 2 == 0 else v
        c = (int(a) + y) % 10**m
        a, b = b, str(c).zfill(m)
    return a + b


def hkdf(secret: bytes, info: bytes, length: int) -> bytes:
    """RFC 5869 without salt."""
    return expand(hmac.digest(bytes(32), secret, hashlib.sha256), info, length)


def expand(prk: bytes, info: bytes, length: int) -> bytes:
    output = block = b""
    counter = 1
    while len(output) < length:
        block = hmac.digest(prk, block + info + bytes([counter]), hashlib.sha256)
        output += block
        counter += 1
    return output[:length]


def luhn_total(digits: str) -> int:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total


def check_digit(payload: str) -> str:
    return next(str(digit) for digit in range(10) if luhn_total(f"{payload}{digit}") % 10 == 0)


def window_of(key: bytes, block: int, windows: int) -> int:
    material = expand(key, b"cardgen/1/windows", 16)
    units = [unit for unit in range(windows) if unit % 2 and unit % 5]
    if windows == 1:
        return 0
    factor = units[int.from_bytes(material[:8], "big") % len(units)]
    return (factor * block + int.from_bytes(material[8:], "big")) % windows


def pan(master: bytes, iin: str, length: int, slot: int) -> str:
    key = hkdf(master, f"cardgen/1/permutation/{iin}/{length}".encode(), 32)
    free = length - len(iin) - 1
    tail_digits = min(free, 6)
    block, offset = divmod(slot, 10**tail_digits)
    window = window_of(key, block, 10 ** (free - tail_digits))
    tail = ff1_encrypt(key, window.to_bytes(4, "big"), str(offset).zfill(tail_digits))
    payload = iin + (str(window).zfill(free - 6) if free > 6 else "") + tail
    return payload + check_digit(payload)


def words(master: bytes, iin: str, length: int, slot: int) -> list[int]:
    key = hkdf(master, f"cardgen/1/fields/{iin}/{length}".encode(), 32)
    block = aes(key, slot.to_bytes(8, "big") + bytes(8))
    return [int.from_bytes(block[start : start + 4], "big") for start in range(0, 16, 4)]
