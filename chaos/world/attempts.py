"""What a scenario must leave alone: a chunk that dies five times is given up, by design."""

from django.db.models import Q

from jobs.models import Chunk, ChunkState

_PROMISED = 5  # attempts, by docs/jobs.md; the product's own constant may be what is wrong


def at_stake() -> bool:
    """Tell whether some chunk is on its last attempt, or its next attempt is its last."""
    last = Q(state=ChunkState.RUNNING, attempts__gte=_PROMISED)
    next_is_last = Q(state=ChunkState.WAITING, attempts__gte=_PROMISED - 1)
    return Chunk.objects.filter(last | next_is_last).exists()
