"""What is known of numbers: in columns while many are looked up, one by one for who asked."""

from collections import Counter
from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple, overload
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from generation.models import SLOTS_PER_RANGE


class State(StrEnum):
    """What a number is to us."""

    ISSUED = "issued"
    PUBLISHED = "published"
    EXCLUDED = "excluded"
    UNISSUED = "unissued"
    UNKNOWN = "unknown"


class Layer(StrEnum):
    """Who knew: layers 5, 4, 3 and 2, the table of exclusions, or mere arithmetic."""

    CACHE = "cache"
    FILTER = "filter"
    POOL = "pool"
    INDEX = "index"
    EXCLUSIONS = "exclusions"
    ARITHMETIC = "arithmetic"


class Finding(NamedTuple):
    """What is known of one number. `slot` is packed; `owner` is the job that has it."""

    state: State
    layer: Layer
    slot: int | None = None
    owner: UUID | None = None

    @property
    def range_id(self) -> int | None:
        """The registered range it lies in."""
        return None if self.slot is None else self.slot // SLOTS_PER_RANGE


_STATES, _LAYERS = list(State), list(Layer)
_OPEN = len(_LAYERS)
Places = NDArray[np.intp]


class Findings(Sequence[Finding]):
    """Findings of N numbers in the order asked; ten thousand objects would cost more than to look.

    `slots`: int64, -1 for none.
    """

    def __init__(self, size: int) -> None:
        self.slots = np.full(size, -1, dtype=np.int64)
        self._states = np.full(size, _STATES.index(State.UNKNOWN), dtype=np.uint8)
        self._layers = np.full(size, _OPEN, dtype=np.uint8)
        self._owner = np.full(size, -1, dtype=np.int64)
        self._owners: list[UUID | None] = []

    def __len__(self) -> int:
        return self.slots.size

    @overload
    def __getitem__(self, place: int) -> Finding: ...

    @overload
    def __getitem__(self, place: slice) -> list[Finding]: ...

    def __getitem__(self, place: int | slice) -> Finding | list[Finding]:
        if isinstance(place, slice):
            return [self[one] for one in range(*place.indices(len(self)))]
        slot, owner = int(self.slots[place]), int(self._owner[place])
        return Finding(
            _STATES[self._states[place]],
            _LAYERS[self._layers[place]],
            slot if slot >= 0 else None,
            self._owners[owner] if owner >= 0 else None,
        )

    def open(self) -> Places:
        """Places of numbers nobody has decided on so far."""
        return np.flatnonzero(self._layers == _OPEN)

    def having(self, state: State) -> Places:
        """Places of numbers in the state."""
        return np.flatnonzero(self._states == _STATES.index(state))

    def decide(self, places: Places, *, state: State, layer: Layer) -> None:
        """Say the same of some numbers."""
        self._states[places] = _STATES.index(state)
        self._layers[places] = _LAYERS.index(layer)

    def issue(
        self,
        places: Places,
        *,
        layer: Layer,
        owners: Sequence[UUID | None],
        owner: Places | None = None,
    ) -> None:
        """Say that numbers were issued, each to one of the `owners`.

        :param owner: which of them for each place; without it there are as many as places
        """
        self.decide(places, state=State.ISSUED, layer=layer)
        which = np.arange(len(owners)) if owner is None else owner
        self._owner[places] = which + len(self._owners)
        self._owners += owners

    def counts(self) -> Counter[tuple[str, str]]:
        """Count by layer and state."""
        pairs, counts = np.unique(self._layers * np.uint8(16) + self._states, return_counts=True)
        return Counter(
            {
                (_LAYERS[pair // 16], _STATES[pair % 16]): count
                for pair, count in zip(pairs.tolist(), counts.tolist(), strict=True)
            }
        )
