"""Look slots up in spans."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class SpanIndex:
    """N disjoint spans: `starts` and `ends` (int64, ascending); a span may be empty."""

    starts: NDArray[np.int64]
    ends: NDArray[np.int64]

    def places(self, slots: NDArray[np.int64]) -> NDArray[np.intp]:
        """Say for each of M slots which span holds it, counted from 0; -1: none does."""
        if not self.starts.size:
            return np.full(slots.size, -1, dtype=np.intp)
        at = np.searchsorted(self.starts, slots, side="right") - 1
        return np.where((at >= 0) & (slots < self.ends[at]), at, -1)
