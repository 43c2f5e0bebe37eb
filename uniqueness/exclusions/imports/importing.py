"""Exclude the numbers of a file: all of the good ones or, if anything fails, none."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.db import transaction

from toolkit.actor import Actor
from toolkit.reading import Readable
from toolkit.refusals import Mistake
from toolkit.wording import counted
from uniqueness import trail
from uniqueness.exclusions.imports.excluding import exclude_blocks
from uniqueness.exclusions.imports.forms import Block, ListForm, numbers_of
from uniqueness.exclusions.imports.report import ImportReport, Lines
from uniqueness.numbers import holds_card_number

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
    check_words(request.source, reason)
    lines = Lines()
    blocks = numbers_of(stream, form=request.form)
    started = time.monotonic()
    with transaction.atomic():
        found = exclude_blocks(
            _require_after(blocks, lines=lines, strict=request.strict),
            lines=lines,
            source=request.source,
            tell=request.tell,
        )
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
        lines=lines,
        distinct=found.distinct,
        differing=found.differing,
        new=found.new,
        issued=found.issued,
        cards=found.cards,
        seconds=time.monotonic() - started,
        locked=time.monotonic() - found.closed,
    )


def _require_after(blocks: Iterator[Block], *, lines: Lines, strict: bool) -> Iterator[Block]:
    """Hand the blocks on; refuse the file in the end if its lines are not good enough."""
    yield from blocks
    _require_numbers(lines, strict=strict)


def _require_numbers(lines: Lines, *, strict: bool) -> None:
    if strict and lines.invalid:
        raise BadLines(f"Lines without a number: {lines.invalid:,} of {lines.total:,}", lines=lines)
    if not lines.numbers:
        what = "No line of the file holds a card number" if lines.total else "The file is empty"
        raise NothingToImport(what, lines=lines)


def check_words(source: str, reason: str) -> None:
    """Refuse words that cannot be kept.

    :raises InvalidSource: if the source is empty, too long, or holds a card number
    :raises ReasonMissing: if the reason says nothing
    :raises PanInReason: if it holds a card number
    """
    if not (0 < len(source) <= _LONGEST_SOURCE and source.isprintable()):
        raise InvalidSource(
            f"Say where the numbers are from, in 1 to {_LONGEST_SOURCE} characters."
        )
    if holds_card_number(source):
        raise InvalidSource("The source is kept and shown: no card number may stand in it.")
    trail.require_reason(reason)
