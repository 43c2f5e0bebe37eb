"""What the ledger takes on disk."""

from dataclasses import dataclass

from django.db import connection

_SIZES = """
    SELECT count(*), pg_table_size('uniqueness_ledger'),
        pg_relation_size('uniqueness_ledger_pkey'), pg_relation_size('one_card_per_pan')
    FROM uniqueness_ledger
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """Rows, and bytes of the table and of its two indexes."""

    cards: int
    table: int
    slots: int
    pans: int

    def each(self) -> tuple[float, float, float]:
        """Bytes a card: table, index over slots, index over PANs."""
        return self.table / self.cards, self.slots / self.cards, self.pans / self.cards


def read() -> Sizes:
    """Measure the ledger as it stands."""
    with connection.cursor() as cursor:
        cursor.execute(_SIZES)
        cards, table, slots, pans = cursor.fetchone()
    return Sizes(cards=cards, table=table, slots=slots, pans=pans)
