"""The cards of a job, read back: all of them, each once."""

from jobs import results, work
from jobs.results import cards
from tests.support.work import LONG
from uniqueness.models import Card


def test_no_chunk_is_left_out_where_one_page_of_chunks_ends(submit, settings, monkeypatch):
    settings.CARDGEN_CHUNK_CARDS = 10
    monkeypatch.setattr(cards, "_CHUNKS_AT_ONCE", 2)
    job = submit(count=70)
    work.work(duration=LONG)
    job.refresh_from_db()
    read = [pan.decode() for block in results.blocks(job) for pan in block.batch.cards.pans]
    assert sorted(read) == sorted(Card.objects.values_list("pan", flat=True))
    assert len(read) == 70
