"""A model of the rate as the ledger grows, fitted to what was measured.

A window and the sort by PAN keep the pages that a chunk touches the same for any number of cards,
and with them the log and the page writes of a card. What grows is the way down the two indexes:
log2 of the rows in comparisons. So a card should take `constant + doubling x log2(rows)`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """Seconds that a card takes, by the rows that are there.

    :ivar constant: seconds of a card in a ledger of one row
    :ivar doubling: seconds more for each doubling of the rows
    """

    constant: float
    doubling: float

    def rate(self, rows: float) -> float:
        """Tell the cards a second when so many rows are there."""
        return 1 / (self.constant + self.doubling * float(np.log2(rows)))


def fit(rows: Sequence[float], rates: Sequence[float]) -> Growth:
    """Fit the model by least squares over the seconds of a card, to two points or more."""
    ways = np.column_stack([np.ones(len(rows)), np.log2(rows)])
    (constant, doubling), *_ = np.linalg.lstsq(ways, 1 / np.asarray(rates), rcond=None)
    return Growth(constant=float(constant), doubling=float(doubling))
