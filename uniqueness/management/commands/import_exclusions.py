"""Import numbers that must never be minted."""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from generation.errors import Refusal
from uniqueness.imports.forms import REASONS, FileForm, form_of
from uniqueness.imports.rendering import text_of
from uniqueness.imports.report import Report
from uniqueness.imports.service import NothingToImport, Request, import_numbers

_SHOWN = 10


class Command(BaseCommand):
    """The report goes to standard error, with --json to standard output."""

    help = (
        "Exclude card numbers from minting: a file with one number a line, CSV or NDJSON, of any"
        " size. All good lines are imported in one transaction, or none. Exit codes: 0 done, 1"
        " failed, 2 bad request, 3 refused, 130 interrupted."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("file", metavar="FILE", help="- reads standard input")
        parser.add_argument(
            "--format",
            choices=[form.value for form in FileForm],
            help="if the file's name does not say (.csv, .ndjson)",
        )
        parser.add_argument("--source", help="kept with each number; the file's name if absent")
        parser.add_argument("--reason", default="", help="stands in the audit trail")
        parser.add_argument("--user", help="who does it, by name; 'command line' if absent")
        parser.add_argument("--dry-run", action="store_true", help="only report")
        parser.add_argument("--json", action="store_true", help="the report on standard output")

    def handle(self, *_: object, **options: Any) -> None:
        """Import, and report."""
        try:
            with opened(options["file"]) as file:
                report = _import(file, options=options)
        except Refusal as error:
            self._show_refusal(error, as_json=options["json"])
            raise CommandError(error.detail, returncode=3) from None
        except KeyboardInterrupt:
            raise CommandError("interrupted; nothing was imported", returncode=130) from None
        self.stderr.write(text_of(report))
        if options["json"]:
            self.stdout.write(json.dumps(report.as_dict()))

    def _show_refusal(self, error: Refusal, *, as_json: bool) -> None:
        if isinstance(error, NothingToImport):
            for line, verdict in error.lines.bad[:_SHOWN]:
                self.stderr.write(f"  line {line}: {REASONS[verdict]}")
        if as_json:
            self.stdout.write(json.dumps({"code": error.code, **error.facts}))


def _import(file: BinaryIO, *, options: dict[str, Any]) -> Report:
    name = "standard input" if options["file"] == "-" else Path(options["file"]).name
    bar = tqdm(
        total=Path(file.name).stat().st_size if options["file"] != "-" else None,
        unit="B",
        unit_scale=True,
        desc="reading",
        file=sys.stderr,
        disable=not sys.stderr.isatty(),
    )
    request = Request(
        form=FileForm(options["format"] or form_of(name)),
        source=options["source"] if options["source"] is not None else name,
        actor=actor_named(options["user"]),
        reason=options["reason"],
        dry_run=options["dry_run"],
        tell=bar.set_description,
    )
    with bar:
        return import_numbers(Watched(file, bar), request=request)


class Watched:
    """A file whose reading moves a bar."""

    def __init__(self, file: BinaryIO, bar: Any) -> None:
        """Read from `file`, tell `bar`."""
        self._file, self._bar = file, bar

    def read(self, size: int, /) -> bytes:
        """Read."""
        piece = self._file.read(size)
        self._bar.update(len(piece))
        return piece


@contextmanager
def opened(name: str) -> Iterator[BinaryIO]:
    """Open a file, or standard input for `-`.

    :raises CommandError: exit code 2, if it cannot be read
    """
    if name == "-":
        yield sys.stdin.buffer
        return
    try:
        with Path(name).open("rb") as file:
            yield file
    except OSError as error:
        raise CommandError(f"cannot read {name}: {error.strerror}", returncode=2) from None


def actor_named(username: str | None) -> str:
    """Return the name of an active user, or what stands for nobody in particular.

    :raises CommandError: exit code 2, if there is no such user
    """
    if username is None:
        return "command line"
    if not User.objects.filter(username=username, is_active=True).exists():
        raise CommandError(f"there is no active user {username!r}", returncode=2)
    return username
