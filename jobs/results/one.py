"""One card by its slot: in which chunk it was made, and every field of it."""

from typing import Any

from generation.batch import Batch
from generation.fields import possible_fields
from jobs.models import Chunk, ChunkState
from jobs.results.cards import Block, card_dicts
from uniqueness import ledger
from uniqueness.slots import Span


def chunk_of(slot: int) -> Chunk | None:
    """Return the chunk that made the card at a packed slot, with its job and its range."""
    made_in = Chunk.objects.filter(first_slot__lte=slot, end_slot__gt=slot, state=ChunkState.DONE)
    # A claimed card's own chunk lies within that of the cards around it.
    narrowest = made_in.order_by("-first_slot", "end_slot")
    return narrowest.select_related("job", "item__issuer_range").first()


def card_at(slot: int) -> dict[str, Any] | None:
    """Return the card at a packed slot as it was issued, with every field that it has."""
    chunk = chunk_of(slot)
    if chunk is None:
        return None
    issuer_range, recipe = chunk.item.issuer_range, chunk.job.recipe
    span = Span(slot, slot + 1)
    cards = ledger.read(issuer_range=issuer_range, recipe=recipe, span=span, only=chunk.slots)
    batch = Batch(issuer_range=issuer_range, cards=cards, recipe=recipe)
    block = Block(chunk_id=chunk.pk, batch=batch)
    return next(iter(card_dicts(block, fields=possible_fields(recipe.defect))), None)
