"""One line of the figures: what was measured, some times over, and what it is held against."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Ours, once for each round; or the ratio of ours to theirs, if there are any.

    :ivar key: its name in the history; parts with `/` between them
    :ivar aim: the least ratio or figure; the greatest, if smaller is better
    """

    key: str
    name: str
    unit: str
    ours: Sequence[float]
    theirs: Sequence[float] = ()
    against: str = ""
    aim: float | None = None
    smaller: bool = False

    @property
    def values(self) -> list[float]:
        """The figure that counts, of each round: what disturbs one disturbs the other too."""
        if not self.theirs:
            return list(self.ours)
        return [ours / theirs for ours, theirs in zip(self.ours, self.theirs, strict=True)]

    @property
    def value(self) -> float:
        """The median of the rounds."""
        return median(self.values)

    @property
    def spread(self) -> float:
        """How far the rounds lie apart, as a share of the median."""
        return (max(self.values) - min(self.values)) / self.value

    @property
    def met(self) -> bool:
        """Tell whether it reaches its aim, or has none."""
        if self.aim is None:
            return True
        return self.value <= self.aim if self.smaller else self.value >= self.aim

    def loss(self, before: float) -> float:
        """How much worse it is than before, as a share; below 0 if it is better."""
        return self.value / before - 1 if self.smaller else 1 - self.value / before
