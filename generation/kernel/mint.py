"""Cards from slots and slots from PANs: the kernel's front door."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from generation.kernel.derived import cvvs, expiry_months, field_block, public_cvvs
from generation.kernel.layout import read_pans, write_pans
from generation.kernel.permutation import payloads, slots_of_payloads
from generation.kernel.spec import Profile, RangeSpec


# Arrays have no single truth value, so a generated __eq__ could only raise.
@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cards:
    """N cards, column by column; `expiry_months` count as year * 12 + month - 1."""

    slots: NDArray[np.int64]
    pans: NDArray[np.bytes_]
    expiry_months: NDArray[np.int32]
    cvvs: NDArray[np.bytes_]

    def __len__(self) -> int:
        return self.slots.size

    def take(self, rows: NDArray[np.bool_] | NDArray[np.integer]) -> Self:
        """Pick rows by a mask of N booleans, or by row numbers in the order given."""
        return type(self)(
            slots=self.slots[rows],
            pans=self.pans[rows],
            expiry_months=self.expiry_months[rows],
            cvvs=self.cvvs[rows],
        )

    def sorted_by_pan(self) -> Self:
        """Put the cards in the order of their PANs, as the ledger's index has them."""
        return self.take(np.argsort(read_pans(self.pans)[0]))


def span(first: int, count: int) -> NDArray[np.int64]:
    """Give `count` consecutive slots from `first` on."""
    return np.arange(first, first + count, dtype=np.int64)


def mint(
    spec: RangeSpec, *, slots: NDArray[np.int64], profile: Profile, sequential: bool = False
) -> Cards:
    """Make the card of every slot, in the order given; the slots may lie in any windows.

    :param sequential: PANs count up with the slots inside a window. The other order of the same
        window has the same PANs, so a window must be minted in one of them only, for ever
    :raises ValueError: if a slot is outside [0, capacity), or the profile's CVV has not the
        range's length
    """
    bases, tails = payloads(spec, slots=slots, sequential=sequential)
    block = field_block(spec, slots=slots)
    pans = write_pans(bases, tails, pan_length=spec.pan_length)
    public = spec.cvv_from_pan and profile.cvv is None
    return Cards(
        slots=slots,
        pans=pans,
        expiry_months=expiry_months(spec, slots=slots, profile=profile, block=block),
        cvvs=public_cvvs(pans, length=spec.cvv_length)
        if public
        else cvvs(spec, slots=slots, profile=profile, block=block),
    )


def slots_of(
    spec: RangeSpec,
    *,
    pans: Sequence[str] | NDArray[np.bytes_],
    sequential_windows: Collection[int] = (),
) -> NDArray[np.int64]:
    """Find the slots of N PANs by arithmetic: the inverse of `mint`, issued or not.

    :param sequential_windows: those minted in sequence, each as slot // window size
    :returns: N slots, -1 where the PAN is not of this range: other length or IIN, characters
        that are not ASCII digits, wrong check digit
    """
    numbers, valid = read_pans(_of_length(pans, spec.pan_length))
    valid &= numbers // spec.capacity == int(spec.iin)
    slots = np.full(numbers.size, -1, dtype=np.int64)
    slots[valid] = slots_of_payloads(
        spec, payloads=numbers[valid], sequential_windows=sequential_windows
    )
    return slots


def _of_length(pans: Sequence[str] | NDArray[np.bytes_], length: int) -> NDArray[np.bytes_]:
    """Give PANs as S{length}, those of another length or not ASCII as something invalid."""
    if not isinstance(pans, np.ndarray):
        fitting = [pan if len(pan) == length and pan.isascii() else "-" * length for pan in pans]
        return np.frombuffer("".join(fitting).encode(), dtype=f"S{length}")
    # Padding or cutting to the length leaves a NUL in short ones; longer ones are struck out.
    cut = np.ascontiguousarray(pans, dtype=f"S{length}")
    if pans.itemsize <= length:
        return cut
    return np.where(np.strings.str_len(pans) > length, b"-", cut).astype(f"S{length}")
