"""Find card numbers in logs and dumps."""

import json
import sys
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

from django.core.management.base import CommandError
from tqdm import tqdm

from jobs.lookup import Labels, Tally, line_of, rows, safe
from toolkit.command_line import ending_plainly
from toolkit.commands import OperatorCommand
from toolkit.exit_codes import ExitCode
from toolkit.reading import STDIN, UnreadableFile
from toolkit.wording import counted
from uniqueness.check import State
from uniqueness.scanning import Hit, known, scan, size_of, source_named


class Command(OperatorCommand):
    """Numbers on stdout, everything else on stderr (docs/scanning.md)."""

    help = (
        "Find card numbers in logs and dumps (also packed), and say which were issued here, which"
        " are published by providers, excluded, or in a registered range, and which are unknown"
        " and may be real. Exit code 1: there are unknown numbers."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("files", nargs="+", metavar="FILE", help="- reads standard input")
        parser.add_argument("--json", action="store_true", help="one JSON object a line")
        form = parser.add_mutually_exclusive_group()
        form.add_argument("--all", action="store_true", help="show issued numbers too")
        form.add_argument("--quiet", action="store_true", help="show the summary only")

    @ending_plainly(interrupted="the rest was not scanned")
    def handle(self, *_: object, **options: Any) -> None:
        """Scan one file after the other, then sum up."""
        started = time.monotonic()
        self._tally, self._options, self._labels = Tally(), options, Labels()
        try:
            with self._shown_bar(options["files"]):
                self._scan_all(options["files"])
        except (KeyboardInterrupt, BrokenPipeError):
            self._sum_up(seconds=time.monotonic() - started)
            raise
        self._sum_up(seconds=time.monotonic() - started)
        if verdict := self._verdict():
            raise verdict

    def _scan_all(self, names: list[str]) -> None:
        told = known()
        for name in names:
            self._tally.files += 1
            try:
                with source_named(name, tell=self._read) as source:
                    for hits in scan(source, told=told):
                        self._tally.add(hits)
                        self._show(name, hits)
            except UnreadableFile as error:
                self._tally.unread += 1
                self.stderr.write(f"{safe(name)}: {error.detail}")
        self.stdout.flush()

    def _show(self, name: str, hits: list[Hit]) -> None:
        if not self._options["all"]:
            hits = [hit for hit in hits if hit.finding.state is not State.ISSUED]
        if self._options["quiet"] or not hits:
            return
        labels = self._labels.of({hit.finding.owner for hit in hits if hit.finding.owner})
        render = json.dumps if self._options["json"] else line_of
        shown_name = "standard input" if name == STDIN else safe(name)
        # A bar on the same terminal steps aside for the lines.
        aside = nullcontext() if self._bar.disable else tqdm.external_write_mode(file=sys.stdout)
        with aside:
            for row in rows(shown_name, hits, labels):
                self.stdout.write(render(row))

    @contextmanager
    def _shown_bar(self, names: list[str]) -> Iterator[None]:
        sizes = [size_of(name) for name in names]
        self._bar = tqdm(
            total=sum(size for size in sizes if size) if all(sizes) else None,
            unit="B",
            unit_scale=True,
            desc="scanning",
            file=sys.stderr,
            disable=not sys.stderr.isatty(),
        )
        with self._bar:
            yield

    def _read(self, count: int) -> None:
        self._tally.read += count
        self._bar.update(count)

    def _sum_up(self, *, seconds: float) -> None:
        """Tell the figures: alone they are the result, beside numbers they are not."""
        out = self.stdout if self._options["quiet"] else self.stderr
        if self._options["quiet"] and self._options["json"]:
            out.write(json.dumps(self._tally.as_dict(seconds=seconds)))
        else:
            out.write(self._tally.text(seconds=seconds))

    def _verdict(self) -> CommandError | None:
        unknown, unread = self._tally.states[State.UNKNOWN], self._tally.unread
        if unknown:
            found = counted(unknown, "unknown number")
            return CommandError(f"{found} found", returncode=ExitCode.FAILED)
        if unread:
            files = counted(unread, "file was", "files were")
            return CommandError(f"{files} not read to the end", returncode=ExitCode.BAD_REQUEST)
        return None
