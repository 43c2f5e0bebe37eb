"""R23: nothing is broken; what the proof says of a calm run is what it must say of all others."""

from chaos.outcome import Outcome
from chaos.world.world import World

_CARDS = 100_000


def run_calmly(world: World, outcome: Outcome, count: int) -> None:
    """Mint jobs in peace."""
    world.start_clocks()
    world.start("worker")
    for _ in range(count):
        world.submit(_CARDS)
        outcome.faults["calm jobs"] += 1
    world.finish(seconds=120)
