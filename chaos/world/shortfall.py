"""Numbers excluded after a job has reserved them: N asked must still be N made."""

from chaos.outcome import Outcome
from generation import recipes
from generation.kernel.mint import span
from jobs.models import Chunk, ChunkState
from uniqueness.exclusions.adding import exclude

_NUMBERS = 3


def take_away(outcome: Outcome) -> None:
    """Exclude the first numbers of the last chunk that waits, if one does."""
    waiting = Chunk.objects.filter(state=ChunkState.WAITING).order_by("id")
    chunk = waiting.select_related("job", "item__issuer_range").last()
    if chunk is None:
        return
    issuer_range = chunk.item.issuer_range
    slots = span(chunk.first_slot - issuer_range.first_slot, _NUMBERS)
    cards = recipes.make(issuer_range=issuer_range, slots=slots, recipe=chunk.job.recipe)
    numbers = {pan.decode(): "chaos" for pan in cards.pans}
    outcome.faults["numbers excluded in mid-job"] += exclude(numbers, reason="taken away")
