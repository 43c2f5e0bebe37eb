"""A few cards in one statement with what else an order writes; COPY would be two more trips."""

from typing import Any

from django.db import IntegrityError

from generation.kernel.mint import Cards
from generation.models import IssuerRange
from generation.months import last_days
from toolkit.database import table_of
from uniqueness.models import Card

_INSERT = """
    INSERT INTO uniqueness_ledger (slot, pan, expiry, cvv)
    SELECT card.* FROM {source}, unnest(
        %(slots)s::bigint[], %(pans)s::text[], %(expiries)s::date[], %(cvvs)s::text[]) card
"""


def insertion(
    *, issuer_range: IssuerRange, cards: Cards, source: str
) -> tuple[str, dict[str, list[Any]]]:
    """Give the insertion of cards as a part of a statement, and its values.

    The same statement un-seals their windows (`bloom.unsealing`). The server binds the numbers:
    they stand in no SQL text.

    :param source: the part that has one row if they are to be written, and none otherwise
    """
    cards = cards.sorted_by_pan()
    values = {
        "slots": (cards.slots + issuer_range.first_slot).tolist(),
        "pans": cards.pans.astype(str).tolist(),
        "expiries": last_days(cards.expiry_months).tolist(),
        "cvvs": cards.cvvs.astype(str).tolist(),
    }
    return _INSERT.format(source=source), values


def is_refusal(error: IntegrityError) -> bool:
    """Tell whether it was an index of the ledger that refused a row."""
    return table_of(error) == Card._meta.db_table  # noqa: SLF001
