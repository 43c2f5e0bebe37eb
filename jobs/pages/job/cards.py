"""The cards of a job as a table: the fields that were ordered, and what is wrong on purpose."""

from dataclasses import dataclass

from generation.kernel.defects import Defect
from jobs import results
from jobs.models import Job
from jobs.pages.order.choices import DEFECTS
from jobs.templatetags.cardgen_pages import grouped

_PAGE = 20
_OF_A_NUMBER = frozenset({"pan", "pan_grouped", "pan_masked", "last_four"})
_OTHERS = {
    Defect.EXPIRED: frozenset({"expiry_month", "expiry_year", "expiry", "expiry_yymm"}),
    Defect.CVV_LENGTH: frozenset({"cvv"}),
}
"""The fields that show a defect; all others are in the number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One field of a card; `wrong` if the order asked for it to be."""

    name: str
    text: str
    wrong: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A card: its number, for the button that copies it, and its fields."""

    pan: str
    cells: list[Cell]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cards:
    """A page of cards; `defect` says in words what is wrong with all of them, empty if nothing."""

    fields: tuple[str, ...]
    rows: list[Row]
    defect: str
    after: str
    later: bool

    @property
    def numbers(self) -> str:
        """The numbers of this page, one a line."""
        return "\n".join(row.pan for row in self.rows)


def cards_of(job: Job, *, after: str = "") -> Cards:
    """Read a page of a finished job's cards.

    :param after: cursor of the page before
    :raises InvalidCursor: if it is none
    :raises CardsPurged: if the cards were deleted
    """
    fields = tuple(dict.fromkeys(("pan", *results.fields_of(job))))
    found, later = results.page(job, after=after, limit=_PAGE, fields=fields)
    wrong = _wrong_fields(job.defect)
    return Cards(
        fields=fields,
        rows=[_row(card, wrong) for card in found],
        defect=DEFECTS.get(job.defect, ""),
        after=later,
        later=bool(after),
    )


def _row(card: dict[str, object], wrong: frozenset[str]) -> Row:
    pan = str(card["pan"])
    cells = [
        Cell(name=name, text=grouped(pan) if name == "pan" else str(value), wrong=name in wrong)
        for name, value in card.items()
    ]
    return Row(pan=pan, cells=cells)


def _wrong_fields(defect: str) -> frozenset[str]:
    return _OTHERS.get(Defect(defect), _OF_A_NUMBER) if defect else frozenset()
