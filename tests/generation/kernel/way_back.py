"""From a spoiled PAN back to its slot, in plain Python: what `spoil` must leave possible."""

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray
from stdnum import luhn

from generation.kernel.defects import Defect, _spoiled, require_possible
from generation.kernel.mint import slots_of
from generation.kernel.spec import RangeSpec

_DIGITS = str.maketrans("OIZEASGTBQ", "0123456789")


def slots_of_spoiled(
    spec: RangeSpec,
    *,
    pans: list[str] | NDArray[np.bytes_],
    defect: Defect,
    stand_in: int,
    sequential_windows: Collection[int] = (),
) -> NDArray[np.int64]:
    """Find the slots of N PANs with this defect; -1 where `spoil` makes no such PAN there."""
    require_possible(spec, defect=defect, stand_in=stand_in)
    given = [pan.decode("latin-1") if isinstance(pan, bytes) else pan for pan in pans]
    texts = [_good(spec, pan, defect) for pan in given]
    good = np.array([text.encode() for text in texts], dtype=f"S{spec.pan_length}")
    slots = slots_of(spec, pans=good, sequential_windows=sequential_windows)
    ours = np.flatnonzero(slots >= 0)
    again = _spoiled(spec, pans=good[ours], slots=slots[ours], defect=defect, stand_in=stand_in)
    for place, text in zip(ours.tolist(), again.tolist(), strict=True):
        if text.decode() != given[place]:
            slots[place] = -1
    return slots


def _good(spec: RangeSpec, pan: str, defect: Defect) -> str:
    """The good PAN that this one comes from, if it comes from any; else no number of the range."""
    pan = pan.translate(_DIGITS) if defect is Defect.NON_DIGIT else pan
    if not (pan.isascii() and pan.isdigit()) or len(pan) < len(spec.iin):
        return ""
    match defect:
        case Defect.LUHN:
            return pan[:-1] + luhn.calc_check_digit(pan[:-1])
        case Defect.TOO_SHORT:
            while len(pan) < spec.pan_length:
                pan += luhn.calc_check_digit(pan)
            return pan if len(pan) == spec.pan_length else ""
        case Defect.TOO_LONG:
            return pan[: spec.pan_length]
        case Defect.UNKNOWN_SCHEME:
            payload = spec.iin[:6] + pan[6:-1]
            return payload + luhn.calc_check_digit(payload)
    return pan
