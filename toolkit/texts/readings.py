"""A text as it was meant: escapes undone, and for each of its bytes the place where it stood."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from toolkit.texts import manners
from toolkit.texts.characters import PAD

_DEEPEST = 6
"""A text that was escaped more often was made to waste time."""
Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a text says. `gone` are the places of the bytes that were left out, layer by layer."""

    text: bytes
    gone: tuple[Places, ...]

    def place(self, stood: int) -> int:
        """Return where in the reading a place of the text is, or what follows it."""
        for gone in self.gone:
            stood -= int(np.searchsorted(gone, stood))
        return stood

    def stood(self, places: Places) -> Places:
        """Return where in the text these places of the reading are."""
        for gone in reversed(self.gone):
            places = places + np.searchsorted(gone - np.arange(gone.size), places, side="right")
        return places


def read(text: bytes) -> Reading:
    """Undo every escape of a text, escaped ones too."""
    text, deeper = manners.undo_once(text), True
    gone = []
    for _ in range(_DEEPEST):
        if not deeper:
            break
        text, deeper = manners.undo(manners.join(text))
        if PAD in text:
            gone.append(np.flatnonzero(np.frombuffer(text, dtype=np.uint8) == ord(PAD)))
            text = text.translate(None, PAD)
    return Reading(text=text, gone=tuple(gone))
