"""Exclude the numbers of a file: all of the good ones or, if anything fails, none."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from django.db import transaction

from generation.models import SLOTS_PER_RANGE, IssuerRange
from toolkit.actor import Actor
from toolkit.reading import Readable
from toolkit.refusals import Mistake
from toolkit.wording import counted
from uniqueness import trail
from uniqueness.exclusions.adding import close_gate
from uniqueness.exclusions.imports import staging
from uniqueness.exclusions.imports.doubts import doubts
from uniqueness.exclusions.imports.forms import ListForm, numbers_of
from uniqueness.exclusions.imports.report import ImportReport, IssuedBefore, Lines
from uniqueness.exclusions.imports.verdicts import LineVerdict
from uniqueness.exclusions.outside import lie_outside, tokens_of
from uniqueness.numbers import holds_card_number
from uniqueness.slots import packed_slots

_LONGEST_SOURCE = 200


class InvalidSource(Mistake):
    """The words about where the numbers are from cannot be kept."""

    code = "invalid_source"


class LinesRefused(Mistake):
    """The file's lines are not good enough; `lines` says why."""

    def __init__(self, detail: str, *, lines: Lines) -> None:
        super().__init__(f"{detail}; nothing was changed.", **lines.as_dict())
        self.lines = lines


class NothingToImport(LinesRefused):
    """No line of the file holds a number."""

    code = "nothing_to_import"


class BadLines(LinesRefused):
    """Some lines hold no number, and none was to be left out."""

    code = "bad_lines"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportRequest:
    """What is asked: `source` is kept with every number, `reason` and `actor` in the audit trail.

    `strict` refuses a file with a bad line. `tell` hears which of the slow steps begins.
    """

    form: ListForm
    source: str
    actor: Actor
    reason: str = ""
    dry_run: bool = False
    strict: bool = False
    tell: Callable[[str], None] = lambda _: None


def import_numbers(stream: Readable, *, request: ImportRequest) -> ImportReport:
    """Exclude the numbers of a file that are neither excluded nor issued, in one transaction.

    A dry run does the same and takes it back.

    :raises UnreadableFile: if the file is no text
    :raises UnknownColumns: if the header of a CSV file does not say where the numbers are
    :raises NothingToImport: if no line holds a number
    :raises BadLines: if a line holds none that should, and the request is strict
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
            subject = counted(found.new, "number")
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
        lines, touched = _read(stream, request=request, ranges=ranges)
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


def _read(
    stream: Readable, *, request: ImportRequest, ranges: list[IssuerRange]
) -> tuple[Lines, set[int]]:
    """Copy the file's numbers into the staging tables; tell which ranges they touch."""
    lines, touched = Lines(), set[int]()
    for pans, verdicts in numbers_of(stream, form=request.form):
        slots = packed_slots(pans, ranges=ranges)
        outside = lie_outside(pans, ranges=ranges)
        staging.copy(pans[~outside], slots=slots[~outside])
        staging.copy_outside(tokens_of(pans[outside]))
        # A number that a registered range would mint is a card number, whatever it looks like.
        unplaced = np.flatnonzero(verdicts == LineVerdict.VALID)[slots < 0]
        verdicts[unplaced] = doubts(pans[slots < 0])
        lines.add(verdicts)
        touched |= set(np.unique(slots[slots >= 0] // SLOTS_PER_RANGE).tolist())
    _require_numbers(lines, strict=request.strict)
    return lines, touched


def _require_numbers(lines: Lines, *, strict: bool) -> None:
    if strict and lines.invalid:
        raise BadLines(f"Lines without a number: {lines.invalid:,} of {lines.total:,}", lines=lines)
    if not lines.numbers:
        what = "No line of the file holds a card number" if lines.total else "The file is empty"
        raise NothingToImport(what, lines=lines)


def _check(source: str, reason: str) -> None:
    if not (0 < len(source) <= _LONGEST_SOURCE and source.isprintable()):
        raise InvalidSource(
            f"Say where the numbers are from, in 1 to {_LONGEST_SOURCE} characters."
        )
    if holds_card_number(source):
        raise InvalidSource("The source is kept and shown: no card number may stand in it.")
    trail.require_reason(reason)
