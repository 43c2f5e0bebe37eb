"""Bring in a file of cards, a part at a time, each in a transaction that says how far it is.

Whoever is killed leaves whole parts; the same command goes on behind them.
"""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass

from django.db import transaction
from django.db.models.functions import Now

from toolkit.actor import Actor
from toolkit.reading import Readable
from toolkit.wording import counted
from uniqueness import trail
from uniqueness.exclusions.imports.excluding import exclude_blocks
from uniqueness.exclusions.imports.forms import ListForm, numbers_of
from uniqueness.exclusions.imports.importing import NothingToImport, check_words
from uniqueness.exclusions.moving.errors import ImportFinished, ImportRunning
from uniqueness.exclusions.moving.parts import Parts
from uniqueness.exclusions.moving.report import Figures, MoveReport
from uniqueness.models import CardImport

_ALL = 10**18


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveRequest:
    """What is asked: `name` is kept with every number, `owner_id` is the user whose cards they are.

    `part` is how many records are brought in at a time. `tell` hears which slow step of a dry run
    begins.
    """

    name: str
    form: ListForm
    actor: Actor
    owner_id: int | None
    reason: str
    part: int
    dry_run: bool = False
    tell: Callable[[str], None] = lambda _: None


def bring_in(stream: Readable, *, request: MoveRequest) -> MoveReport:
    """Exclude the numbers of a file of cards that are neither excluded nor issued.

    A dry run does the same in one transaction, and takes it back.

    :raises UnreadableFile: if the file is no text, or not of its form; whole parts stay
    :raises UnknownColumns: if nothing says where the numbers are
    :raises NothingToImport: if no record holds a number
    :raises InvalidSource: if the name is empty, too long, or holds a card number
    :raises ReasonMissing: if the reason says nothing
    :raises PanInReason: if it holds a card number
    :raises ImportFinished: if all of a file was brought in under the name before
    :raises ImportDiffers: if the file is not the one that was begun under the name
    :raises ImportRunning: if another process brings it in
    """
    check_words(request.name, request.reason)
    started = time.monotonic()
    done = CardImport.objects.filter(name=request.name).first() or CardImport(name=request.name)
    _require_unfinished(done)
    parts = Parts(numbers_of(stream, form=request.form))
    parts.skip(done.records, digest=bytes(done.digest))
    figures = Figures(**done.figures)
    bring = _try if request.dry_run else _bring_in
    return MoveReport(
        name=request.name,
        form=request.form,
        dry_run=request.dry_run,
        resumed=done.records,
        figures=bring(parts, figures=figures, request=request),
        lines=parts.lines,
        seconds=time.monotonic() - started,
    )


def _require_unfinished(done: CardImport) -> None:
    if done.finished_at:
        raise ImportFinished(
            f"{done.name} was brought in on {done.finished_at:%Y-%m-%d %H:%M} UTC,"
            f" {counted(done.records, 'record')}. Choose another name, or roll it back first."
        )


def _bring_in(parts: Parts, *, figures: Figures, request: MoveRequest) -> Figures:
    _begin(request)
    while parts.goes_on:
        with transaction.atomic():
            figures = _next(parts, figures=figures, request=request)
    if not parts.lines.numbers:
        CardImport.objects.filter(name=request.name).delete()
    _require_numbers(parts)
    _end(figures, request=request)
    return figures


@transaction.atomic
def _try(parts: Parts, *, figures: Figures, request: MoveRequest) -> Figures:
    figures = _exclude(parts, figures=figures, request=request, records=_ALL)
    _require_numbers(parts)
    transaction.set_rollback(True)
    return figures


def _begin(request: MoveRequest) -> None:
    with transaction.atomic():
        _, new = CardImport.objects.get_or_create(
            name=request.name, defaults={"owner_id": request.owner_id}
        )
        if new:
            _note("import_cards", "begun", request=request)


def _next(parts: Parts, *, figures: Figures, request: MoveRequest) -> Figures:
    """Bring in one part, if nobody else has done it meanwhile."""
    rows = CardImport.objects.filter(name=request.name)
    found = rows.filter(records=parts.lines.total, finished_at=None)
    if not found.select_for_update(no_key=True).exists():
        raise ImportRunning(
            "Another process brings in the cards of this name, or has rolled them back. Wait for"
            " it, then see `cardgen import_cards --list`."
        )
    figures = _exclude(parts, figures=figures, request=request, records=request.part)
    rows.update(records=parts.lines.total, digest=parts.digest(), figures=asdict(figures))
    return figures


def _exclude(parts: Parts, *, figures: Figures, request: MoveRequest, records: int) -> Figures:
    before, again = parts.lines.numbers, parts.lines.total > 0
    part = exclude_blocks(
        parts.take(records),
        lines=parts.lines,
        source=request.name,
        count_again=again,
        tell=request.tell,
    )
    return figures.plus(part, numbers=parts.lines.numbers - before)


def _require_numbers(parts: Parts) -> None:
    if not parts.lines.numbers:
        raise NothingToImport("No record of the file holds a card number", lines=parts.lines)


@transaction.atomic
def _end(figures: Figures, *, request: MoveRequest) -> None:
    rows = CardImport.objects.filter(name=request.name, finished_at=None)
    if rows.update(finished_at=Now()):
        _note("finish_import_cards", counted(figures.new, "number"), request=request)


def _note(action: str, subject: str, *, request: MoveRequest) -> None:
    trail.note(
        actor=request.actor,
        action=action,
        subject=subject,
        reason=f"{request.reason.strip()} (name: {request.name})",
    )
