"""Exclude the numbers of a file: all of the good ones or, if anything fails, none."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from django.db import transaction

from generation.models import SLOTS_PER_RANGE, IssuerRange
from toolkit.reading import Readable, blocks
from toolkit.refusals import Mistake
from uniqueness import trail
from uniqueness.exclusions.adding import close_gate
from uniqueness.exclusions.imports import staging
from uniqueness.exclusions.imports.forms import LineVerdict, ListForm, reader
from uniqueness.exclusions.imports.numbers import judge
from uniqueness.exclusions.imports.report import ImportReport, IssuedBefore, Lines
from uniqueness.numbers import holds_card_number
from uniqueness.slots import packed_slots

_LONGEST_SOURCE = 200


class InvalidSource(Mistake):
    """The words about where the numbers are from cannot be kept."""

    code = "invalid_source"


class NothingToImport(Mistake):
    """No line of the file holds a number; `lines` says why."""

    code = "nothing_to_import"

    def __init__(self, lines: Lines) -> None:
        what = "No line of the file holds a card number" if lines.total else "The file is empty"
        super().__init__(f"{what}; nothing was changed.", **lines.as_dict())
        self.lines = lines


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportRequest:
    """What is asked: `source` is kept with every number, `reason` and `actor` in the audit trail.

    `tell` hears which of the slow steps begins.
    """

    form: ListForm
    source: str
    actor: str
    reason: str = ""
    dry_run: bool = False
    tell: Callable[[str], None] = lambda _: None


def import_numbers(stream: Readable, *, request: ImportRequest) -> ImportReport:
    """Exclude the numbers of a file that are neither excluded nor issued, in one transaction.

    A dry run does the same and takes it back.

    :raises UnreadableFile: if the file is no text
    :raises UnknownColumns: if the header of a CSV file does not say where the numbers are
    :raises NothingToImport: if no line holds a number
    :raises InvalidSource: if the source is empty, too long, or holds a card number
    :raises ReasonMissing: if a reason is given that says nothing
    :raises PanInReason: if it holds a card number
    """
    reason = request.reason or f"import of {request.source}"
    _check(request.source, reason)
    started = time.monotonic()
    with transaction.atomic():
        found = _import(stream, request=request)
        if request.dry_run:
            transaction.set_rollback(True)
        else:
            subject = f"{found.new} numbers"
            trail.note(
                actor=request.actor, action="import_exclusions", subject=subject, reason=reason
            )
    return ImportReport(
        source=request.source,
        form=request.form,
        dry_run=request.dry_run,
        lines=found.lines,
        distinct=found.distinct,
        new=found.new,
        issued=found.issued,
        cards=found.cards,
        seconds=time.monotonic() - started,
        locked=time.monotonic() - found.closed,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    lines: Lines
    distinct: int
    new: int
    issued: int
    cards: IssuedBefore
    closed: float


def _import(stream: Readable, *, request: ImportRequest) -> _Found:
    ranges = list(IssuerRange.objects.all())
    with staging.tables():
        lines, touched = _read(stream, form=request.form, ranges=ranges)
        request.tell("comparing")
        distinct = staging.sort_out()
        issued = staging.find_issued()
        cards = staging.issued()
        request.tell("excluding")
        new = staging.add(source=request.source)
        request.tell("checking")
        changed = close_gate(known=ranges, touched=touched)
        closed = time.monotonic()
        if late := staging.recheck(ranges_changed=changed):
            cards = staging.issued()
    return _Found(
        lines=lines,
        distinct=distinct,
        new=new - late,
        issued=issued + late,
        cards=cards,
        closed=closed,
    )


def _read(stream: Readable, *, form: ListForm, ranges: list[IssuerRange]) -> tuple[Lines, set[int]]:
    """Copy the file's numbers into the staging tables; tell which ranges they touch."""
    read, lines, touched = reader(form), Lines(), set[int]()
    for block in blocks(stream):
        pans, verdicts = judge(block, read=read)
        slots = packed_slots(pans, ranges=ranges)
        staging.copy(pans, slots=slots)
        lines.add(verdicts)
        touched |= set(np.unique(slots[slots >= 0] // SLOTS_PER_RANGE).tolist())
    if not lines.counts[LineVerdict.VALID]:
        raise NothingToImport(lines)
    return lines, touched


def _check(source: str, reason: str) -> None:
    if not (0 < len(source) <= _LONGEST_SOURCE and source.isprintable()):
        raise InvalidSource(
            f"Say where the numbers are from, in 1 to {_LONGEST_SOURCE} characters."
        )
    if holds_card_number(source):
        raise InvalidSource("The source is kept and shown: no card number may stand in it.")
    trail.require_reason(reason)
