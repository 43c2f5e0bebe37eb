"""The keyed permutation between slots and payloads (a PAN without its check digit)."""

from collections.abc import Collection
from functools import lru_cache

import numpy as np
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from numpy.typing import NDArray

from generation.kernel.ff1 import Ff1, Ff1PerRow
from generation.kernel.spec import RangeSpec


def payloads(
    spec: RangeSpec, *, slots: NDArray[np.int64], sequential: bool = False
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Give the payloads of N slots as bases (IIN and window) and tails: payload = base + tail.

    :param sequential: count up within the window instead of permuting it
    :returns: N bases, or ONE if all slots are in one window; N tails below the window size
    :raises ValueError: if a slot is outside [0, capacity)
    """
    blocks, offsets = _blocks(spec, slots)
    factor, shift = window_map(spec.keys.permutation, windows=spec.windows)
    # Factor and block are below 10^6, so the product is far from the end of int64.
    windows = (blocks * factor + shift) % spec.windows
    tails = offsets if sequential else _cipher(spec, windows).encrypt(offsets)
    return (windows + int(spec.iin) * spec.windows) * spec.window_slots, tails


def slots_of_payloads(
    spec: RangeSpec,
    *,
    payloads: NDArray[np.int64],
    sequential_windows: Collection[int] = (),
) -> NDArray[np.int64]:
    """Find the slots of N payloads (base + tail), all of which must begin with the IIN.

    :param sequential_windows: those minted in sequence, each as slot // window size
    :raises ValueError: if one does not
    """
    windows, tails = _blocks(spec, payloads - int(spec.iin) * spec.capacity)
    factor, shift = window_map(spec.keys.permutation, windows=spec.windows)
    blocks = (windows - shift) % spec.windows * pow(factor, -1, spec.windows) % spec.windows
    offsets = _cipher(spec, windows).decrypt(tails)
    if sequential_windows:
        offsets = np.where(np.isin(blocks, list(sequential_windows)), tails, offsets)
    return blocks * spec.window_slots + offsets


@lru_cache(maxsize=256)
def window_map(key: bytes, *, windows: int) -> tuple[int, int]:
    """Derive (a, b) of the window map block -> (a * block + b) mod W, a coprime to W.

    :param windows: W, a power of ten from 1 to 10^6
    """
    # 16 bytes against at most 10^6 windows: the bias of the remainder is below 2^-43.
    material = HKDFExpand(algorithm=SHA256(), length=16, info=b"cardgen/1/windows").derive(key)
    first, second = int.from_bytes(material[:8], "big"), int.from_bytes(material[8:], "big")
    if windows == 1:
        return 1, 0
    # Coprime to 2 and 5, the only primes of W: the last digit is 1, 3, 7 or 9.
    tens, last = divmod(first % (windows // 10 * 4), 4)
    return tens * 10 + (1, 3, 7, 9)[last], second % windows


def _blocks(
    spec: RangeSpec, positions: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Split positions by window: (window numbers, offsets); ONE number if all are in one."""
    if not positions.size:
        return positions[:1], positions
    lowest, highest = int(positions.min()), int(positions.max())
    if lowest < 0 or highest >= spec.capacity:
        raise ValueError(f"slots must be within 0 and {spec.capacity - 1}")
    if lowest // spec.window_slots == highest // spec.window_slots:
        numbers = np.array([lowest // spec.window_slots], dtype=np.int64)
    else:
        numbers = positions // spec.window_slots
    return numbers, positions - numbers * spec.window_slots


def _cipher(spec: RangeSpec, windows: NDArray[np.int64]) -> Ff1 | Ff1PerRow:
    """Choose the tables for one window, or a tweak per row for several."""
    key, digits = spec.keys.permutation, spec.tail_digits
    if windows.size == 1:
        return _tables(key, digits, int(windows[0]))
    return Ff1PerRow(key, digits=digits, tweaks=windows)


@lru_cache(maxsize=128)  # at most 20 kB each
def _tables(key: bytes, digits: int, window: int) -> Ff1:
    return Ff1(key, digits=digits, tweak=window.to_bytes(4, "big"))
