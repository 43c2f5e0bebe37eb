"""What commands share: how they end, files that are read with a bar, and users by name."""

import os
import re
import stat
import sys
from argparse import ArgumentTypeError
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Any, BinaryIO, Self

from django.contrib.auth.models import User
from django.core.management.base import CommandError
from rest_framework.exceptions import ValidationError
from tqdm import tqdm

from toolkit.endings import DISK_FULL
from toolkit.exit_codes import ExitCode
from toolkit.near import did_you_mean
from toolkit.reading import STDIN, UnreadableFile, lines_of_stdin, opened
from toolkit.refusals import Mistake, Refusal, UnsafeToGoOn
from toolkit.requests import MAX_DIGITS, InvalidRequest, digits_of
from toolkit.rights import administrators
from toolkit.wording import for_people, placed

_SHOWN, _MOST_COMPARED = 10, 1_000
_IN_A_TERMINAL = {
    r'\bsend "(\w+)": "(\w+)"': r"give --\1 \2",
    r" \(or [A-Z]+ /api/v1/[^)]*\)": "",
    r"\bGET /api/v1/schemes lists": "`cardgen schemes` lists",
    r"\bGET /api/v1/issuer-ranges lists": "`cardgen ranges` lists",
    r"\bGET /api/v1/profiles lists": "The page /profiles lists",
}


class Progress:
    """A file with a bar while it is read, on a terminal; the steps after that are named only."""

    def __init__(self, file: BinaryIO) -> None:
        """Read from `file`."""
        self._file = file
        stdin = sys.stdin and sys.stdin.buffer
        found = os.fstat(file.fileno()) if file is not stdin else None
        self._bar = tqdm(
            total=found.st_size if found and stat.S_ISREG(found.st_mode) else None,
            unit="B",
            unit_scale=True,
            desc="reading",
            file=sys.stderr,
            disable=not sys.stderr.isatty(),
        )

    def __enter__(self) -> Self:
        """Close the bar in the end."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the bar."""
        self._bar.close()

    def read(self, size: int, /) -> bytes:
        """Read.

        :raises UnreadableFile: if the system cannot
        """
        try:
            piece = self._file.read(size)
        except OSError as error:
            raise UnreadableFile(error.strerror or "it cannot be read") from None
        self._bar.update(len(piece))
        return piece

    def step(self, name: str) -> None:
        """Say that the next step begins; how far one is nobody knows."""
        self._bar.close()
        if not self._bar.disable:
            sys.stderr.write(f"{name} …\n")


@contextmanager
def reading(name: str) -> Iterator[Progress]:
    """Read a file, or standard input for `-`, with a bar.

    :raises UnreadableFile: names the file
    """
    try:
        with opened(name) as file, Progress(file) as progress:
            yield progress
    except UnreadableFile as error:
        shown = "standard input" if name == STDIN else name
        raise UnreadableFile(f"cannot read {shown}: {error.detail}") from None


def numbers_on_stdin(*, longest: int = MAX_DIGITS) -> Iterator[tuple[int, str]]:
    """Yield line and digits of the numbers on standard input, one a line, as the lines come.

    Blank lines are passed over; spaces and dashes may stand in a number, as over HTTP.

    :raises CommandError: a bad request; names the line, never what stands there
    :raises UnreadableFile: if standard input is no text
    """
    for line, text in lines_of_stdin():
        digits = digits_of(text)
        if digits is None or len(digits) > longest:
            raise CommandError(
                f"line {line:,} is no number: 1 to {longest} digits, with spaces and dashes or"
                " without",
                returncode=ExitCode.BAD_REQUEST,
            )
        yield line, digits


@contextmanager
def naming_lines(lines: Sequence[int] | None = None) -> Iterator[None]:
    """Say in which lines the numbers stand that a refusal tells by their places.

    :param lines: those of all numbers, in the order they were given on; without it, places are
        lines
    """
    try:
        yield
    except Refusal as refusal:
        places: Any = refusal.facts.get("places", [])
        if stand := [lines[place] if lines else place for place in places[:_SHOWN]]:
            refusal.detail += f" See {placed('line', stand)}."
        raise


@contextmanager
def ending_plainly(*, interrupted: str = "") -> Iterator[None]:
    """Let a command end in words and an exit code when something refuses; also decorates `handle`.

    :param interrupted: what has become of the work after Ctrl-C
    :raises CommandError: what the caller wrote wrongly is a bad request, all else is refused
    """
    try:
        yield
    except ValidationError as error:
        raise CommandError(_wrong(error), returncode=ExitCode.BAD_REQUEST) from None
    except Refusal as error:
        code = ExitCode.BAD_REQUEST if isinstance(error, Mistake) else ExitCode.REFUSED
        raise CommandError(_why(error), returncode=code) from None
    except UnsafeToGoOn as error:
        raise CommandError(str(error), returncode=ExitCode.REFUSED) from None
    except KeyboardInterrupt:
        if not interrupted:
            raise
        text = f"interrupted; {interrupted}"
        raise CommandError(text, returncode=ExitCode.INTERRUPTED) from None


def _why(refusal: Refusal) -> str:
    """Say why something is refused; of several reasons each with the option that mends it."""
    errors: Any = refusal.facts.get("errors", [])
    return _each(errors) if len(errors) > 1 else _plain(refusal.detail)


def _wrong(error: ValidationError) -> str:
    """Say what is written wrongly, and what would be refused of the rest."""
    also = _each(error.also) if isinstance(error, InvalidRequest) else ""
    return f"{_told(error.detail)} {also}".strip()


def _each(errors: Iterable[Mapping[str, str]]) -> str:
    return " ".join(
        _option(one["pointer"].lstrip("/") or "non_field_errors") + _plain(one["detail"])
        for one in errors
    )


def _told(detail: Any) -> str:
    """Put validation errors into one line a person can act on: fields are options here."""
    if isinstance(detail, dict):
        return " ".join(f"{_option(name)}{_told(inner)}" for name, inner in detail.items())
    return " ".join(map(_told, detail)) if isinstance(detail, list) else _plain(str(detail))


def _option(field: str | int) -> str:
    """Name the option of a field; a place in a list is none."""
    if isinstance(field, int) or field == "non_field_errors":
        return ""
    return f"--{field.replace('_', '-')}: "


def _plain(text: str) -> str:
    """Say in the words of a terminal what HTTP callers are told."""
    for words, plain in _IN_A_TERMINAL.items():
        text = re.sub(words, plain, text)
    return for_people(text)


@contextmanager
def written(name: object) -> Iterator[None]:
    """Say why a file cannot be written.

    :raises CommandError: a bad request for a place that takes no file, refused if the disk is full
    """
    try:
        yield
    except BrokenPipeError:
        raise  # that is standard output: see toolkit/endings.py
    except FileExistsError:
        text = f"cannot write {name}: it exists. Give another name"
        raise CommandError(text, returncode=ExitCode.BAD_REQUEST) from None
    except OSError as error:
        code = ExitCode.REFUSED if error.errno in DISK_FULL else ExitCode.BAD_REQUEST
        raise CommandError(f"cannot write {name}: {error.strerror}", returncode=code) from None


def whole(*, least: int, most: int) -> Callable[[str], int]:
    """Read an option that is a whole number within bounds, for argparse's `type`."""

    def read(text: str) -> int:
        if re.fullmatch("[0-9]{1,9}", text) and least <= int(text) <= most:
            return int(text)
        raise ArgumentTypeError(f"write a number from {least:,} to {most:,}, not {text!r}")

    return read


def user_named(username: str) -> User:
    """Return the active user of that name.

    :raises CommandError: a bad request, if there is none
    """
    user = User.objects.filter(username=username, is_active=True).first()
    if user is None:
        others = User.objects.filter(is_active=True).order_by("id")[:_MOST_COMPARED]
        meant = did_you_mean(username, [other.get_username() for other in others])
        text = f"there is no active user {username!r}.{meant}"
        raise CommandError(text, returncode=ExitCode.BAD_REQUEST)
    return user


def owner_named(username: str | None) -> User:
    """Return the active user of that name, or the first administrator.

    :raises CommandError: a bad request, if there is no such user; refused, if there is no
        administrator yet
    """
    if username is not None:
        return user_named(username)
    owner = administrators().first()
    if owner is None:
        raise CommandError(
            "there is no active administrator: make one with `cardgen createsuperuser`, or give"
            " --user",
            returncode=ExitCode.REFUSED,
        )
    return owner
