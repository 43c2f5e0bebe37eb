"""The ten-round Feistel network of NIST SP 800-38G FF1, radix 10, over arrays of numbers."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

ROUNDS = 10

# Two bytes hold a half of four digits and are twice as fast as four bytes.
Half = NDArray[np.unsignedinteger[Any]]
RoundFunction = Callable[[int, Half], Half]  # (round, half) -> numbers below the round's modulus


class Halves:
    """How FF1 splits a number of 2 to 10 digits: the right half has the odd digit.

    In the standard's letters: `left_digits` u, `right_modulus` 10^v, `number_bytes` b and
    `moduli` 10^m of each round, m alternating between u and v.

    :raises ValueError: outside 2 to 10 digits
    """

    __slots__ = ("digits", "dtype", "left_digits", "moduli", "number_bytes", "right_modulus")

    def __init__(self, digits: int) -> None:
        if not 2 <= digits <= 10:
            raise ValueError("FF1 is done here for 2 to 10 digits")
        self.digits = digits
        self.left_digits = digits // 2
        self.right_modulus = 10 ** (digits - self.left_digits)
        self.number_bytes = ((self.right_modulus - 1).bit_length() + 7) // 8
        # The smallest type that holds the sum of two halves.
        self.dtype = np.dtype(np.uint16 if self.right_modulus <= 10_000 else np.uint32)
        pair = np.array([10**self.left_digits, self.right_modulus], dtype=self.dtype)
        self.moduli = tuple(pair) * (ROUNDS // 2)


def encrypt(
    values: NDArray[np.int64], *, halves: Halves, round_function: RoundFunction
) -> NDArray[np.int64]:
    """Run the rounds forward (SP 800-38G algorithm 7, step 6).

    :raises ValueError: if a number is outside [0, 10^digits)
    """
    left, right = _split(values, halves)
    for number, modulus in enumerate(halves.moduli):
        total = left + round_function(number, right)
        # Unsigned wrap-around makes the minimum a reduction: four times as fast as %.
        left, right = right, np.minimum(total, total - modulus)
    return _join(left, right, halves)


def decrypt(
    values: NDArray[np.int64], *, halves: Halves, round_function: RoundFunction
) -> NDArray[np.int64]:
    """Run the rounds backward (SP 800-38G algorithm 8, step 6).

    :raises ValueError: if a number is outside [0, 10^digits)
    """
    left, right = _split(values, halves)
    for number in reversed(range(ROUNDS)):
        rest = right - round_function(number, left)
        left, right = np.minimum(rest, rest + halves.moduli[number]), left
    return _join(left, right, halves)


def _split(values: NDArray[np.int64], halves: Halves) -> tuple[Half, Half]:
    # As unsigned, a negative number is huge: one comparison for both ends.
    if values.size and values.astype(np.uint64).max() >= 10**halves.digits:
        raise ValueError(f"FF1 takes numbers of {halves.digits} digits here")
    left = values // halves.right_modulus
    right = values - left * halves.right_modulus
    return left.astype(halves.dtype), right.astype(halves.dtype)


def _join(left: Half, right: Half, halves: Halves) -> NDArray[np.int64]:
    joined: NDArray[np.int64] = left.astype(np.int64) * halves.right_modulus + right
    return joined
