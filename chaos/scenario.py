"""What a scenario is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from chaos.outcome import Outcome, Size
from chaos.world.world import World

Run = Callable[[World, Outcome, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A fault, how often it is done in each size, and what must hold afterwards.

    `settings` are environment variables of docs/configuration.md that the run needs. `alone` means
    that no other scenario may take machine time meanwhile, `quiet` that this one hardly does;
    `full_minutes` is about how long a full run takes on two cores. `cluster` scenarios need a
    PostgreSQL with the extension Citus.
    """

    id: str
    fault: str
    passes: str
    counts: tuple[int, int, int]
    run: Run
    full_minutes: float = 1.0
    alone: bool = False
    quiet: bool = False
    cluster: bool = False
    settings: Mapping[str, str] = field(default_factory=dict)

    def count(self, size: Size) -> int:
        """Return how often the fault is done."""
        return self.counts[list(Size).index(size)]
