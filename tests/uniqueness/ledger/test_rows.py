"""Layers 1 and 2: the ledger."""

from itertools import pairwise
from uuid import uuid4

import numpy as np
import pytest
from django.db import IntegrityError, connection, transaction

from generation.errors import MasterKeyMismatch
from generation.kernel.mint import Cards, mint, span
from generation.kernel.spec import Profile
from generation.models import IssuerRange
from generation.ranges import spec
from tests.support.distributing import TWO_INDEXES
from tests.support.fixtures import register
from tests.support.ledger import RECIPE, cards_of
from tests.support.slots import exclude_slots
from uniqueness import ledger
from uniqueness.errors import DuplicateRefused
from uniqueness.models import Card, Reservation
from uniqueness.pool.free_spans import hold_span
from uniqueness.slots import Span

OWNER = uuid4()


@transaction.atomic
def record(issuer_range: IssuerRange, cards: Cards) -> int:
    if not Reservation.objects.exists():
        whole = Span(issuer_range.first_slot, issuer_range.first_slot + issuer_range.capacity)
        hold_span(issuer_range, span=whole, owner=OWNER)
    return ledger.record(issuer_range=issuer_range, cards=cards, owner=OWNER, recipe=RECIPE)


def read(issuer_range: IssuerRange, *, first: int = 0, count: int = 1000) -> Cards:
    first += issuer_range.first_slot
    return ledger.read(
        issuer_range=issuer_range,
        recipe=RECIPE,
        span=Span(first, first + count),
    )


def test_what_was_recorded_is_read_back_in_slot_order(small_range):
    cards = cards_of(small_range)
    assert record(small_range, cards.take(np.random.default_rng(1).permutation(200))) == 200
    back = read(small_range)
    for name in ("slots", "pans", "expiry_months", "cvvs"):
        assert (getattr(back, name) == getattr(cards, name)).all(), name


def pages_visited() -> int:
    """How often this transaction has looked at a page of the ledger's table."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_get_xact_blocks_fetched('uniqueness_ledger'::regclass)")
        return int(cursor.fetchone()[0])


@TWO_INDEXES
def test_a_page_is_visited_once_for_all_of_its_cards(db):
    issuer_range = register(iin="99999902", pan_length=16)
    for chunk in range(10):
        record(issuer_range, cards_of(issuer_range, first=chunk * 2_000, count=2_000))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE uniqueness_ledger")
    before = pages_visited()
    assert len(read(issuer_range, first=4_000, count=1_000)) == 1_000
    assert pages_visited() - before < 100


def test_rows_can_be_read_with_plain_sql(small_range):
    record(small_range, cards_of(small_range, count=1))
    card = Card.objects.get()
    minted = cards_of(small_range, count=1)
    assert card.slot == small_range.first_slot
    assert card.pan == minted.pans[0].decode()
    assert card.cvv == minted.cvvs[0].decode()
    year, month = divmod(int(minted.expiry_months[0]), 12)
    assert (card.expiry.year, card.expiry.month) == (year, month + 1)


def test_a_card_expires_on_the_last_day_of_its_month(small_range):
    february = Profile(first_month=2028 * 12 + 1, months=1)
    record(small_range, mint(spec(small_range), slots=span(0, 1), profile=february))
    assert Card.objects.get().expiry.isoformat() == "2028-02-29"


def test_an_empty_span_reads_as_no_cards(small_range):
    assert len(read(small_range)) == 0


def test_the_same_card_twice_is_refused_whole_without_showing_the_number(small_range):
    record(small_range, cards_of(small_range, first=100, count=1))
    with pytest.raises(DuplicateRefused) as refusal:
        record(small_range, cards_of(small_range))
    assert Card.objects.count() == 1
    assert refusal.value.__cause__ is None
    assert Card.objects.get().pan not in str(refusal.value)


def test_the_pan_index_refuses_a_number_under_another_slot(small_range):
    cards = cards_of(small_range, count=1)
    record(small_range, cards)
    moved = Cards(
        slots=cards.slots + 7,
        pans=cards.pans,
        expiry_months=cards.expiry_months,
        cvvs=cards.cvvs,
    )
    with pytest.raises(DuplicateRefused):
        record(small_range, moved)


def test_excluded_numbers_are_left_out(small_range):
    exclude_slots(small_range, 5, 6, 250)
    assert record(small_range, cards_of(small_range)) == 198
    assert set(range(200)) - set(read(small_range).slots.tolist()) == {5, 6}


def test_a_slot_without_a_range_is_refused(db):
    with pytest.raises(IntegrityError, match="slot_is_packed_with_a_range"):
        Card.objects.create(slot=5, pan="4000000000000002", expiry="2030-01-31", cvv="123")


def test_another_master_key_stops_minting(small_range, settings):
    small_range.key_check_value = "000000"
    with pytest.raises(MasterKeyMismatch, match="restore the CARDGEN_MASTER_KEY"):
        spec(small_range)


def test_pieces_of_a_span_cover_it_and_cross_no_window():
    whole = Span(4 * 10**12 + 999_990, 4 * 10**12 + 3_000_005)
    pieces = list(whole.pieces(size=400_000))
    assert pieces[0].first == whole.first
    assert pieces[-1].end == whole.end
    assert all(a.end == b.first for a, b in pairwise(pieces))
    assert all(p.first // 10**6 == (p.end - 1) // 10**6 and len(p) <= 400_000 for p in pieces)
