"""Spans of packed slots: plain values that pass between the layers."""

from collections.abc import Iterator
from dataclasses import dataclass

WINDOW = 10**6
"""A chunk never crosses a window: one FF1 tweak, one filter, one hot stretch of the PAN index."""


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Packed slots `first` to `end`, half open."""

    first: int
    end: int

    def __len__(self) -> int:
        return self.end - self.first

    def pieces(self, *, size: int) -> Iterator["Span"]:
        """Cut into spans of at most `size` slots, none of which crosses a window."""
        first = self.first
        while first < self.end:
            end = min(first + size, self.end, first - first % WINDOW + WINDOW)
            yield Span(first, end)
            first = end
